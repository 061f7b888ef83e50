"""Coat patterns and headgear, painted over a posed quadruped."""
# ruff: noqa: RUF005 (points + (x, y) moves points, it does not join tuples)

from collections.abc import Callable

import numpy as np

from helpers.datasets.sample.canvas import Colour, Figure, chance, ellipse, jitter, ragged, smooth, tapered
from helpers.datasets.sample.quadrupeds import BODY, FRONT, HEAD, Posed

Marking = Callable[[Figure, Posed, np.random.Generator], None]
_HEXAGON = ellipse((0, 0), (1, 1))[::3]


def _scattered(rng: np.random.Generator, rows: int, columns: int, low, high) -> np.ndarray:
    """Points on a disturbed grid between two corners, (rows · columns, 2): even, but not regular."""
    u, v = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
    u = u + 0.5 * (np.arange(rows) % 2)[:, None]
    points = np.stack([u.ravel() / (columns + 0.5), v.ravel() / rows], 1)
    points += rng.normal(0, 0.22, points.shape) / (columns, rows)
    return np.asarray(low) + points * (np.asarray(high) - low)


def spots(colour: Colour, size: float, rows: int, columns: int, hollow: Colour | None = None) -> Marking:
    """Spots over trunk, neck and thighs; with `hollow`, rosettes."""

    def paint(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        chest = posed.build.chest
        on_trunk = posed.trunk(_scattered(rng, rows, columns, (-0.2, -0.55 * chest), (1.2, 0.55 * chest)))
        neck = posed.neck_base + _scattered(rng, 3, 4, (-0.1, -0.2), (0.25, 0.2))
        on_legs = np.concatenate(
            [_scattered(rng, 5, 2, (x - 0.08, -0.6), (x + 0.1, -0.05)) for x in (0.0, posed.stretch)]
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
        hue = jitter(rng, colour)
        start, shoulder = posed.trunk((0.62, -0.5 * posed.build.chest - posed.build.hump)), posed.neck_base
        middle = shoulder + (0.0, -0.42 * posed.build.chest)
        end = posed.neck_end + (-0.1 * posed.build.head, -0.4 * posed.build.head_depth)
        ridge = smooth([start, middle, end], 6, closed=False)
        comb = ridge + np.stack([rng.uniform(-0.03, 0.0, len(ridge)), -up * rng.uniform(0.2, 1.0, len(ridge))], 1)
        base = ridge[::-1] + (0.0, width)
        figure.fill(np.concatenate([comb, base]), hue, BODY + 10)

    return paint


def antlers(colour: Colour, length: float, tines: int, probability: float = 0.5, spread: float = 0.5) -> Marking:
    """Antlers of a stag; hinds have none."""

    def draw(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        if not chance(rng, probability):
            return
        size, hue = length * rng.uniform(0.6, 1.15), jitter(rng, colour)
        for side in (-1, 1):
            lean = side * spread if posed.front else -0.55 + 0.25 * side
            _antler(figure, posed, size, tines, lean, hue, HEAD if side < 0 else FRONT)

    return draw


def _antler(figure: Figure, posed: Posed, size: float, tines: int, lean: float, hue: Colour, level: int) -> None:
    b = posed.build
    root = np.array((np.sign(lean) * 0.2 * b.head if posed.front else -0.05 * b.head, -0.45 * b.head_depth))
    up = np.array((np.sin(lean), -np.cos(lean)))
    forward = np.array((np.sign(lean) if posed.front else 1.0, -0.3))
    beam = [root, root + size * (0.5 * up - 0.12 * forward), root + size * (up + 0.12 * forward)]
    figure.fill(posed.on_head(tapered(beam, (0.05, 0.042, 0.022), 4)), hue, level)
    for tine in range(tines):
        start = root + size * (0.18 + 0.55 * tine / max(tines, 1)) * up
        tip = start + size * 0.3 * (forward + 0.5 * up)
        figure.fill(posed.on_head(tapered([start, tip], (0.036, 0.014), 2)), hue, level)


def horns(colour: Colour, length: float, curl: float = 0.5) -> Marking:
    """A pair of unbranched horns."""

    def draw(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        b, size = posed.build, length * rng.uniform(0.7, 1.15)
        for side in (-1, 1):
            outward = side if posed.front else -0.5 + 0.15 * side
            root = np.array((side * 0.25 * b.head if posed.front else -0.1 * b.head, -0.4 * b.head_depth))
            points = [
                root,
                root + size * np.array((0.45 * outward, -0.5)),
                root + size * np.array((curl * outward, -1.0)),
            ]
            figure.fill(
                posed.on_head(tapered(points, (0.07, 0.055, 0.02), 4)), colour, HEAD if side < 0 else FRONT
            )

    return draw


def tusks(colour: Colour = (235, 228, 205), length: float = 0.1, probability: float = 0.7) -> Marking:
    """Tusks that curve up from the lower jaw."""

    def draw(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        if not chance(rng, probability):
            return
        b, size = posed.build, length * rng.uniform(0.6, 1.2)
        sides = (-1, 1) if posed.front else (1,)
        for side in sides:
            root = np.array(
                (side * 0.3 * b.head, 0.5 * b.head)
                if posed.front
                else (0.3 * b.head + 0.5 * b.muzzle, 0.36 * b.head_depth)
            )
            tip = root + size * np.array((0.3 * side, -1.0))
            figure.fill(
                posed.on_head(
                    tapered([root, root + size * np.array((0.5 * side, -0.3)), tip], (0.04, 0.035, 0.012), 3)
                ),
                colour,
                FRONT,
            )

    return draw


def chest_crescent(colour: Colour, probability: float = 0.7) -> Marking:
    """The pale crescent on a black bear's chest."""

    def paint(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        if not chance(rng, probability):
            return
        chest = posed.neck_base + (0.10 * posed.stretch, 0.16 * posed.build.chest)
        bow = [chest + (-0.12, -0.05), chest + (0.02, 0.07), chest + (0.13, -0.08)]
        figure.fill(tapered(bow, (0.03, 0.065, 0.03), 4), jitter(rng, colour))

    return paint


def forehead_stripes(colour: Colour) -> Marking:
    """Bars and cheek marks on a tiger's face."""

    def paint(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        b = posed.build
        half, tall = 0.5 * b.face * b.head, 0.5 * b.head
        for side in (-1, 1):
            for y, reach in ((-0.75, 0.35), (-0.5, 0.5), (0.2, 0.9), (0.45, 0.8)):
                inner = 0.1 if y < 0 else 0.62
                bar = [(side * inner * half, y * tall), (side * reach * half, (y - 0.08) * tall)]
                if posed.front:
                    figure.fill(posed.on_head(tapered(bar, (0.026, 0.02), 2)), colour)
            if not posed.front:
                x = -0.12 * b.head + side * 0.12 * b.head
                bar = [(x, 0.0), (x - 0.04, 0.4 * b.head_depth)]
                figure.fill(posed.on_head(tapered(bar, (0.028, 0.018), 2)), colour)

    return paint


def leg_socks(colour: Colour, height: float = 0.3) -> Marking:
    """Legs of another colour below a height."""

    def paint(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        if posed.stance in ("stand", "walk", "graze"):
            for x in (0.0, 0.95 * posed.stretch):
                figure.fill(ellipse((x, -0.5 * height), (0.3, 0.55 * height)), colour)

    return paint


def trunk(colour: Colour) -> Marking:
    """An elephant's trunk."""

    def draw(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        b, sway = posed.build, rng.uniform(-0.1, 0.25)
        x = 0.0 if posed.front else 0.45 * b.head
        points = [(x, 0.0), (x + 0.1, 0.3), (x + 0.08 + 0.5 * sway, 0.6), (x + 0.1 + sway, 0.85)]
        figure.fill(posed.neck_end + tapered(points, (0.26, 0.19, 0.13, 0.09)), colour, FRONT)

    return draw


def humps(colour: Colour) -> Marking:
    """A camel's two humps."""

    def draw(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        for u in (0.25, 0.75):
            hump = smooth([(u - 0.2, -0.12), (u - 0.08, -0.42), (u + 0.06, -0.44), (u + 0.2, -0.12)])
            figure.fill(posed.trunk(hump), colour, BODY)

    return draw


def face_bands(colour: Colour) -> Marking:
    """A badger's dark bands from the nose over the eyes."""

    def draw(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        b = posed.build
        for side in (-1, 1) if posed.front else (1,):
            start = (side * 0.1 * b.head, 0.4 * b.head) if posed.front else (0.4 * b.head + 0.6 * b.muzzle, 0.0)
            end = (side * 0.4 * b.head, -0.5 * b.head) if posed.front else (-0.4 * b.head, -0.2 * b.head_depth)
            figure.fill(posed.on_head(tapered([start, end], (0.05, 0.07), 3)), colour)

    return draw


def eye_mask(colour: Colour) -> Marking:
    """A raccoon's mask."""

    def draw(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        b = posed.build
        x, width = (0.0, 0.48 * b.face * b.head) if posed.front else (0.2 * b.head, 0.3 * b.head)
        figure.fill(posed.on_head(ellipse((x, -0.05 * b.head), (width, 0.14 * b.head))), colour)

    return draw


def nose_horn(colour: Colour) -> Marking:
    """A rhinoceros's horn."""

    def draw(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        b = posed.build
        x, y = (0.0, 0.5 * b.head) if posed.front else (0.4 * b.head + 0.8 * b.muzzle, -0.05 * b.head_depth)
        tip = (x + 0.04, y - rng.uniform(0.25, 0.42))
        figure.fill(posed.on_head(tapered([(x, y), tip], (0.11, 0.02), 3)), colour, FRONT)

    return draw
