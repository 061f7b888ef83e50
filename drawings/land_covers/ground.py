"""Desert, green land and water from above."""

import cv2
import numpy as np

from drawings.canvas import Colour, chance, jitter, mix, noise, pick, shade, tripled
from drawings.landscapes.terrain import blended, laid, land_map, read_off

SANDS: tuple[Colour, ...] = (
    (206, 172, 122), (190, 146, 100), (214, 190, 152), (176, 122, 84), (166, 146, 120), (198, 184, 160)
)  # fmt: skip
STONES: tuple[Colour, ...] = ((128, 104, 84), (142, 122, 102), (112, 92, 80), (150, 112, 88))
WOODS: tuple[Colour, ...] = ((42, 66, 38), (34, 56, 40), (56, 80, 44), (48, 70, 52), (66, 84, 48))
CROPS: tuple[Colour, ...] = (
    (86, 122, 56), (110, 140, 66), (70, 104, 54), (142, 148, 84), (166, 150, 100), (124, 102, 76),
    (96, 116, 72),
)  # fmt: skip
GRASSES: tuple[Colour, ...] = ((118, 130, 74), (138, 138, 86), (98, 116, 66), (152, 142, 98))
WATERS: tuple[Colour, ...] = (
    (24, 52, 88), (32, 72, 104), (20, 40, 66), (48, 86, 96), (62, 84, 76), (96, 98, 78),
    (40, 96, 112), (30, 44, 48),
)  # fmt: skip


def relief(
    rng: np.random.Generator, kind: str, height: int, width: int, zoom: float
) -> tuple[np.ndarray, np.ndarray]:
    """Heights 0 to 1, and how far each place faces the sun, −1 to 1; (height, width); `zoom` cells to a pixel."""
    (heights, rises), (y, x) = land_map(kind, int(rng.integers(3))), np.mgrid[:height, :width].astype(np.float32)
    u, v, turn = laid(rng, x * np.float32(zoom), y * np.float32(zoom))
    rise = cv2.transform(
        read_off(rises, u, v), np.float32([[np.cos(turn) + np.sin(turn), np.sin(turn) - np.cos(turn)]])
    )
    return read_off(heights, u, v), np.tanh(rise / (-2.5 * float(np.abs(rise).mean()) - 1e-6))


def painted(colour: Colour, gain: np.ndarray) -> np.ndarray:
    """(h, w, 3) float32: one colour, brighter and darker."""
    return np.float32(colour) * tripled(gain)


def desert(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Dunes, bare mountains, or plains with dry rivers."""
    kind = pick(rng, ("dunes", "alpine", "rolling"), (4, 3, 4))
    up, light = relief(rng, kind, height, width, rng.uniform(0.7, 2.2))
    sand = jitter(rng, pick(rng, SANDS), 0.15)
    strength = {"dunes": rng.uniform(0.06, 0.3), "alpine": rng.uniform(0.2, 0.45), "rolling": 0.08}[kind]
    image = painted(sand, 1 + np.float32(strength) * light)
    if kind != "dunes":
        stone = jitter(rng, pick(rng, STONES), 0.15)
        patches = noise(rng, height, width, 24.0, 1.6) * 0.5 + (up - 0.4) * 3
        image = blended(image, stone, patches * rng.uniform(0.2, 1.0))
    if kind == "rolling":
        bed = np.abs(noise(rng, height, width, 40.0, 1.6) + 0.2 * noise(rng, height, width, 6.0, 1.6))
        image = blended(image, shade(sand, rng.uniform(0.7, 1.25)), 1 - bed / rng.uniform(0.08, 0.3))
    if chance(rng, 0.2):  # scattered shrubs
        shrubs = noise(rng, height, width, 2.5, 1.0) - rng.uniform(1.2, 2.0)
        image = blended(image, jitter(rng, (92, 96, 66), 0.15), shrubs * 2)
    return image


def green(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Forest, fields, or grassland with trees."""
    kind = pick(rng, (_forest, _fields, _savannah), (4, 4, 3))
    return kind(rng, height, width)


def _forest(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    _, light = relief(rng, pick(rng, ("alpine", "rolling")), height, width, rng.uniform(0.7, 2.0))
    crowns = noise(rng, height, width, 2.5, 1.0) + 0.5 * noise(rng, height, width, 6.0, 1.0)
    gain = 1 + np.float32(rng.uniform(0.05, 0.35)) * light + np.float32(rng.uniform(0.06, 0.16)) * crowns
    image = painted(jitter(rng, pick(rng, WOODS), 0.2), gain)
    clearings = noise(rng, height, width, 24.0, 1.0) - rng.uniform(0.4, 2.4)
    return blended(image, jitter(rng, pick(rng, GRASSES), 0.15), clearings * 4)


def _fields(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A patchwork of crops, each with its own rows, and tracks between them."""
    turn, long = rng.uniform(0, np.pi), rng.uniform(14, 48)
    wide = long * rng.uniform(0.4, 1.0)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    bend = 3 * noise(rng, height, width, 40.0, 1.0)
    v = (x * np.sin(turn) + y * np.cos(turn) + bend) / wide + 50
    u = (x * np.cos(turn) - y * np.sin(turn) + bend) / long + 50 + 0.37 * np.floor(v)
    crops = np.float32([jitter(rng, pick(rng, CROPS), 0.15) for _ in range(29)])[rng.integers(0, 29, (61, 61))]
    image = crops[np.floor(u).astype(int) % 61, np.floor(v).astype(int) % 61]
    rows = np.sin((u * 5 + np.floor(v)) * long * rng.uniform(0.4, 1.2))
    image *= tripled(1 + 0.04 * rows + 0.05 * noise(rng, height, width, 6.0, 1.0))
    edge = np.maximum(np.abs(u % 1 - 0.5) * long, np.abs(v % 1 - 0.5) * wide + (long - wide) / 2)
    return blended(image, pick(rng, (shade(pick(rng, WOODS), 1.1), (176, 164, 134))), edge - (long / 2 - 1.2))


def _savannah(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    _, light = relief(rng, "rolling", height, width, rng.uniform(0.7, 2.0))
    gain = 1 + 0.12 * light + 0.06 * noise(rng, height, width, 6.0, 1.6)
    image = painted(jitter(rng, pick(rng, GRASSES), 0.15), gain)
    image = blended(image, jitter(rng, pick(rng, WOODS), 0.2), noise(rng, height, width, 24.0, 1.6) * 0.5)
    trees = (
        noise(rng, height, width, 2.5, 1.0) + 0.5 * noise(rng, height, width, 24.0, 1.0) - rng.uniform(0.6, 1.6)
    )
    return blended(image, jitter(rng, pick(rng, WOODS), 0.15), trees * 3)


def water(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Sea or lake: clear, muddy, full of algae, or bright with the sun."""
    base = jitter(rng, pick(rng, WATERS), 0.25)
    swell = noise(rng, height, width, 2.5, 4.0) + 0.7 * noise(rng, height, width, 1.5, 1.6)
    swell = swell.T if height == width and chance(rng, 0.5) else swell
    image = painted(base, 1 + np.float32(rng.uniform(0.01, 0.1)) * swell)
    plume = noise(rng, height, width, 40.0, 1.6) + 0.4 * noise(rng, height, width, 16.0, 1.6)
    tint = mix(
        base, pick(rng, ((136, 122, 92), (84, 112, 72), (58, 112, 124), (14, 28, 48))), rng.uniform(0.1, 0.7)
    )
    image = blended(image, tint, 0.5 + 0.5 * plume)
    if chance(rng, 0.2):  # the sun's glint
        slope = np.linspace(-1, 1, width, dtype=np.float32) * rng.choice((-1, 1))
        image += tripled(np.clip(slope * rng.uniform(0.3, 1) + 0.15 * swell, 0, 1.2)) * np.float32(
            rng.uniform(40, 110)
        )
    return image


GROUNDS = {"desert": desert, "green area": green, "water": water}
