"""Cats, dogs and horses seen so near that little but the head is in the picture."""

from dataclasses import dataclass

import numpy as np

from drawings.canvas import Colour, Figure, chance, ellipse, jitter, mix, pick, rgb, shade, smooth, tapered

FUR, NOSES = 0.02, ((46, 38, 38), (206, 150, 140), (60, 46, 42))


@dataclass(frozen=True)
class Face:
    """Proportions of a head seen from the front; the unit is half its height."""

    wide: float  # half width at the cheeks
    jaw: float  # half width at the chin
    ears: str  # pointed, upright or hanging
    ear: float  # length
    muzzle: float  # half width of the muzzle
    drop: float  # how far the muzzle reaches below the head
    nose: float
    eye: float
    eye_colours: tuple[Colour, ...]
    slit: bool = False  # pupils
    stripes: float = 0.0  # share with bars on the forehead


_GREEN, _AMBER, _BROWN, _BLUE = rgb("#8ca05a"), rgb("#c89a3c"), rgb("#4a2c1c"), rgb("#8cb0d0")
CAT_FACE = Face(0.98, 0.5, "pointed", 0.72, 0.36, 0.0, 0.09, 0.2, (_GREEN, _AMBER, _AMBER, _BLUE), True, 0.55)
DOG_FACE = Face(0.78, 0.46, "upright", 0.66, 0.42, 0.32, 0.19, 0.13, (_BROWN, _BROWN, _BROWN, _BLUE))
HOUND_FACE = Face(0.8, 0.52, "hanging", 1.15, 0.46, 0.34, 0.2, 0.13, (_BROWN,))
PUG_FACE = Face(0.95, 0.7, "hanging", 0.6, 0.55, 0.05, 0.17, 0.17, (_BROWN,))
_FURS = {  # head, muzzle, ear
    "cat": (
        "#6c645a #b4aa9c #585048", "#c8803c #f0e4d4 #b06c30", "#242226 #2c2a2e #1e1c20", "#e6e4e0 #f2f0ec #d8c0b8",
        "#7c8088 #a8acb0 #6c7078", "#9c8468 #d8cab4 #7c644c", "#d8c8b0 #e8dcc8 #5c4838", "#303032 #e8e6e2 #28282a",
    ),
    "dog": (
        "#8c5c34 #c49c70 #6c4428", "#c89c60 #e4cca0 #b08448", "#2a2628 #6c5038 #222022", "#e6e2dc #f0ece6 #8c5c38",
        "#5c5e64 #e6e4e2 #46484c", "#a8743c #3c302a #84562c", "#4c3828 #8c6c50 #3c2c20", "#d8c4a4 #4a3c34 #b09878",
    ),
}  # fmt: skip


def draw_cat_face(rng: np.random.Generator) -> Figure:
    """A cat that looks into the camera, more or less."""
    return _portrait(rng, CAT_FACE, "cat")


def draw_dog_face(rng: np.random.Generator) -> Figure:
    """A dog that looks into the camera, more or less."""
    return _portrait(rng, pick(rng, (DOG_FACE, HOUND_FACE, PUG_FACE), (4, 4, 2)), "dog")


def _portrait(rng: np.random.Generator, face: Face, kind: str) -> Figure:
    fur, muzzle, ear = (jitter(rng, rgb(colour), 0.16, 6) for colour in pick(rng, _FURS[kind]).split())
    figure, aside = Figure(), rng.uniform(-0.35, 0.35)  # how far the head is turned
    _chest(figure, rng, fur, muzzle)
    if face.ears != "hanging":
        _ears(figure, face, fur, ear, aside)
    outline = [(-face.wide, 0.1), (-0.75 * face.wide, -0.75), (0, -1), (0.75 * face.wide, -0.75), (face.wide, 0.1),
               (face.jaw, 0.8), (0, 1 + 0.6 * face.drop), (-face.jaw, 0.8)]  # fmt: skip
    skull = smooth(outline, 5)
    figure.fill(skull + rng.normal(0, FUR, skull.shape), fur, 170)
    if chance(rng, face.stripes):
        _bars(figure, face, shade(fur, 0.5))
    if chance(rng, 0.35):  # a pale blaze
        figure.fill(tapered([(0.7 * aside, -0.9), (0.9 * aside, 0.4)], (0.16, 0.5), 3), muzzle)
    figure.soften(0.08)
    _muzzle(figure, rng, face, muzzle, aside)
    iris = jitter(rng, pick(rng, face.eye_colours), 0.15)
    for side in (-1, 1):
        _eye(figure, face, 0.48 * side * face.wide + 0.6 * aside, iris, fur)
    if face.ears == "hanging":
        _ears(figure, face, fur, ear, aside)
    return _tilted(figure, rng.normal(0, 0.16))


def _chest(figure: Figure, rng: np.random.Generator, fur: Colour, pale: Colour) -> None:
    """Neck and shoulders, which go on below the picture."""
    deep, wide = rng.uniform(2.0, 2.5), rng.uniform(0.75, 1.1)
    body = smooth(
        [(-0.55, 0.3), (-wide, 1.2), (-1.05 * wide, deep), (1.05 * wide, deep), (wide, 1.2), (0.55, 0.3)], 4
    )
    figure.fill(body, shade(fur, 0.85), 110)
    if chance(rng, 0.5):
        figure.fill(ellipse((0, 1.25), (0.5 * wide, 0.6)), mix(fur, pale, 0.8))
    figure.soften(0.12)


def _ears(figure: Figure, face: Face, fur: Colour, ear: Colour, aside: float) -> None:
    for side in (-1, 1):
        x = side * face.wide
        if face.ears == "hanging":
            outline = [
                (0.55 * x, -0.88),
                (1.08 * x, -0.6),
                (1.25 * x, -0.6 + face.ear),
                (0.9 * x, -0.3 + 0.6 * face.ear),
            ]
            figure.fill(smooth(outline, 4), ear, 200)
            continue
        lean = side * (0.18 if face.ears == "pointed" else 0.05) + 0.3 * aside
        tip = (0.72 * x + lean, -0.75 - face.ear)
        outline = np.array([(0.22 * x, -0.9), tip, (0.98 * x, -0.4)])
        figure.fill(outline, ear, 150)
        figure.fill(outline * 0.6 + 0.4 * outline.mean(0), mix(shade(fur, 0.8), (214, 150, 140), 0.45))


def _bars(figure: Figure, face: Face, dark: Colour) -> None:
    for x in (-0.22, 0.0, 0.22):
        figure.fill(tapered([(x, -0.95), (0.7 * x, -0.5)], (0.09, 0.05), 2), dark)
    for side in (-1, 1):
        for y in (0.1, 0.35):
            figure.fill(
                tapered([(side * face.wide, y), (0.6 * side * face.wide, y + 0.06)], (0.08, 0.03), 2), dark
            )


def _muzzle(figure: Figure, rng: np.random.Generator, face: Face, pale: Colour, aside: float) -> None:
    y = 0.42 + 0.7 * face.drop
    figure.fill(ellipse((aside, y + 0.12), (face.muzzle, 0.34 + 0.4 * face.drop)), pale, 215)
    figure.soften(0.04)
    nose = jitter(rng, pick(rng, NOSES, (6, 2, 2) if face.drop or face.nose > 0.15 else (3, 4, 3)), 0.15)
    top = y - 0.14 + 0.1 * face.drop
    figure.fill(
        np.array([(aside - 1.3 * face.nose, top), (aside + 1.3 * face.nose, top), (aside, top + 1.6 * face.nose)]),
        nose,
    )
    mouth = top + 1.5 * face.nose
    for side in (-1, 1):
        lip = [(aside, mouth), (aside + 0.5 * side * face.muzzle, mouth + 0.16)]
        figure.fill(tapered(lip, (0.05, 0.03), 2), mix(pale, (40, 30, 30), 0.7))
    if face.drop and chance(rng, 0.3):  # panting
        figure.fill(tapered([(aside, mouth + 0.12), (aside, mouth + 0.42)], (0.2, 0.16), 3), (206, 112, 116), 220)


def _eye(figure: Figure, face: Face, x: float, colour: Colour, fur: Colour) -> None:
    size = face.eye
    figure.fill(ellipse((x, -0.12), (1.25 * size, 1.15 * size)), shade(fur, 0.55))
    figure.fill(ellipse((x, -0.12), (size, 0.9 * size)), colour)
    figure.fill(ellipse((x, -0.12), ((0.4 if face.slit else 0.6) * size, 0.75 * size)), (14, 12, 12))
    figure.fill(ellipse((x + 0.25 * size, -0.12 - 0.3 * size), (0.2 * size, 0.2 * size)), (236, 236, 236))


def _tilted(figure: Figure, angle: float) -> Figure:
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    figure.shapes = [(outline @ turn, colour, relief) for outline, colour, relief in figure.shapes]
    return figure
