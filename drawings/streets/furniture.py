"""Poles and what hangs on them: lamps, signs, traffic lights, billboards; bins and rubble."""

from collections.abc import Sequence

import numpy as np

from drawings.canvas import Colour, chance, ellipse, ragged, shade
from drawings.streets.site import Site
from drawings.streets.stage import PaintLayer, Thing

GREY: Colour = (112, 114, 116)
RED, BLUE, WHITE, YELLOW, GREEN = (190, 30, 34), (30, 74, 156), (232, 232, 230), (232, 190, 40), (24, 104, 72)


def pole(
    site: Site, across: float, ahead: float, height: float, colour: Colour = GREY, width: float = 0.18
) -> Thing:
    """An upright post."""
    foot, scale = site.camera.project((across, 0, ahead)), site.camera.scale(ahead)
    half, tall = max(0.5 * width * scale, 0.6), height * scale
    thing = site.add("pole", ahead)
    thing.solid(foot + np.array([(-half, 0), (-0.8 * half, -tall), (0.8 * half, -tall), (half, 0)]), colour)
    thing.detail(foot + np.array([(0, 0), (0, -tall), (0.8 * half, -tall), (half, 0)]), shade(colour, 0.7))
    return thing


def lamp(site: Site, side: int, across: float, ahead: float, colour: Colour = GREY) -> None:
    """A street lamp that reaches out over the road."""
    height, reach = site.between(6.5, 9), site.between(1.2, 2.4)
    thing, scale = pole(site, across, ahead, height, colour, 0.24), site.camera.scale(ahead)
    top = site.camera.project((across, height, ahead))
    arm = np.array([(0, 0), (-side * reach, -0.35), (-side * reach, -0.22), (0, 0.15)]) * scale + top
    thing.solid(arm, colour)
    head = np.array(
        [
            (-side * reach * 0.8, -0.42),
            (-side * (reach + 0.5), -0.42),
            (-side * (reach + 0.5), -0.2),
            (-side * reach * 0.8, -0.18),
        ]
    )
    thing.solid(head * scale + top, shade(colour, 1.15))


def sign(site: Site, across: float, ahead: float, kinds: Sequence[str]) -> None:
    """A traffic sign on a post."""
    height, size = site.between(2.2, 3.0), site.between(0.48, 0.66)
    pole(site, across, ahead, height, shade(GREY, 1.3), 0.15)
    thing, scale = site.add("traffic sign", ahead - 0.05), site.camera.scale(ahead)
    centre = site.camera.project((across, height - 0.2, ahead))
    SIGNS[site.pick(kinds)](thing, centre, size * scale, site.light.front)


def _polygon(sides: int, turn: float) -> np.ndarray:
    angles = np.arange(sides) * 2 * np.pi / sides + turn
    return np.stack([np.sin(angles), -np.cos(angles)], 1)


def _rings(thing: Thing, centre: np.ndarray, shape: np.ndarray, layers, gain: float) -> None:
    """The same outline in several sizes, the largest first: the largest is solid."""
    for position, (size, colour) in enumerate(layers):
        (thing.detail if position else thing.solid)(shape * size + centre, shade(colour, gain))


def _warning(thing: Thing, centre, size: float, gain: float) -> None:
    _rings(thing, centre, _polygon(3, 0.0), ((1.25 * size, RED), (0.75 * size, WHITE)), gain)
    thing.detail(ellipse(centre, (0.12 * size, 0.3 * size)), (30, 30, 30))


def _order(thing: Thing, centre, size: float, gain: float) -> None:
    _rings(thing, centre, _polygon(14, 0.0), ((size, RED), (0.72 * size, WHITE)), gain)
    thing.detail(ellipse(centre, (0.35 * size, 0.22 * size)), (30, 30, 30))


def _priority(thing: Thing, centre, size: float, gain: float) -> None:
    _rings(thing, centre, _polygon(4, 0.0), ((1.1 * size, WHITE), (0.75 * size, YELLOW)), gain)


def _parking(thing: Thing, centre, size: float, gain: float) -> None:
    _rings(thing, centre, _polygon(4, np.pi / 4), ((1.2 * size, BLUE), (0.4 * size, WHITE)), gain)


def _stop(thing: Thing, centre, size: float, gain: float) -> None:
    _rings(thing, centre, _polygon(8, np.pi / 8), ((size, RED),), gain)
    thing.detail(
        centre + size * np.array([(-0.6, -0.2), (0.6, -0.2), (0.6, 0.2), (-0.6, 0.2)]), shade(WHITE, gain)
    )


def _direction(thing: Thing, centre, size: float, gain: float) -> None:
    board = np.array([(-2.4, -1.2), (2.4, -1.2), (2.4, 1.2), (-2.4, 1.2)]) * size
    thing.solid(board + centre, shade(GREEN, gain))
    for row in (-0.7, -0.1, 0.5):
        bar = np.array([(-1.9, row), (1.2, row), (1.2, row + 0.3), (-1.9, row + 0.3)]) * size
        thing.detail(bar + centre, shade(WHITE, gain))


SIGNS = {"warning": _warning, "order": _order, "priority": _priority, "parking": _parking, "stop": _stop,
         "direction": _direction}  # fmt: skip


def traffic_light(site: Site, across: float, ahead: float) -> None:
    """Three lamps in a dark box on a post."""
    height = site.between(2.6, 3.4)
    pole(site, across, ahead, height, shade(GREY, 1.3), 0.18)
    thing, scale = site.add("traffic light", ahead - 0.05), site.camera.scale(ahead)
    centre = site.camera.project((across, height - 0.3, ahead))
    box = np.array([(-0.3, -0.72), (0.3, -0.72), (0.3, 0.72), (-0.3, 0.72)]) * scale
    thing.solid(box + centre, (34, 36, 34))
    on = site.pick((0, 1, 2), (3, 1, 3))
    colours = ((236, 40, 36), (240, 170, 40), (50, 220, 130))
    for position, colour in enumerate(colours):
        spot = ellipse(centre + (0, (position - 1) * 0.44 * scale), (0.18 * scale, 0.18 * scale))
        thing.detail(spot, colour if position == on else shade(colour, 0.28))


def billboard(site: Site, side: int, across: float, ahead: float) -> None:
    """An advertisement on two posts."""
    low, high, width = site.between(2.5, 4.5), site.between(5.5, 8), site.between(4, 7)
    for offset in (0.2, 0.8):
        pole(site, across + side * offset * width, ahead, low + 0.2, shade(GREY, 0.8), 0.2)
    thing = site.add("billboard", ahead - 0.1)
    thing.solid(site.camera.upright((across, ahead), (across + side * width, ahead), low, high), (236, 234, 228))
    poster(site, thing, (across, ahead), (across + side * width, ahead), low, high)


def poster(site: Site, thing: Thing, start, end, low: float, high: float) -> None:
    """Blocks of colour within a rectangle on a wall."""
    colours = ((196, 40, 60), (240, 190, 40), (40, 110, 180), (60, 150, 90), (120, 50, 120), (30, 32, 40))
    (a, za), (b, zb) = start, end

    def at(left: float, right: float, bottom: float, top: float) -> np.ndarray:
        span = [(a + (b - a) * s, za + (zb - za) * s) for s in (left, right)]
        return site.camera.upright(*span, low + (high - low) * bottom, low + (high - low) * top)

    thing.detail(at(0.03, 0.97, 0.06, 0.94), site.tint(colours, 0.2, site.light.front))
    split = site.between(0.3, 0.6)
    thing.detail(at(0.08, split, 0.15, 0.85), site.tint(colours, 0.2, site.light.front))
    for bottom in (0.2, 0.45, 0.68):
        thing.detail(at(split + 0.05, site.between(split + 0.15, 0.92), bottom, bottom + 0.13), WHITE)


def utility_pole(site: Site, across: float, ahead: float) -> None:
    """A post with cross-arms."""
    height, colour = site.between(6.5, 9), site.tint(((120, 116, 108), (96, 84, 70)))
    thing, scale = pole(site, across, ahead, height, colour, 0.24), site.camera.scale(ahead)
    top = site.camera.project((across, height, ahead))
    for drop in (0.4, 1.1):
        arm = np.array([(-0.9, drop), (0.9, drop), (0.9, drop + 0.12), (-0.9, drop + 0.12)])
        thing.solid(arm * scale + top, shade(colour, 0.85))


def bin_or_box(site: Site, label: str, across: float, ahead: float, height: float, colour: Colour) -> None:
    """A bin, a cabinet, a barricade: a box."""
    width, depth = height * site.between(0.5, 0.9), 0.5
    thing = site.add(label, ahead)
    front = site.camera.upright((across - width / 2, ahead), (across + width / 2, ahead), 0, height)
    inward = across - np.sign(across) * width / 2
    thing.solid(site.camera.upright((inward, ahead), (inward, ahead + depth), 0, height), shade(colour, 0.75))
    thing.solid(front, shade(colour, site.light.front))
    ends = (across - width / 2, ahead), (across + width / 2, ahead)
    thing.detail(site.camera.upright(*ends, 0.75 * height, 0.82 * height), shade(colour, 0.6))
    site.shadow(across, ahead, 0.7 * width, 0.5)


def rubble(site: Site, label: str, across: float, ahead: float, width: float, colour: Colour) -> None:
    """A heap of stones, sand or rubbish."""
    rng, foot, scale = site.rng, site.camera.project((across, 0, ahead)), site.camera.scale(ahead)
    thing = site.add(label, ahead, PaintLayer.STREET)
    bumps = np.array([(x, -np.cos(x * np.pi) * 0.4 * rng.uniform(0.6, 1.1)) for x in np.linspace(-0.5, 0.5, 9)])
    thing.solid(np.concatenate([bumps, [(0.5, 0.04), (-0.5, 0.04)]]) * width * scale + foot, colour)
    for _ in range(8):
        spot = (rng.uniform(-0.35, 0.35), -rng.uniform(0.02, 0.2))
        stone = ragged(ellipse(np.array(spot), (0.06, 0.04)), rng, 0.01) * width * scale + foot
        thing.detail(stone, shade(colour, 0.65 if chance(rng, 0.5) else 1.3))
