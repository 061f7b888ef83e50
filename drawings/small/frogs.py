"""Frogs and toads, sitting or seen from above."""

import numpy as np

from drawings.canvas import Colour, Figure, chance, ellipse, jitter, mix, pick, shade, smooth, tapered

_SKINS = (  # back, belly
    ((98, 128, 52), (206, 206, 150)), ((116, 96, 60), (196, 180, 140)), ((84, 96, 60), (180, 176, 130)),
    ((140, 150, 60), (224, 220, 170)), ((72, 62, 50), (150, 134, 108)), ((60, 140, 60), (230, 226, 180)),
    ((172, 112, 60), (214, 186, 150)), ((180, 56, 36), (60, 60, 120)),
)  # fmt: skip
_COMMON = (4, 4, 3, 2, 3, 3, 1, 1)
_EYE = (24, 20, 14)


def draw_frog(rng: np.random.Generator) -> Figure:
    """One frog, facing right or away."""
    back, belly = (jitter(rng, colour, 0.2) for colour in pick(rng, _SKINS, _COMMON))
    figure = Figure()
    pick(rng, (_sitting, _from_above, _facing), (5, 3, 2))(figure, rng, back, belly)
    return figure


def _spots(figure: Figure, rng: np.random.Generator, skin: Colour, low: tuple, high: tuple) -> None:
    dark = shade(skin, rng.uniform(0.4, 0.8))
    for _ in range(int(rng.integers(0, 12))):
        radius = rng.uniform(0.02, 0.07)
        figure.fill(ellipse(rng.uniform(low, high), (radius * 1.2, radius)), dark)


def _eye(figure: Figure, x: float, y: float, size: float, skin: Colour, rng: np.random.Generator) -> None:
    figure.fill(ellipse((x, y), (1.25 * size, 1.2 * size)), shade(skin, 1.1), 230)
    figure.fill(ellipse((x + 0.1 * size, y), (0.85 * size, 0.85 * size)), jitter(rng, (206, 160, 60), 0.2), 235)
    figure.fill(ellipse((x + 0.1 * size, y), (0.6 * size, 0.4 * size)), _EYE)


def _sitting(figure: Figure, rng: np.random.Generator, back: Colour, belly: Colour) -> None:
    rise = rng.uniform(-0.15, 0.2)
    figure.fill(tapered([(0.3, 0.1), (0.42, 0.4), (0.62, 0.5)], (0.16, 0.11, 0.1), 3), shade(back, 0.7), 90)
    body = [(-0.75, 0.4), (-0.55, 0.0), (0.0, -0.32 - rise), (0.45, -0.42 - rise), (0.82, -0.2 - rise), (0.8, 0.0),
            (0.45, 0.3), (0.0, 0.48)]  # fmt: skip
    figure.fill(smooth(body), back, 150)
    figure.fill(
        smooth([(0.8, -0.04 - rise), (0.5, 0.02), (0.1, 0.25), (0.1, 0.46), (0.5, 0.28), (0.8, 0.04)]), belly
    )
    figure.soften(0.08)
    _spots(figure, rng, back, (-0.5, -0.3), (0.5, 0.1))
    if chance(rng, 0.4):  # a band behind the eye
        band = [(0.85, -0.14 - rise), (0.4, -0.12 - rise), (-0.3, 0.1)]
        figure.fill(tapered(band, (0.06, 0.09, 0.05), 3), mix(back, (40, 30, 20), 0.6))
    figure.fill(ellipse((-0.4, 0.26), (0.38, 0.24), -0.35), shade(back, 0.95), 190)
    figure.fill(tapered([(-0.6, 0.42), (-0.2, 0.5), (0.15, 0.52)], (0.16, 0.12, 0.1), 3), shade(back, 0.85), 195)
    figure.fill(tapered([(0.38, 0.16), (0.44, 0.36), (0.36, 0.52)], (0.18, 0.12, 0.1), 3), back, 200)
    figure.fill(ellipse((0.46, 0.53), (0.15, 0.05)), shade(back, 1.1), 205)
    figure.fill(tapered([(0.82, -0.08 - rise), (0.55, 0.0 - 0.5 * rise)], (0.025, 0.02), 2), shade(back, 0.45))
    _eye(figure, 0.48, -0.42 - rise, rng.uniform(0.11, 0.15), back, rng)


def _from_above(figure: Figure, rng: np.random.Generator, back: Colour, belly: Colour) -> None:
    spread = rng.uniform(0.4, 0.65)
    for side in (-1, 1):
        hind = [(-0.3, 0.15 * side), (-0.15, spread * side), (-0.6, 0.6 * spread * side), (-0.85, spread * side)]
        figure.fill(tapered(hind, (0.22, 0.17, 0.12, 0.14), 4), shade(back, 0.9), 110)
        fore = [(0.3, 0.2 * side), (0.45, 0.9 * spread * side), (0.7, 0.85 * spread * side)]
        figure.fill(tapered(fore, (0.14, 0.1, 0.1), 3), shade(back, 0.9), 110)
    half = rng.uniform(0.26, 0.36)
    flank = [(-0.4, 0.8), (0.1, 1.0), (0.5, 0.85)]
    body = [(-0.55, 0), *((x, y * half) for x, y in flank), (0.82, 0), *((x, -y * half) for x, y in flank[::-1])]
    figure.fill(smooth(body), back, 160)
    if chance(rng, 0.5):  # a line down the back
        figure.fill(tapered([(-0.5, 0), (0.75, 0)], (0.05, 0.04), 2), mix(back, belly, 0.8))
    _spots(figure, rng, back, (-0.45, -half * 0.7), (0.4, half * 0.7))
    for side in (-1, 1):
        _eye(figure, 0.52, side * 0.8 * half, 0.09, back, rng)
    turned = rng.uniform(-1.2, 1.2)
    turn = np.array([(np.cos(turned), np.sin(turned)), (-np.sin(turned), np.cos(turned))])
    figure.shapes = [(outline @ turn, colour, relief) for outline, colour, relief in figure.shapes]


def _facing(figure: Figure, rng: np.random.Generator, back: Colour, belly: Colour) -> None:
    wide = rng.uniform(0.5, 0.62)
    for side in (-1, 1):
        figure.fill(ellipse((0.85 * side * wide, 0.25), (0.3, 0.26)), shade(back, 0.85), 110)
        figure.fill(tapered([(0.5 * side * wide, 0.2), (0.75 * side * wide, 0.56)], (0.18, 0.13), 3), back, 190)
    figure.fill(
        smooth([(-wide, -0.05), (0, -0.38), (wide, -0.05), (0.8 * wide, 0.4), (0, 0.55), (-0.8 * wide, 0.4)]),
        back,
        150,
    )
    figure.fill(ellipse((0, 0.28), (0.62 * wide, 0.25)), belly)
    figure.soften(0.06)
    mouth = [(-0.85 * wide, -0.02), (0, 0.12), (0.85 * wide, -0.02)]
    figure.fill(tapered(mouth, (0.02, 0.035, 0.02), 4), shade(back, 0.4))
    _spots(figure, rng, back, (-0.3, -0.3), (0.3, -0.1))
    for side in (-1, 1):
        _eye(figure, 0.62 * side * wide, -0.3, rng.uniform(0.12, 0.16), back, rng)
