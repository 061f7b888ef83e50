"""Skies: clear, clouded, overcast, at sunset, at night."""

from dataclasses import dataclass

import cv2
import numpy as np

from drawings.canvas import Colour, chance, jitter, mix, noise, pick, tripled


@dataclass(frozen=True)
class Weather:
    """The light of one moment: what the sky looks like and how it lights the land."""

    above: Colour
    below: Colour  # at the horizon; what is far takes this colour
    clouds: tuple[float, float]  # share of the sky that they cover, from … to
    cloud: Colour
    sun: Colour  # colour of the light, as a gain of 255
    contrast: float  # between slopes in the light and in the shade


WEATHERS = {
    "clear": Weather((52, 104, 176), (178, 206, 228), (0.0, 0.25), (244, 246, 248), (255, 250, 240), 1.0),
    "fair": Weather((64, 116, 184), (190, 212, 228), (0.3, 0.6), (242, 244, 246), (255, 250, 242), 0.9),
    "overcast": Weather((148, 156, 166), (198, 202, 206), (0.6, 1.0), (176, 180, 186), (226, 230, 236), 0.4),
    "storm": Weather((74, 82, 96), (146, 152, 160), (0.7, 1.0), (92, 98, 110), (196, 202, 214), 0.45),
    "sunset": Weather((88, 92, 138), (246, 176, 112), (0.1, 0.6), (232, 140, 112), (255, 196, 140), 0.9),
    "haze": Weather((170, 188, 204), (222, 226, 226), (0.0, 0.3), (232, 234, 234), (246, 240, 228), 0.5),
}
NIGHT = Weather((14, 18, 40), (44, 42, 66), (0.0, 0.3), (46, 46, 60), (150, 150, 180), 0.3)
SHARES = {"clear": 5, "fair": 6, "overcast": 4, "storm": 1.5, "sunset": 1.5, "haze": 2.5}


def weather(rng: np.random.Generator, shares: dict[str, float] = SHARES) -> Weather:
    """Some weather, its colours a little varied."""
    base = WEATHERS[pick(rng, tuple(shares), tuple(shares.values()))]
    above, below = jitter(rng, base.above, 0.18, 8), jitter(rng, base.below, 0.08, 8)
    return Weather(above, below, base.clouds, jitter(rng, base.cloud, 0.04, 3), base.sun, base.contrast)


def sky(rng: np.random.Generator, height: int, width: int, horizon: float, day: Weather) -> np.ndarray:
    """(height, width, 3) float32 RGB: pale at row `horizon` and below, darker above, with clouds."""
    share = np.clip(np.arange(height) / max(horizon, 1.0), 0, 1)[:, None] ** rng.uniform(0.8, 1.6)
    column = np.float32(day.above) + (np.float32(day.below) - np.float32(day.above)) * share.astype(np.float32)
    image = np.repeat(column[:, None], width, 1)
    above, cover = image[: min(height, int(horizon) + 2)], rng.uniform(*day.clouds)
    if cover > 0.05:
        above[:] = _clouded(above, rng, cover, day)
    if day.sun[2] < 180 and chance(rng, 0.6):
        _sun(image, rng, horizon)
    return image


def _clouded(image: np.ndarray, rng: np.random.Generator, cover: float, day: Weather) -> np.ndarray:
    height, width = image.shape[:2]
    stretch = pick(rng, (1.6, 1.6, 4.0))
    shape = noise(rng, height, width, 40.0, stretch) + 0.55 * noise(rng, height, width, 16.0, stretch)
    shape = shape + 0.3 * noise(rng, height, width, 6.0, 1.6)
    density = np.clip((shape - (1.1 - 2.6 * cover)) * 0.9, 0, 1)
    lit = np.clip(0.5 + 0.35 * (shape - np.roll(shape, -5, 0)), 0, 1)  # bright above, grey below
    shadow = np.float32(mix(day.cloud, day.above, 0.45))
    colour = shadow + (np.float32(day.cloud) - shadow) * tripled(lit)
    return image + (colour - image) * tripled(density * np.float32(rng.uniform(0.75, 1.0)))


def _sun(image: np.ndarray, rng: np.random.Generator, horizon: float) -> None:
    """A low sun and the glow about it."""
    height, width = image.shape[:2]
    x, y = rng.uniform(0.1, 0.9) * width, horizon - rng.uniform(0.02, 0.4) * horizon
    rows, columns = np.ogrid[:height, :width]
    away = np.sqrt((columns - x) ** 2 + (rows - y) ** 2).astype(np.float32) / width
    glow = np.exp(-away * 5) * 0.7 + (away < 0.035)
    cv2.add(image, tripled(glow) * np.float32((150, 110, 50)), dst=image)
