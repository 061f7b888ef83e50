"""Streets and lanes between houses, by day and by night."""

import cv2
import numpy as np

from helpers.datasets.sample.canvas import Colour, chance, jitter, noise, pick, shade, tripled
from helpers.datasets.sample.landscapes.facades import front, hang, texture
from helpers.datasets.sample.landscapes.sky import Weather, sky, weather
from helpers.datasets.sample.landscapes.town import HOUSES, NIGHT, OFFICES, ground, person
from helpers.datasets.sample.streets.camera import Camera
from helpers.datasets.sample.streets.furniture import lamp
from helpers.datasets.sample.streets.home import MODELS
from helpers.datasets.sample.streets.site import Light, Site
from helpers.datasets.sample.streets.stage import Air, paint
from helpers.datasets.sample.streets.vehicles import vehicle

ASPHALT: tuple[Colour, ...] = ((92, 92, 96), (112, 110, 108), (78, 80, 86), (138, 128, 116))


def street(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A street seen along its length, with houses on both sides."""
    day = NIGHT if chance(rng, 0.15) else weather(rng)
    horizon = height * rng.uniform(0.4, 0.68)
    camera = Camera(width, height, width * rng.uniform(0.8, 1.3), horizon, rng.uniform(1.5, 3.0),
                    rng.normal(0, 0.12), 0.0)  # fmt: skip
    image = sky(rng, height, width, horizon, day)
    ground(image, rng, horizon, day, pick(rng, ASPHALT))
    half = rng.uniform(1.6, 7.0)
    _pavement(image, rng, camera, half, day)
    night = day is NIGHT
    light, dull = day.sun[0] / 255, day.sun[0] / 255 * (1 - 0.5 * day.contrast)
    sides = [(-1, light), (1, dull)] if chance(rng, 0.5) else [(1, light), (-1, dull)]
    for side, gain in sides:
        if side * camera.heading > -0.15 or chance(rng, 0.7):
            _houses(image, rng, camera, side, half + rng.uniform(0.6, 3.5), 1.2 if night else gain, night)
    _life(image, rng, camera, half, day)
    return image * tripled(1 + 0.025 * noise(rng, height, width, 2.5, 1.6))


def _pavement(image: np.ndarray, rng: np.random.Generator, camera: Camera, half: float, day: Weather) -> None:
    """Kerbs, pavements and markings, drawn in place."""
    near, gain = 0.7 * camera.nearest_ground(), day.sun[0] / 255
    slabs = shade(jitter(rng, (158, 150, 142), 0.12), gain)
    for side in (-1, 1):
        strip = camera.strip(*sorted((side * half, side * (half + 4))), near, 200)
        cv2.fillPoly(image, [np.int32(np.clip(strip, -4000, 4000))], slabs, cv2.LINE_AA)
        kerb = camera.strip(*sorted((side * half, side * (half - 0.15))), near, 200)
        cv2.fillPoly(image, [np.int32(np.clip(kerb, -4000, 4000))], shade(slabs, 1.2), cv2.LINE_AA)
    if half > 3 and chance(rng, 0.6):
        for start in np.arange(near, 60, 6):
            dash = camera.strip(-0.08, 0.08, start, start + 2.5)
            cv2.fillPoly(image, [np.int32(np.clip(dash, -4000, 4000))], shade((214, 212, 200), gain), cv2.LINE_AA)
    if half > 3 and chance(rng, 0.25):
        across = rng.uniform(6, 20)
        for left in np.arange(-half, half, 1.1):
            bar = camera.strip(left, left + 0.55, across, across + 3)
            cv2.fillPoly(image, [np.int32(np.clip(bar, -4000, 4000))], shade((220, 218, 210), gain), cv2.LINE_AA)


def _houses(
    image: np.ndarray, rng: np.random.Generator, camera: Camera, side: int, across: float, gain: float, night: bool
) -> None:
    """Fronts along one side, the farthest first, drawn in place."""
    near = max(1.2, rng.uniform(0.2, 0.9) * across * camera.focal / camera.width)
    edges = near * np.cumprod(np.concatenate([[1.0], rng.uniform(1.5, 2.4, 5)]))
    tall = rng.uniform(4, 16)
    for start, end in reversed(list(zip(edges, edges[1:], strict=False))):
        look = front(rng, HOUSES | (OFFICES if tall > 11 else {}), night)
        top, place = tall * rng.uniform(0.7, 1.3), across + side * 0 + rng.uniform(-0.4, 0.4)
        ends = (start, end) if side > 0 else (end, start)
        places = [
            (side * place, up, ahead) for up, ahead in ((top, ends[0]), (top, ends[1]), (0, ends[1]), (0, ends[0]))
        ]
        corners = camera.project(np.array(places))
        corners = corners[[1, 0, 3, 2]] if side > 0 else corners[[1, 0, 3, 2]]
        floors, columns = max(1, round(top / 3.2)), int(np.clip((end - start) / 2.6, 1, 12))
        hang(image, texture(rng, look, floors, columns, chance(rng, 0.45)), corners, gain)


def _life(image: np.ndarray, rng: np.random.Generator, camera: Camera, half: float, day: Weather) -> None:
    """Vehicles, people and lamps, drawn in place."""
    gain = day.sun[0] / 255
    site = Site(camera, Light(gain, gain, gain, 0.6), rng)
    if half > 2.2:
        for _ in range(int(rng.poisson(1.6))):
            model = pick(rng, MODELS[pick(rng, ("car", "truck", "bus"), (8, 1, 1))])
            lane = pick(rng, (-1, 1)) * rng.uniform(0.35, 0.75) * half
            vehicle(site, model, lane, rng.uniform(7, 40), np.pi if lane < 0 else 0.0)
    for side in (-1, 1):
        if chance(rng, 0.4):
            for ahead in np.arange(rng.uniform(5, 15), 60, 16):
                lamp(site, side, side * (half + 0.6), ahead)
    canvas = np.clip(image, 0, 255).astype(np.uint8)
    paint(site.things, canvas, camera, Air(day.below, 1e9), site.shadows, 0.6)
    image[:] = canvas
    for ahead in sorted(rng.uniform(4, 30, int(rng.poisson(2.2))), reverse=True):
        across = rng.uniform(-1, 1) * (half + 2.5)
        x, foot = camera.project((across, 0.0, ahead))
        person(image, rng, float(foot), float(camera.scale(ahead) * 1.7), float(x))
