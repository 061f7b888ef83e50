"""Mountains and glaciers."""

import cv2
import numpy as np

from helpers.datasets.sample.canvas import Colour, chance, jitter, noise, pick, ragged, shade
from helpers.datasets.sample.landscapes import greenery
from helpers.datasets.sample.landscapes.sky import Weather, sky, weather
from helpers.datasets.sample.landscapes.terrain import Land, View, blended, lit, shown, survey
from helpers.datasets.sample.landscapes.water import reflected

ROCKS: tuple[Colour, ...] = ((104, 98, 94), (122, 110, 98), (88, 88, 92), (136, 108, 86), (96, 92, 84))
MEADOWS: tuple[Colour, ...] = ((96, 116, 58), (112, 124, 66), (78, 104, 52), (146, 132, 82), (104, 98, 62))
WOODS: tuple[Colour, ...] = ((44, 62, 40), (52, 70, 42), (38, 54, 42), (70, 74, 44))
SNOW: Colour = (240, 243, 248)
ICE: tuple[Colour, ...] = ((206, 222, 234), (190, 212, 228), (220, 228, 232), (176, 204, 226))
MILK: tuple[Colour, ...] = ((112, 142, 146), (92, 124, 140), (70, 104, 128), (126, 140, 138))  # glacial water


def ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 below `low`, 1 above `high`, smooth between."""
    share = np.clip((values - low) / (high - low), 0, 1)
    return share * share * (3 - 2 * share)


def mountain(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Peaks or hills, with or without snow, perhaps behind a lake or woods."""
    day, horizon = weather(rng), height * rng.uniform(0.42, 0.66)
    image, snowline = sky(rng, height, width, horizon, day), rng.uniform(0.25, 1.15)
    relief = rng.uniform(900, 2300)
    view = View(height, width, horizon, width * rng.uniform(0.85, 1.6), relief * rng.uniform(0.08, 0.3))
    foot = rng.uniform(500, 2600)
    kind = pick(rng, ("alpine", "rolling"), (3, 1))
    land = survey(
        rng, view, kind, relief, rng.uniform(5000, 11000), 13000,
        lambda across, ahead: 0.04 + 0.96 * ramp(ahead, 0.4 * foot, 2.2 * foot), 260,
    )  # fmt: skip
    colours = _slopes(rng, land, relief, snowline)
    shown(image, lit(colours, land, day), land, day, rng, rng.uniform(7000, 26000))
    return _foreground(image, rng, day, horizon)


def _slopes(rng: np.random.Generator, land: Land, relief: float, snowline: float) -> np.ndarray:
    """Rock with woods and meadows below and snow above, (STEPS, width, 3)."""
    shape = land.height.shape
    up = land.height / relief + 0.07 * noise(rng, 512, 512, 6.0)[: shape[0], : shape[1]]
    colours = np.broadcast_to(np.float32(jitter(rng, pick(rng, ROCKS), 0.15)), (*shape, 3))
    meadow, wood = jitter(rng, pick(rng, MEADOWS), 0.15), jitter(rng, pick(rng, WOODS), 0.15)
    treeline = rng.uniform(0.05, 0.6)
    colours = blended(colours, meadow, ramp(-up, -treeline - 0.15, -treeline) * (1.15 - land.steep))
    if chance(rng, 0.6):
        colours = blended(colours, wood, ramp(-up, -treeline, 0.1 - treeline) * ramp(up, 0.03, 0.1))
    cover = ramp(up, snowline - 0.08, snowline + 0.08) * (1.25 - 0.8 * land.steep)
    return blended(colours, SNOW, cover)


def _foreground(image: np.ndarray, rng: np.random.Generator, day: Weather, horizon: float) -> np.ndarray:
    """What lies before the mountains."""
    height = image.shape[0]
    kind = pick(rng, ("lake", "woods", "nothing", "meadow"), (2, 3, 4, 2))
    if kind == "lake":
        level = min(horizon + rng.uniform(0.05, 0.2) * height, 0.85 * height)
        lake = reflected(image, rng, level, jitter(rng, pick(rng, MILK), 0.25), rng.uniform(0, 1))
        image[int(level) :] = lake[int(level) :]
    if kind == "meadow":
        greenery.meadow(image, rng, rng.uniform(0.72, 0.9), jitter(rng, pick(rng, MEADOWS), 0.2), day)
    if kind == "woods" or chance(rng, 0.2):
        greenery.spruces(image, rng, rng.uniform(0.75, 1.0), rng.uniform(0.1, 0.35), day)
    return image


def glacier(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Ice: a tongue between mountains, a wall of it above the sea, floes, or a field of snow."""
    kind = pick(rng, (_tongue, _front, _floes, _field), (4, 3, 2, 2))
    return kind(rng, height, width)


def _tongue(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    day, horizon = weather(rng), height * rng.uniform(0.25, 0.5)
    image, relief = sky(rng, height, width, horizon, day), rng.uniform(1000, 2000)
    view = View(height, width, horizon, width * rng.uniform(0.8, 1.3), relief * rng.uniform(0.25, 0.5))
    half, bend, middle = rng.uniform(250, 800), rng.uniform(-900, 900), rng.uniform(-500, 500)

    def off_axis(across: np.ndarray, ahead: np.ndarray) -> np.ndarray:
        return np.abs(across - middle - bend * np.sin(ahead / 2200))

    def rise(across: np.ndarray, ahead: np.ndarray) -> np.ndarray:
        return 0.02 + ramp(off_axis(across, ahead), 0.7 * half, half + 1500) * ramp(ahead, 200, 3500)

    land = survey(rng, view, "alpine", relief, rng.uniform(5000, 9000), 11000, rise, 500)
    up = ramp(land.ahead, 600, 9000) * relief * rng.uniform(0.2, 0.5)
    away = off_axis(land.across, land.ahead)
    bed = 1 - ramp(away, 0.85 * half, 1.25 * half + 0.06 * land.ahead)
    land.height = land.height + up
    colours = _slopes(rng, land, 1.3 * relief, rng.uniform(0.15, 0.7))
    colours = blended(colours, (0, 0, 0), 0 * bed)
    ice = _ice(rng, land, away / half)
    colours += (ice - colours) * bed[..., None]
    land.light *= 1 - 0.6 * bed
    shown(image, lit(colours, land, day), land, day, rng, rng.uniform(9000, 26000), 0.08)
    if chance(rng, 0.3):
        level = height * rng.uniform(0.78, 0.92)
        lake = reflected(image, rng, level, jitter(rng, pick(rng, MILK), 0.2), rng.uniform(0, 1))
        image[int(level) :] = lake[int(level) :]
    return image


def _ice(rng: np.random.Generator, land: Land, lane: np.ndarray) -> np.ndarray:
    """Ice with crevasses across it and dark stripes of rubble along it, (STEPS, width, 3)."""
    shape = land.height.shape
    rough = noise(rng, 512, 512, 6.0)[: shape[0], : shape[1]]
    colours = np.broadcast_to(np.float32(jitter(rng, pick(rng, ICE), 0.06, 4)), (*shape, 3))
    cracks = np.sin(np.log(land.ahead) * rng.uniform(90, 160) + 3 * rough + 4 * lane**2)
    colours = blended(colours, (120, 164, 200), 0.55 * ramp(cracks, 0.35, 0.95) * ramp(rough, -0.8, 0.8))
    stripes = np.cos(lane * rng.uniform(6, 14) + 0.4 * rough)
    dirt = jitter(rng, (104, 98, 92), 0.15)
    colours = blended(colours, dirt, rng.uniform(0.2, 0.9) * ramp(stripes, 0.6, 1.0))
    return blended(colours, dirt, 0.8 * ramp(lane, 0.75, 1.05) * ramp(rough, -1.0, 0.6))


def _front(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A wall of ice that ends in water, mountains behind it."""
    day, horizon = weather(rng), height * rng.uniform(0.4, 0.6)
    image = sky(rng, height, width, horizon, day)
    relief = rng.uniform(600, 1500)
    view = View(height, width, horizon, width * rng.uniform(0.9, 1.3), 60)
    land = survey(rng, view, "alpine", relief, rng.uniform(5000, 9000), 11000,
                  lambda across, ahead: ramp(ahead, 2500, 6000), 700)  # fmt: skip
    colours = _slopes(rng, land, relief, rng.uniform(0.1, 0.7))
    shown(image, lit(colours, land, day), land, day, rng, rng.uniform(9000, 24000))
    level = horizon + height * rng.uniform(0.12, 0.26)
    _wall(image, rng, day, level, height * rng.uniform(0.1, 0.34))
    lake = reflected(image, rng, level, jitter(rng, pick(rng, MILK), 0.2), rng.uniform(0, 1))
    image[int(level) :] = lake[int(level) :]
    _bergs(image, rng, day, level, int(rng.integers(0, 16)), 0.05)
    return image


def _wall(image: np.ndarray, rng: np.random.Generator, day: Weather, level: float, tall: float) -> None:
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


def _bergs(
    image: np.ndarray, rng: np.random.Generator, day: Weather, level: float, count: int, size: float
) -> None:
    """Ice that floats below row `level`, the nearest the largest, drawn in place."""
    height, width = image.shape[:2]
    for share in np.sort(rng.uniform(0.02, 1, count) ** 1.5):
        x, y = rng.uniform(0, width), level + share * (height - level)
        half = width * size * rng.uniform(0.4, 1.8) * (0.3 + share * 2)
        rise = half * rng.uniform(0.3, 1.2)
        points = np.stack([np.linspace(-half, half, 9), -rise * rng.uniform(0.2, 1.0, 9)], 1)
        points[[0, -1], 1] = 0
        colour = shade(jitter(rng, pick(rng, ICE), 0.06, 4), rng.uniform(0.85, 1.08) * day.sun[0] / 255)
        cv2.fillPoly(image, [np.int32(points + (x, y))], colour, cv2.LINE_AA)
        split = int(rng.integers(2, 7))
        shady = np.concatenate([points[split:], [(points[split, 0] * 0.6, 0)]])
        cv2.fillPoly(image, [np.int32(shady + (x, y))], shade(colour, 0.78), cv2.LINE_AA)


def _floes(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Icebergs on the water."""
    day, horizon = weather(rng), height * rng.uniform(0.25, 0.5)
    image = sky(rng, height, width, horizon, day)
    relief = rng.uniform(500, 1300)
    view = View(height, width, horizon, width * rng.uniform(0.9, 1.3), 40)
    land = survey(rng, view, "alpine", relief, 7000, 12000, lambda across, ahead: ramp(ahead, 3500, 8000), 500)
    if chance(rng, 0.7):
        shown(image, lit(_slopes(rng, land, relief, rng.uniform(0.0, 0.6)), land, day), land, day, rng, 12000)
    level = horizon + 1
    lake = reflected(image, rng, level, jitter(rng, pick(rng, MILK), 0.25), rng.uniform(0.2, 1))
    image[int(level) :] = lake[int(level) :]
    _bergs(image, rng, day, level, int(rng.integers(5, 40)), rng.uniform(0.03, 0.12))
    return image


def _field(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Snow and ice nearly everywhere, cut by crevasses."""
    day, horizon = weather(rng), height * rng.uniform(0.2, 0.5)
    image, relief = sky(rng, height, width, horizon, day), rng.uniform(500, 1500)
    view = View(height, width, horizon, width * rng.uniform(0.8, 1.4), 120)
    land = survey(rng, view, "alpine", relief, rng.uniform(4000, 9000), 10000,
                  lambda across, ahead: 0.06 + 0.94 * ramp(ahead, 1500, 5500), 150)  # fmt: skip
    colours = _slopes(rng, land, relief, rng.uniform(-0.2, 0.25))
    near = 1 - ramp(land.ahead, 1200, 3000)
    ice = _ice(rng, land, 0.6 * np.abs(np.sin(land.across / rng.uniform(300, 900))))
    colours = colours + (ice - colours) * near[..., None]
    shown(image, lit(colours, land, day, 1.2), land, day, rng, rng.uniform(8000, 20000), 0.06)
    if chance(rng, 0.35):
        rocks(image, rng, rng.uniform(0.8, 0.95), int(rng.integers(2, 9)), day)
    return image


def rocks(image: np.ndarray, rng: np.random.Generator, top: float, count: int, day: Weather) -> None:
    """Boulders from row `top` (share of the height) down, drawn in place."""
    height, width = image.shape[:2]
    colour = jitter(rng, pick(rng, ROCKS), 0.25)
    for share in np.sort(rng.uniform(0, 1, count)):
        centre = np.array((rng.uniform(0, width), height * (top + (1.05 - top) * share)))
        radius = width * rng.uniform(0.02, 0.07) * (0.5 + 1.5 * share)
        angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
        ring = np.stack([np.cos(angles), 0.65 * np.sin(angles)], 1) * radius
        tint = jitter(rng, colour, 0.2)
        cv2.fillPoly(image, [np.int32(ragged(ring, rng, 0.08 * radius) + centre)], shade(tint, 0.6), cv2.LINE_AA)
        top_side = ring * 0.75 + centre - (0.1 * radius, 0.2 * radius)
        cv2.fillPoly(image, [np.int32(top_side)], shade(tint, day.sun[0] / 255), cv2.LINE_AA)
