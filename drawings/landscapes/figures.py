"""People and single trees."""

import numpy as np

from drawings.canvas import Colour, jitter, pick, shade
from drawings.landscapes.brush import Rng, disc, fill, line
from drawings.landscapes.greenery import LEAVES
from drawings.landscapes.sky import Weather

COATS: tuple[Colour, ...] = (
    (44, 48, 60), (150, 52, 48), (58, 84, 130), (200, 192, 178), (92, 80, 66), (60, 62, 62)
)  # fmt: skip
_TROUSERS = ((-0.09, -0.48), (0.09, -0.48), (0.12, 0), (0.03, 0), (0, -0.4), (-0.05, 0), (-0.13, 0))
_COAT = ((-0.14, -0.84), (0.14, -0.84), (0.17, -0.45), (-0.17, -0.45))


def tree(image: np.ndarray, rng: Rng, foot: float, tall: float, day: Weather) -> None:
    """A broad-leaved tree, drawn in place."""
    x, gain = rng.uniform(0, 1) * image.shape[1], day.sun[0] / 255
    leaf = shade(jitter(rng, pick(rng, LEAVES), 0.2), gain)
    line(image, (x, foot), (x, foot - 0.6 * tall), shade((84, 68, 52), gain), 0.06 * tall)
    for brightness, size, rise in ((0.6, 0.3, 0.6), (0.8, 0.2, 0.66), (1.1, 0.11, 0.72)):
        for _ in range(7):
            spot = (x, foot - rise * tall) + rng.normal(0, 0.13, 2) * tall
            disc(image, spot, size * tall * rng.uniform(0.5, 0.9) + 1, shade(leaf, brightness))


def person(image: np.ndarray, rng: Rng, foot: float, tall: float, x: float | None = None) -> None:
    """Somebody walking by, drawn in place."""
    x = rng.uniform(0, 1) * image.shape[1] if x is None else x
    for outline in (_TROUSERS, _COAT):
        fill(image, np.array(outline) * tall + (x, foot), jitter(rng, pick(rng, COATS), 0.3))
    disc(image, (x, foot - 0.92 * tall), 0.075 * tall, jitter(rng, (176, 132, 104), 0.25))
