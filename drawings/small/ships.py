"""Ships and boats, from the side or a little from ahead."""

import numpy as np

from drawings.canvas import Colour, Figure, chance, ellipse, jitter, pick, rgb, shade, smooth, tapered

_HULLS = tuple(map(rgb, ("#242a34", "#8c2c28", "#e4e4e0", "#2c4878", "#3c5c4c", "#5c6068", "#b8452c", "#1c1e22")))
_BOXES = tuple(map(rgb, ("#b04030", "#3c6490", "#c8a040", "#5c8450", "#a8a8a4", "#d0703c", "#7c3c34", "#e0e0dc")))
_WHITE = (236, 236, 232)


def draw_ship(rng: np.random.Generator) -> Figure:
    """One ship of some kind, its bow to the right."""
    figure, hull = Figure(), jitter(rng, pick(rng, _HULLS), 0.2)
    kind = pick(rng, (_freighter, _liner, _sailing, _motor_boat, _warship, _tug), (4, 3, 3, 3, 2, 2))
    kind(figure, rng, hull)
    low, high = figure.box()
    foam = [((1.05 if side > 0 else 1.02) * (low[0] if side < 0 else high[0]), high[1] - 0.01) for side in (-1, 1)]
    figure.fill(
        tapered([foam[0], (0, high[1]), foam[1]], (0.02, 0.05, 0.03), 4), jitter(rng, (206, 214, 218), 0.1), 60
    )
    narrow = rng.uniform(0.45, 1.0) if chance(rng, 0.4) else rng.uniform(0.9, 1.1)  # turned towards the camera
    figure.shapes = [(outline * (narrow, 1.0), colour, relief) for outline, colour, relief in figure.shapes]
    return figure


def _hull(figure: Figure, colour: Colour, high: float, bow: float, stripe: Colour | None = None) -> None:
    """From -1 to 1 along, the deck at -high, the water at 0."""
    deck = smooth([(-1, -0.95 * high), (0, -0.85 * high), (1.0, -1.15 * high)], 4, closed=False)
    outline = np.concatenate([deck, [(1.0 - bow, 0.0), (-0.92, 0.0)]])
    figure.fill(outline, colour, 130)
    figure.fill(
        np.array([(-0.94, -0.22 * high), (1 - 0.9 * bow, -0.22 * high), (1 - bow, 0), (-0.92, 0)]),
        stripe or shade(colour, 0.7),
    )
    figure.fill(np.concatenate([deck, deck[::-1] + (0, 0.12 * high)]), shade(colour, 1.25))


def _block(
    figure: Figure, left: float, right: float, bottom: float, top: float, colour: Colour, relief: int = 150
) -> None:
    figure.fill(np.array([(left, bottom), (left, top), (right, top), (right, bottom)]), colour, relief)


def _window_row(figure: Figure, left: float, right: float, y: float, size: float) -> None:
    for x in np.arange(left, right - size, 2 * size):
        _block(figure, x, x + size, y, y - size, (44, 56, 70), 155)


def _freighter(figure: Figure, rng: np.random.Generator, hull: Colour) -> None:
    high = rng.uniform(0.16, 0.26)
    stern = chance(rng, 0.75)
    left = -0.9 if stern else rng.uniform(-0.3, 0.2)
    top = -high - rng.uniform(0.28, 0.45)
    if chance(rng, 0.7):  # containers
        width, tall = rng.uniform(0.11, 0.17), rng.uniform(0.06, 0.09)
        for x in np.arange(-0.62, 0.8, width):
            for level in range(int(rng.integers(1, 5))):
                y = -0.85 * high - level * tall
                _block(figure, x, x + 0.92 * width, y, y - 0.94 * tall, jitter(rng, pick(rng, _BOXES), 0.2), 140)
    else:  # cranes
        for x in rng.uniform(-0.5, 0.7, int(rng.integers(2, 5))):
            figure.fill(tapered([(x, -high), (x, top - 0.1)], (0.035, 0.025), 2), (196, 180, 120), 120)
            figure.fill(
                tapered([(x, top), (x + rng.choice((-0.25, 0.25)), top - 0.05)], (0.02, 0.02), 2),
                (196, 180, 120),
                120,
            )
    _block(figure, left, left + 0.24, -0.8 * high, top, jitter(rng, _WHITE, 0.1))
    for y in np.linspace(-high - 0.06, top + 0.06, 3):
        _window_row(figure, left + 0.02, left + 0.22, y, 0.03)
    _block(figure, left + 0.02, left + 0.12, top, top - 0.14, jitter(rng, pick(rng, _HULLS)), 145)
    _hull(figure, hull, high, rng.uniform(0.08, 0.2), jitter(rng, (140, 44, 38), 0.2))


def _liner(figure: Figure, rng: np.random.Generator, hull: Colour) -> None:
    high, white = rng.uniform(0.14, 0.22), jitter(rng, _WHITE, 0.06)
    decks, tall = int(rng.integers(2, 6)), rng.uniform(0.065, 0.09)
    for deck in range(decks):
        bottom, inset = -0.85 * high - deck * tall, 0.05 * deck
        _block(
            figure,
            -0.88 + inset,
            0.72 - 1.6 * inset,
            bottom,
            bottom - tall,
            white if deck % 2 else shade(white, 0.93),
        )
        _window_row(figure, -0.84 + inset, 0.68 - 1.6 * inset, bottom - 0.25 * tall, 0.45 * tall)
    roof = -0.85 * high - decks * tall
    for x in (-0.35, 0.0)[: int(rng.integers(1, 3))]:
        funnel = np.array([(x - 0.08, roof), (x - 0.11, roof - 0.2), (x + 0.03, roof - 0.18), (x + 0.07, roof)])
        figure.fill(funnel, jitter(rng, pick(rng, _HULLS + _BOXES)), 150)
    figure.fill(tapered([(0.4, roof), (0.4, roof - 0.2)], (0.02, 0.012), 2), (80, 80, 84), 100)
    _hull(figure, white if chance(rng, 0.6) else hull, high, rng.uniform(0.15, 0.3))


def _sailing(figure: Figure, rng: np.random.Generator, hull: Colour) -> None:
    cloth = jitter(rng, pick(rng, (_WHITE, _WHITE, (226, 214, 188), (176, 60, 52), (70, 96, 150))), 0.06)
    masts = pick(rng, (1, 2, 3), (6, 2, 1))
    for x in np.linspace(-0.1, 0.15, 1) if masts == 1 else np.linspace(-0.55, 0.5, masts):
        top, belly = -rng.uniform(1.3, 1.9) / (0.8 + 0.25 * masts), rng.uniform(0.02, 0.12)
        figure.fill(tapered([(x, -0.1), (x, top)], (0.035, 0.02), 2), (110, 88, 64), 110)
        if chance(rng, 0.12):  # sails taken down
            continue
        reach = rng.uniform(0.5, 0.75) / masts**0.5
        main = smooth(
            [(x - 0.02, -0.28), (x - 0.02, top), (x - 0.5 * reach - belly, 0.4 * top), (x - reach, -0.26)], 4
        )
        figure.fill(main, cloth, 150)
        jib = [
            (x + 0.04, -0.25),
            (x + 0.03, 0.92 * top),
            (x + 0.45 * reach + belly, 0.4 * top),
            (x + 0.95 * reach, -0.2),
        ]
        figure.fill(smooth(jib, 4), shade(cloth, 0.9), 145)
    high = rng.uniform(0.12, 0.2)
    _hull(figure, hull, high, rng.uniform(0.2, 0.4))


def _motor_boat(figure: Figure, rng: np.random.Generator, hull: Colour) -> None:
    high, white = rng.uniform(0.26, 0.38), jitter(rng, _WHITE, 0.08)
    roof = -high - rng.uniform(0.2, 0.36)
    cabin = [(-0.6, -0.8 * high), (-0.55, roof), (0.1, roof), (0.42, -0.85 * high)]
    figure.fill(np.array(cabin), white, 150)
    glass = [(-0.45, -0.95 * high), (-0.42, roof + 0.06), (0.06, roof + 0.06), (0.24, -0.95 * high)]
    figure.fill(np.array(glass), (50, 62, 76))
    if chance(rng, 0.5):
        figure.fill(tapered([(-0.2, roof), (-0.28, roof - 0.3)], (0.03, 0.02), 2), (210, 210, 206), 120)
    _hull(
        figure, white if chance(rng, 0.6) else hull, high, rng.uniform(0.35, 0.55), jitter(rng, pick(rng, _HULLS))
    )
    if chance(rng, 0.5):  # its wake
        figure.fill(ellipse((-1.0, 0.0), (0.4, 0.09)), (226, 232, 234), 70)


def _warship(figure: Figure, rng: np.random.Generator, hull: Colour) -> None:
    grey = jitter(rng, (128, 136, 142), 0.2)
    high = rng.uniform(0.14, 0.2)
    for left, right, top in ((-0.55, 0.3, 0.14), (-0.35, 0.15, 0.26), (-0.1, 0.1, 0.4)):
        _block(
            figure,
            left,
            right,
            -0.8 * high,
            -high - top * rng.uniform(0.8, 1.2),
            shade(grey, rng.uniform(0.9, 1.1)),
        )
    figure.fill(tapered([(0.0, -high - 0.3), (0.0, -high - 0.75)], (0.05, 0.02), 2), shade(grey, 0.8), 120)
    figure.fill(tapered([(0.5, -high - 0.04), (0.8, -high - 0.1)], (0.07, 0.02), 2), shade(grey, 0.75), 140)
    _hull(figure, grey, high, rng.uniform(0.12, 0.25), shade(grey, 0.6))


def _tug(figure: Figure, rng: np.random.Generator, hull: Colour) -> None:
    high, house = rng.uniform(0.26, 0.36), jitter(rng, pick(rng, (_WHITE, (196, 150, 60), (170, 60, 48))), 0.1)
    roof = -high - rng.uniform(0.35, 0.5)
    _block(figure, -0.3, 0.35, -0.8 * high, 0.5 * (roof - high), house)
    _block(figure, -0.1, 0.3, 0.5 * (roof - high), roof, shade(house, 1.08))
    _window_row(figure, -0.05, 0.3, roof + 0.16, 0.08)
    _block(figure, -0.36, -0.18, -high, roof + 0.05, jitter(rng, pick(rng, _HULLS)), 145)
    figure.fill(tapered([(0.05, roof), (0.05, roof - 0.35)], (0.035, 0.02), 2), (90, 88, 84), 120)
    _hull(figure, hull, high, rng.uniform(0.15, 0.3))
