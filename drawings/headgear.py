"""What an animal carries on its head, and the marks on its face: drawn last."""

import numpy as np

from drawings.canvas import Colour, Figure, chance, ellipse, jitter, tapered
from drawings.coats import Marking
from drawings.quadrupeds import FRONT, HEAD
from drawings.skeleton import Posed


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


def nose_horn(colour: Colour) -> Marking:
    """A rhinoceros's horn."""

    def draw(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        b = posed.build
        x, y = (0.0, 0.5 * b.head) if posed.front else (0.4 * b.head + 0.8 * b.muzzle, -0.05 * b.head_depth)
        tip = (x + 0.04, y - rng.uniform(0.25, 0.42))
        figure.fill(posed.on_head(tapered([(x, y), tip], (0.11, 0.02), 3)), colour, FRONT)

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


def trunk(colour: Colour) -> Marking:
    """An elephant's trunk."""

    def draw(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
        b, sway = posed.build, rng.uniform(-0.1, 0.25)
        x = 0.0 if posed.front else 0.45 * b.head
        points = [(x, 0.0), (x + 0.1, 0.3), (x + 0.08 + 0.5 * sway, 0.6), (x + 0.1 + sway, 0.85)]
        figure.fill(posed.neck_end + tapered(points, (0.26, 0.19, 0.13, 0.09)), colour, FRONT)

    return draw


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
