"""Clouds and their shadows from above."""

from dataclasses import dataclass

import numpy as np

from drawings.canvas import Colour, jitter, noise, pick, tripled


@dataclass(frozen=True)
class CloudKind:
    """How clouds of one kind look."""

    grains: tuple[float, float, float, float]  # of the fields that shape them
    stretch: float
    edge: float  # how sharp their edges are
    density: tuple[float, float]  # of a whole cloud, from … to: below 1 the ground is seen through it
    shadow: float


KINDS = {
    "cumulus": CloudKind((24.0, 12.0, 6.0, 2.5), 1.0, 2.2, (0.85, 1.0), 0.4),
    "stratus": CloudKind((40.0, 16.0, 6.0, 2.5), 1.6, 0.6, (0.7, 1.0), 0.0),
    "cirrus": CloudKind((24.0, 12.0, 6.0, 2.5), 4.0, 0.7, (0.55, 0.9), 0.0),
    "veil": CloudKind((40.0, 24.0, 16.0, 6.0), 1.6, 0.45, (0.5, 0.75), 0.0),
}
SHARES = {"cumulus": 3, "stratus": 3, "cirrus": 2, "veil": 2}
WHITE: Colour = (236, 239, 243)


def clouded(
    image: np.ndarray,
    rng: np.random.Generator,
    cover: float,
    name: str | None = None,
    where: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The image under clouds, (h, w, 3) float32, and how dense they are, (h, w) from 0 to 1.

    `cover` is about the share of the ground that they cover; `where` (h, w) 0 to 1 is where they may be.
    """
    height, width = image.shape[:2]
    kind = KINDS[name or pick(rng, tuple(SHARES), tuple(SHARES.values()))]
    shape = np.zeros((height, width), np.float32)
    for grain, gain in zip(kind.grains, (1.0, 0.6, 0.35, 0.15), strict=True):
        field = noise(rng, *sorted((height, width)), grain, kind.stretch)
        shape += gain * (field if field.shape == shape.shape else field.T)
    level = np.quantile(shape[::4, ::4], 1 - cover) if cover < 1 else float(shape.min()) - 0.8
    density = np.clip((shape - level) * kind.edge + 0.15, 0, 1) * np.float32(rng.uniform(*kind.density))
    density = density if where is None else density * where
    if kind.shadow:
        offset = rng.integers(3, 9, 2)
        cast = np.roll(density, offset, (0, 1))
        image = image * tripled(1 - kind.shadow * cast)
    colour = np.float32(jitter(rng, WHITE, 0.06, 3)) * tripled(np.clip(0.93 + 0.05 * shape, 0.75, 1.05))
    return image + (colour - image) * tripled(density), density
