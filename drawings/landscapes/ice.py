"""Glaciers: a tongue of ice between mountains, its end above the water, floes, fields of snow."""

import cv2
import numpy as np

from drawings.canvas import Colour, chance, jitter, noise, pick, shade
from drawings.landscapes.brush import Rng, fill
from drawings.landscapes.heights import MILK, risen, rocks, slopes
from drawings.landscapes.sky import Weather, sky, weather
from drawings.landscapes.terrain import Land, View, blended, lit, plain, ramp, show, survey
from drawings.landscapes.water import flood

ICE: tuple[Colour, ...] = ((206, 222, 234), (190, 212, 228), (220, 228, 232), (176, 204, 226))
RUBBLE: Colour = (104, 98, 92)


def glacier(rng: Rng, height: int, width: int) -> np.ndarray:
    """Ice: a tongue between mountains, a wall of it above the sea, floes, or a field of snow."""
    kind = pick(rng, (_tongue, _front, _floes, _field), (4, 3, 2, 2))
    return kind(rng, height, width)


def _tongue(rng: Rng, height: int, width: int) -> np.ndarray:
    """A glacier that winds down a valley."""
    day, horizon = weather(rng), height * rng.uniform(0.25, 0.5)
    image, relief = sky(rng, height, width, horizon, day), rng.uniform(1000, 2000)
    view = View(height, width, horizon, width * rng.uniform(0.8, 1.3), relief * rng.uniform(0.25, 0.5))
    half, bend, middle = rng.uniform(250, 800), rng.uniform(-900, 900), rng.uniform(-500, 500)
    climb, span = relief * rng.uniform(0.2, 0.5), rng.uniform(5000, 9000)

    def off_axis(across: np.ndarray, ahead: np.ndarray) -> np.ndarray:
        return np.abs(across - middle - bend * np.sin(ahead / 2200))

    def valley(up: np.ndarray, across: np.ndarray, ahead: np.ndarray) -> np.ndarray:
        sides = ramp(off_axis(across, ahead), 0.7 * half, half + 1500)
        return up * (0.02 + sides * ramp(ahead, 200, 3500)) + climb * ramp(ahead, 600, 9000)

    land = survey(rng, view, "alpine", relief, span, (500, 11000), valley)
    away = off_axis(land.across, land.ahead)
    bed = 1 - ramp(away, 0.85 * half, 1.25 * half + 0.06 * land.ahead)
    rock = slopes(rng, land, 1.3 * relief, rng.uniform(0.15, 0.7))
    colours = lit(rock, land, day)
    colours += (lit(_ice(rng, land, away / half), land, day, 0.4) - colours) * bed[..., None]
    show(image, colours, land, day, rng, rng.uniform(9000, 26000), 0.08)
    if chance(rng, 0.3):
        flood(image, rng, height * rng.uniform(0.78, 0.92), jitter(rng, pick(rng, MILK), 0.2), rng.uniform(0, 1))
    return image


def _ice(rng: Rng, land: Land, lane: np.ndarray) -> np.ndarray:
    """Ice with crevasses across it and dark stripes of rubble along it, (h, w, 3); `lane` is 1 at its edges."""
    rough = noise(rng, *lane.shape, 6.0)
    colours = plain(land, jitter(rng, pick(rng, ICE), 0.06, 4))
    cracks = np.sin(np.log(land.ahead) * np.float32(rng.uniform(90, 160)) + 3 * rough + 4 * lane**2)
    colours = blended(colours, (120, 164, 200), 0.55 * ramp(cracks, 0.35, 0.95) * ramp(rough, -0.8, 0.8))
    stripes = np.cos(lane * np.float32(rng.uniform(6, 14)) + np.float32(0.4) * rough)
    dirt = jitter(rng, RUBBLE, 0.15)
    colours = blended(colours, dirt, np.float32(rng.uniform(0.2, 0.9)) * ramp(stripes, 0.6, 1.0))
    return blended(colours, dirt, 0.8 * ramp(lane, 0.75, 1.05) * ramp(rough, -1.0, 0.6))


def _mountains(image: np.ndarray, rng: Rng, day: Weather, horizon: float, start: float) -> None:
    """Mountains that rise from `start` metres on behind water, drawn in place."""
    height, width = image.shape[:2]
    relief, span = rng.uniform(500, 1500), rng.uniform(5000, 9000)
    view = View(height, width, horizon, width * rng.uniform(0.9, 1.3), 50)
    land = survey(rng, view, "alpine", relief, span, (700, 12000), risen(start, start + 4000))
    colours = slopes(rng, land, relief, rng.uniform(0.05, 0.7))
    show(image, lit(colours, land, day), land, day, rng, rng.uniform(9000, 24000))


def _front(rng: Rng, height: int, width: int) -> np.ndarray:
    """A wall of ice that ends in water, mountains behind it."""
    day, horizon = weather(rng), height * rng.uniform(0.4, 0.6)
    image = sky(rng, height, width, horizon, day)
    _mountains(image, rng, day, horizon, 2500)
    level = horizon + height * rng.uniform(0.12, 0.26)
    _wall(image, rng, day, level, height * rng.uniform(0.1, 0.34))
    flood(image, rng, level, jitter(rng, pick(rng, MILK), 0.2), rng.uniform(0, 1))
    _bergs(image, rng, day, level, int(rng.integers(0, 16)), 0.05)
    return image


def _wall(image: np.ndarray, rng: Rng, day: Weather, level: float, tall: float) -> None:
    """The broken end of a glacier, blue in its cracks, drawn in place above row `level`."""
    height, width = image.shape[:2]
    colour = np.float32(jitter(rng, pick(rng, ICE), 0.05, 4)) * np.float32(day.sun) / 255
    columns = noise(rng, 1, width, 6.0)[0] * 0.09 + noise(rng, 1, width, 24.0)[0] * 0.16 + 1
    edge = ramp(np.arange(width), *sorted(rng.uniform(-0.4, 0.3, 2) * width)) if chance(rng, 0.5) else 1.0
    top = level - tall * np.clip(columns, 0.4, 1.6) * edge
    rows = np.arange(height, dtype=np.float32)[:, None]
    inside = (rows >= top) & (rows < level)
    streaks = noise(rng, 512, 512, 12.0, 1.0)
    x = np.broadcast_to(np.arange(width, dtype=np.float32) * 2.2, (height, width))
    y = np.ascontiguousarray(np.broadcast_to(rows * 0.5, (height, width)), np.float32)
    crack = cv2.remap(streaks, np.ascontiguousarray(x), y, cv2.INTER_LINEAR)
    crack = crack + 0.8 * noise(rng, height, width, 2.5, 1.6)
    depth = np.clip(0.35 * crack + 0.35 * (rows - top) / max(tall, 1), 0, 1)
    face = colour + (np.float32((72, 132, 186)) * np.float32(day.sun) / 255 - colour) * depth[..., None]
    image[inside] = (face * (1 + 0.08 * crack[..., None]))[inside]


def _bergs(image: np.ndarray, rng: Rng, day: Weather, level: float, count: int, size: float) -> None:
    """Ice that floats below row `level`, the nearest the largest, drawn in place."""
    height, width = image.shape[:2]
    for share in np.sort(rng.uniform(0.02, 1, count) ** 1.5):
        x, y = rng.uniform(0, width), level + share * (height - level)
        half = width * size * rng.uniform(0.4, 1.8) * (0.3 + share * 2)
        rise = half * rng.uniform(0.3, 1.2)
        points = np.stack([np.linspace(-half, half, 9), -rise * rng.uniform(0.2, 1.0, 9)], 1)
        points[[0, -1], 1] = 0
        colour = shade(jitter(rng, pick(rng, ICE), 0.06, 4), rng.uniform(0.85, 1.08) * day.sun[0] / 255)
        fill(image, points + (x, y), colour)
        split = int(rng.integers(2, 7))
        shady = np.concatenate([points[split:], [(points[split, 0] * 0.6, 0)]])
        fill(image, shady + (x, y), shade(colour, 0.78))


def _floes(rng: Rng, height: int, width: int) -> np.ndarray:
    """Icebergs on the water."""
    day, horizon = weather(rng), height * rng.uniform(0.25, 0.5)
    image = sky(rng, height, width, horizon, day)
    if chance(rng, 0.7):
        _mountains(image, rng, day, horizon, 3500)
    flood(image, rng, horizon + 1, jitter(rng, pick(rng, MILK), 0.25), rng.uniform(0.2, 1))
    _bergs(image, rng, day, horizon + 1, int(rng.integers(5, 40)), rng.uniform(0.03, 0.12))
    return image


def _field(rng: Rng, height: int, width: int) -> np.ndarray:
    """Snow and ice nearly everywhere, cut by crevasses."""
    day, horizon = weather(rng), height * rng.uniform(0.2, 0.5)
    image, relief = sky(rng, height, width, horizon, day), rng.uniform(500, 1500)
    view = View(height, width, horizon, width * rng.uniform(0.8, 1.4), 120)
    land = survey(rng, view, "alpine", relief, rng.uniform(4000, 9000), (150, 10000), risen(1500, 5500, 0.06))
    colours = slopes(rng, land, relief, rng.uniform(-0.2, 0.25))
    ice = _ice(rng, land, 0.6 * np.abs(np.sin(land.across / np.float32(rng.uniform(300, 900)))))
    colours += (ice - colours) * (1 - ramp(land.ahead, 1200, 3000))[..., None]
    show(image, lit(colours, land, day, 1.2), land, day, rng, rng.uniform(8000, 20000), 0.06)
    if chance(rng, 0.35):
        rocks(image, rng, rng.uniform(0.8, 0.95), int(rng.integers(2, 9)), day)
    return image
