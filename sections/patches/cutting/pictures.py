"""Patches drawn on a large image (chapter 07)."""

import cv2
import numpy as np

COLOURS = ((213, 94, 0), (0, 114, 178), (240, 228, 66), (204, 121, 167))
LINE = 3  # pixels


def outlined(image: np.ndarray, patch: int, stride: int) -> np.ndarray:
    """(H, W, 3) uint8: the image with the outlines of four neighbouring patches in its middle."""
    drawn = image.copy()
    top, left = ((side - patch - stride) // (2 * stride) * stride for side in image.shape[:2])
    corners = [(top, left), (top, left + stride), (top + stride, left), (top + stride, left + stride)]
    for (y, x), colour in zip(corners, COLOURS, strict=True):
        cv2.rectangle(drawn, (x, y), (x + patch - 1, y + patch - 1), colour, LINE)
    return drawn
