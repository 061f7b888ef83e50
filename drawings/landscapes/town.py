"""Buildings: towers, a skyline, a house at its corner, a front from straight ahead, old houses, monuments."""

import numpy as np

from drawings.canvas import Colour, chance, jitter, noise, pick, shade, tripled
from drawings.landscapes import greenery
from drawings.landscapes.brush import Rng, box, fill
from drawings.landscapes.facades import ROOFS, front, hang, texture
from drawings.landscapes.figures import person, tree
from drawings.landscapes.monuments import monument
from drawings.landscapes.sky import NIGHT, Weather, sky, weather
from drawings.landscapes.water import plane, spread

HOUSES = {"punched": 5, "arched": 2, "bands": 1}
OFFICES = {"curtain": 3, "bands": 3, "punched": 1}
PAVING: tuple[Colour, ...] = ((142, 138, 132), (120, 118, 116), (164, 154, 140), (98, 98, 100), (104, 122, 66))


def buildings(rng: Rng, height: int, width: int) -> np.ndarray:
    """Buildings seen from outside."""
    if chance(rng, 0.19):
        return _towers(rng, height, width)
    day, horizon = NIGHT if chance(rng, 0.07) else weather(rng), height * rng.uniform(0.65, 0.9)
    image = sky(rng, height, width, horizon, day)
    ground(image, rng, horizon, day)
    pick(rng, (_corner, _skyline, _facing, monument, _row), (4, 2, 3, 2, 2))(image, rng, day, horizon)
    _surroundings(image, rng, day, horizon)
    return image * tripled(1 + 0.025 * noise(rng, height, width, 2.5, 1.6))


def ground(
    image: np.ndarray, rng: Rng, horizon: float, day: Weather, colours: tuple[Colour, ...] = PAVING
) -> None:
    """Paving, or what else has one of the colours, below the horizon, drawn in place."""
    top, colour = int(horizon) + 1, jitter(rng, pick(rng, colours), 0.12)
    across, ahead = (part[top:] for part in plane(*image.shape[:2], horizon, 1.6))
    rough = spread(rng, across, ahead, 0.5)
    image[top:] = np.float32(colour) * (np.float32(day.sun) / 255) * tripled(1 + 0.06 * rough)


def _gains(rng: Rng, day: Weather) -> tuple[float, float]:
    """How bright the left and the right front of a house are."""
    light, dull = day.sun[0] / 255, day.sun[0] / 255 * (1 - 0.45 * day.contrast)
    return (light, dull) if chance(rng, 0.5) else (dull, light)


def _corner(image: np.ndarray, rng: Rng, day: Weather, horizon: float) -> None:
    """A house whose two fronts recede from its corner, perhaps with others behind it."""
    (height, width), gains = image.shape[:2], _gains(rng, day)
    for _ in range(int(rng.integers(0, 3))):
        _block(image, rng, day, horizon, rng.uniform(0.2, 0.5) * height, gains[0])
    look, floors = front(rng, HOUSES | {"curtain": 2, "bands": 2}, day is NIGHT), int(rng.integers(2, 9))
    windows, shop = int(floors * rng.uniform(1.2, 2.2)) + 1, chance(rng, 0.3)
    edge, spans = width * rng.uniform(0.2, 0.8), width * rng.uniform(0.25, 1.0, 2)
    top, foot = height * rng.uniform(-0.1, 0.3), horizon + height * rng.uniform(0.03, 0.12)
    if look.kind in ("punched", "arched") and chance(rng, 0.6):
        _hip_roof(image, rng, (edge, top, foot, horizon), spans, max(gains))
    for side, span, gain in zip((-1, 1), spans, gains, strict=True):
        picture = texture(rng, look, floors, max(1, round(windows * span / width)), shop)
        hang(image, picture, _receding(edge, side * span, (top, foot, horizon), width), gain)


def _receding(edge: float, span: float, rows: tuple[float, float, float], width: int) -> np.ndarray:
    """Corners of a front from column `edge` on, to the left if `span` < 0; `rows`: top, foot, horizon."""
    top, foot, horizon = rows
    far = 1 / (1 + 1.1 * abs(span) / width)
    ends = [(edge, top, foot), (edge + span, horizon + (top - horizon) * far, horizon + (foot - horizon) * far)]
    (left, upper_left, lower_left), (right, upper_right, lower_right) = sorted(ends)
    return np.array([(left, upper_left), (right, upper_right), (right, lower_right), (left, lower_left)])


def _hip_roof(image: np.ndarray, rng: Rng, corner, spans: np.ndarray, gain: float) -> None:
    """A roof above both fronts; `corner`: column, top, foot, horizon."""
    edge, top, foot, horizon = corner
    rise, width = 0.12 * (foot - top), image.shape[1]
    left = _receding(edge, -spans[0], (top, foot, horizon), width)[0]
    right = _receding(edge, spans[1], (top, foot, horizon), width)[1]
    ridge = [right - (0.3 * spans[1], rise), (edge, top - 1.6 * rise), left + (0.3 * spans[0], -rise)]
    fill(image, [left, (edge, top), right, *ridge], shade(jitter(rng, pick(rng, ROOFS), 0.15), gain))


def _block(image: np.ndarray, rng: Rng, day: Weather, foot: float, tall: float, gain: float) -> None:
    """A plain building seen from straight ahead."""
    width = image.shape[1]
    wide, x = width * rng.uniform(0.12, 0.3), rng.uniform(-0.1, 1.0) * width
    look, floors = front(rng, OFFICES | HOUSES, day is NIGHT), max(2, int(tall / rng.uniform(5, 10)))
    picture = texture(rng, look, floors, max(2, int(floors * wide / tall)))
    hang(image, picture, box(x, x + wide, foot - tall, foot), gain)


def _towers(rng: Rng, height: int, width: int) -> np.ndarray:
    """High buildings seen from below: their fronts run together at the top."""
    day = NIGHT if chance(rng, 0.1) else weather(rng)
    image = sky(rng, height, width, height * 1.3, day)
    top_x = width * rng.uniform(0.3, 0.7)
    for _ in range(int(rng.integers(1, 4))):
        edge, spans = width * rng.uniform(0.0, 1.0), width * rng.uniform(0.15, 0.5, 2)
        top, squeeze = height * rng.uniform(-0.2, 0.35), rng.uniform(0.4, 0.8)
        look, floors = front(rng, OFFICES, day is NIGHT), int(rng.integers(9, 22))
        for side, span, gain in zip((-1, 1), spans, _gains(rng, day), strict=True):
            ends = [(edge, top, 1.15 * height), (edge + side * span, top + 0.15 * span, 1.05 * height)]
            (a, upper_a, lower_a), (b, upper_b, lower_b) = sorted(ends)
            above = top_x + (np.array((a, b)) - top_x) * squeeze
            corners = np.array([(above[0], upper_a), (above[1], upper_b), (b, lower_b), (a, lower_a)])
            hang(image, texture(rng, look, floors, max(2, int(floors * span / height))), corners, gain)
    return image


def _skyline(image: np.ndarray, rng: Rng, day: Weather, horizon: float) -> None:
    """A city from afar, perhaps behind trees."""
    height = image.shape[0]
    for tall in sorted(rng.uniform(0.08, 0.55, int(rng.integers(6, 16))), reverse=True):
        _block(image, rng, day, horizon + 2, tall * height, day.sun[0] / 255 * rng.uniform(0.6, 1.0))
    if chance(rng, 0.5):
        greenery.spruces(image, rng, horizon / height + 0.03, 0.08, day)


def _facing(image: np.ndarray, rng: Rng, day: Weather, horizon: float) -> None:
    """One front that fills the picture, a little askew."""
    height, width = image.shape[:2]
    look, floors = front(rng, HOUSES | {"curtain": 1}, day is NIGHT), int(rng.integers(2, 7))
    left, right = -rng.uniform(-0.15, 0.3) * width, width * (1 + rng.uniform(-0.15, 0.3))
    tops, feet = height * rng.uniform(-0.15, 0.25, 2), horizon + height * rng.uniform(0.02, 0.2, 2)
    corners = np.array([(left, tops[0]), (right, tops[1]), (right, feet[1]), (left, feet[0])])
    picture = texture(rng, look, floors, int(floors * rng.uniform(1.0, 1.8)) + 1, chance(rng, 0.35))
    hang(image, picture, corners, day.sun[0] / 255)


def _row(image: np.ndarray, rng: Rng, day: Weather, horizon: float) -> None:
    """Old houses wall to wall, each with its own gable."""
    (height, width), gain = image.shape[:2], day.sun[0] / 255
    x, foot = -rng.uniform(0, 0.2) * width, horizon + 0.03 * height
    while x < width:
        wide, top = width * rng.uniform(0.2, 0.4), horizon - height * rng.uniform(0.4, 0.65)
        look, floors = front(rng, HOUSES, day is NIGHT), int(rng.integers(3, 5))
        colour = look.wall if chance(rng, 0.5) else jitter(rng, pick(rng, ROOFS), 0.15)
        fill(
            image,
            [(x, top), (x + wide / 2, top - wide * rng.uniform(0.2, 0.7)), (x + wide, top)],
            shade(colour, 0.95 * gain),
        )
        picture = texture(rng, look, floors, int(rng.integers(2, 5)), chance(rng, 0.5))
        hang(image, picture, box(x, x + wide, top, foot), gain)
        x += wide


def _surroundings(image: np.ndarray, rng: Rng, day: Weather, horizon: float) -> None:
    """A lawn, trees or people before a building."""
    height = image.shape[0]
    if chance(rng, 0.25):
        greenery.meadow(image, rng, min(0.93, horizon / height + 0.05), jitter(rng, (96, 120, 60), 0.2), day)
    if chance(rng, 0.3):
        tree(image, rng, horizon + 0.05 * height, height * rng.uniform(0.2, 0.5), day)
    for _ in range(int(rng.poisson(0.8))):
        person(image, rng, horizon + rng.uniform(0.03, 0.15) * height, height * rng.uniform(0.06, 0.16))
