"""Railways, corridors, stadiums and power stations: places that no study has, for pretraining."""

import cv2
import numpy as np

from drawings.canvas import Colour, jitter, noise, pick, shade, tripled
from drawings.landscapes.brush import Rng, box, disc, fill, line, wash
from drawings.landscapes.countryside import open_land
from drawings.landscapes.facades import Front, hang, texture
from drawings.landscapes.figures import COATS
from drawings.landscapes.heights import MEADOWS
from drawings.landscapes.sky import sky, weather
from drawings.landscapes.water import plane

WALLS: tuple[Colour, ...] = ((214, 206, 190), (190, 200, 204), (222, 218, 210), (186, 170, 150))
FLOORS: tuple[Colour, ...] = ((126, 112, 98), (150, 152, 150), (110, 78, 56), (84, 90, 100))
DOORS: tuple[Colour, ...] = ((122, 86, 58), (74, 98, 124), (200, 196, 188), (96, 116, 96))


def railway(rng: Rng, height: int, width: int) -> np.ndarray:
    """Tracks that run to the horizon, with masts and wires."""
    image, day, horizon = open_land(rng, height, width, jitter(rng, pick(rng, MEADOWS), 0.2), 200)
    gain, shift = day.sun[0] / 255, rng.normal(0, 0.8)
    for track in range(int(rng.integers(1, 4))):
        _track(image, rng, horizon, shift + track * 2.6, gain)
    for ahead in (4, 7, 12, 22):
        scale, grey = width / ahead, shade((96, 98, 100), gain)
        x, foot = width / 2 + (shift + 3.2) * scale, horizon + 1.6 * scale
        line(image, (x, foot), (x, foot - 5 * scale), grey, 8 / ahead)
        line(image, (x, foot - 4.5 * scale), (x - 2 * scale, foot - 4.5 * scale), grey)
    return image


def _track(image: np.ndarray, rng: Rng, horizon: float, centre: float, gain: float) -> None:
    """Ballast, sleepers and two rails, `centre` metres to the right of the camera, drawn in place."""
    height, width = image.shape[:2]
    across, ahead = plane(height, width, horizon, 1.6)
    below, off = np.arange(height)[:, None] > horizon + 1, np.abs(across - centre)
    stones = 0.9 + 0.2 * noise(rng, height, width, 1.5, 1.6)
    wash(image, shade(jitter(rng, (128, 120, 114), 0.1), gain), np.clip((1.2 - off) * 6, 0, 1) * below * stones)
    sleepers = np.clip(np.cos(ahead * 2 * np.pi / 0.7) * 3, 0, 1) * np.exp(-ahead / 14)
    wash(image, shade((78, 66, 58), gain), sleepers * (off < 0.95) * below)
    rails = 1.6 - np.abs(off - 0.6) * width / np.maximum(ahead, 0.5) / 1.2
    wash(image, shade((188, 184, 180), gain), np.clip(rails, 0, 1) * below)


def corridor(rng: Rng, height: int, width: int) -> np.ndarray:
    """A corridor inside a building, with doors and lamps."""
    wall, floor, door = (jitter(rng, pick(rng, colours), 0.13) for colours in (WALLS, FLOORS, DOORS))
    centre, size = rng.uniform((0.3, 0.4), (0.7, 0.6)) * (width, height), rng.uniform(0.04, 0.13)
    near = box(0, width, 0, height)
    far = (near - (width / 2, height / 2)) * 2 * size + centre
    image = np.full((height, width, 3), shade(wall, rng.uniform(0.6, 1.2)), np.float32)
    sides = (shade(wall, 1.1), shade(wall, 0.8), floor, shade(wall, 0.92))
    for corner, colour in enumerate(sides):
        following = (corner + 1) % 4
        fill(image, [near[corner], near[following], far[following], far[corner]], colour)
    for (top, foot), gain in (((0, 3), 0.8), ((1, 2), 1.0)):
        for share in (0.1, 0.42, 0.66, 0.84)[: int(rng.integers(1, 5))]:
            ends = [near + (far - near) * s for s in (share, share + 0.14 * (1 - share))]
            tops = [end[top] + 0.22 * (end[foot] - end[top]) for end in ends]
            fill(image, [*tops, ends[1][foot], ends[0][foot]], shade(door, gain))
    for share in (0.1, 0.4, 0.65, 0.82):
        ends = [near + (far - near) * s for s in (share, share + 0.15 * (1 - share))]
        edges = [
            end[0] + part * (end[1] - end[0])
            for end, parts in zip(ends, ((0.4, 0.6), (0.6, 0.4)), strict=True)
            for part in parts
        ]
        fill(image, edges, (252, 248, 228))
    return image * tripled(1 + 0.03 * noise(rng, height, width, 6.0, 1.6)) * np.float32(rng.uniform(0.6, 1.1))


def stadium(rng: Rng, height: int, width: int) -> np.ndarray:
    """A pitch between stands full of people."""
    day, horizon, pitch = weather(rng), height * rng.uniform(0.15, 0.3), height * rng.uniform(0.45, 0.62)
    image, gain = sky(rng, height, width, horizon, day), day.sun[0] / 255
    rows = np.arange(height, dtype=np.float32)[:, None]
    bow = 0.12 * height * np.linspace(-1, 1, width) ** 2 * rng.uniform(0, 1)
    stands = np.where((rows - bow) % 9 < 1.5, 0.5, 1.0)
    wash(image, _crowd(rng, height, width, gain) * tripled(stands), (rows > horizon - bow) & (rows < pitch + bow))
    _, ahead = plane(height, width, pitch - 0.3 * height, 1.6)
    mown = np.where(np.floor(ahead * rng.uniform(1.2, 2)) % 2 == 0, 1.0, 0.86)
    turf = np.float32(shade(jitter(rng, (84, 142, 62), 0.15), gain)) * tripled(
        mown * (1 + 0.04 * noise(rng, height, width, 2.5, 1.6))
    )
    wash(image, turf, rows >= pitch + bow)
    white, slant = shade((236, 240, 236), gain), rng.normal(0, 0.3) * width
    line(image, (width / 2 - slant, pitch), (width / 2 + slant, height), white)
    centre, radii = (int(width / 2), int((pitch + height) / 2)), (int(0.2 * width), int(0.1 * height))
    cv2.ellipse(image, centre, radii, 0, 0, 360, white, 1, cv2.LINE_AA)
    return image


def _crowd(rng: Rng, height: int, width: int, gain: float) -> np.ndarray:
    """People in coats of all colours, two pixels each, (h, w, 3) float32."""
    coats = np.float32([shade(jitter(rng, pick(rng, COATS), 0.4), gain) for _ in range(64)])
    people = coats[rng.integers(0, 64, (height // 2 + 1, width // 2 + 1))]
    return cv2.resize(people, (width, height), interpolation=cv2.INTER_NEAREST)


def cooling_towers(rng: Rng, height: int, width: int) -> np.ndarray:
    """A power station: wide towers with steam, and a hall."""
    land = jitter(rng, pick(rng, (*MEADOWS, (124, 120, 112))), 0.15)
    image, day, horizon = open_land(rng, height, width, land, 80)
    foot, concrete = horizon + 0.05 * height, shade(jitter(rng, (176, 174, 170), 0.1), day.sun[0] / 255)
    for x in rng.uniform(0.1, 0.9, int(rng.integers(1, 5))) * width:
        _tower(image, rng, (x, foot), height * rng.uniform(0.2, 0.38), concrete, day.sun[0] / 255)
    hall, x = Front(shade(concrete, 0.9), shade(concrete, 0.5), concrete, "bands"), width * rng.uniform(0, 0.7)
    hang(image, texture(rng, hall, 3, 6), box(x, x + 0.3 * width, foot - 0.12 * height, foot), 1.0)
    return image


def _tower(image: np.ndarray, rng: Rng, place, tall: float, concrete: Colour, gain: float) -> None:
    """A cooling tower, narrower above than below, and its steam."""
    (x, foot), (height, width) = place, image.shape[:2]
    half, share = width * rng.uniform(0.07, 0.13), np.linspace(0, 1, 9)
    for step in np.linspace(0.1, 1, 9):
        spot = x + step * 0.3 * width * rng.uniform(-0.4, 1), foot - tall - step * 0.4 * height
        steam = shade((238, 240, 242), gain * rng.uniform(0.85, 1.02))
        disc(image, spot, half * (0.6 + step) * rng.uniform(0.6, 1), steam)
    profile, rows = half * (1 - 0.45 * share + 0.12 * share**3), foot - tall * share
    for left, colour in ((-1.0, concrete), (0.3, shade(concrete, 0.75))):
        edges = [np.stack([x + side * profile, rows], 1) for side in (left, 1.0)]
        fill(image, np.concatenate([edges[0], edges[1][::-1]]), colour)
