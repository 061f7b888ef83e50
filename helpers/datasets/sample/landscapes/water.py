"""Water seen in perspective: waves, reflections, surf."""

import cv2
import numpy as np

from helpers.datasets.sample.canvas import Colour, noise, tripled
from helpers.datasets.sample.landscapes.sky import Weather


def plane(height: int, width: int, horizon: float, eye: float) -> tuple[np.ndarray, np.ndarray]:
    """Where each pixel below the horizon meets the ground: across and ahead, (height, width) float32."""
    rows = np.maximum(np.arange(height, dtype=np.float32)[:, None] - horizon, 0.35)
    ahead = np.broadcast_to(np.float32(eye * width) / rows, (height, width))
    across = (np.arange(width, dtype=np.float32) - width / 2) / width * ahead
    return across, ahead


def spread(rng: np.random.Generator, across: np.ndarray, ahead: np.ndarray, grain: float, stretch: float = 1.0):
    """Noise of deviation 1 that lies on the ground: specks of `grain` in the unit of the ground, (h, w)."""
    tile = noise(rng, 512, 512, 6.0, 1.0)
    start = rng.uniform(0, 512, 2).astype(np.float32)
    scale = np.float32(6.0 / grain)
    x, y = across * (scale / np.float32(stretch)) + start[0], ahead * scale + start[1]
    field = cv2.remap(tile, x % 511, y % 511, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return field * np.exp(-((ahead * scale / 512) ** 2))  # what is too far to be told apart is level


def waves(
    image: np.ndarray,
    rng: np.random.Generator,
    horizon: float,
    day: Weather,
    deep: Colour,
    swell: float = 1.0,
    surf: float = 0.0,
) -> np.ndarray:
    """(h, w, 3) float32: water up to the horizon, which takes on the colours of the sky in `image`.

    `swell` is the height of the waves, `surf` the share of them that break.
    """
    height, width = image.shape[:2]
    across, ahead = plane(height, width, horizon, 1.6)
    shape = spread(rng, across, ahead, 0.5, 3.0) + 0.9 * spread(rng, across, ahead, 2.2, 4.0)
    shape = shape + 0.8 * spread(rng, across, ahead, 9.0, 5.0)
    mirrored = np.clip(2 * horizon - np.arange(height), 0, max(horizon - 1, 0)).astype(int)
    sky = cv2.blur(image, (1, 5))[mirrored]
    nearness = np.clip((np.arange(height) - horizon) / (height - horizon), 0, 1)[:, None]
    depth = np.clip(0.35 + 0.35 * nearness**0.6 + np.float32(0.16 * swell) * shape, 0, 1)
    water = sky + (np.float32(deep) * (np.float32(day.sun) / 255) - sky) * tripled(depth)
    water *= tripled(1 + np.float32(0.1 * swell) * shape)
    if surf:
        foam = np.clip((shape - (3.4 - 2.2 * surf)) * 1.5, 0, 1) * np.clip(nearness * 6, 0, 1)
        foam *= np.clip(0.75 + 0.5 * noise(rng, height, width, 2.5, 1.6), 0, 1)
        water += (np.float32((236, 240, 240)) - water) * tripled(foam)
    return water


def reflected(image: np.ndarray, rng: np.random.Generator, level: float, deep: Colour, calm: float) -> np.ndarray:
    """(h, w, 3) float32: a lake below row `level` that mirrors what stands above it in `image`."""
    height, width = image.shape[:2]
    across, ahead = plane(height, width, level, 1.6)
    ripple = spread(rng, across, ahead, 0.6, 3.0) + 0.7 * spread(rng, across, ahead, 2.5, 4.0)
    rows = np.arange(height, dtype=np.float32)[:, None]
    y = np.clip(2 * level - rows + ripple * (2 + 10 * (1 - calm)), 0, max(level - 1, 0)).astype(np.float32)
    x = np.broadcast_to(np.arange(width, dtype=np.float32), (height, width)) + 1.5 * ripple
    mirrored = cv2.remap(image, x.astype(np.float32), y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    share = np.clip(0.25 + 0.35 * (1 - calm) + np.clip((rows - level) / height, 0, 1) * 0.6, 0, 0.9)
    lake = mirrored + (np.float32(deep) - mirrored) * tripled(np.broadcast_to(share, (height, width)))
    return lake * tripled(1 + np.float32(0.05 + 0.05 * (1 - calm)) * ripple)
