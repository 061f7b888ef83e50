"""The sea: open water, surf, beaches, rocks, boats."""

from collections.abc import Sequence

import cv2
import numpy as np

from drawings.canvas import Colour, chance, ellipse, jitter, noise, pick, shade, tripled
from drawings.landscapes.brush import Point, Rng, box, fill, wash
from drawings.landscapes.heights import ROCKS, rocks
from drawings.landscapes.sky import Weather, sky, weather
from drawings.landscapes.terrain import View, blended, lit, plain, ramp, show, survey
from drawings.landscapes.water import waves

DEEP: tuple[Colour, ...] = (
    (28, 74, 112),
    (34, 92, 118),
    (52, 84, 96),
    (24, 58, 88),
    (72, 96, 100),
    (40, 112, 128),
)
HULLS: tuple[Colour, ...] = ((232, 232, 228), (60, 66, 76), (130, 52, 44), (44, 70, 108))
SANDS: tuple[Colour, ...] = ((206, 186, 146), (188, 168, 130), (222, 208, 176), (150, 134, 110))
SHARES = {"clear": 4, "fair": 4, "overcast": 4, "storm": 3, "sunset": 3, "haze": 2}


def sea(rng: Rng, height: int, width: int) -> np.ndarray:
    """Water up to the horizon, with what lies in it and beside it."""
    day, horizon = weather(rng, SHARES), height * rng.uniform(0.22, 0.65)
    image = sky(rng, height, width, horizon, day)
    if chance(rng, 0.35):
        _coast(image, rng, day, horizon)
    rough = rng.uniform(0.3, 1.6)
    deep = jitter(rng, pick(rng, DEEP), 0.2)
    waves(image, rng, horizon, day, deep, rough, max(0.0, rough - 0.7) * rng.uniform(0.4, 1.2))
    if day.sun[2] < 180:
        _glitter(image, rng, horizon)
    if chance(rng, 0.3):
        boat(image, rng, horizon + rng.uniform(0.0, 0.25) * (height - horizon), rng.uniform(0.04, 0.2) * width)
    if chance(rng, 0.45):
        beach(image, rng, rng.uniform(0.6, 0.95), day)
    if chance(rng, 0.35):
        rocks(image, rng, rng.uniform(0.65, 0.95), int(rng.integers(3, 14)), day)
    return image


def _coast(image: np.ndarray, rng: Rng, day: Weather, horizon: float) -> None:
    """Hills or cliffs on one side, drawn in place."""
    height, width = image.shape[:2]
    relief, side = rng.uniform(120, 500), pick(rng, (-1, 1))
    view = View(height, width, horizon, width * 1.1, 25)
    start, kind = rng.uniform(-600, 900), pick(rng, ("rolling", "alpine"))

    def beside(up: np.ndarray, across: np.ndarray, ahead: np.ndarray) -> np.ndarray:
        return up * ramp(side * across, start, start + 900) * ramp(ahead, 500, 1500)

    land = survey(rng, view, kind, relief, 5000, (200, 9000), beside)
    green = jitter(rng, pick(rng, ((84, 100, 62), (110, 108, 78), (62, 78, 56))), 0.2)
    colours = blended(plain(land, jitter(rng, pick(rng, ROCKS), 0.2)), green, 1.1 - land.steep)
    show(image, lit(colours, land, day), land, day, rng, rng.uniform(4000, 14000))


def _glitter(image: np.ndarray, rng: Rng, horizon: float) -> None:
    """The low sun's path on the water, drawn in place."""
    height, width = image.shape[:2]
    brightest = int(np.argmax(image[: int(horizon)].sum((0, 2))))
    columns, rows = np.arange(width), np.arange(height)[:, None]
    spread = 6 + 0.25 * np.maximum(rows - horizon, 0)
    path = np.exp(-(((columns - brightest) / spread) ** 2)) * (rows > horizon)
    path = path * np.clip(0.4 + 0.7 * noise(rng, height, width, 2.5, 4.0), 0, 1.4)
    cv2.add(image, tripled(path) * np.float32((120, 84, 44)), dst=image)


def beach(image: np.ndarray, rng: Rng, top: float, day: Weather) -> None:
    """Sand in the foreground with the last wave's foam at its edge, drawn in place."""
    height, width = image.shape[:2]
    slope, bow = rng.normal(0, 0.25), rng.normal(0, 0.1)
    share = np.linspace(-0.5, 0.5, width)
    edge = height * (top + slope * share + bow * share**2) + 2 * noise(rng, 1, width, 24.0)[0]
    below = np.arange(height, dtype=np.float32)[:, None] - edge.astype(np.float32)
    colour = np.float32(jitter(rng, pick(rng, SANDS), 0.12)) * np.float32(day.sun) / 255
    sand = colour * tripled(
        1 + 0.06 * noise(rng, height, width, 2.5, 1.6) + 0.05 * noise(rng, height, width, 12.0, 1.6)
    )
    sand *= tripled(np.clip(0.68 + below / (0.16 * height), 0.68, 1))  # wet sand is darker
    wash(image, sand, below)
    foam = np.exp(-(((below + 2) / rng.uniform(1.5, 5)) ** 2)) * np.clip(
        0.8 + 0.5 * noise(rng, height, width, 2.5, 1.6), 0, 1
    )
    wash(image, np.float32((240, 243, 243)) * (np.float32(day.sun) / 255), foam)


def boat(image: np.ndarray, rng: Rng, y: float, size: float) -> None:
    """A sailing boat or a ship on the water, drawn in place; `size` is its length in pixels."""
    place, hull = np.array((rng.uniform(0.1, 0.9) * image.shape[1], y)), jitter(rng, pick(rng, HULLS), 0.15)
    scale = size * np.array((pick(rng, (-1, 1)), 1))
    above = _sails(rng) if chance(rng, 0.55) else _decks(hull)
    fill(image, ellipse(place + (0, 0.05 * size), (0.5 * size, 0.06 * size)), shade(hull, 0.5))
    for outline, colour in (([(-0.5, -0.12), (0.55, -0.14), (0.42, 0.03), (-0.44, 0.03)], hull), *above):
        fill(image, outline * scale + place, colour)


def _sails(rng: Rng) -> list[tuple[Sequence[Point], Colour]]:
    lean, tall, sail = rng.normal(0, 0.06), rng.uniform(0.9, 1.4), jitter(rng, (238, 236, 228), 0.08)
    return [
        ([(-0.02, -0.15), (lean, -tall), (-0.45, -0.2)], sail),
        ([(0.04, -0.15), (lean + 0.02, -0.95 * tall), (0.46, -0.18)], shade(sail, 0.86)),
    ]


def _decks(hull: Colour) -> list[tuple[Sequence[Point], Colour]]:
    return [
        ([(-0.4, -0.12), (-0.4, -0.3), (0.0, -0.3), (0.05, -0.12)], (226, 226, 222)),
        (box(-0.3, -0.14, -0.46, -0.3), shade(hull, 0.8)),
        (box(0.1, 0.36, -0.22, -0.12), (150, 84, 60)),
    ]
