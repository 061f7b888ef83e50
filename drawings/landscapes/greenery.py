"""Forests, and the trees and meadows that stand before other things."""

import cv2
import numpy as np

from drawings import scenery
from drawings.canvas import Colour, chance, jitter, mix, noise, pick, shade, tripled
from drawings.landscapes.brush import Rng, fill, wash
from drawings.landscapes.sky import Weather, sky, weather

LEAVES: tuple[Colour, ...] = ((86, 122, 44), (66, 106, 46), (112, 138, 52), (54, 88, 46), (130, 146, 66))
AUTUMN: tuple[Colour, ...] = ((186, 120, 44), (168, 86, 42), (194, 152, 62), (140, 98, 50))
NEEDLES: tuple[Colour, ...] = ((38, 58, 42), (48, 70, 44), (34, 50, 46), (58, 76, 48))
BARKS: tuple[Colour, ...] = ((74, 60, 48), (96, 84, 70), (58, 48, 42), (120, 110, 98))


def meadow(image: np.ndarray, rng: Rng, top: float, colour: Colour, day: Weather) -> None:
    """Grass from about row `top` (share of the height) to the lower edge, drawn in place."""
    height, width = image.shape[:2]
    edge = height * top + 2.5 * noise(rng, 1, width, 24.0)[0] + noise(rng, 1, width, 6.0)[0]
    rows = np.arange(height, dtype=np.float32)[:, None]
    tint = np.float32(colour) * np.float32(day.sun) / 255
    rough = 1 + 0.1 * noise(rng, height, width, 2.5, 1.6) + 0.1 * noise(rng, height, width, 12.0, 1.6)
    grass = tint * tripled(rough)
    cv2.copyTo(np.ascontiguousarray(grass, np.float32), (rows >= edge).astype(np.uint8), image)
    scenery.blades(image, rng, shade(colour, day.sun[0] / 255), top + 0.05, 1.1, int(rng.integers(20, 60)), 0.08)


def spruce(x: float, foot: float, tall: float, wide: float, rng: Rng) -> np.ndarray:
    """Outline of a conifer: tiers of boughs, (n, 2)."""
    tiers = max(4, min(9, int(tall / 6)))
    share = np.repeat(np.arange(1, tiers + 1) / tiers, 2)
    half = wide / 2 * share * np.where(np.arange(2 * tiers) % 2, 0.62, 1.0) * rng.uniform(0.8, 1.2, 2 * tiers)
    y = foot - tall * (1 - share)
    right, left = np.stack([x + half, y], 1), np.stack([x - half * rng.uniform(0.8, 1.2), y], 1)
    return np.concatenate([[(x, foot - tall)], right, left[::-1]])


def spruces(image: np.ndarray, rng: Rng, foot: float, tall: float, day: Weather) -> None:
    """A row of conifers whose feet stand at about row `foot`, drawn in place; shares of the height."""
    height, width = image.shape[:2]
    colour = jitter(rng, pick(rng, NEEDLES), 0.25)
    start, end = sorted(rng.uniform(-0.3, 1.3, 2))
    for x in np.arange(start * width, end * width, width * rng.uniform(0.03, 0.09)):
        size = height * tall * rng.uniform(0.5, 1.2)
        place = x + rng.normal(0, 3), height * (foot + rng.uniform(0, 0.06))
        tint = shade(jitter(rng, colour, 0.15), day.sun[0] / 255)
        fill(image, spruce(*place, size, size * 0.42, rng), tint)
        lit = spruce(place[0] - 0.06 * size, place[1], size, size * 0.22, rng)
        fill(image, lit, shade(tint, 1.25))


def forest(rng: Rng, height: int, width: int) -> np.ndarray:
    """Trees: among the trunks, a wall of conifers, or crowns from above."""
    kind = pick(rng, (_among_trunks, _conifers, _crowns), (6, 2, 1.5))
    return kind(rng, height, width)


def foliage(rng: Rng, height: int, width: int, colour: Colour, contrast: float) -> np.ndarray:
    """(h, w, 3) float32: leaves in light and in shade."""
    shape = noise(rng, height, width, 2.5, 1.6) + 0.8 * noise(rng, height, width, 6.0, 1.6)
    shape += 0.9 * noise(rng, height, width, 24.0, 1.6)
    dark, light = np.float32(shade(colour, 1 - 0.65 * contrast)), np.float32(shade(colour, 1 + 0.6 * contrast))
    share = np.clip(0.5 + 0.26 * shape, 0, 1)
    return dark + (light - dark) * tripled(share)


def _among_trunks(rng: Rng, height: int, width: int) -> np.ndarray:
    day = weather(rng)
    season = pick(rng, (LEAVES, AUTUMN, NEEDLES, ((150, 156, 160),)), (6, 2, 3, 0.8))
    leaf, bark = jitter(rng, pick(rng, season), 0.15), jitter(rng, pick(rng, BARKS), 0.2)
    horizon = height * rng.uniform(0.45, 0.8)
    bright = jitter(rng, mix(day.below, leaf, rng.uniform(0.1, 0.6)), 0.1)
    image = foliage(rng, height, width, mix(leaf, bright, 0.3), rng.uniform(0.4, 0.9))
    gaps = np.clip(noise(rng, height, width, 12.0, 1.0) * 0.8 + 0.6 * noise(rng, height, width, 2.5, 1.6)
                   - rng.uniform(0.2, 1.6), 0, 1)  # fmt: skip
    wash(image, np.float32(bright), gaps)
    _floor(image, rng, horizon, leaf, season is AUTUMN)
    haze = mix(bright, (128, 128, 128), 0.2)
    for depth in np.linspace(1, 0, int(rng.integers(3, 7))):
        _trunks(image, rng, horizon, mix(bark, haze, 0.75 * depth), depth)
    if chance(rng, 0.7):
        _canopy(image, rng, leaf, rng.uniform(0.1, 0.5))
    return image * np.float32(rng.uniform(0.6, 1.1)) * (np.float32(day.sun) / 255)


def _floor(image: np.ndarray, rng: Rng, horizon: float, leaf: Colour, fallen: bool) -> None:
    """Leaf litter, moss or snow below the horizon, perhaps with a path, drawn in place."""
    height, width = image.shape[:2]
    base = (
        leaf
        if fallen
        else pick(rng, (shade(leaf, 0.8), (98, 78, 54), (72, 66, 48), (214, 218, 224)), (4, 3, 3, 0.6))
    )
    ground = foliage(rng, height, width, jitter(rng, base, 0.15), rng.uniform(0.2, 0.5))
    rows = np.arange(height, dtype=np.float32)[:, None]
    edge = horizon + 3 * noise(rng, 1, width, 24.0)[0] + 2 * noise(rng, 1, width, 6.0)[0]
    cover = np.clip((rows - edge) / 4, 0, 1)
    wash(image, ground, cover)
    if chance(rng, 0.3):
        middle, end = rng.uniform(0.2, 0.8, 2) * width
        bend, halfway = (middle + end) / 2 + rng.normal(0, 0.15) * width, (horizon + height) / 2
        right = [(middle + 2, horizon), (bend + 0.1 * width, halfway), (end + 0.3 * width, height)]
        left = [(end - 0.2 * width, height), (bend - 0.06 * width, halfway), (middle - 2, horizon)]
        fill(image, [*right, *left], jitter(rng, (142, 124, 98), 0.2))


def _trunks(image: np.ndarray, rng: Rng, horizon: float, colour: Colour, depth: float) -> None:
    """Trunks at one distance (1 far, 0 near), drawn in place."""
    height, width = image.shape[:2]
    thick = width * (0.012 + 0.075 * (1 - depth) ** 2)
    foot = horizon + (height * 1.05 - horizon) * (1 - depth) ** 1.5
    for x in rng.uniform(0, width, int(rng.poisson(1.5 + 11 * depth))):
        half = thick * rng.uniform(0.3, 0.75)
        lean, base = rng.normal(0, 0.05) * height, foot + rng.uniform(-2, 2)
        outline = [
            (x - half * 1.2, base),
            (x + half * 1.2, base),
            (x + lean + half * 0.7, -4),
            (x + lean - half * 0.7, -4),
        ]
        tint = jitter(rng, colour, 0.15)
        fill(image, outline, shade(tint, 0.75))
        lit = [(x - half, base), (x, base), (x + lean, -4), (x + lean - half * 0.6, -4)]
        fill(image, lit, shade(tint, 1.15))
        if depth < 0.7 and chance(rng, 0.5):
            rise = rng.uniform(0.2, 0.7) * base
            tip = x + rng.normal(0, 0.25) * width, rise - rng.uniform(0.1, 0.3) * height
            cv2.line(image, (int(x + lean * 0.5), int(rise)), (int(tip[0]), int(tip[1])), tint,
                     max(1, int(half * 0.5)), cv2.LINE_AA)  # fmt: skip


def _canopy(image: np.ndarray, rng: Rng, leaf: Colour, reach: float) -> None:
    """Leaves that hang into the picture from above, drawn in place."""
    height, width = image.shape[:2]
    rows = np.arange(height, dtype=np.float32)[:, None] / height
    shape = 0.7 * noise(rng, height, width, 12.0, 1.0) + 0.6 * noise(rng, height, width, 2.5, 1.6)
    cover = np.clip((shape + 4 * (reach - rows)) * 1.5, 0, 1)
    wash(image, foliage(rng, height, width, shade(leaf, 0.85), 0.7), cover)


def _conifers(rng: Rng, height: int, width: int) -> np.ndarray:
    """Rows of conifers, one behind the other, up to the sky."""
    day = weather(rng)
    image = sky(rng, height, width, 0.5 * height, day)
    rows = int(rng.integers(3, 6))
    needle = jitter(rng, pick(rng, NEEDLES), 0.2)
    snowy = chance(rng, 0.25)
    top = rng.uniform(0.2, 0.5)
    for row in range(rows):
        share = (row + 1) / rows
        size = height * rng.uniform(0.3, 0.5) * (0.6 + 0.7 * share)
        foot = height * (top + (1.15 - top) * share)
        tint = mix(mix(needle, day.below, 0.5 * (1 - share)), (225, 230, 236), 0.5 * snowy)
        for x in np.arange(-0.05, 1.05, 0.1 / (1.6 - 0.6 * share)) * width + rng.normal(0, 4):
            tall, place = size * rng.uniform(0.75, 1.3), (x + rng.normal(0, 3), foot + rng.normal(0, 3))
            colour = jitter(rng, tint, 0.15)
            fill(image, spruce(*place, tall, 0.4 * tall, rng), shade(colour, 0.8))
            light = spruce(place[0] - 0.05 * tall, place[1], tall, 0.2 * tall, rng)
            fill(image, light, shade(colour, 1.2))
        cv2.rectangle(image, (0, int(foot)), (width, height), shade(tint, 0.6), -1)
    return image * tripled(1 + 0.1 * noise(rng, height, width, 2.5, 1.6)) * (np.float32(day.sun) / 255)


def _crowns(rng: Rng, height: int, width: int) -> np.ndarray:
    """A wooded slope from above: round crowns, each lit from one side."""
    day = weather(rng)
    season = pick(rng, (LEAVES, AUTUMN, NEEDLES), (4, 1.5, 2))
    leaf = jitter(rng, pick(rng, season), 0.2)
    image = foliage(rng, height, width, shade(leaf, 0.5), 0.4)
    count, side = 130, rng.choice((-1, 1))
    places = rng.uniform(0, 1, (count, 2)) ** (1, 0.8) * (width, height)
    for x, y in places[np.argsort(places[:, 1])]:
        radius = width * (0.025 + 0.05 * y / height) * rng.uniform(0.7, 1.3)
        colour = jitter(rng, pick(rng, season) if chance(rng, 0.3) else leaf, 0.2)
        cv2.circle(image, (int(x), int(y)), int(radius) + 1, shade(colour, 0.6), -1, cv2.LINE_AA)
        cv2.circle(
            image,
            (int(x + side * 0.3 * radius), int(y - 0.3 * radius)),
            max(1, int(0.65 * radius)),
            colour,
            -1,
            cv2.LINE_AA,
        )
    image *= tripled(1 + 0.16 * noise(rng, height, width, 2.5, 1.6))
    if chance(rng, 0.4):
        horizon = height * rng.uniform(0.1, 0.25)
        above = np.arange(height)[:, None] < horizon + 3 * noise(rng, 1, width, 24.0)[0]
        cv2.copyTo(np.ascontiguousarray(sky(rng, height, width, horizon, day)), above.astype(np.uint8), image)
    return image * (np.float32(day.sun) / 255)
