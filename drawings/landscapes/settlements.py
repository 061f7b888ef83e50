"""Harbours, bridges, villages and castles: places that no study has, for pretraining."""

import cv2
import numpy as np

from drawings.canvas import Colour, chance, ellipse, jitter, noise, pick, shade, tripled
from drawings.landscapes import coast
from drawings.landscapes.brush import Rng, box, fill, line
from drawings.landscapes.countryside import open_land
from drawings.landscapes.facades import ROOFS, STONE, front, hang, texture
from drawings.landscapes.figures import tree
from drawings.landscapes.heights import MEADOWS, MILK
from drawings.landscapes.sky import Weather
from drawings.landscapes.town import HOUSES
from drawings.landscapes.water import flood

PAINTS: tuple[Colour, ...] = ((206, 120, 44), (60, 92, 140), (180, 60, 50), (226, 190, 60))
_CRANE = (  # its beams, from … to (across, up)
    ((-0.12, 0), (-0.05, -1)), ((0.12, 0), (0.05, -1)), ((-0.3, -0.8), (0.8, -0.95)), ((0, -1.2), (0.8, -0.95)),
    ((0, -1.2), (-0.3, -0.8)), ((0, -0.8), (0, -1.2)), ((0.7, -0.93), (0.7, -0.5)),
)  # fmt: skip


def harbour(rng: Rng, height: int, width: int) -> np.ndarray:
    """Boats at a quay, with cranes or houses behind them."""
    image, day, horizon = open_land(rng, height, width, jitter(rng, (124, 122, 118), 0.15), 200)
    gain, quay = day.sun[0] / 255, horizon + height * rng.uniform(0.04, 0.12)
    for _ in range(int(rng.integers(2, 6))):
        x, tall = rng.uniform(0, width), height * rng.uniform(0.15, 0.35)
        if chance(rng, 0.5):
            colour = shade(jitter(rng, pick(rng, PAINTS), 0.2), gain)
            place, size = np.array((x, quay)), np.array((pick(rng, (-1, 1)) * tall, tall))
            for start, end in _CRANE:
                line(image, start * size + place, end * size + place, colour, 0.05 * tall)
        else:
            hang(image, texture(rng, front(rng, HOUSES), 2, 5), box(x, x + tall, quay - 0.5 * tall, quay), gain)
    flood(image, rng, quay, jitter(rng, pick(rng, coast.DEEP), 0.2), rng.uniform(0.2, 0.8))
    for share in np.sort(rng.uniform(0, 1, int(rng.integers(4, 10)))):
        coast.boat(image, rng, quay + share * 0.7 * (height - quay), width * (0.1 + 0.2 * share))
    return image


def bridge(rng: Rng, height: int, width: int) -> np.ndarray:
    """A bridge over a river: stone arches, or a deck that hangs on cables."""
    image, day, horizon = open_land(rng, height, width, jitter(rng, pick(rng, MEADOWS), 0.15), 300)
    level, gain = horizon + height * rng.uniform(0.1, 0.25), day.sun[0] / 255
    deck = level - height * rng.uniform(0.08, 0.25)
    if chance(rng, 0.5):
        _arches(image, rng, deck, level, shade(jitter(rng, pick(rng, STONE), 0.2), gain))
    else:
        _cables(
            image, rng, deck, level, shade(jitter(rng, pick(rng, ((176, 70, 52), (150, 154, 158))), 0.15), gain)
        )
    flood(image, rng, level, jitter(rng, pick(rng, MILK), 0.25), rng.uniform(0, 1))
    return image


def _arches(image: np.ndarray, rng: Rng, deck: float, level: float, stone: Colour) -> None:
    width, step = image.shape[1], image.shape[1] * rng.uniform(0.2, 0.45)
    behind, openings = image.copy(), np.zeros(image.shape[:2], np.uint8)
    fill(image, box(0, width, deck, level), stone)
    for x in np.arange(-rng.uniform(0, 1) * step, width, step):
        fill(openings, ellipse((x + step / 2, level), (0.4 * step, 0.8 * (level - deck))), (1, 1, 1))
    cv2.copyTo(behind, openings, image)
    fill(image, box(0, width, deck - 3, deck), shade(stone, 1.15))


def _cables(image: np.ndarray, rng: Rng, deck: float, level: float, colour: Colour) -> None:
    height, width = image.shape[:2]
    top, towers = deck - height * rng.uniform(0.15, 0.35), sorted(rng.uniform((0.05, 0.6), (0.4, 0.95)) * width)
    fill(image, box(0, width, deck, deck + 3), shade(colour, 0.8))
    for x in towers:
        fill(image, box(x - 2, x + 2, top, level), colour)
    xs, middle, half = np.arange(0, width, 5), sum(towers) / 2, (towers[1] - towers[0]) / 2
    sag = np.minimum(np.abs(xs - middle) / half, 2 - np.abs(xs - middle) / half)
    rope = deck - 2 - (deck - top) * np.clip(sag, 0, 1) ** 2
    cv2.polylines(image, [np.int32(np.stack([xs, rope], 1))], False, colour, 1, cv2.LINE_AA)
    for x, y in zip(xs, rope, strict=True):
        line(image, (x, y), (x, deck), shade(colour, 0.9))


def village(rng: Rng, height: int, width: int) -> np.ndarray:
    """Small houses scattered over green land, perhaps with a church."""
    image, day, horizon = open_land(rng, height, width, jitter(rng, pick(rng, MEADOWS), 0.15), 500)
    roof, gain = jitter(rng, pick(rng, ROOFS), 0.15), day.sun[0] / 255
    for share in np.sort(rng.uniform(0, 1, int(rng.integers(7, 18)))):
        foot, size = horizon + share * 0.55 * (height - horizon), width * (0.04 + 0.13 * share)
        _cottage(image, rng, (rng.uniform(0, width), foot), size, shade(jitter(rng, roof, 0.15), gain), gain)
        if chance(rng, 0.5):
            tree(image, rng, foot + 2, size * rng.uniform(0.8, 1.6), day)
    if chance(rng, 0.5):
        x, foot, size = width * rng.uniform(0.2, 0.8), horizon + 0.1 * height, width * 0.08
        fill(image, box(x, x + 0.5 * size, foot - 2 * size, foot), shade((226, 220, 206), gain))
        spire = [(x, foot - 2 * size), (x + 0.25 * size, foot - 3.6 * size), (x + 0.5 * size, foot - 2 * size)]
        fill(image, spire, shade(roof, gain))
    return image


def _cottage(image: np.ndarray, rng: Rng, place, size: float, roof: Colour, gain: float) -> None:
    """A house with its gable and one side towards the camera; `place` is a lower corner, `size` its height."""
    wall, long = shade(jitter(rng, (222, 210, 190), 0.15), gain), rng.uniform(0.9, 1.6)
    scale = size * np.array((pick(rng, (-1, 1)), 1.0))
    shapes = [([(0, 0), (0, -0.55), (0.4, -1.0), (0.8, -0.55), (0.8, 0)], shade(wall, 0.8)),
              (box(0.8, 0.8 + long, -0.55, 0), wall),
              ([(0.8, -0.55), (0.4, -1), (0.4 + long, -1), (0.8 + long, -0.55)], roof)]  # fmt: skip
    for share in (0.3, 0.7):
        left = 0.8 + share * long
        shapes.append((box(left, left + 0.14, -0.4, -0.18), shade((60, 64, 72), gain)))
    for outline, colour in shapes:
        fill(image, outline * scale + place, colour)


def castle(rng: Rng, height: int, width: int) -> np.ndarray:
    """Walls, towers and battlements on a hill."""
    image, day, horizon = open_land(rng, height, width, jitter(rng, pick(rng, MEADOWS), 0.15), 300)
    stone = shade(jitter(rng, pick(rng, (*STONE, (140, 116, 96))), 0.2), day.sun[0] / 255)
    middle, half, foot = width * rng.uniform(0.35, 0.65), width * rng.uniform(0.2, 0.35), horizon + 0.02 * height
    rise, share = height * rng.uniform(0.0, 0.15), np.linspace(-1, 1, 15)
    hill = np.stack([middle + 2 * half * share, foot + 4 - (rise + 4) * (1 - share**2) ** 2], 1)
    fill(image, hill, shade(jitter(rng, pick(rng, MEADOWS), 0.2), 0.85 * day.sun[0] / 255))
    base, tall = foot - rise + 3, height * rng.uniform(0.1, 0.18)
    _battlement(image, middle, base, half, tall, stone)
    for offset in rng.uniform(-1, 1, int(rng.integers(2, 6))):
        _keep(image, rng, (middle + offset * half, base + 2), half * rng.uniform(0.12, 0.24), tall, stone, day)
    return image * tripled(1 + 0.05 * noise(rng, height, width, 2.5, 1.6))


def _keep(image: np.ndarray, rng: Rng, place, half: float, tall: float, stone: Colour, day: Weather) -> None:
    """A tower that is a good deal higher than the walls, perhaps with a pointed roof."""
    (x, foot), high = place, tall * rng.uniform(1.3, 2.4)
    _battlement(image, x, foot, half, high, shade(stone, rng.uniform(0.85, 1.1)))
    fill(image, box(x + 0.3 * half, x + half, foot - high, foot), shade(stone, 0.7))
    if chance(rng, 0.5):
        roof = shade(jitter(rng, pick(rng, ROOFS), 0.2), day.sun[0] / 255)
        fill(
            image,
            [(x - 1.1 * half, foot - high), (x, foot - high - 2.4 * half), (x + 1.1 * half, foot - high)],
            roof,
        )


def _battlement(image: np.ndarray, x: float, foot: float, half: float, tall: float, stone: Colour) -> None:
    """A wall with teeth."""
    teeth = max(3, int(half / 2.5))
    xs = np.repeat(np.linspace(x - half, x + half, 2 * teeth), 2)[1:-1]
    ys = foot - tall - 2.5 * (np.arange(len(xs)) // 2 % 2 == 0)
    fill(image, [(x - half, foot), *zip(xs, ys, strict=True), (x + half, foot)], stone)
