"""From a composition to a scene: picture and polygons."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from drawings.canvas import Colour
from drawings.streets.camera import RoadCamera
from drawings.streets.finish import ROUGHNESS, Exposure, finished
from drawings.streets.site import Light, Site
from drawings.streets.stage import Air, Polygon, label_image, paint


@dataclass(frozen=True)
class Day:
    """Sky, air and light of one moment."""

    above: Colour
    below: Colour
    clouds: float
    air: Air
    light: Light
    exposure: Exposure


@dataclass(frozen=True)
class City:
    """One of the two cities: how its scenes are seen and lit, and what they are made of."""

    name: str
    size: tuple[int, int]  # width, height
    camera: Callable[[np.random.Generator, int, int], RoadCamera]
    day: Callable[[np.random.Generator], Day]
    compose: Callable[[Site, Day], np.ndarray]  # fills the site; the picture with nothing but sky in it


@dataclass(frozen=True)
class DrawnScene:
    """A picture (h, w, 3) uint8 RGB and its labelled polygons, far to near."""

    image: np.ndarray
    polygons: list[tuple[str, Polygon]]


def draw_scene(
    city: City,
    rng: np.random.Generator,
    size: tuple[int, int] | None = None,
    drive: np.random.Generator | None = None,
) -> DrawnScene:
    """One scene of the city, in the city's own size or in another (width, height).

    Scenes of one `drive` share camera and light; without it they come from `rng` like everything else.
    """
    width, height = size or city.size
    camera, day = city.camera(drive or rng, width, height), city.day(drive or rng)
    site = Site(camera, day.light, rng)
    image = city.compose(site, day)
    polygons = paint(site.things, image, camera, day.air, site.shadows, day.light.shadow)
    names = sorted({name for name, _ in polygons})
    label = label_image(polygons, {name: number for number, name in enumerate(names)}, (height, width))
    strength = np.zeros(256, np.uint8)
    strength[: len(names)] = [round(256 * ROUGHNESS.get(name, 0.02)) for name in names]
    return DrawnScene(finished(image, cv2.LUT(label, strength), rng, day.exposure), polygons)
