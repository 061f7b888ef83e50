"""Scenes from above: the ground of one kind with a little of others, or all four together."""

import cv2
import numpy as np

from drawings.canvas import chance, noise, pick, saturated, tripled
from drawings.land_covers.clouds import clouded
from drawings.land_covers.ground import GROUNDS

CLASSES = ("cloudy", "desert", "green area", "water")  # in the order of the labels


def draw_scene(kind: str, rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A scene of which nearly all is of that class, (height, width, 3) uint8 RGB."""
    cover = pick(rng, tuple(GROUNDS)) if kind == "cloudy" else kind
    image = GROUNDS[cover](rng, height, width)
    if kind == "cloudy" or chance(rng, 0.3):  # an edge of something else
        other = pick(rng, [name for name in GROUNDS if name != cover])
        image = _bordered(image, GROUNDS[other](rng, height, width), rng, rng.uniform(1.2, 2.2))
    if kind == "cloudy":
        image, _ = clouded(image, rng, rng.uniform(0.7, 1.0))
    elif chance(rng, 0.35):
        image, _ = clouded(image, rng, rng.uniform(0.02, 0.18))
    return sensed(image, rng)


def draw_mixed(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A large scene with all four classes in it, (height, width, 3) uint8 RGB."""
    image = GROUNDS["green area"](rng, height, width)
    image = _bordered(image, GROUNDS["desert"](rng, height, width), rng, 0.1)
    image = _bordered(image, GROUNDS["water"](rng, height, width), rng, 0.45)
    where = np.clip(_regions(rng, height, width) * 2 - 0.4, 0, 1)
    image, _ = clouded(image, rng, rng.uniform(0.6, 0.9), pick(rng, ("cumulus", "stratus")), where)
    return sensed(image, rng, 0.5)


def _regions(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A field whose level lines make irregular borders, (height, width) of deviation about 1."""
    small = (height + 3) // 4, (width + 3) // 4
    coarse = cv2.resize(noise(rng, *small, 24.0, 1.6), (width, height), interpolation=cv2.INTER_CUBIC)
    return coarse + 0.3 * noise(rng, height, width, 24.0, 1.0) + 0.12 * noise(rng, height, width, 6.0, 1.0)


def _bordered(image: np.ndarray, other: np.ndarray, rng: np.random.Generator, level: float) -> np.ndarray:
    """The image with the other one where a wandering field is above `level`."""
    height, width = image.shape[:2]
    share = np.clip((_regions(rng, height, width) - level) * 12, 0, 1)
    return image + (other - image) * tripled(share)


def sensed(image: np.ndarray, rng: np.random.Generator, strength: float = 1.0) -> np.ndarray:
    """The scene as one satellite on one day sees it: haze, brightness, colour response, blur, noise; uint8."""
    height, width = image.shape[:2]
    haze = rng.uniform(0, 1) ** 1.5 * 0.22 * strength
    image = image + (np.float32((186, 200, 214)) - image) * np.float32(haze)
    gains = np.exp(rng.normal(0, 0.14 * strength) + rng.normal(0, 0.05 * strength, 3)).astype(np.float32)
    image = (image - 118) * np.float32(rng.uniform(1 - 0.25 * strength, 1 + 0.15 * strength)) + 118
    image = image * gains
    blur = rng.uniform(0, 1.3)
    image = cv2.GaussianBlur(image, (0, 0), blur) if blur > 0.4 else image
    return saturated(image + tripled(noise(rng, height, width, 1.0) * np.float32(rng.uniform(1, 5))))
