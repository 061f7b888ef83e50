"""Coat patterns, painted over a posed quadruped."""

from collections.abc import Callable

import numpy as np

from drawings.canvas import Colour, Figure, chance, ellipse, jitter, ragged, smooth, tapered
from drawings.quadrupeds import BODY
from drawings.skeleton import Posed

Marking = Callable[[Figure, Posed, np.random.Generator], None]
_HEXAGON = ellipse((0, 0), (1, 1))[::3]


def _scattered(rng: np.random.Generator, rows: int, columns: int, low, high) -> np.ndarray:
    """Points on a disturbed grid between two corners, (rows · columns, 2): even, but not regular."""
    u, v = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
    u = u + 0.5 * (np.arange(rows) % 2)[:, None]
    points = np.stack([u.ravel() / (columns + 0.5), v.ravel() / rows], 1)
    points += rng.normal(0, 0.22, points.shape) / (columns, rows)
    return np.asarray(low) + points * (np.asarray(high) - low)


def spots(
    colour: Colour, size: float, rows: int, columns: int, hollow: Colour | None = None, share: float = 1.0
) -> Marking:
    """Spots over trunk, neck and legs of a share of the individuals; with `hollow`, rosettes."""

    def paint(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        if not chance(rng, share):
            return
        chest = posed.build.chest
        on_trunk = posed.trunk(_scattered(rng, rows, columns, (-0.2, -0.55 * chest), (1.2, 0.55 * chest)))
        neck = posed.neck_base + _scattered(rng, 3, 4, (-0.1, -0.2), (0.25, 0.2))
        on_legs = np.concatenate(
            [_scattered(rng, 6, 2, (x - 0.1, -0.55), (x + 0.14, -0.05)) for x in (0.0, posed.stretch)]
        )
        centres = np.concatenate([on_trunk, neck, on_legs])
        radii = size * rng.uniform(0.7, 1.25, (len(centres), 1, 1))
        radii[-len(on_legs) :] *= 0.6
        shapes = _HEXAGON * radii * (max(posed.stretch, 0.6), 1) + rng.normal(0, 0.12 * size, (len(centres), 6, 2))
        figure.fill_all(shapes + centres[:, None], jitter(rng, colour))
        if hollow is not None:
            inner = slice(0, len(on_trunk))
            figure.fill_all(shapes[inner] * 0.5 + centres[inner, None], jitter(rng, hollow))

    return paint


def stripes(colour: Colour, count: int, width: float, reach: float = 1.0, legs: bool = True) -> Marking:
    """Bands down the flanks, and rings on the legs."""

    def paint(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        b, dark = posed.build, jitter(rng, colour)
        for u in np.linspace(-0.12, 1.1, count) + rng.normal(0, 0.02, count):
            top, bottom = -0.6 * b.chest - b.hump, b.chest * (reach * rng.uniform(0.45, 1.05) - 0.55)
            bow = rng.normal(0, 0.05)
            spine = [(u, top), (u + bow - 0.02, 0.5 * (top + bottom)), (u + 0.5 * bow - 0.05, bottom)]
            widths = np.array((0.9, 1.1, 0.25)) * width * rng.uniform(0.6, 1.3)
            figure.fill(posed.trunk(tapered(spine, widths, 3)), dark)
        _neck_bands(figure, posed, rng, dark, width)
        if legs and posed.stance in ("stand", "walk", "graze"):
            _leg_rings(figure, posed, rng, dark, width)

    return paint


def _neck_bands(figure: Figure, posed: Posed, rng, dark: Colour, width: float) -> None:
    along = posed.neck_end - posed.neck_base
    across = np.array([-along[1], along[0]]) / (np.hypot(*along) + 1e-6) * posed.build.chest * 0.5
    for share in (0.15, 0.45, 0.75):
        centre = posed.neck_base + share * along
        figure.fill(
            tapered([centre - across, centre + across * rng.uniform(0, 0.8)], (width, width * 0.4), 2), dark
        )


def _leg_rings(figure: Figure, posed: Posed, rng, dark: Colour, width: float) -> None:
    b = posed.build
    for x in (0.0, 0.95 * posed.stretch):
        for share in (0.1, 0.25, 0.4, 0.55):
            y = -share * b.leg + rng.normal(0, 0.01)
            left, right = (x - 0.3, y), (x + rng.uniform(-0.02, 0.25), y + rng.normal(0, 0.03))
            figure.fill(tapered([left, right], (0.6 * width, 0.35 * width), 2), dark)


def patches(colour: Colour, rows: int, columns: int, size: float, low=(-0.25, -0.6), high=(1.2, 0.4)) -> Marking:
    """Large irregular patches, as on cows, giraffes and some dogs."""

    def paint(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        hue = jitter(rng, colour)
        for centre in posed.trunk(_scattered(rng, rows, columns, low, high)):
            radius = size * rng.uniform(0.6, 1.3, 2)
            figure.fill(smooth(ragged(ellipse(centre, radius)[::3], rng, 0.22 * size), 3), hue)

    return paint


def saddle(colour: Colour, depth: float = 0.3) -> Marking:
    """A dark cloth over the back, as on shepherd dogs and badgers."""

    def paint(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        figure.fill(
            posed.trunk(ragged(ellipse((0.45, -0.5 * posed.build.chest), (0.66, depth)), rng, 0.012)), colour
        )
        figure.soften(0.03)

    return paint


def mane(colour: Colour, width: float, up: float = 0.12) -> Marking:
    """Bristles or hair along neck and shoulders."""

    def paint(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        b, hue = posed.build, jitter(rng, colour, 0.2, 2)
        back = posed.trunk([(0.3, -0.45 * b.loin), (0.75, -0.48 * b.chest - 0.9 * b.hump)])
        nape = posed.neck_end + (-0.15 * b.head, -0.36 * b.head_depth)
        middle = (back[1] + nape) / 2
        ridge = smooth([*back, middle, nape], 6, closed=False)
        hair = np.stack([rng.uniform(-0.04, 0.0, len(ridge)), -up * rng.uniform(0.3, 1.0, len(ridge))], 1)
        figure.fill(np.concatenate([ridge + hair, ridge[::-1] + (0.0, width)]), hue, BODY)

    return paint


def chest_crescent(colour: Colour, probability: float = 0.7) -> Marking:
    """The pale crescent on a black bear's chest."""

    def paint(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        if not chance(rng, probability):
            return
        size = 1.0 if posed.front else 0.55  # from the side little of it is seen
        chest = posed.trunk((1.08, 0.12 * posed.build.chest))
        bow = chest + size * np.array([(-0.12, -0.06), (0.02, 0.07), (0.13, -0.09)])
        figure.fill(tapered(bow, size * np.array((0.03, 0.065, 0.03)), 4), jitter(rng, colour))

    return paint


def leg_socks(colour: Colour, height: float = 0.3) -> Marking:
    """Legs of another colour below a height."""

    def paint(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        if posed.stance in ("stand", "walk", "graze"):
            for x in (0.0, 0.95 * posed.stretch):
                figure.fill(ellipse((x, -0.5 * height), (0.3, 0.55 * height)), colour)

    return paint


def humps(colour: Colour) -> Marking:
    """A camel's two humps."""

    def draw(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        for u in (0.25, 0.75):
            hump = smooth([(u - 0.2, -0.12), (u - 0.08, -0.42), (u + 0.06, -0.44), (u + 0.2, -0.12)])
            figure.fill(posed.trunk(hump), colour, BODY)

    return draw
