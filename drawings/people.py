"""People outdoors: walking, standing, crouching, in all kinds of clothes."""

from dataclasses import dataclass

import numpy as np

from drawings.canvas import Colour, Figure, chance, ellipse, jitter, pick, shade, smooth, tapered

JACKETS: tuple[Colour, ...] = (
    (178, 52, 44),
    (52, 84, 140),
    (80, 96, 60),
    (206, 118, 40),
    (62, 62, 66),
    (122, 110, 84),
    (198, 178, 60),
    (150, 152, 156),
    (108, 62, 96),
    (66, 118, 104),
    (220, 220, 214),
)
TROUSERS: tuple[Colour, ...] = (
    (52, 58, 76),
    (70, 66, 58),
    (40, 40, 44),
    (110, 102, 82),
    (78, 88, 62),
    (124, 126, 130),
)
SKINS: tuple[Colour, ...] = ((226, 184, 156), (204, 158, 128), (168, 120, 92), (120, 82, 62))
HAIRS: tuple[Colour, ...] = ((42, 34, 30), (96, 68, 44), (168, 136, 88), (130, 128, 126), (28, 26, 28))


@dataclass
class Person:
    """Where the joints are (figure units, shoulder to hip is about 0.6) and what is worn."""

    hip: np.ndarray
    shoulder: np.ndarray
    head: np.ndarray
    width: float
    jacket: Colour
    trousers: Colour
    skin: Colour
    away: bool  # seen from behind


def draw_person(rng: np.random.Generator) -> Figure:
    """One person, facing right or the camera or away."""
    figure, person = Figure(), _person(rng)
    stance = pick(rng, ("walk", "stand", "crouch"), (5, 4, 2))
    if stance == "crouch":
        drop = np.array((0.0, rng.uniform(0.3, 0.5)))
        person.hip, person.shoulder, person.head = person.hip + drop, person.shoulder + drop, person.head + drop
        lean = np.array((rng.uniform(0.05, 0.25), 0.0))
        person.shoulder, person.head = person.shoulder + lean, person.head + 1.3 * lean
    _leg_pair(figure, rng, person, stance)
    _arm(figure, rng, person, -1, 90)
    _torso(figure, rng, person)
    _arm(figure, rng, person, 1, 200)
    _head(figure, rng, person)
    return figure


def _person(rng: np.random.Generator) -> Person:
    lean = rng.normal(0, 0.06)
    colours = (jitter(rng, pick(rng, options), 0.15) for options in (JACKETS, TROUSERS, SKINS))
    joints = np.array([(0.0, 0.0), (lean, -0.6), (1.3 * lean, -0.86)])
    return Person(*joints, rng.uniform(0.30, 0.46), *colours, chance(rng, 0.35))


def _leg_pair(figure: Figure, rng: np.random.Generator, person: Person, stance: str) -> None:
    stride = rng.uniform(0.2, 0.42) if stance == "walk" else rng.uniform(0.06, 0.14)
    boots = jitter(rng, (44, 38, 34), 0.3)
    for side, level in ((-1, 80), (1, 150)):
        hip = person.hip + (side * 0.08, 0.0)
        foot = np.array((side * stride, 0.88))
        knee = (hip + foot) / 2 + (0.07 if stance == "walk" else 0.02, 0.0)
        if stance == "crouch":
            knee = hip + (0.34 + 0.08 * side, 0.02 + 0.05 * side)
        cloth = shade(person.trousers, 0.75 if side < 0 else 1.0)
        figure.fill(tapered([hip, knee, foot], (0.22, 0.17, 0.12)), cloth, level)
        figure.fill(ellipse(foot + (0.05, 0.03), (0.13, 0.055)), boots, level)


def _torso(figure: Figure, rng: np.random.Generator, person: Person) -> None:
    half, hip, shoulder = person.width / 2, person.hip, person.shoulder
    coat = rng.uniform(0.02, 0.25)  # how far the jacket hangs below the hip
    outline = smooth(
        [
            shoulder + (-0.95 * half, 0.04),
            shoulder + (0, -0.06),
            shoulder + (0.95 * half, 0.04),
            hip + (0.85 * half, -0.2),
            hip + (0.9 * half, coat),
            hip + (-0.9 * half, coat),
            hip + (-0.85 * half, -0.2),
        ]
    )
    figure.fill(outline, person.jacket, 150)
    style = pick(rng, ("plain", "zip", "vest", "camouflage", "backpack"), (3, 3, 2, 2, 3))
    if style == "zip" and not person.away:
        figure.fill(tapered([shoulder, hip + (0, coat)], (0.03, 0.03), 2), shade(person.jacket, 0.5))
    elif style == "vest":
        for y in (-0.35, -0.15):
            figure.fill(tapered([hip + (-half, y), hip + (half, y)], (0.06, 0.06), 2), (226, 228, 120))
    elif style == "camouflage":
        for centre in hip + rng.uniform((-half, -0.6), (half, 0.1), (9, 2)):
            figure.fill(ellipse(centre, rng.uniform(0.04, 0.1, 2)), shade(person.jacket, rng.choice([0.6, 1.35])))
    elif style == "backpack":
        _backpack(figure, rng, person)


def _backpack(figure: Figure, rng: np.random.Generator, person: Person) -> None:
    colour = jitter(rng, pick(rng, JACKETS), 0.2)
    centre = (person.hip + person.shoulder) / 2 + (0.0 if person.away else -0.55 * person.width, -0.02)
    figure.fill(
        smooth([centre + (-0.15, -0.24), centre + (0.15, -0.24), centre + (0.17, 0.22), centre + (-0.17, 0.22)]),
        colour,
        170,
    )


def _arm(figure: Figure, rng: np.random.Generator, person: Person, side: int, level: int) -> None:
    shoulder = person.shoulder + (side * 0.46 * person.width, 0.06)
    angle = rng.normal(0, 0.45) + side * 0.25
    elbow = shoulder + 0.3 * np.array((np.sin(angle), np.cos(angle)))
    bend = angle + rng.uniform(0, 1.2)
    hand = elbow + 0.27 * np.array((np.sin(bend), np.cos(bend)))
    cloth = shade(person.jacket, 0.8 if side < 0 else 0.93)
    figure.fill(tapered([shoulder, elbow, hand], (0.15, 0.12, 0.09)), cloth, level)
    figure.fill(ellipse(hand, (0.05, 0.05)), person.skin, level)


def _head(figure: Figure, rng: np.random.Generator, person: Person) -> None:
    head, hair = person.head, jitter(rng, pick(rng, HAIRS))
    figure.fill(tapered([person.shoulder, head], (0.14, 0.12), 2), person.skin, 160)
    figure.fill(ellipse(head, (0.125, 0.16)), hair if person.away else person.skin, 215)
    hat = pick(rng, ("none", "cap", "hood", "beanie", "brim"), (4, 2, 2, 2, 1))
    if not person.away:
        turned = rng.uniform(-0.02, 0.07)
        for side in (-1, 1):
            figure.fill(ellipse(head + (turned + side * 0.045, -0.01), (0.013, 0.010)), (44, 34, 30))
        figure.fill(
            tapered([head + (turned - 0.03, 0.08), head + (turned + 0.03, 0.08)], (0.02, 0.02), 2), (150, 90, 84)
        )
    _hat(figure, rng, head, hat, hair, person)


def _hat(
    figure: Figure, rng: np.random.Generator, head: np.ndarray, hat: str, hair: Colour, person: Person
) -> None:
    cloth = person.jacket if hat == "hood" else jitter(rng, pick(rng, JACKETS), 0.2)
    low = 0.02 if hat == "hood" else -0.05
    crown = [(-0.14, low), (-0.13, -0.12), (0, -0.19), (0.13, -0.12), (0.14, low), (0.08, -0.09), (-0.08, -0.09)]
    figure.fill(head + smooth(crown), hair if hat == "none" else cloth, 220)
    if hat == "brim":
        figure.fill(ellipse(head + (0, -0.09), (0.24, 0.045)), cloth, 225)
    elif hat == "cap":
        figure.fill(ellipse(head + (0.12, -0.08), (0.11, 0.03)), cloth, 225)
