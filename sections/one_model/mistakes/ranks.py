"""What is unusual about an image: its rank among others, and how much of it a network looked at."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import as_matrix, not_empty
from helpers.metrics.image_facts import ImageFacts


def ranks(facts: ImageFacts, reference: ImageFacts) -> ImageFacts:
    """Percentile rank of each fact among the `reference` (training) images; see `percentile_rank`."""
    names = [field.name for field in fields(ImageFacts)]
    return ImageFacts(*(percentile_rank(getattr(facts, name), getattr(reference, name)) for name in names))


def percentile_rank(values: ArrayLike, reference: ArrayLike) -> np.ndarray:
    """Per cent of `reference` (m,) below each of `values` (n,), ties counted half: (n,) float64, 0 to 100."""
    values, reference = np.asarray(values, dtype=np.float64), np.sort(np.asarray(reference, dtype=np.float64))
    not_empty(len(reference), "reference image")
    below = np.searchsorted(reference, values, side="left")
    not_above = np.searchsorted(reference, values, side="right")
    return 50.0 * (below + not_above) / len(reference)


def activated_share(cam: ArrayLike, threshold: float = 0.5) -> float:
    """Share of the pixels of a class-activation map (H, W) at or above `threshold` times its largest value.

    Near 0 the model looked at one spot, near 1 at everything. 0 for a map without any activation.
    """
    cam = as_matrix(cam, "The class-activation map")
    peak = cam.max(initial=0)
    return float((cam >= threshold * peak).mean()) if peak > 0 else 0.0
