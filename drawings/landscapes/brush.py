"""Short names for painting on a float32 picture in place."""

from collections.abc import Sequence

import cv2
import numpy as np

from drawings.canvas import Colour, tripled

Rng = np.random.Generator
Point = Sequence[float]


def fill(image: np.ndarray, outline: Sequence[Point] | np.ndarray, colour: Colour) -> None:
    """Fill an outline (n, 2) in pixels."""
    points = np.clip(np.rint(np.asarray(outline, float)), -4000, 4000)
    cv2.fillPoly(image, [points.astype(np.int32)], colour, cv2.LINE_AA)


def box(left: float, right: float, top: float, foot: float) -> np.ndarray:
    """The corners of an upright rectangle, clockwise from the top left, (4, 2)."""
    return np.array([(left, top), (right, top), (right, foot), (left, foot)], float)


def line(image: np.ndarray, start: Point, end: Point, colour: Colour, thickness: float = 1) -> None:
    """A straight line."""
    ends = [(int(x), int(y)) for x, y in (start, end)]
    cv2.line(image, *ends, colour, max(1, int(thickness)), cv2.LINE_AA)


def disc(image: np.ndarray, centre: Point, radius: float, colour: Colour) -> None:
    """A filled circle."""
    cv2.circle(image, (int(centre[0]), int(centre[1])), max(1, int(radius)), colour, -1, cv2.LINE_AA)


def wash(image: np.ndarray, colour: Colour | np.ndarray, weight: np.ndarray) -> None:
    """Let a colour, or another picture, cover a share (h, w) of the image, held between 0 and 1."""
    image += (np.float32(colour) - image) * tripled(np.broadcast_to(np.clip(weight, 0, 1), image.shape[:2]))
