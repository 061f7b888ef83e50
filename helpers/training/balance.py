"""Classes of unequal size: what each counts in the loss, or how often it is drawn."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.study.recipe import Recipe


def inverse_frequencies(labels: np.ndarray, num_classes: int) -> np.ndarray:
    """What an image of each class counts, so that every class counts alike: (num_classes,) float64.

    Inverse frequency: n / (C n_c), with n images in `labels` (n,), n_c of class c, and C classes that have any
    (scikit-learn's "balanced"; King & Zeng, "Logistic regression in rare events data", Political Analysis 9:137,
    2001). The mean over the images is 1, so that losses, and with them learning rates, keep their size. A class
    without images gets 0.
    """
    counts = np.bincount(labels, minlength=num_classes)
    shared = np.count_nonzero(counts) * counts
    return np.divide(len(labels), shared, out=np.zeros(num_classes), where=counts > 0)


def balanced_order(labels: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """As many positions as there are labels (n,), from seed and epoch alone: (n,) int64.

    Drawn with replacement, each class as likely as any other (as torch.utils.data.WeightedRandomSampler does it).
    """
    chances = inverse_frequencies(labels, int(labels.max()) + 1)[labels] / len(labels)
    return np.random.default_rng([seed, epoch, 1]).choice(len(labels), len(labels), p=chances)


def loss_weights(labels: np.ndarray, num_classes: int, recipe: Recipe, device: torch.device) -> Tensor | None:
    """The weights (C,) float32 of the classes in the loss of a recipe; None where all images count alike."""
    if recipe.balance != "weights":
        return None
    return torch.from_numpy(inverse_frequencies(labels, num_classes)).float().to(device)


def balanced_cross_entropy(
    logits: Tensor, targets: Tensor, weights: Tensor | None = None, label_smoothing: float = 0.0
) -> Tensor:
    """Mean cross-entropy of a batch: logits (b, C), targets (b,) int64 or shares of classes (b, C).

    weights: (C,), of the classes. PyTorch's own mean would divide by the weights of this batch, as if every batch
    held the classes in the same shares; we divide by its images, so that the mean over all is the balanced loss.
    """
    if weights is None:
        return F.cross_entropy(logits, targets, label_smoothing=label_smoothing)
    summed = F.cross_entropy(logits.float(), targets, weights, reduction="sum", label_smoothing=label_smoothing)
    return summed / len(logits)
