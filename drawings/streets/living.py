"""People on foot, riders and what they ride, animals: flat figures that face the camera."""

from dataclasses import dataclass

import numpy as np

from drawings.canvas import Colour, Figure, ellipse, jitter, mix, pick, shade, tapered
from drawings.people import HAIRS, JACKETS, SKINS, TROUSERS, draw_person
from drawings.quadrupeds import draw_quadruped
from drawings.skeleton import Build, Coat, Species
from drawings.streets.site import Site

SOLID = 1
BLACK, METAL = (32, 32, 34), (128, 130, 134)
HELMETS: tuple[Colour, ...] = ((30, 30, 34), (200, 200, 200), (170, 30, 34), (40, 70, 140))
MACHINES: tuple[Colour, ...] = ((150, 26, 28), (30, 32, 36), (40, 60, 120), (120, 124, 128))

# Colours in the order of the fields of Coat: back, side, belly, leg, muzzle, ear, tail, foot.
CATTLE = Species(
    Build(leg=0.62, hip=0.62, chest=0.52, loin=0.5, croup=0.5, hump=0.1, limb=0.17, shank=0.08, foot=0.07,
          neck=0.3, neck_width=0.3, neck_angle=0.3, head=0.24, head_depth=0.22, muzzle=0.22, muzzle_depth=0.13,
          ear=0.14, ear_shape="floppy", tail=0.6, tail_width=0.04, tail_angle=-1.4, hoofed=True),
    (Coat.of("#d8d0c4 #e2dccf #e8e2d8 #d8d0c4 #b8aca0 #cfc5b8 #d8d0c4 #3a342e"),
     Coat.of("#7a5236 #86603f #9a7654 #7a5640 #5a4232 #6e4a32 #7a5236 #2a2420"),
     Coat.of("#2e2a2a #383434 #3e3a38 #2e2a2a #4a4442 #2e2a2a #2e2a2a #1e1a1a")),
    stances={"stand": 5, "walk": 4}, facing_camera=0.0,
)  # fmt: skip
STREET_DOG = Species(
    Build(leg=0.55, hip=0.55, chest=0.38, loin=0.3, croup=0.32, limb=0.13, shank=0.07, tail=0.5, tail_curl=-0.9,
          ear_shape="floppy"),
    (Coat.of("#a8794a #b5865a #cdae86 #b5865a #c8a478 #946a40 #b5865a #c8a478"),
     Coat.of("#2c2826 #35302e #4a4440 #35302e #4a4440 #2c2826 #2c2826 #4a4440")),
    stances={"stand": 4, "walk": 4}, facing_camera=0.0,
)  # fmt: skip


def person(site: Site, across: float, ahead: float) -> None:
    """Somebody on foot, if there is room."""
    if not site.claim(across, ahead, 0.3, 0.3):
        return
    scale, foot = site.camera.scale(ahead), site.camera.project((across, 0, ahead))
    size = site.between(1.5, 1.85) / 1.95  # a drawn person measures about 1.95 units, with the feet at 0.91
    thing = site.add("person", ahead)
    thing.stamp(draw_person(site.rng), foot - (0, 0.91 * size * scale), size * scale, site.chance(0.5))
    site.shadow(across, ahead, 0.35, 0.25)


def animal(site: Site, across: float, ahead: float) -> None:
    """A cow or a dog, if there is room."""
    if not site.claim(across, ahead, 0.9, 0.4):
        return
    species, height = site.pick(((CATTLE, 1.35), (STREET_DOG, 0.6)), (3, 2))
    figure = draw_quadruped(species, site.rng)
    low, high = figure.box()
    unit = height / (high[1] - low[1])
    scale, foot = site.camera.scale(ahead) * unit, site.camera.project((across, 0, ahead))
    thing = site.add("animal", ahead)
    mirrored = site.chance(0.5)
    middle = (low[0] + high[0]) / 2 * (-1 if mirrored else 1)
    thing.stamp(figure, foot - np.array((middle, high[1])) * scale, scale, mirrored)
    site.shadow(across, ahead, 0.5 * unit * (high[0] - low[0]), 0.3)


@dataclass(frozen=True)
class Gear:
    """What riders of a city wear and ride."""

    jackets: tuple[Colour, ...] = JACKETS
    crowns: tuple[Colour, ...] = HELMETS + HAIRS  # of the head: helmets, hair
    motorcycles: tuple[Colour, ...] = MACHINES
    bicycles: tuple[Colour, ...] = JACKETS


def two_wheeler(
    site: Site,
    kind: str,
    across: float,
    ahead: float,
    riders: int = 1,
    sideways: bool = False,
    gear: Gear = Gear(),
) -> None:
    """A bicycle or a motorcycle, with or without people on it, from behind or the side, if there is room."""
    if not site.claim(across, ahead, *((0.9, 0.4) if sideways else (0.4, 0.9))):
        return
    scale, foot = site.camera.scale(ahead), site.camera.project((across, 0, ahead))
    machine, people = (_from_the_side if sideways else _from_behind)(site.rng, kind, riders, gear)
    mirrored = site.chance(0.5)
    site.add(kind, ahead).stamp(machine, foot, scale, mirrored)
    if riders:
        site.add("rider", ahead - 0.01).stamp(people, foot, scale, mirrored)
    half_width, half_length = (0.9, 0.25) if sideways else (0.35, 0.9)
    site.shadow(across, ahead + (0.0 if sideways else 0.8), half_width, half_length)


def _clothes(rng: np.random.Generator, gear: Gear) -> tuple[Colour, Colour, Colour, Colour]:
    """Jacket, trousers, skin, helmet or hair."""
    jacket, trousers, skin, crown = (pick(rng, c) for c in (gear.jackets, TROUSERS, SKINS, gear.crowns))
    return jitter(rng, jacket), jitter(rng, trousers), jitter(rng, skin), jitter(rng, crown)


def _from_the_side(rng: np.random.Generator, kind: str, riders: int, gear: Gear) -> tuple[Figure, Figure]:
    machine, people, motor = Figure(), Figure(), kind == "motorcycle"
    colour = jitter(rng, pick(rng, gear.motorcycles if motor else gear.bicycles))
    radius, spokes = (0.3, METAL) if motor else (0.34, mix(colour, METAL, 0.5))
    hub = np.array((0.66 if motor else 0.54, -radius))
    for side in (-1, 1):
        centre = hub * (side, 1)
        machine.fill(ellipse(centre, (radius, radius)), BLACK, SOLID)
        machine.fill(ellipse(centre, ((0.7 if motor else 0.86) * radius,) * 2), spokes)
        machine.fill(ellipse(centre, (0.2 * radius,) * 2), BLACK)
    (_motor_side if motor else _bicycle_side)(machine, hub, colour)
    for place in range(riders):
        _rider_side(people, _clothes(rng, gear), -0.1 - 0.42 * place, place == 0, motor)
    return machine, people


def _motor_side(machine: Figure, hub: np.ndarray, colour: Colour) -> None:
    machine.fill(
        np.array(
            [(-0.75, -0.82), (-0.1, -0.85), (0.35, -0.95), (0.5, -0.6), (0.3, -0.25), (-0.4, -0.25), (-0.6, -0.5)]
        ),
        colour,
        SOLID,
    )
    machine.fill(np.array([(-0.8, -0.88), (0.05, -0.84), (0.05, -0.74), (-0.72, -0.76)]), BLACK, SOLID)
    machine.fill(tapered([hub, (0.42, -0.98)], (0.08, 0.07), 2), METAL, SOLID)
    machine.fill(tapered([(0.3, -1.04), (0.48, -0.98)], (0.05, 0.05), 2), BLACK, SOLID)
    machine.fill(np.array([(-0.3, -0.5), (0.2, -0.5), (0.15, -0.28), (-0.25, -0.28)]), METAL)


def _bicycle_side(machine: Figure, hub: np.ndarray, colour: Colour) -> None:
    crank, saddle, fork = np.array((0.0, -0.3)), np.array((-0.16, -0.82)), np.array((0.4, -0.85))
    bars = (
        (hub * (-1, 1), crank),
        (crank, saddle),
        (crank, fork),
        (saddle, fork),
        (hub * (-1, 1), saddle),
        (hub, fork),
    )
    for start, end in bars:
        machine.fill(tapered([start, end], (0.06, 0.06), 2), colour, SOLID)
    machine.fill(tapered([(-0.3, -0.9), (-0.02, -0.9)], (0.08, 0.06), 2), BLACK, SOLID)
    machine.fill(tapered([fork, (0.46, -1.0), (0.3, -1.04)], (0.05, 0.05, 0.05), 2), BLACK, SOLID)


def _rider_side(people: Figure, clothes: tuple[Colour, ...], seat: float, steers: bool, motor: bool) -> None:
    jacket, trousers, skin, crown = clothes
    lean = 0.12 if motor else 0.28
    hip, shoulder = np.array((seat, -0.92)), np.array((seat + lean, -1.42))
    knee, foot = np.array((seat + 0.4, -0.72)), np.array((seat + 0.2, -0.3))
    people.fill(tapered([hip, knee, foot], (0.2, 0.16, 0.1)), trousers, SOLID)
    people.fill(ellipse(foot + (0.06, 0.02), (0.12, 0.05)), BLACK, SOLID)
    people.fill(tapered([hip, (hip + shoulder) / 2, shoulder], (0.3, 0.34, 0.26)), jacket, SOLID)
    hand = np.array((0.34, -1.03)) if steers else shoulder + (0.3, 0.3)
    elbow = (shoulder + hand) / 2 + (-0.02, 0.1)
    people.fill(tapered([shoulder, elbow, hand], (0.14, 0.11, 0.08)), shade(jacket, 0.85), SOLID)
    head = shoulder + (0.07, -0.24)
    people.fill(ellipse(head, (0.12, 0.15)), skin, SOLID)
    people.fill(ellipse(head + (-0.02, -0.05), (0.14, 0.12)), crown, SOLID)


def _from_behind(rng: np.random.Generator, kind: str, riders: int, gear: Gear) -> tuple[Figure, Figure]:
    machine, people, motor = Figure(), Figure(), kind == "motorcycle"
    half, height = (0.09, 0.62) if motor else (0.045, 0.68)
    machine.fill(ellipse((0, -height / 2), (half, height / 2)), BLACK, SOLID)
    if motor:
        colour = jitter(rng, pick(rng, gear.motorcycles))
        machine.fill(np.array([(-0.2, -0.42), (-0.16, -0.82), (0.16, -0.82), (0.2, -0.42)]), colour, SOLID)
        machine.fill(np.array([(-0.1, -0.62), (0.1, -0.62), (0.1, -0.72), (-0.1, -0.72)]), (176, 34, 30))
        machine.fill(np.array([(-0.09, -0.45), (0.09, -0.45), (0.09, -0.56), (-0.09, -0.56)]), (226, 220, 190))
    else:
        machine.fill(np.array([(-0.05, -0.6), (-0.09, -0.92), (0.09, -0.92), (0.05, -0.6)]), BLACK, SOLID)
    bar = 0.36 if motor else 0.28
    machine.fill(tapered([(-bar, -1.02), (0, -0.98), (bar, -1.02)], (0.06, 0.06, 0.06), 2), BLACK, SOLID)
    if riders:
        _rider_behind(people, _clothes(rng, gear))
    return machine, people


def _rider_behind(people: Figure, clothes: tuple[Colour, ...]) -> None:
    jacket, trousers, skin, crown = clothes
    for side in (-1, 1):
        people.fill(
            tapered([(0.1 * side, -0.88), (0.27 * side, -0.68), (0.2 * side, -0.3)], (0.2, 0.17, 0.1)),
            trousers,
            SOLID,
        )
        people.fill(ellipse((0.21 * side, -0.27), (0.07, 0.06)), BLACK, SOLID)
        people.fill(
            tapered([(0.2 * side, -1.36), (0.36 * side, -1.18), (0.31 * side, -1.02)], (0.14, 0.12, 0.08)),
            shade(jacket, 0.85),
            SOLID,
        )
    people.fill(
        np.array([(-0.2, -0.84), (-0.25, -1.36), (-0.1, -1.46), (0.1, -1.46), (0.25, -1.36), (0.2, -0.84)]),
        jacket,
        SOLID,
    )
    people.fill(ellipse((0, -1.62), (0.12, 0.15)), skin, SOLID)
    people.fill(ellipse((0, -1.65), (0.145, 0.15)), crown, SOLID)
