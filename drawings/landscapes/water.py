"""Water seen in perspective: waves, reflections, surf."""

import cv2
import numpy as np

from drawings.canvas import Colour, noise, tripled
from drawings.landscapes.sky import Weather


def plane(height: int, width: int, horizon: float, eye: float) -> tuple[np.ndarray, np.ndarray]:
    """Where each pixel below the horizon meets the ground: across (height, width), ahead (height, 1); float32."""
    rows = np.maximum(np.arange(height, dtype=np.float32)[:, None] - horizon, 0.35)
    ahead = np.float32(eye * width) / rows
    return (np.arange(width, dtype=np.float32) / width - 0.5) * ahead, ahead


def spread(
    rng: np.random.Generator, across: np.ndarray, ahead: np.ndarray, grain: float, stretch: float = 1.0
) -> np.ndarray:
    """Noise of deviation 1 that lies on the ground: specks of `grain` in the unit of the ground, (h, w)."""
    tile, start = noise(rng, 512, 512, 6.0), rng.uniform(0, 512, 2).astype(np.float32)
    scale = np.float32(6.0 / grain)
    x = (across * (scale / np.float32(stretch)) + start[0]) % 511
    y = np.broadcast_to((ahead * scale + start[1]) % 511, x.shape)
    field = cv2.remap(tile, x, np.ascontiguousarray(y), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return field * np.exp(-((ahead * scale / 512) ** 2))  # what is too far to be told apart is level


def waves(
    image: np.ndarray,
    rng: np.random.Generator,
    horizon: float,
    day: Weather,
    deep: Colour,
    swell: float = 1.0,
    surf: float = 0.0,
) -> None:
    """Draw the sea below the horizon in place; it takes on the colours of the sky above it in `image`.

    `swell` is the height of the waves, `surf` the share of them that break.
    """
    height, width = image.shape[:2]
    top = int(horizon) + 1
    across, ahead = (part[top:] for part in plane(height, width, horizon, 1.6))
    shape = spread(rng, across, ahead, 0.5, 3.0) + 0.9 * spread(rng, across, ahead, 2.2, 4.0)
    shape = shape + 0.8 * spread(rng, across, ahead, 9.0, 5.0)
    rows = np.arange(top, height)
    sky = cv2.blur(image[:top], (1, 5))[np.clip(2 * horizon - rows, 0, top - 1).astype(int)]
    nearness = (rows - horizon)[:, None] / (height - horizon)
    depth = np.clip(0.35 + 0.35 * nearness**0.6 + np.float32(0.16 * swell) * shape, 0, 1)
    water = sky + (np.float32(deep) * (np.float32(day.sun) / 255) - sky) * tripled(depth)
    water *= tripled(1 + np.float32(0.1 * swell) * shape)
    if surf:
        foam = np.clip((shape - (3.4 - 2.2 * surf)) * 1.5, 0, 1) * np.clip(nearness * 6, 0, 1)
        foam *= np.clip(0.75 + 0.5 * noise(rng, height - top, width, 2.5, 1.6), 0, 1)
        water += (np.float32((236, 240, 240)) - water) * tripled(foam)
    image[top:] = water


def reflected(image: np.ndarray, rng: np.random.Generator, level: float, deep: Colour, calm: float) -> np.ndarray:
    """A lake from row `level` down that mirrors what stands above it in `image`, (h − level, w, 3) float32."""
    height, width = image.shape[:2]
    top = int(level)
    across, ahead = (part[top:] for part in plane(height, width, level, 1.6))
    ripple = spread(rng, across, ahead, 0.6, 3.0) + 0.7 * spread(rng, across, ahead, 2.5, 4.0)
    rows = np.arange(top, height, dtype=np.float32)[:, None]
    y = np.clip(2 * level - rows + ripple * np.float32(2 + 10 * (1 - calm)), 0, max(top - 1, 0))
    x = np.arange(width, dtype=np.float32) + np.float32(1.5) * ripple
    mirrored = cv2.remap(image, x, y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    share = np.clip(0.25 + 0.35 * (1 - calm) + (rows - level) / height * 0.6, 0, 0.9)
    lake = mirrored + (np.float32(deep) - mirrored) * share[..., None].astype(np.float32)
    return lake * tripled(1 + np.float32(0.05 + 0.05 * (1 - calm)) * ripple)


def flood(image: np.ndarray, rng: np.random.Generator, level: float, deep: Colour, calm: float) -> None:
    """Put a lake (see `reflected`) below row `level`, in place."""
    image[int(level) :] = reflected(image, rng, level, deep, calm)
