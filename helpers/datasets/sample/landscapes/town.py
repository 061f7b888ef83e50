"""Buildings: towers, a skyline, a house at its corner, a front from straight ahead, domes; and streets."""

import cv2
import numpy as np

from helpers.datasets.sample.canvas import Colour, chance, ellipse, jitter, noise, pick, shade, tripled
from helpers.datasets.sample.landscapes import greenery
from helpers.datasets.sample.landscapes.facades import STONE, Front, front, hang, texture
from helpers.datasets.sample.landscapes.sky import Weather, sky, weather
from helpers.datasets.sample.landscapes.water import plane, spread

HOUSES = {"punched": 5, "arched": 2, "bands": 1}
OFFICES = {"curtain": 3, "bands": 3, "punched": 1}
ROOFS: tuple[Colour, ...] = ((132, 70, 52), (96, 62, 54), (84, 86, 92), (150, 90, 62), (70, 92, 84))
PAVING: tuple[Colour, ...] = ((142, 138, 132), (120, 118, 116), (164, 154, 140), (98, 98, 100))
NIGHT = Weather((14, 18, 40), (44, 42, 66), (0.0, 0.3), (46, 46, 60), (150, 150, 180), 0.3)


def buildings(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Buildings seen from outside."""
    kind = pick(rng, (_corner, _towers, _skyline, _facing, _monument, _row), (4, 3, 2, 3, 2, 2))
    return kind(rng, height, width)


def _stage(rng: np.random.Generator, height: int, width: int, horizon: float) -> tuple[np.ndarray, Weather]:
    """A sky above pavement, grass or a square."""
    day = NIGHT if chance(rng, 0.07) else weather(rng)
    image = sky(rng, height, width, horizon, day)
    ground(image, rng, horizon, day)
    return image, day


def ground(
    image: np.ndarray, rng: np.random.Generator, horizon: float, day: Weather, colour: Colour | None = None
) -> None:
    """Paving (or what has that colour) below the horizon, drawn in place."""
    height, width = image.shape[:2]
    base = colour or pick(rng, (*PAVING, (104, 122, 66)))
    top = int(horizon) + 1
    across, ahead = (part[top:] for part in plane(height, width, horizon, 1.6))
    rough = spread(rng, across, ahead, 0.5)
    image[top:] = np.float32(jitter(rng, base, 0.12)) * (np.float32(day.sun) / 255) * tripled(1 + 0.06 * rough)


def _gains(rng: np.random.Generator, day: Weather) -> tuple[float, float]:
    """How bright the left and the right front of a house are."""
    light, dull = day.sun[0] / 255, day.sun[0] / 255 * (1 - 0.45 * day.contrast)
    return (light, dull) if chance(rng, 0.5) else (dull, light)


def house(
    image: np.ndarray, rng: np.random.Generator, look: Front, edge: float, spans: tuple[float, float],
    rows: tuple[float, float, float], storeys: tuple[int, int], gains: tuple[float, float], shop: bool = False,
) -> None:  # fmt: skip
    """A house with its corner at column `edge`, its fronts `spans` wide to the left and to the right.

    `rows`: top and foot of the corner and the horizon, towards which both fronts recede; `storeys`: floors and
    windows to a front; drawn in place.
    """
    top, foot, horizon = rows
    roof, sides = jitter(rng, pick(rng, ROOFS), 0.15), []
    for side, span, gain in zip((-1, 1), spans, gains, strict=True):
        far = 1 / (1 + span / image.shape[1] * 1.1)
        corners = np.array([(edge, top), (edge + side * span, horizon + (top - horizon) * far),
                            (edge + side * span, horizon + (foot - horizon) * far), (edge, foot)])  # fmt: skip
        corners = corners if side > 0 else corners[[1, 0, 3, 2]]
        picture = texture(rng, look, storeys[0], max(1, round(storeys[1] * span / image.shape[1])), shop)
        hang(image, picture, corners, gain)
        sides.append(corners)
    if look.kind in ("punched", "arched") and top > 0 and chance(rng, 0.6):
        rise = 0.12 * (foot - top)
        left, right = sides[0][0], sides[1][1]
        outline = np.array([left, (edge, top), right, right + (-0.3 * spans[1], -rise), (edge, top - 1.6 * rise),
                            left + (0.3 * spans[0], -rise)])  # fmt: skip
        cv2.fillPoly(image, [np.int32(outline)], shade(roof, max(gains)), cv2.LINE_AA)


def _corner(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    horizon = height * rng.uniform(0.6, 0.85)
    image, day = _stage(rng, height, width, horizon)
    gains = _gains(rng, day)
    for _ in range(int(rng.integers(0, 3))):
        _block(image, rng, day, horizon, rng.uniform(0.2, 0.5) * height, gains[0])
    look = front(rng, HOUSES | {"curtain": 2, "bands": 2}, day is NIGHT)
    floors = int(rng.integers(2, 9))
    top, foot = height * rng.uniform(-0.1, 0.3), horizon + height * rng.uniform(0.03, 0.12)
    house(image, rng, look, width * rng.uniform(0.2, 0.8), tuple(width * rng.uniform(0.25, 1.0, 2)),
          (top, foot, horizon), (floors, int(floors * rng.uniform(1.2, 2.2)) + 1), gains, chance(rng, 0.3))  # fmt: skip
    return _dressed(image, rng, day, horizon)


def _block(
    image: np.ndarray, rng: np.random.Generator, day: Weather, foot: float, tall: float, gain: float
) -> None:
    """A plain building seen from straight ahead, drawn in place."""
    height, width = image.shape[:2]
    wide, x = width * rng.uniform(0.12, 0.3), rng.uniform(-0.1, 1.0) * width
    look = front(rng, OFFICES | HOUSES, day is NIGHT)
    floors = max(2, int(tall / rng.uniform(5, 10)))
    picture = texture(rng, look, floors, max(2, int(floors * wide / tall)))
    corners = np.array([(x, foot - tall), (x + wide, foot - tall), (x + wide, foot), (x, foot)])
    hang(image, picture, corners, gain)


def _towers(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """High buildings seen from below: their fronts run together at the top."""
    day = NIGHT if chance(rng, 0.1) else weather(rng)
    image = sky(rng, height, width, height * 1.3, day)
    top_x = width * rng.uniform(0.3, 0.7)
    for _ in range(int(rng.integers(1, 4))):
        edge, span = width * rng.uniform(0.0, 1.0), width * rng.uniform(0.15, 0.5, 2)
        top, squeeze = height * rng.uniform(-0.2, 0.35), rng.uniform(0.4, 0.8)
        look, floors = front(rng, OFFICES, day is NIGHT), int(rng.integers(9, 22))
        for side, wide, gain in zip((-1, 1), span, _gains(rng, day), strict=True):
            upper = top_x + (np.array((edge, edge + side * wide)) - top_x) * squeeze
            corners = np.array([(upper[0], top), (upper[1], top + 0.15 * wide),
                                (edge + side * wide, 1.05 * height), (edge, 1.15 * height)])  # fmt: skip
            corners = corners if side > 0 else corners[[1, 0, 3, 2]]
            hang(image, texture(rng, look, floors, max(2, int(floors * wide / height))), corners, gain)
    return image


def _skyline(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A city from afar, behind trees or water."""
    horizon = height * rng.uniform(0.6, 0.85)
    image, day = _stage(rng, height, width, horizon)
    for tall in sorted(rng.uniform(0.08, 0.55, int(rng.integers(6, 16))), reverse=True):
        _block(image, rng, day, horizon + 2, tall * height, day.sun[0] / 255 * rng.uniform(0.6, 1.0))
    if chance(rng, 0.5):
        greenery.spruces(image, rng, horizon / height + 0.03, 0.08, day)
    return image


def _facing(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """One front that fills the picture, a little askew."""
    horizon = height * rng.uniform(0.75, 0.97)
    image, day = _stage(rng, height, width, horizon)
    look, floors = front(rng, HOUSES | {"curtain": 1}, day is NIGHT), int(rng.integers(2, 7))
    left, right = -rng.uniform(-0.15, 0.3) * width, width * (1 + rng.uniform(-0.15, 0.3))
    tops, feet = (
        height * rng.uniform(-0.15, 0.25, 2),
        np.minimum(horizon, height) + height * rng.uniform(0, 0.1, 2),
    )
    corners = np.array([(left, tops[0]), (right, tops[1]), (right, feet[1]), (left, feet[0])])
    picture = texture(rng, look, floors, int(floors * rng.uniform(1.0, 1.8)) + 1, chance(rng, 0.35))
    hang(image, picture, corners, day.sun[0] / 255)
    return _dressed(image, rng, day, horizon)


def _row(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Old houses wall to wall, each with its own gable."""
    horizon = height * rng.uniform(0.7, 0.9)
    image, day = _stage(rng, height, width, horizon)
    x, gain = -rng.uniform(0, 0.2) * width, day.sun[0] / 255
    while x < width:
        wide, tall = width * rng.uniform(0.2, 0.4), height * rng.uniform(0.4, 0.65)
        look, floors = front(rng, HOUSES, day is NIGHT), int(rng.integers(3, 5))
        top, foot = horizon - tall, horizon + 0.03 * height
        gable = [(x, top), (x + wide / 2, top - wide * rng.uniform(0.2, 0.7)), (x + wide, top)]
        colour = look.wall if chance(rng, 0.5) else shade(jitter(rng, pick(rng, ROOFS), 0.15), gain)
        cv2.fillPoly(image, [np.int32(gable)], shade(colour, 0.95 * gain), cv2.LINE_AA)
        corners = np.array([(x, top), (x + wide, top), (x + wide, foot), (x, foot)])
        hang(image, texture(rng, look, floors, int(rng.integers(2, 5)), chance(rng, 0.5)), corners, gain)
        x += wide
    return _dressed(image, rng, day, horizon)


def _monument(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A church, palace or temple: columns or windows, a dome, towers or a pediment."""
    horizon = height * rng.uniform(0.7, 0.9)
    image, day = _stage(rng, height, width, horizon)
    gain, middle = day.sun[0] / 255, width * rng.uniform(0.4, 0.6)
    stone = shade(jitter(rng, pick(rng, STONE), 0.15), gain)
    roof = shade(jitter(rng, pick(rng, (*ROOFS, (106, 142, 124))), 0.15), gain)
    half, top = width * rng.uniform(0.25, 0.48), horizon - height * rng.uniform(0.2, 0.35)
    look = Front(stone, shade(stone, 0.4), shade(stone, 1.15), "arched")
    kind = pick(rng, ("dome", "towers", "temple"))
    if kind == "dome":
        radius = half * rng.uniform(0.35, 0.6)
        drum = top - 0.5 * radius
        cv2.rectangle(
            image, (int(middle - radius), int(drum)), (int(middle + radius), int(top)), shade(stone, 0.9), -1
        )
        cap = ellipse((middle, drum), (radius, radius * rng.uniform(0.9, 1.3)))
        cv2.fillPoly(image, [np.int32(cap[cap[:, 1] <= drum + 1])], roof, cv2.LINE_AA)
        light = ellipse((middle - 0.3 * radius, drum), (0.25 * radius, 0.85 * radius))
        cv2.fillPoly(image, [np.int32(light[light[:, 1] <= drum + 1])], shade(roof, 1.25), cv2.LINE_AA)
        cv2.line(
            image, (int(middle), int(drum - radius)), (int(middle), int(drum - 1.6 * radius)), roof, 1, cv2.LINE_AA
        )
    for side in (
        {"towers": (-1, 1), "dome": (), "temple": ()}[kind] if chance(rng, 0.7) else (1,) * (kind == "towers")
    ):
        x, wide, rise = middle + side * 0.8 * half, 0.22 * half, height * rng.uniform(0.2, 0.3)
        corners = np.array(
            [(x - wide, top - rise), (x + wide, top - rise), (x + wide, horizon), (x - wide, horizon)]
        )
        hang(image, texture(rng, look, 5, 2), corners, 1.0)
        spire = [(x - wide, top - rise), (x, top - rise - height * rng.uniform(0.1, 0.3)), (x + wide, top - rise)]
        cv2.fillPoly(image, [np.int32(spire)], roof, cv2.LINE_AA)
    corners = np.array(
        [(middle - half, top), (middle + half, top), (middle + half, horizon + 2), (middle - half, horizon + 2)]
    )
    hang(image, texture(rng, look, int(rng.integers(2, 4)), int(rng.integers(5, 10))), corners, 1.0)
    if kind != "dome":
        rise = half * rng.uniform(0.2, 0.5)
        gable = [(middle - 1.05 * half, top), (middle, top - rise), (middle + 1.05 * half, top)]
        cv2.fillPoly(image, [np.int32(gable)], roof if kind == "towers" else shade(stone, 0.92), cv2.LINE_AA)
    if kind == "temple":
        cv2.rectangle(
            image, (int(middle - half), int(top)), (int(middle + half), int(horizon)), shade(stone, 0.45), -1
        )
        for x in np.linspace(middle - 0.92 * half, middle + 0.92 * half, int(rng.integers(5, 9))):
            size = 0.06 * half
            cv2.rectangle(image, (int(x - size), int(top)), (int(x + size), int(horizon)), stone, -1)
            cv2.rectangle(
                image, (int(x + 0.4 * size), int(top)), (int(x + size), int(horizon)), shade(stone, 0.75), -1
            )
    return _dressed(image, rng, day, horizon)


def _dressed(image: np.ndarray, rng: np.random.Generator, day: Weather, horizon: float) -> np.ndarray:
    """Trees, a lawn or people before a building, and the roughness of its walls."""
    height, width = image.shape[:2]
    if chance(rng, 0.25) and horizon < 0.9 * height:
        greenery.meadow(image, rng, min(0.95, horizon / height + 0.05), jitter(rng, (96, 120, 60), 0.2), day)
    if chance(rng, 0.3):
        tree(image, rng, horizon + 0.05 * height, height * rng.uniform(0.2, 0.5), day)
    for _ in range(int(rng.poisson(0.8))):
        person(image, rng, horizon + rng.uniform(0.03, 0.15) * height, height * rng.uniform(0.06, 0.16))
    return image * tripled(1 + 0.025 * noise(rng, height, width, 2.5, 1.6))


def tree(image: np.ndarray, rng: np.random.Generator, foot: float, tall: float, day: Weather) -> None:
    """A broad-leaved tree, drawn in place."""
    x, leaf = rng.uniform(0, 1) * image.shape[1], jitter(rng, pick(rng, greenery.LEAVES), 0.2)
    leaf = shade(leaf, day.sun[0] / 255)
    cv2.line(image, (int(x), int(foot)), (int(x), int(foot - 0.6 * tall)), shade((84, 68, 52), day.sun[0] / 255),
             max(1, int(0.06 * tall)), cv2.LINE_AA)  # fmt: skip
    for gain, size, rise in ((0.6, 0.3, 0.6), (0.8, 0.2, 0.66), (1.1, 0.11, 0.72)):
        for _ in range(7):
            offset = rng.normal(0, 0.13, 2) * tall
            spot = int(x + offset[0]), int(foot - rise * tall + offset[1])
            cv2.circle(
                image, spot, int(size * tall * rng.uniform(0.5, 0.9)) + 1, shade(leaf, gain), -1, cv2.LINE_AA
            )


def person(image: np.ndarray, rng: np.random.Generator, foot: float, tall: float, x: float | None = None) -> None:
    """Somebody walking by, drawn in place."""
    x = rng.uniform(0, 1) * image.shape[1] if x is None else x
    coat, trousers = (jitter(rng, pick(rng, COATS), 0.3) for _ in range(2))
    shapes = [([(-0.09, -0.48), (0.09, -0.48), (0.12, 0), (0.03, 0), (0, -0.4), (-0.05, 0), (-0.13, 0)], trousers),
              ([(-0.14, -0.84), (0.14, -0.84), (0.17, -0.45), (-0.17, -0.45)], coat)]  # fmt: skip
    for outline, colour in shapes:
        cv2.fillPoly(image, [np.int32(np.rint(np.array(outline) * tall + (x, foot)))], colour, cv2.LINE_AA)
    cv2.circle(
        image,
        (int(x), int(foot - 0.92 * tall)),
        max(1, int(0.075 * tall)),
        jitter(rng, (176, 132, 104), 0.25),
        -1,
        cv2.LINE_AA,
    )


COATS: tuple[Colour, ...] = (
    (44, 48, 60),
    (150, 52, 48),
    (58, 84, 130),
    (200, 192, 178),
    (92, 80, 66),
    (60, 62, 62),
)
