"""Mountains, and the rock, woods and snow that cover them."""

import numpy as np

from drawings.canvas import Colour, chance, jitter, noise, pick, ragged, shade
from drawings.landscapes import greenery
from drawings.landscapes.brush import Rng, fill
from drawings.landscapes.sky import Weather, sky, weather
from drawings.landscapes.terrain import Form, Land, View, blended, lit, plain, ramp, show, survey
from drawings.landscapes.water import flood

ROCKS: tuple[Colour, ...] = ((104, 98, 94), (122, 110, 98), (88, 88, 92), (136, 108, 86), (96, 92, 84))
MEADOWS: tuple[Colour, ...] = ((96, 116, 58), (112, 124, 66), (78, 104, 52), (146, 132, 82), (104, 98, 62))
WOODS: tuple[Colour, ...] = ((44, 62, 40), (52, 70, 42), (38, 54, 42), (70, 74, 44))
SNOW: Colour = (240, 243, 248)
MILK: tuple[Colour, ...] = ((112, 142, 146), (92, 124, 140), (70, 104, 128), (126, 140, 138))  # glacial water


def mountain(rng: Rng, height: int, width: int) -> np.ndarray:
    """Peaks or hills, with or without snow, perhaps behind a lake or woods."""
    day, horizon = weather(rng), height * rng.uniform(0.42, 0.66)
    image, snowline = sky(rng, height, width, horizon, day), rng.uniform(0.25, 1.15)
    relief, foot = rng.uniform(900, 2300), rng.uniform(500, 2600)
    view = View(height, width, horizon, width * rng.uniform(0.85, 1.6), relief * rng.uniform(0.08, 0.3))
    kind, span = pick(rng, ("alpine", "rolling"), (3, 1)), rng.uniform(5000, 11000)
    land = survey(rng, view, kind, relief, span, (260, 13000), risen(0.4 * foot, 2.2 * foot, 0.04))
    colours = slopes(rng, land, relief, snowline)
    show(image, lit(colours, land, day), land, day, rng, rng.uniform(7000, 26000))
    _foreground(image, rng, day, horizon)
    return image


def risen(start: float, end: float, least: float = 0.0) -> Form:
    """Land that is nearly level before `start` and has its whole height from `end` on."""
    return lambda height, across, ahead: height * (least + (1 - least) * ramp(ahead, start, end))


def slopes(rng: Rng, land: Land, relief: float, snowline: float) -> np.ndarray:
    """Rock with woods and meadows below and snow above, (h, w, 3) float32; `snowline` is a share of the relief."""
    rough = noise(rng, *land.height.shape, 6.0) + noise(rng, *land.height.shape, 2.5, 1.6)
    up = land.height / np.float32(relief) + np.float32(0.035) * rough
    colours, treeline = plain(land, jitter(rng, pick(rng, ROCKS), 0.15)), rng.uniform(0.05, 0.6)
    meadow, wood = jitter(rng, pick(rng, MEADOWS), 0.15), jitter(rng, pick(rng, WOODS), 0.15)
    colours = blended(colours, meadow, (1 - ramp(up, treeline, treeline + 0.15)) * (1.15 - land.steep))
    if chance(rng, 0.6):
        colours = blended(colours, wood, (1 - ramp(up, treeline - 0.1, treeline)) * ramp(up, 0.03, 0.1))
    return blended(colours, SNOW, ramp(up, snowline - 0.08, snowline + 0.08) * (1.25 - 0.8 * land.steep))


def _foreground(image: np.ndarray, rng: Rng, day: Weather, horizon: float) -> None:
    """What lies before the mountains, drawn in place."""
    height = image.shape[0]
    kind = pick(rng, ("lake", "woods", "nothing", "meadow"), (2, 3, 4, 2))
    if kind == "lake":
        level = min(horizon + rng.uniform(0.05, 0.2) * height, 0.85 * height)
        flood(image, rng, level, jitter(rng, pick(rng, MILK), 0.25), rng.uniform(0, 1))
    if kind == "meadow":
        greenery.meadow(image, rng, rng.uniform(0.72, 0.9), jitter(rng, pick(rng, MEADOWS), 0.2), day)
    if kind == "woods" or chance(rng, 0.2):
        greenery.spruces(image, rng, rng.uniform(0.75, 1.0), rng.uniform(0.1, 0.35), day)


def rocks(image: np.ndarray, rng: Rng, top: float, count: int, day: Weather) -> None:
    """Boulders from row `top` (share of the height) down, drawn in place."""
    height, width = image.shape[:2]
    colour = jitter(rng, pick(rng, ROCKS), 0.25)
    for share in np.sort(rng.uniform(0, 1, count)):
        centre = np.array((rng.uniform(0, width), height * (top + (1.05 - top) * share)))
        radius = width * rng.uniform(0.02, 0.07) * (0.5 + 1.5 * share)
        angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
        ring = np.stack([np.cos(angles), 0.65 * np.sin(angles)], 1) * radius
        tint = jitter(rng, colour, 0.2)
        fill(image, ragged(ring, rng, 0.08 * radius) + centre, shade(tint, 0.6))
        top_side = ring * 0.75 + centre - (0.1 * radius, 0.2 * radius)
        fill(image, top_side, shade(tint, day.sun[0] / 255))
