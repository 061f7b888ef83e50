"""Places that people built and no study has: harbours, bridges, villages and the like, for pretraining."""

import cv2
import numpy as np

from helpers.datasets.sample.canvas import Colour, chance, ellipse, jitter, noise, pick, shade, tripled
from helpers.datasets.sample.landscapes import coast, town
from helpers.datasets.sample.landscapes.countryside import Rng, open_land
from helpers.datasets.sample.landscapes.facades import STONE, Front, front, hang, texture
from helpers.datasets.sample.landscapes.heights import MEADOWS, MILK
from helpers.datasets.sample.landscapes.sky import Weather, sky, weather
from helpers.datasets.sample.landscapes.water import flood, plane


def _filled(image: np.ndarray, outline, colour: Colour) -> None:
    cv2.fillPoly(image, [np.int32(np.rint(np.asarray(outline, float)))], colour, cv2.LINE_AA)


def harbour(rng: Rng, height: int, width: int) -> np.ndarray:
    """Boats at a quay, with cranes or houses behind them."""
    image, day, horizon = open_land(rng, height, width, jitter(rng, (124, 122, 118), 0.15), 200)
    gain, quay = day.sun[0] / 255, horizon + height * rng.uniform(0.04, 0.12)
    for _ in range(int(rng.integers(2, 6))):
        x, tall = rng.uniform(0, width), height * rng.uniform(0.15, 0.35)
        if chance(rng, 0.5):
            _crane(image, rng, x, quay, tall, gain)
        else:
            look = front(rng, town.HOUSES, False)
            box = np.array([(x, quay - 0.5 * tall), (x + tall, quay - 0.5 * tall), (x + tall, quay), (x, quay)])
            hang(image, texture(rng, look, 2, 5), box, gain)
    flood(image, rng, quay, jitter(rng, pick(rng, coast.DEEP), 0.2), rng.uniform(0.2, 0.8))
    for share in np.sort(rng.uniform(0, 1, int(rng.integers(4, 10)))):
        coast.boat(image, rng, quay + share * 0.7 * (height - quay), width * (0.1 + 0.2 * share))
    return image


def _crane(image: np.ndarray, rng: Rng, x: float, foot: float, tall: float, gain: float) -> None:
    colour = shade(
        jitter(rng, pick(rng, ((206, 120, 44), (60, 92, 140), (180, 60, 50), (226, 190, 60))), 0.2), gain
    )
    flip, thick = pick(rng, (-1, 1)), max(1, int(0.05 * tall))
    for a, b in (((-0.12, 0), (-0.05, -1)), ((0.12, 0), (0.05, -1)), ((-0.3, -0.8), (0.8, -0.95)), ((0, -1.2), (0.8, -0.95)),
                 ((0, -1.2), (-0.3, -0.8)), ((0, -0.8), (0, -1.2)), ((0.7, -0.93), (0.7, -0.5))):  # fmt: skip
        ends = [(int(x + flip * u * tall), int(foot + v * tall)) for u, v in (a, b)]
        cv2.line(image, *ends, colour, thick, cv2.LINE_AA)


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
    behind = image.copy()
    cv2.rectangle(image, (0, int(deck)), (width, int(level)), stone, -1)
    start = -rng.uniform(0, 1) * step
    mask = np.zeros(image.shape[:2], np.uint8)
    for x in np.arange(start, width, step):
        arch = ellipse((x + step / 2, level), (0.4 * step, 0.8 * (level - deck)))
        cv2.fillPoly(mask, [np.int32(arch)], 1)
    cv2.copyTo(behind, mask, image)
    cv2.rectangle(image, (0, int(deck) - 3), (width, int(deck)), shade(stone, 1.15), -1)


def _cables(image: np.ndarray, rng: Rng, deck: float, level: float, colour: Colour) -> None:
    height, width = image.shape[:2]
    top, towers = deck - height * rng.uniform(0.15, 0.35), sorted(rng.uniform((0.05, 0.6), (0.4, 0.95)) * width)
    cv2.rectangle(image, (0, int(deck)), (width, int(deck) + 3), shade(colour, 0.8), -1)
    for x in towers:
        cv2.rectangle(image, (int(x) - 2, int(top)), (int(x) + 2, int(level)), colour, -1)
    xs = np.arange(0, width, 5)
    middle, half = sum(towers) / 2, (towers[1] - towers[0]) / 2
    sag = np.minimum(np.abs(xs - middle) / half, 2 - np.abs(xs - middle) / half)
    rope = deck - 2 - (deck - top) * np.clip(sag, 0, 1) ** 2
    cv2.polylines(image, [np.int32(np.stack([xs, rope], 1))], False, colour, 1, cv2.LINE_AA)
    for x, y in zip(xs, rope, strict=True):
        cv2.line(image, (int(x), int(y)), (int(x), int(deck)), shade(colour, 0.9), 1)


def village(rng: Rng, height: int, width: int) -> np.ndarray:
    """Small houses scattered over green land, perhaps with a church."""
    image, day, horizon = open_land(rng, height, width, jitter(rng, pick(rng, MEADOWS), 0.15), 500)
    roof = jitter(rng, pick(rng, town.ROOFS), 0.15)
    for share in np.sort(rng.uniform(0, 1, int(rng.integers(7, 18)))):
        foot = horizon + share * 0.55 * (height - horizon)
        size = width * (0.04 + 0.13 * share)
        _cottage(image, rng, rng.uniform(0, width), foot, size, jitter(rng, roof, 0.15), day)
        if chance(rng, 0.5):
            town.tree(image, rng, foot + 2, size * rng.uniform(0.8, 1.6), day)
    if chance(rng, 0.5):
        x, foot, size = width * rng.uniform(0.2, 0.8), horizon + 0.1 * height, width * 0.08
        white = shade((226, 220, 206), day.sun[0] / 255)
        _filled(
            image,
            [(x, foot), (x, foot - 2 * size), (x + 0.5 * size, foot - 2 * size), (x + 0.5 * size, foot)],
            white,
        )
        _filled(
            image,
            [(x, foot - 2 * size), (x + 0.25 * size, foot - 3.6 * size), (x + 0.5 * size, foot - 2 * size)],
            roof,
        )
    return image


def _cottage(image: np.ndarray, rng: Rng, x: float, foot: float, size: float, roof: Colour, day: Weather) -> None:
    gain, long = day.sun[0] / 255, size * rng.uniform(0.9, 1.6)
    wall, low = shade(jitter(rng, (222, 210, 190), 0.15), gain), foot - 0.55 * size
    flip = pick(rng, (-1, 1))
    gable = [(0, 0), (0, -0.55), (0.4, -1.0), (0.8, -0.55), (0.8, 0)]
    _filled(image, [(x + flip * u * size, foot + v * size) for u, v in gable], shade(wall, 0.8))
    side = x + flip * 0.8 * size
    _filled(image, [(side, foot), (side, low), (side + flip * long, low), (side + flip * long, foot)], wall)
    ridge = x + flip * 0.4 * size
    _filled(
        image,
        [(side, low), (ridge, foot - size), (ridge + flip * long, foot - size), (side + flip * long, low)],
        shade(roof, gain),
    )
    for step in (0.3, 0.7):
        left = side + flip * step * long
        _filled(image, [(left, foot - 0.4 * size), (left + 0.14 * size, foot - 0.4 * size),
                        (left + 0.14 * size, foot - 0.18 * size), (left, foot - 0.18 * size)], shade((60, 64, 72), gain))  # fmt: skip


def castle(rng: Rng, height: int, width: int) -> np.ndarray:
    """Walls, round towers and battlements on a hill."""
    image, day, horizon = open_land(rng, height, width, jitter(rng, pick(rng, MEADOWS), 0.15), 300)
    stone = shade(jitter(rng, pick(rng, (*STONE, (140, 116, 96))), 0.2), day.sun[0] / 255)
    middle, half, foot = width * rng.uniform(0.35, 0.65), width * rng.uniform(0.2, 0.35), horizon + 0.02 * height
    rise = height * rng.uniform(0.0, 0.15)
    hill = np.array([(middle + 2 * half * x, foot + 4 - (rise + 4) * (1 - x * x) ** 2) for x in np.linspace(-1, 1, 15)])
    _filled(image, hill, shade(jitter(rng, pick(rng, MEADOWS), 0.2), 0.85 * day.sun[0] / 255))
    base, tall = foot - rise + 3, height * rng.uniform(0.1, 0.18)
    _battlement(image, middle, base, half, tall, stone)
    for offset in rng.uniform(-1, 1, int(rng.integers(2, 6))):
        wide, high = half * rng.uniform(0.12, 0.24), tall * rng.uniform(1.3, 2.4)
        x = middle + offset * half
        _battlement(image, x, base + 2, wide, high, shade(stone, rng.uniform(0.85, 1.1)))
        _filled(image, [(x + 0.3 * wide, base + 2), (x + 0.3 * wide, base + 2 - high), (x + wide, base + 2 - high),
                        (x + wide, base + 2)], shade(stone, 0.7))  # fmt: skip
        if chance(rng, 0.5):
            roof = shade(jitter(rng, pick(rng, town.ROOFS), 0.2), day.sun[0] / 255)
            _filled(
                image,
                [(x - 1.1 * wide, base - high), (x, base - high - 2.4 * wide), (x + 1.1 * wide, base - high)],
                roof,
            )
    return image * tripled(1 + 0.05 * noise(rng, height, width, 2.5, 1.6))


def _battlement(image: np.ndarray, x: float, foot: float, half: float, tall: float, stone: Colour) -> None:
    teeth = max(3, int(half / 2.5))
    xs = np.repeat(np.linspace(x - half, x + half, 2 * teeth), 2)[1:-1]
    ys = foot - tall - 2.5 * (np.arange(len(xs)) // 2 % 2 == 0)
    _filled(image, [(x - half, foot), *zip(xs, ys, strict=True), (x + half, foot)], stone)


def railway(rng: Rng, height: int, width: int) -> np.ndarray:
    """Tracks that run to the horizon, with masts and wires."""
    image, day, horizon = open_land(rng, height, width, jitter(rng, pick(rng, MEADOWS), 0.2), 200)
    across, ahead = plane(height, width, horizon, 1.6)
    gain, below = day.sun[0] / 255, np.arange(height)[:, None] > horizon + 1
    shift = rng.normal(0, 0.8)
    for track in range(int(rng.integers(1, 4))):
        centre = shift + track * 2.6
        near = np.clip((1.2 - np.abs(across - centre)) * 6, 0, 1) * below
        ballast = np.float32(shade(jitter(rng, (128, 120, 114), 0.1), gain))
        image += (ballast - image) * tripled(near * np.clip(0.9 + 0.2 * noise(rng, height, width, 1.5, 1.6), 0, 1))
        ties = (
            np.clip(np.cos(ahead * 2 * np.pi / 0.7) * 3, 0, 1)
            * (np.abs(across - centre) < 0.95)
            * np.exp(-ahead / 14)
        )
        image += (np.float32(shade((78, 66, 58), gain)) - image) * tripled(ties * below)
        rails = np.clip(1.6 - np.abs(np.abs(across - centre) - 0.6) * width / np.maximum(ahead, 0.5) / 1.2, 0, 1)
        image += (np.float32(shade((188, 184, 180), gain)) - image) * tripled(rails * below)
    for distance in (4, 7, 12, 22):
        x = width / 2 + (shift + 3.2) * width / distance
        foot, tall = horizon + 1.6 * width / distance, 5 * width / distance
        cv2.line(
            image,
            (int(x), int(foot)),
            (int(x), int(foot - tall)),
            shade((96, 98, 100), gain),
            max(1, int(8 / distance)),
            cv2.LINE_AA,
        )
        cv2.line(
            image,
            (int(x), int(foot - 0.9 * tall)),
            (int(x - 2 * width / distance), int(foot - 0.9 * tall)),
            shade((96, 98, 100), gain),
            1,
            cv2.LINE_AA,
        )
    return image


def corridor(rng: Rng, height: int, width: int) -> np.ndarray:
    """A corridor inside a building, with doors and lamps."""
    wall = jitter(rng, pick(rng, ((214, 206, 190), (190, 200, 204), (222, 218, 210), (186, 170, 150))), 0.12)
    floor = jitter(rng, pick(rng, ((126, 112, 98), (150, 152, 150), (110, 78, 56), (84, 90, 100))), 0.15)
    x, y, size = width * rng.uniform(0.3, 0.7), height * rng.uniform(0.4, 0.6), rng.uniform(0.08, 0.25)
    image = np.empty((height, width, 3), np.float32)
    image[:] = wall
    far = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * size * (width, height) / 2 + (x, y)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    for a, b, colour in (
        (0, 1, shade(wall, 1.1)),
        (1, 2, shade(wall, 0.8)),
        (2, 3, floor),
        (3, 0, shade(wall, 0.92)),
    ):
        _filled(image, [corners[a], corners[b], far[b], far[a]], colour)
    _filled(image, far, shade(wall, rng.uniform(0.6, 1.2)))
    door = jitter(rng, pick(rng, ((122, 86, 58), (74, 98, 124), (200, 196, 188), (96, 116, 96))), 0.15)
    for side, (top, foot) in enumerate(((0, 3), (1, 2))):
        for share in np.array([0.1, 0.42, 0.66, 0.84])[: int(rng.integers(1, 5))]:
            near, past = (corners + (far - corners) * s for s in (share, share + 0.14 * (1 - share)))
            up = 0.22
            outline = [
                near[top] + up * (near[foot] - near[top]),
                past[top] + up * (past[foot] - past[top]),
                past[foot],
                near[foot],
            ]
            _filled(image, outline, shade(door, 0.8 + 0.2 * side))
    for share in (0.1, 0.4, 0.65, 0.82):
        near, past = (corners + (far - corners) * s for s in (share, share + 0.15 * (1 - share)))
        lamp = [
            near[0] * 0.6 + near[1] * 0.4,
            near[0] * 0.4 + near[1] * 0.6,
            past[0] * 0.4 + past[1] * 0.6,
            past[0] * 0.6 + past[1] * 0.4,
        ]
        _filled(image, lamp, (252, 248, 228))
    return image * tripled(1 + 0.03 * noise(rng, height, width, 6.0, 1.6)) * np.float32(rng.uniform(0.6, 1.1))


def stadium(rng: Rng, height: int, width: int) -> np.ndarray:
    """A pitch between stands full of people."""
    day = weather(rng)
    horizon = height * rng.uniform(0.15, 0.3)
    image = sky(rng, height, width, horizon, day)
    gain, pitch = day.sun[0] / 255, height * rng.uniform(0.45, 0.62)
    crowd = np.float32([jitter(rng, pick(rng, town.COATS), 0.4) for _ in range(64)])[
        rng.integers(0, 64, (height // 2 + 1, width // 2 + 1))
    ]
    crowd = cv2.resize(crowd, (width, height), interpolation=cv2.INTER_NEAREST) * np.float32(0.9 * gain)
    rows = np.arange(height, dtype=np.float32)[:, None]
    bow = 0.12 * height * (np.linspace(-1, 1, width) ** 2) * rng.uniform(0, 1)
    crowd *= tripled(np.broadcast_to(np.where((rows - bow) % 9 < 1.5, 0.5, 1.0), (height, width)))
    cv2.copyTo(
        np.ascontiguousarray(crowd), ((rows > horizon - bow) & (rows < pitch + bow)).astype(np.uint8), image
    )
    _, ahead = plane(height, width, pitch - 0.3 * height, 1.6)
    grass = np.where(np.floor(ahead * rng.uniform(1.2, 2)) % 2 == 0, 1.0, 0.86) * (
        1 + 0.04 * noise(rng, height, width, 2.5, 1.6)
    )
    turf = np.float32(shade(jitter(rng, (84, 142, 62), 0.15), gain)) * tripled(grass)
    cv2.copyTo(np.ascontiguousarray(turf, np.float32), (rows >= pitch + bow).astype(np.uint8), image)
    white = shade((236, 240, 236), gain)
    slant = rng.normal(0, 0.3) * width
    cv2.line(image, (int(width / 2 - slant), int(pitch)), (int(width / 2 + slant), height), white, 1, cv2.LINE_AA)
    centre, radii = (int(width / 2), int((pitch + height) / 2)), (int(0.2 * width), int(0.1 * height))
    cv2.ellipse(image, centre, radii, 0, 0, 360, white, 1, cv2.LINE_AA)
    return image


def cooling_towers(rng: Rng, height: int, width: int) -> np.ndarray:
    """A power station: wide towers with steam, chimneys, halls."""
    image, day, horizon = open_land(
        rng, height, width, jitter(rng, pick(rng, (*MEADOWS, (124, 120, 112))), 0.15), 80
    )
    gain = day.sun[0] / 255
    concrete = shade(jitter(rng, (176, 174, 170), 0.1), gain)
    foot = horizon + 0.05 * height
    for x in rng.uniform(0.1, 0.9, int(rng.integers(1, 5))) * width:
        tall, half = height * rng.uniform(0.2, 0.38), width * rng.uniform(0.07, 0.13)
        share = np.linspace(0, 1, 9)
        profile = half * (1 - 0.45 * share + 0.12 * share**3)
        for step in np.linspace(0.1, 1, 9):
            spot = int(x + step * 0.3 * width * rng.uniform(-0.4, 1)), int(foot - tall - step * 0.4 * height)
            radius = int(half * (0.6 + step) * rng.uniform(0.6, 1))
            cv2.circle(
                image, spot, radius, shade((238, 240, 242), gain * rng.uniform(0.85, 1.02)), -1, cv2.LINE_AA
            )
        outline = np.concatenate(
            [
                np.stack([x - profile, foot - tall * share], 1),
                np.stack([x + profile, foot - tall * share], 1)[::-1],
            ]
        )
        _filled(image, outline, concrete)
        _filled(image, np.concatenate([np.stack([x + 0.3 * profile, foot - tall * share], 1),
                                       np.stack([x + profile, foot - tall * share], 1)[::-1]]), shade(concrete, 0.75))  # fmt: skip
    hall = Front(shade(concrete, 0.9), shade(concrete, 0.5), concrete, "bands")
    x = width * rng.uniform(0, 0.7)
    box = np.array(
        [(x, foot - 0.12 * height), (x + 0.3 * width, foot - 0.12 * height), (x + 0.3 * width, foot), (x, foot)]
    )
    hang(image, texture(rng, hall, 3, 6), box, 1.0)
    return image
