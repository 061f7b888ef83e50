"""Patches that cover an image, and the votes of overlapping patches made into a map of its pixels."""

from collections.abc import Iterator
from itertools import product

import cv2
import numpy as np

from helpers.datasets.decode import resize


def starts(length: int, patch: int, stride: int) -> np.ndarray:
    """Where patches begin along one side: every `stride` pixels, the last one flush with the border.

    Raises ValueError for a side that is shorter than a patch.
    """
    if length < patch:
        raise ValueError(f"a side of {length} pixels is shorter than a patch of {patch}")
    regular = np.arange(0, length - patch + 1, stride)
    return regular if regular[-1] == length - patch else np.append(regular, length - patch)


def cut(image: np.ndarray, patch: int, stride: int, size: int, most: int) -> Iterator[np.ndarray]:
    """The patches of an image (H, W, 3) uint8, row by row, at most `most` at a time: (b, size, size, 3) uint8.

    Where whole blocks of pixels become one, overlapping patches share them: the image is reduced once.
    """
    tops, lefts = (starts(side, patch, stride) for side in image.shape[:2])
    block = patch // size
    if block > 1 and patch == block * size and not (tops % block).any() and not (lefts % block).any():
        height, width = (side // block for side in image.shape[:2])
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        tops, lefts, patch = tops // block, lefts // block, size
    corners = list(product(tops.tolist(), lefts.tolist()))
    for first in range(0, len(corners), most):
        yield np.stack(
            [at_size(image[y : y + patch, x : x + patch], size) for y, x in corners[first : first + most]]
        )


def at_size(pixels: np.ndarray, size: int) -> np.ndarray:
    """As images of the study are resized; patches are square, so nothing is cropped."""
    return pixels if len(pixels) == size else resize(pixels, size, "squash")


def voters(length: int, patch: int, stride: int) -> np.ndarray:
    """(length, patches) float32: for each pixel along a side an equal share for every patch that covers it."""
    begins = starts(length, patch, stride)
    pixels = np.arange(length)[:, None]
    covers = (begins <= pixels) & (pixels < begins + patch)
    return (covers / covers.sum(axis=1, keepdims=True)).astype(np.float32)


def averaged(votes: np.ndarray, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Mean probabilities (C, H, W) float32 at every pixel of the votes (rows, columns, C) of patches.

    down (H, rows) and across (W, columns) are the `voters` of the two sides, or some of their pixels: a pixel is
    covered by a patch if it is so along both sides, so that the mean over patches is one over rows and columns.
    """
    rows, columns, classes = votes.shape
    by_row = (down @ votes.reshape(rows, -1)).reshape(len(down), columns, classes)
    return np.ascontiguousarray(np.einsum("hkc,wk->chw", by_row, across, optimize=True))
