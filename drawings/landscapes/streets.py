"""Streets and lanes between houses, by day and by night."""

from itertools import pairwise

import numpy as np

from drawings.canvas import Colour, chance, jitter, noise, pick, saturated, shade, tripled
from drawings.landscapes.brush import Rng, fill
from drawings.landscapes.facades import front, hang, texture
from drawings.landscapes.figures import person
from drawings.landscapes.sky import NIGHT, Weather, sky, weather
from drawings.landscapes.town import HOUSES, OFFICES, ground
from drawings.streets.camera import RoadCamera
from drawings.streets.furniture import lamp
from drawings.streets.home import MODELS
from drawings.streets.site import Light, Site
from drawings.streets.stage import Air, paint
from drawings.streets.vehicles import vehicle

ASPHALT: tuple[Colour, ...] = ((92, 92, 96), (112, 110, 108), (78, 80, 86), (138, 128, 116))


def street(rng: Rng, height: int, width: int) -> np.ndarray:
    """A street seen along its length, with houses on one or both sides."""
    day, horizon = NIGHT if chance(rng, 0.15) else weather(rng), height * rng.uniform(0.4, 0.68)
    focal, eye, heading = width * rng.uniform(0.8, 1.3), rng.uniform(1.5, 3.0), rng.normal(0, 0.12)
    camera, half = RoadCamera(width, height, focal, horizon, eye, heading), rng.uniform(1.6, 7.0)
    image = sky(rng, height, width, horizon, day)
    ground(image, rng, horizon, day, ASPHALT)
    _markings(image, rng, camera, half, day.sun[0] / 255)
    light, dull = day.sun[0] / 255, day.sun[0] / 255 * (1 - 0.5 * day.contrast)
    for side, gain in ((-1, light), (1, dull)) if chance(rng, 0.5) else ((1, light), (-1, dull)):
        if side * camera.heading > -0.15 or chance(rng, 0.7):
            _houses(
                image, rng, camera, side, half + rng.uniform(0.6, 3.5), 1.2 if day is NIGHT else gain, day is NIGHT
            )
    _traffic(image, rng, camera, half, day)
    _walkers(image, rng, camera, half)
    return image * tripled(1 + 0.025 * noise(rng, height, width, 2.5, 1.6))


def _markings(image: np.ndarray, rng: Rng, camera: RoadCamera, half: float, gain: float) -> None:
    """Kerbs, pavements and what is painted on the road, drawn in place."""
    near, slabs = 0.7 * camera.nearest_ground(), shade(jitter(rng, (158, 150, 142), 0.12), gain)
    for side in (-1, 1):
        fill(image, camera.strip(*sorted((side * half, side * (half + 4))), near, 200), slabs)
        fill(image, camera.strip(*sorted((side * half, side * (half - 0.15))), near, 200), shade(slabs, 1.2))
    white = shade((216, 214, 204), gain)
    if half > 3 and chance(rng, 0.6):
        for start in np.arange(near, 60, 6):
            fill(image, camera.strip(-0.08, 0.08, start, start + 2.5), white)
    if half > 3 and chance(rng, 0.25):
        crossing = rng.uniform(6, 20)
        for left in np.arange(-half, half, 1.1):
            fill(image, camera.strip(left, left + 0.55, crossing, crossing + 3), white)


def _houses(
    image: np.ndarray, rng: Rng, camera: RoadCamera, side: int, across: float, gain: float, night: bool
) -> None:
    """Fronts along one side, the farthest first, drawn in place."""
    near = max(1.2, rng.uniform(0.2, 0.9) * across * camera.focal / camera.width)
    edges, tall = near * np.cumprod([1.0, *rng.uniform(1.5, 2.4, 5)]), rng.uniform(4, 16)
    for start, end in reversed(list(pairwise(edges))):
        look = front(rng, HOUSES | (OFFICES if tall > 11 else {}), night)
        top, place = tall * rng.uniform(0.7, 1.3), side * (across + rng.uniform(-0.4, 0.4))
        left, right = (end, start) if side > 0 else (start, end)
        corners = camera.upright((place, left), (place, right), 0, top)[[1, 2, 3, 0]]
        floors, columns = max(1, round(top / 3.2)), int(np.clip((end - start) / 2.6, 1, 12))
        hang(image, texture(rng, look, floors, columns, chance(rng, 0.45)), corners, gain)


def _traffic(image: np.ndarray, rng: Rng, camera: RoadCamera, half: float, day: Weather) -> None:
    """Vehicles and lamps, drawn in place."""
    gain = day.sun[0] / 255
    site = Site(camera, Light(gain, gain, gain, 0.6), rng)
    for _ in range(int(rng.poisson(1.6)) if half > 2.2 else 0):
        model = pick(rng, MODELS[pick(rng, ("car", "truck", "bus"), (8, 1, 1))])
        lane = pick(rng, (-1, 1)) * rng.uniform(0.35, 0.75) * half
        vehicle(site, model, lane, rng.uniform(7, 40), np.pi if lane < 0 else 0.0)
    for side in (-1, 1):
        for ahead in np.arange(rng.uniform(5, 15), 60, 16) if chance(rng, 0.4) else ():
            lamp(site, side, side * (half + 0.6), ahead)
    canvas = saturated(image)
    paint(site.things, canvas, camera, Air(day.below, 1e9), site.shadows, 0.6)
    image[:] = canvas


def _walkers(image: np.ndarray, rng: Rng, camera: RoadCamera, half: float) -> None:
    """People on the road and beside it, drawn in place."""
    for ahead in sorted(rng.uniform(4, 30, int(rng.poisson(2.2))), reverse=True):
        x, foot = camera.project((rng.uniform(-1, 1) * (half + 2.5), 0.0, ahead))
        person(image, rng, float(foot), camera.scale(ahead) * 1.7, float(x))
