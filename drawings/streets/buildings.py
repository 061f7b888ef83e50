"""Houses along the road, what closes the view at its end, and walls, fences and hedges."""

from dataclasses import dataclass

import numpy as np

from drawings.canvas import Colour, mix, shade
from drawings.streets.site import Site
from drawings.streets.stage import PaintLayer, Thing

GLASS: tuple[Colour, ...] = ((64, 74, 86), (84, 96, 108), (52, 58, 64), (108, 122, 134), (92, 92, 90))


@dataclass(frozen=True)
class Houses:
    """What a city's houses look like."""

    walls: tuple[Colour, ...]
    floors: tuple[int, int]
    length: tuple[float, float]  # metres along the road
    roofs: tuple[Colour, ...] = ()  # pitched; none: flat
    shops: float = 0.4  # share with a shop window
    awnings: tuple[Colour, ...] = ()
    balconies: float = 0.2
    gap: float = 0.12  # chance of a gap after a house


@dataclass(frozen=True)
class Facade:
    """A wall between two places (across, ahead); windows are laid out on it in metres."""

    start: tuple[float, float]
    end: tuple[float, float]
    height: float

    def panels(self, site: Site, left, right, low, high) -> np.ndarray:
        """Rectangles on the wall, (k, 4, 2) pixels; left and right as shares of its length, low and high in m."""
        left, right, low, high = np.broadcast_arrays(left, right, low, high)
        share, up = np.stack([left, left, right, right], -1), np.stack([low, high, high, low], -1)
        (a, za), (b, zb) = self.start, self.end
        places = np.stack([a + (b - a) * share, up, za + (zb - za) * share], -1)
        return site.camera.project(places).reshape(-1, 4, 2)


def row(site: Site, side: int, across: float, near: float, far: float, houses: Houses) -> None:
    """Houses along one side (-1 left, 1 right) of the road, their fronts at `across`."""
    ahead = near - site.between(0, 6)
    while ahead < far:
        length = site.between(*houses.length)
        if site.chance(houses.gap):
            length = min(length, 9)
        else:
            house(site, side, across + side * max(0.0, site.between(-1.5, 1.2)), ahead, ahead + length, houses)
        ahead += length


def house(site: Site, side: int, across: float, near: float, far: float, houses: Houses) -> None:
    """One house: the wall along the road, the gable that faces the camera, perhaps a roof."""
    near = max(near, 1.5)
    if far < near + 2:
        return
    floors = int(site.rng.integers(houses.floors[0], houses.floors[1] + 1))
    storey = site.between(2.9, 3.5)
    height, depth = floors * storey + site.between(0.2, 1.0), site.between(8, 14)
    colour = site.tint(houses.walls)
    thing = site.add("building", near, PaintLayer.BUILT)
    gable = Facade((across, near), (across + side * depth, near), height)
    front = Facade((across, near), (across, far), height)
    for wall, gain in ((gable, site.light.front), (front, site.light.of_side(side))):
        thing.solid(site.camera.upright(wall.start, wall.end, 0, height), shade(colour, gain))
    _roof(site, thing, side, (across, depth), (near, far), height, houses)
    _windows(site, thing, gable, floors, storey, depth, (colour, site.light.front), 0.5)
    _windows(site, thing, front, floors, storey, far - near, (colour, site.light.of_side(side)), 0.0)
    if site.chance(houses.shops):
        _shop(site, thing, front, storey, far - near, site.light.of_side(side), houses)


def _roof(site: Site, thing: Thing, side: int, breadth, length, height: float, houses: Houses) -> None:
    (across, depth), (near, far) = breadth, length
    if not houses.roofs:
        band = Facade((across, near), (across, far), height).panels(site, 0.0, 1.0, height - 0.5, height)
        thing.detail(band, shade(site.tint(houses.walls), 0.8 * site.light.of_side(side)))
        return
    ridge, rise = across + side * depth / 2, site.between(2, 4)
    colour = site.tint(houses.roofs)
    slope = np.array(
        [(across, height, near), (ridge, height + rise, near), (ridge, height + rise, far), (across, height, far)]
    )
    gable = np.array([(across, height, near), (ridge, height + rise, near), (across + side * depth, height, near)])
    thing.solid(site.camera.project(slope), shade(colour, 0.9 * site.light.of_side(side) + 0.15))
    thing.solid(site.camera.project(gable), shade(colour, 0.6))


def _windows(
    site: Site, thing: Thing, wall: Facade, floors: int, storey: float, length: float, paint, blank: float
) -> None:
    """A grid of windows with frames; on walls far away or seen edge-on they are too small to draw."""
    (colour, gain), camera = paint, site.camera
    if site.chance(blank) or camera.scale(wall.start[1]) * storey < 9:
        return
    columns = max(1, int(length / site.between(2.0, 3.2)))
    width, low, high = site.between(0.4, 0.65), site.between(0.75, 1.0), site.between(2.2, 2.6)
    left = ((np.arange(columns) + 0.5 - width / 2) / columns)[None]
    floor = (np.arange(floors) * storey)[:, None]
    right = left + width / columns
    rim = 0.06 / columns
    frame = mix(colour, (236, 234, 228), 0.55) if site.chance(0.6) else shade(colour, 0.7)
    thing.detail(
        wall.panels(site, left - rim, right + rim, floor + low - 0.12, floor + high + 0.12), shade(frame, gain)
    )
    glass = site.tint(GLASS, 0.2)
    panes = wall.panels(site, left, right, floor + low, floor + high)
    thing.detail(panes, shade(glass, gain))
    lit = panes[site.rng.random(len(panes)) < 0.3]
    if len(lit):
        thing.detail(lit, shade(mix(glass, (196, 206, 214), 0.4), gain))


def _shop(
    site: Site, thing: Thing, wall: Facade, storey: float, length: float, gain: float, houses: Houses
) -> None:
    """A shop window, a door and the sign above them."""
    left, right = site.between(0.03, 0.2), site.between(0.75, 0.97)
    thing.detail(wall.panels(site, left, right, 0.3, storey - 0.7), shade(site.tint(GLASS), 0.75 * gain))
    posts = np.linspace(left, right, max(3, int(length / 2)))
    thing.detail(wall.panels(site, posts, posts + 0.012, 0.0, storey - 0.7), shade((70, 66, 62), gain))
    colours = houses.awnings or houses.walls
    thing.detail(wall.panels(site, left, right, storey - 0.75, storey - 0.1), shade(site.tint(colours, 0.2), gain))


def barrier(
    site: Site, label: str, side: int, across: float, span: tuple[float, float], height: float, colour: Colour
) -> None:
    """A wall, fence or hedge along the road."""
    near, far = max(span[0], 2.0), span[1]
    if far < near + 1:
        return
    camera, gain = site.camera, site.light.of_side(side)
    thing = site.add(label, near, PaintLayer.ROADSIDE)
    thing.solid(camera.upright((across, near), (across, far), 0, height), shade(colour, gain))
    wall = Facade((across, near), (across, far), height)
    if label == "fence":
        _palings(site, thing, wall, far - near, shade(colour, gain))
    elif label == "wall":
        courses = np.arange(0.35, height - 0.1, 0.4)
        thing.detail(wall.panels(site, 0.0, 1.0, courses, courses + 0.05), shade(colour, 0.75 * gain))
        thing.detail(wall.panels(site, 0.0, 1.0, height - 0.14, height), shade(colour, 1.15 * gain))


def _palings(site: Site, thing: Thing, wall: Facade, length: float, colour: Colour) -> None:
    """Gaps between the bars, through which something dark is seen."""
    count = int(min(60, length / 0.45))
    left = (np.arange(count) + 0.25) / count
    thing.detail(wall.panels(site, left, left + 0.6 / count, 0.18, wall.height - 0.15), shade(colour, 0.55))
    thing.detail(wall.panels(site, 0.0, 1.0, 0.5 * wall.height, 0.5 * wall.height + 0.07), colour)


def skyline(
    site: Site, label: str, colour: Colour, height: tuple[float, float], step: tuple[float, float]
) -> None:
    """What closes the view at the end of the road: roofs (or, with small steps, tree tops) against the sky."""
    camera = site.camera
    x, corners = -5.0, [(-5.0, camera.horizon + 4)]
    while x < camera.width + 5:
        width, top = site.between(*step), camera.horizon - site.between(*height) * camera.height
        corners += [(x, top), (x + width, top)]
        x += width
    outline = np.array([*corners, (x, camera.horizon + 4)])
    site.add(label, 300.0, PaintLayer.SKYLINE).solid(outline, colour)
