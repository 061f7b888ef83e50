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


def mixed(
    images: np.ndarray, partners: np.ndarray, strengths: Mapping[str, float], seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Each of `images` mixed with its partner, as `strengths` say, a draw each; all (m, S, S, 3) uint8.

    Returns the mixed images, and (m,) float64: which share of its own label each keeps.
    """
    import torch

    from helpers.datasets.mixing import Mixing

    mixing, draw, found, shares = Mixing(strengths, 2), torch.Generator().manual_seed(seed), [], []
    for pair in zip(partners, images, strict=True):  # of a batch of two, the second is mixed with the first
        batch = torch.from_numpy(np.stack(pair)).permute(0, 3, 1, 2) / 255
        both, labels = mixing(batch, torch.arange(2), draw)
        found.append((both[1].permute(1, 2, 0) * 255).round().clamp(0, 255).to(torch.uint8).numpy())
        shares.append(float(labels[1, 1]))
    return np.stack(found), np.array(shares)
