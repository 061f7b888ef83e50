"""Places in the country that no study has: fields, deserts, rivers and the like, for pretraining."""

import cv2
import numpy as np

from drawings.canvas import Colour, chance, jitter, noise, pick, shade, tripled
from drawings.landscapes import greenery
from drawings.landscapes.brush import Rng, fill, wash
from drawings.landscapes.figures import person, tree
from drawings.landscapes.heights import MEADOWS, MILK, ROCKS, WOODS, risen
from drawings.landscapes.sky import Weather, sky, weather
from drawings.landscapes.terrain import View, blended, lit, plain, ramp, show, survey
from drawings.landscapes.water import flood, plane

SANDS: tuple[Colour, ...] = ((206, 172, 122), (192, 140, 96), (214, 190, 152), (182, 120, 82))


def open_land(
    rng: Rng, height: int, width: int, colour: Colour, hills: float = 250, horizon: float | None = None
) -> tuple[np.ndarray, Weather, float]:
    """A plain of that colour with hills far away: the image, its weather, the row of the horizon."""
    day = weather(rng)
    horizon = height * rng.uniform(0.35, 0.6) if horizon is None else horizon
    image = sky(rng, height, width, horizon, day)
    view = View(height, width, horizon, width * rng.uniform(0.9, 1.4), 60)
    land = survey(rng, view, "rolling", hills * rng.uniform(0.3, 1.5), 6000, (120, 9000), risen(1500, 5000))
    woods = ramp(land.ahead, 1500, 3000) * np.float32(rng.uniform(0, 1))
    base = blended(plain(land, colour), jitter(rng, pick(rng, WOODS), 0.15), woods)
    show(image, lit(base, land, day), land, day, rng, rng.uniform(4000, 14000))
    return image, day, horizon


def _ribbon(rng: Rng, height: int, width: int, horizon: float, half: float, winding: float) -> np.ndarray:
    """How far each pixel below the horizon lies inside a band on the ground that winds away, > 0 inside."""
    across, ahead = plane(height, width, horizon, 1.6)
    bend = winding * np.sin(ahead / rng.uniform(4, 12) + rng.uniform(0, 6)) * np.minimum(ahead / 6, 3)
    inside = half - np.abs(across - bend - rng.normal(0, 0.7))
    return np.where(np.arange(height)[:, None] > horizon + 1, inside, -1.0).astype(np.float32)


def field(rng: Rng, height: int, width: int) -> np.ndarray:
    """Rows of a crop or furrows that run to the horizon."""
    crop = jitter(
        rng, pick(rng, ((112, 138, 58), (198, 172, 92), (140, 106, 74), (222, 196, 60), (92, 122, 56))), 0.15
    )
    image, day, horizon = open_land(rng, height, width, crop)
    across, ahead = plane(height, width, horizon, 1.6)
    turn = rng.normal(0, 0.5)
    rows = np.cos((across * np.cos(turn) + ahead * np.sin(turn)) * 2 * np.pi / rng.uniform(0.5, 1.6))
    depth = np.exp(-ahead / 25) * (np.arange(height)[:, None] > horizon + 2)
    earth = np.float32(jitter(rng, (112, 88, 66), 0.15)) * np.float32(day.sun) / 255
    return image + (earth - image) * tripled(np.clip(rows, 0, 1) * depth * rng.uniform(0.5, 0.9))


def dunes(rng: Rng, height: int, width: int) -> np.ndarray:
    """Sand dunes."""
    day, horizon = weather(rng, {"clear": 5, "haze": 3, "sunset": 1}), height * rng.uniform(0.25, 0.5)
    image, relief = sky(rng, height, width, horizon, day), rng.uniform(60, 200)
    view = View(height, width, horizon, width * rng.uniform(0.9, 1.4), relief * rng.uniform(0.9, 1.5))
    land = survey(rng, view, "dunes", relief, rng.uniform(2500, 5000), (150, 7000))
    sand = plain(land, jitter(rng, pick(rng, SANDS), 0.12))
    show(image, lit(sand, land, day, 1.3), land, day, rng, rng.uniform(5000, 15000), 0.05)
    return image


def desert_road(rng: Rng, height: int, width: int) -> np.ndarray:
    """A road through bare land."""
    image, day, horizon = open_land(rng, height, width, jitter(rng, pick(rng, SANDS), 0.15), 500)
    gain = day.sun[0] / 255
    road = _ribbon(rng, height, width, horizon, rng.uniform(1.2, 2.4), 0.3 * chance(rng, 0.4))
    asphalt = np.float32(shade(jitter(rng, (92, 90, 92), 0.2), gain))
    wash(image, asphalt, np.clip(road * 12, 0, 1))
    line = np.clip(1 - np.abs(road - float(road.max())) * 16, 0, 1) * (road > 0)
    return image + (np.float32(shade((226, 206, 120), gain)) - image) * tripled(line)


def river(rng: Rng, height: int, width: int) -> np.ndarray:
    """A river that winds through meadows."""
    image, day, horizon = open_land(rng, height, width, jitter(rng, pick(rng, MEADOWS), 0.15), 500)
    inside = _ribbon(rng, height, width, horizon, rng.uniform(1.5, 4), rng.uniform(0.4, 1.4))
    stream = image.copy()
    flood(stream, rng, horizon, jitter(rng, pick(rng, MILK), 0.25), rng.uniform(0, 1))
    wash(image, stream, np.clip(inside * 8, 0, 1))
    if chance(rng, 0.6):
        greenery.spruces(image, rng, rng.uniform(0.55, 0.7), rng.uniform(0.08, 0.2), day)
    return image


def marsh(rng: Rng, height: int, width: int) -> np.ndarray:
    """Still water with reeds and islands of grass."""
    image, day, horizon = open_land(rng, height, width, jitter(rng, pick(rng, MEADOWS), 0.15), 120)
    flood(image, rng, horizon, (54, 62, 52), 0.9)
    reed = jitter(rng, pick(rng, ((142, 128, 70), (96, 112, 58), (122, 104, 62))), 0.15)
    for share in np.sort(rng.uniform(0.02, 1, int(rng.integers(8, 22)))):
        y, x = horizon + share * (height - horizon), rng.uniform(0, width)
        half = width * (0.04 + 0.2 * share) * rng.uniform(0.4, 1.2)
        roots = np.stack([x + rng.uniform(-half, half, 26), np.full(26, y)], 1)
        tips = roots + np.stack(
            [rng.normal(0, 2, 26), -rng.uniform(0.2, 1, 26) * height * (0.04 + 0.22 * share)], 1
        )
        tint = shade(jitter(rng, reed, 0.2), day.sun[0] / 255)
        cv2.polylines(image, list(np.int32(np.stack([roots, tips], 1))), False, tint, 1, cv2.LINE_AA)
    return image


def canyon(rng: Rng, height: int, width: int) -> np.ndarray:
    """Banded walls of rock on both sides of a gorge."""
    day, horizon = weather(rng), height * rng.uniform(0.15, 0.4)
    image, relief = sky(rng, height, width, horizon, day), rng.uniform(600, 1200)
    view = View(height, width, horizon, width * rng.uniform(0.8, 1.2), relief * rng.uniform(0.7, 1.1))
    half, bend, steps = rng.uniform(150, 500), rng.uniform(-600, 600), int(rng.integers(4, 8))

    def walls(up: np.ndarray, across: np.ndarray, ahead: np.ndarray) -> np.ndarray:
        rise = ramp(np.abs(across - bend * np.sin(ahead / 1500)), half, half + 600) * ramp(ahead, 200, 1200)
        stairs = (0.35 + 0.65 * up / relief) * rise * steps
        return relief / steps * (np.floor(stairs) + ramp(stairs % 1, 0.75, 1))

    land = survey(rng, view, "rolling", relief, 4000, (300, 9000), walls)
    layers = np.sin(land.height / np.float32(relief) * np.float32(rng.uniform(50, 90)))
    rock = plain(land, jitter(rng, pick(rng, ((186, 104, 70), (204, 142, 96), (160, 92, 72))), 0.12))
    colours = blended(rock, jitter(rng, (226, 186, 146), 0.1), 0.25 + 0.3 * layers)
    colours = blended(colours, jitter(rng, (150, 128, 84), 0.15), 1 - land.height / (0.1 * relief))
    show(image, lit(colours, land, day), land, day, rng, rng.uniform(5000, 15000), 0.06)
    return image


def volcano(rng: Rng, height: int, width: int) -> np.ndarray:
    """A cone with smoke above its crater."""
    image, day, horizon = open_land(
        rng, height, width, jitter(rng, pick(rng, (*MEADOWS, (96, 88, 84))), 0.15), 200
    )
    x, tall, half = width * rng.uniform(0.3, 0.7), height * rng.uniform(0.2, 0.4), width * rng.uniform(0.3, 0.6)
    foot, crater = horizon + 2, 0.12 * half
    slope = np.linspace(0, 1, 12) ** 0.6
    left = np.stack([x - half + (half - crater) * slope, foot - tall * np.linspace(0, 1, 12) ** 1.6], 1)
    right = np.stack([x + half - (half - crater) * slope, left[:, 1]], 1)[::-1]
    rock = shade(jitter(rng, pick(rng, ROCKS), 0.2), day.sun[0] / 255)
    fill(image, np.concatenate([left, right]), rock)
    split = x + 0.1 * half
    lee = np.concatenate([[(split, foot - tall)], right, [(split - 0.2 * half, foot)]])
    fill(image, lee, shade(rock, 0.7))
    glow = (226, 92, 40) if chance(rng, 0.3) else shade(rock, 0.5)
    fill(image, [left[-1], right[0], (x + 0.6 * crater, foot - 0.9 * tall)], glow)
    grey, drift = rng.uniform(120, 220), rng.normal(0, 0.5)
    for step in np.linspace(0, 1, 16):
        spot = int(x + drift * step * width), int(foot - tall - step * (foot - tall))
        radius = int(crater * (0.5 + 1.3 * step) * rng.uniform(0.6, 1.1)) + 1
        cv2.circle(image, spot, radius, (grey * rng.uniform(0.85, 1.1),) * 3, -1, cv2.LINE_AA)
    return cv2.GaussianBlur(image, (0, 0), 0.8) * tripled(1 + 0.06 * noise(rng, height, width, 2.5, 1.6))


def waterfall(rng: Rng, height: int, width: int) -> np.ndarray:
    """Water that falls over a wall of rock into a pool."""
    day = weather(rng)
    top, foot = height * rng.uniform(0.05, 0.35), height * rng.uniform(0.65, 0.88)
    image = sky(rng, height, width, height * 0.5, day)
    wood = jitter(rng, pick(rng, greenery.LEAVES), 0.2)
    wall = greenery.foliage(rng, height, width, jitter(rng, pick(rng, ROCKS), 0.2), 0.7)
    moss = np.clip(noise(rng, height, width, 12.0, 1.0) - rng.uniform(-0.3, 1.2), 0, 1)
    wall += (greenery.foliage(rng, height, width, wood, 0.6) - wall) * tripled(moss)
    rows = np.arange(height, dtype=np.float32)[:, None]
    edge = top + 4 * noise(rng, 1, width, 24.0)[0] + 2 * noise(rng, 1, width, 6.0)[0]
    wash(image, wall * (np.float32(day.sun) / 255), np.clip((rows - edge) / 2, 0, 1))
    x, half = width * rng.uniform(0.3, 0.7), width * rng.uniform(0.04, 0.22)
    widening = half * (1 + 0.4 * np.clip((rows - top) / (foot - top), 0, 1))
    strands = 0.75 + 0.25 * noise(rng, 1, width, 2.5)[0]
    fall = np.clip((widening - np.abs(np.arange(width) - x)) / 3, 0, 1) * (rows > edge) * (rows < foot) * strands
    wash(image, np.float32((232, 240, 244)), np.clip(fall, 0, 1))
    flood(image, rng, foot, jitter(rng, pick(rng, MILK), 0.3), 0.4)
    mist = np.exp(-(((rows - foot) / 8) ** 2)) * np.exp(-(((np.arange(width) - x) / (2.2 * half)) ** 2))
    return image + (np.float32((236, 240, 242)) - image) * tripled(0.8 * mist)


def park(rng: Rng, height: int, width: int) -> np.ndarray:
    """Lawns, a path and single trees."""
    image, day, horizon = open_land(rng, height, width, jitter(rng, (98, 132, 62), 0.2), 40)
    path = _ribbon(rng, height, width, horizon, rng.uniform(0.6, 1.6), rng.uniform(0.2, 1.2))
    gravel = np.float32(shade(jitter(rng, (190, 176, 150), 0.12), day.sun[0] / 255))
    wash(image, gravel, np.clip(path * 10, 0, 1))
    for share in np.sort(rng.uniform(0, 1, int(rng.integers(3, 8)))):
        foot = horizon + (0.05 + 0.5 * share) * (height - horizon)
        tree(image, rng, foot, height * (0.18 + 0.4 * share), day)
    for _ in range(int(rng.poisson(1.0))):
        person(image, rng, horizon + 0.2 * height, height * rng.uniform(0.08, 0.16))
    return image


def wind_farm(rng: Rng, height: int, width: int) -> np.ndarray:
    """Wind turbines on open land."""
    image, day, horizon = open_land(rng, height, width, jitter(rng, pick(rng, MEADOWS), 0.2), 300)
    for share in np.sort(rng.uniform(0, 1, int(rng.integers(2, 7)))):
        foot = np.array((rng.uniform(0.05, 0.95) * width, horizon + share * 0.3 * (height - horizon)))
        tall = height * (0.15 + 0.4 * share) * rng.uniform(0.9, 1.2)
        hub, colour = foot - (0, tall), shade(jitter(rng, (234, 236, 238), 0.05), day.sun[0] / 255)
        mast = [
            foot - (0.025 * tall, 0),
            hub - (0.012 * tall, 0),
            hub + (0.012 * tall, 0),
            foot + (0.025 * tall, 0),
        ]
        fill(image, mast, shade(colour, 0.9))
        turn = rng.uniform(0, 2)
        for angle in turn + np.arange(3) * 2.094:
            along = np.array((np.cos(angle), np.sin(angle))) * 0.55 * tall
            side = np.array((-along[1], along[0])) * 0.05
            fill(image, [hub - side, hub + 0.3 * along + side, hub + along], colour)
    return image
