"""Images as a network in training would see them: random draws of an augmentation."""

from collections.abc import Mapping

import numpy as np


def augmented(images: np.ndarray, strengths: Mapping[str, float], seed: int = 0) -> np.ndarray:
    """A random draw for each of `images`; both are (m, S, S, 3) uint8."""
    import torch

    from helpers.datasets.augment import Augment

    batch = torch.from_numpy(np.array(images)).permute(0, 3, 1, 2)
    result = Augment(strengths)(batch, torch.Generator().manual_seed(seed))
    return (result.permute(0, 2, 3, 1) * 255).round().clamp(0, 255).to(torch.uint8).numpy()
