"""Measured facts of images, to argue from when a model is mistaken: dark? flat? blurred? grey?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import MetricError


@dataclass(frozen=True)
class ImageFacts:
    """Facts of n images (or, from `ranks`, percentile ranks of them). Arrays are (n,) float64."""

    brightness: np.ndarray  # mean luma (0.299 R + 0.587 G + 0.114 B), 0 black to 1 white
    contrast: np.ndarray  # RMS contrast: standard deviation of luma, 0 to 0.5 (Peli 1990, JOSA A 7:2032)
    sharpness: np.ndarray  # variance of the Laplacian of luma, grey levels² (Pech-Pacheco et al. 2000, ICPR)
    colourfulness: np.ndarray  # M̂³ of Hasler & Süsstrunk 2003 (SPIE 5007): 0 grey, above 100 vivid


def measure(images: ArrayLike) -> ImageFacts:
    """Facts of `images` (n, H, W, 3) uint8 RGB; a memory map is read one image at a time.

    Sharpness depends on the size in pixels: compare images of one size only. Raises MetricError for any
    other shape or type.
    """
    if getattr(images, "ndim", 0) != 4 or images.shape[3] != 3 or images.dtype != np.uint8:
        raise MetricError("Image facts need images (n, height, width, 3) uint8 in RGB.")
    rows = np.array([_of_one(np.ascontiguousarray(image)) for image in images], dtype=np.float64)
    return ImageFacts(*rows.reshape(-1, 4).T)


def _of_one(image: np.ndarray) -> tuple[float, float, float, float]:
    import cv2

    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    sharpness = cv2.Laplacian(luma, cv2.CV_64F).var()
    return luma.mean() / 255, luma.std() / 255, sharpness, _colourfulness(image)


def _colourfulness(image: np.ndarray) -> float:
    """√(σ_rg² + σ_yb²) + 0.3 √(μ_rg² + μ_yb²), with rg = R - G and yb = (R + G)/2 - B."""
    red, green, blue = np.moveaxis(image.astype(np.float32), 2, 0)
    rg, yb = red - green, (red + green) / 2 - blue
    return np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
