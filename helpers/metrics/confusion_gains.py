"""What mean IoU would become if one kind of mistake were resolved: pure functions of confusion matrices.

To *resolve* the confusion i → j means: its pixels, of class i in truth and j in prediction, become right. Class i
wins them as hits, class j loses them as false alarms, and mean IoU is computed anew. (For detectors: Hoiem,
Chodpathumwan & Dai 2012, "Diagnosing error in object detectors", ECCV; Bolya et al. 2020, "TIDE", ECCV.)
"""

import numpy as np

from helpers.metrics.segmentation import mean_ious, only_errors


def resolve(matrices: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Confusion matrices (..., C, C) after those of their `pixels` (..., C, C) have become right."""
    moved = only_errors(pixels)
    return matrices - moved + moved.sum(-1)[..., None] * np.eye(moved.shape[-1], dtype=moved.dtype)


def resolving_gain(matrices: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Mean IoU won, shape (...), where `pixels` (..., C, C) of the confusion matrices become right."""
    return mean_ious(resolve(matrices, pixels)) - mean_ious(matrices)


def pair_gains(matrices: np.ndarray) -> np.ndarray:
    """Mean IoU won by resolving each confusion by itself: (..., C, C), rows the truth, 0 on the diagonal.

    With m pixels of class i taken for j, hits TP, unions U = TP + FP + FN and K classes in truth or prediction,
    the gain is (m/U_i + TP_j/(U_j - m) - TP_j/U_j) / K. A class of which nothing is left, because it was in no
    truth and the pixels were all that was taken for it, leaves the mean.
    """
    wrong = only_errors(matrices).astype(np.float64)
    hits = np.diagonal(matrices, axis1=-2, axis2=-1).astype(np.float64)
    unions = matrices.sum(-1) + matrices.sum(-2) - hits
    ious = np.divide(hits, unions, where=unions > 0, out=np.zeros_like(hits))
    present, total = (unions > 0).sum(-1)[..., None, None], ious.sum(-1)[..., None, None]
    left = unions[..., None, :] - wrong
    after = np.divide(hits[..., None, :], left, where=left > 0, out=np.zeros_like(wrong))
    won = np.divide(wrong, unions[..., :, None], where=wrong > 0, out=np.zeros_like(wrong))
    vanished = (left == 0) & (wrong > 0)
    changed = total + won + after - ious[..., None, :]
    gains = changed / np.maximum(present - vanished, 1) - total / np.maximum(present, 1)
    return np.where(wrong > 0, gains, 0.0)
