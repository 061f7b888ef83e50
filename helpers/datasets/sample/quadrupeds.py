"""Four-legged animals: one parametric skeleton that stands, walks, grazes, sits, lies, and turns its head."""
# ruff: noqa: RUF005 (points + (x, y) moves points, it does not join tuples)

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from helpers.datasets.sample.canvas import (
    Colour,
    Figure,
    chance,
    ellipse,
    jitter,
    mix,
    pick,
    ragged,
    shade,
    smooth,
    tapered,
    turn,
)

FAR, BODY, NEAR, HEAD, FRONT = 70, 150, 190, 215, 240  # reliefs: what is nearer is higher


@dataclass(frozen=True)
class Coat:
    """Colours of the parts."""

    back: Colour
    side: Colour
    belly: Colour
    leg: Colour
    muzzle: Colour
    ear: Colour
    tail: Colour
    foot: Colour
    nose: Colour = (30, 26, 26)
    throat: Colour | None = None
    rump: Colour | None = None

    def varied(self, rng: np.random.Generator, brightness: float = 0.14) -> "Coat":
        """The coat of one individual: all parts brighter or darker together, each with its own small cast."""
        gain = 1 + brightness * rng.uniform(-1, 1)
        parts = {name: value for name, value in vars(self).items() if value is not None}
        return replace(self, **{n: jitter(rng, shade(v, gain), 0.05, 5) for n, v in parts.items()})


@dataclass(frozen=True)
class Build:
    """Proportions; the unit is the trunk from hip joint to shoulder joint."""

    leg: float = 0.65  # height of the shoulder joint
    hip: float = 0.65  # height of the hip joint
    chest: float = 0.48  # depth of the trunk at the shoulder, the loin and the hip
    loin: float = 0.40
    croup: float = 0.42
    hump: float = 0.0  # how far the shoulder rises above the back
    sag: float = 0.0  # how far the back hangs (below 0: arches)
    limb: float = 0.16  # width of the upper leg, of the lower leg
    shank: float = 0.07
    foot: float = 0.08
    neck: float = 0.35
    neck_width: float = 0.26
    neck_angle: float = 0.8  # radians above the horizontal
    head: float = 0.26  # length of the skull, its depth
    head_depth: float = 0.24
    muzzle: float = 0.18  # how far the muzzle juts out, its depth at the nose
    muzzle_depth: float = 0.11
    face: float = 0.9  # width of the face seen from the front, in head lengths
    ear: float = 0.10
    ear_shape: str = "round"  # round, pointed, leaf or floppy
    tail: float = 0.6
    tail_width: float = 0.07
    tail_angle: float = -0.9  # radians above the horizontal, backwards
    tail_curl: float = 0.4
    shag: float = 0.0
    hoofed: bool = False

    def varied(self, rng: np.random.Generator, amount: float = 0.07) -> "Build":
        """One individual: lengths a little longer or shorter."""
        lengths = {name: v for name, v in vars(self).items() if isinstance(v, float) and v > 0}
        return replace(self, **{n: v * (1 + amount * rng.uniform(-1, 1)) for n, v in lengths.items()})


@dataclass(frozen=True)
class Species:
    """A build, the coats it comes in, its markings, its headgear and what it is seen doing."""

    build: Build
    coats: tuple[Coat, ...]
    markings: tuple[Callable, ...] = ()  # (figure, posed, rng), painted over the trunk before the near legs
    headgear: tuple[Callable, ...] = ()  # (figure, posed, rng), drawn last
    stances: dict[str, float] = None  # stance → weight
    facing_camera: float = 0.25  # share of heads turned to the camera


@dataclass
class Posed:
    """An individual in a pose: where its trunk and its head are, in figure units."""

    build: Build
    coat: Coat
    stance: str
    stretch: float  # foreshortening of the trunk, 1 seen from the side
    tilt: float  # of the trunk, radians, nose up
    hip: np.ndarray
    neck_end: np.ndarray
    neck_base: np.ndarray
    head_tilt: float  # radians, nose down
    front: bool  # the face is turned to the camera

    def trunk(self, points) -> np.ndarray:
        """From trunk units (0 hip to 1 shoulder, −0.5 back to 0.5 belly) to figure units."""
        points = np.asarray(points, float) * (self.stretch, 1.0)
        return turn(points, -self.tilt) + self.hip

    def on_head(self, points) -> np.ndarray:
        """From head units (figure units, skull at the origin, nose along +x) to figure units."""
        return turn(points, 0.0 if self.front else self.head_tilt) + self.neck_end


def draw_quadruped(species: Species, rng: np.random.Generator) -> Figure:
    """One individual in a random pose, facing right."""
    posed, figure = pose(species, rng), Figure()
    coat = posed.coat
    walk = rng.uniform(0, 2 * np.pi)
    swing = rng.uniform(0.12, 0.3) if posed.stance == "walk" else rng.uniform(0.0, 0.07)
    _tail(figure, posed, rng)
    _legs(figure, posed, walk + 1.2, swing, FAR, shade(coat.leg, 0.62))
    _trunk(figure, posed, rng)
    _neck(figure, posed, rng)
    figure.soften(0.06)
    _legs(figure, posed, walk, swing, NEAR, coat.leg)
    figure.soften(0.035)
    for marking in species.markings:
        marking(figure, posed, rng)
    (_face if posed.front else _profile)(figure, posed, rng)
    for extra in species.headgear:
        extra(figure, posed, rng)
    return figure


def pose(species: Species, rng: np.random.Generator) -> Posed:
    """Choose stance, view and where the head is held."""
    build = species.build.varied(rng)
    coat = pick(rng, species.coats).varied(rng)
    stances = species.stances or {"stand": 4, "walk": 4, "graze": 2, "lie": 1}
    stance = pick(rng, tuple(stances), tuple(stances.values()))
    stretch = pick(rng, (rng.uniform(0.85, 1.05), rng.uniform(0.4, 0.85)), (0.7, 0.3))
    hip_height, tilt = build.hip, np.arctan2(build.leg - build.hip, stretch)
    if stance == "sit":
        hip_height, tilt = build.croup * 0.45, rng.uniform(0.75, 1.05)
    elif stance == "lie":
        hip_height, tilt = build.croup * 0.5, 0.0
    hip = np.array([0.0, -hip_height])
    lift = build.neck_angle + rng.uniform(-0.25, 0.3) - (0.3 if stance == "walk" else 0.0)
    head_tilt = rng.uniform(-0.05, 0.45)
    if stance == "graze":
        lift, head_tilt = rng.uniform(-1.0, -0.6), rng.uniform(0.5, 1.0)
    posed = Posed(build, coat, stance, stretch, tilt, hip, hip, hip, head_tilt, False)
    posed.neck_base = posed.trunk((0.98, -0.12 * build.chest))
    reach = build.neck * np.array([np.cos(lift) * max(stretch, 0.7), -np.sin(lift)])
    posed.neck_end = posed.neck_base + reach
    posed.front = stance != "graze" and chance(rng, species.facing_camera + 0.5 * (stretch < 0.6))
    return posed


def _trunk(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
    b, coat = posed.build, posed.coat
    top = -0.5 * b.chest - b.hump
    outline = smooth(
        [
            (-0.20, 0.02),
            (-0.13, -0.40 * b.croup),
            (0.10, -0.52 * b.croup),
            (0.45, -0.5 * b.loin + b.sag - 0.25 * b.hump),
            (0.78, 0.9 * top),
            (0.98, 0.92 * top),
            (1.14, -0.22 * b.chest),
            (1.17, 0.14 * b.chest),
            (1.02, 0.46 * b.chest),
            (0.75, 0.52 * b.chest),
            (0.40, 0.50 * b.loin + 0.4 * b.sag),
            (0.08, 0.40 * b.croup),
            (-0.12, 0.34 * b.croup),
        ]
    )
    figure.fill(ragged(posed.trunk(outline), rng, 0.006 + 0.02 * b.shag), coat.side, BODY)
    figure.fill(posed.trunk(ellipse((0.45, -0.5 * b.loin + b.sag), (0.62, 0.16 * b.loin))), coat.back)
    if b.hump:
        figure.fill(posed.trunk(ellipse((0.85, top * 0.9), (0.2, 0.1))), coat.back)
    figure.fill(posed.trunk(ellipse((0.42, 0.5 * b.loin), (0.5, 0.17 * b.loin))), coat.belly)
    if coat.rump is not None:
        figure.fill(posed.trunk(ellipse((-0.16, -0.02), (0.11, 0.30 * b.croup))), coat.rump)


def _neck(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
    b, base, end = posed.build, posed.neck_base, posed.neck_end
    middle = (base + end) / 2 + (0.0, 0.02)
    widths = (0.72 * b.chest + 0.5 * b.hump, 0.5 * (b.neck_width + 0.6 * b.chest), b.neck_width)
    outline = tapered([base - (0.08 * posed.stretch, -0.02), middle, end], widths)
    figure.fill(ragged(outline, rng, 0.005 + 0.02 * b.shag), posed.coat.side, BODY + 15)
    if posed.coat.throat is not None:
        spot = middle * 0.45 + base * 0.55 + (0.10 * posed.stretch, 0.22 * b.chest)
        figure.fill(ellipse(spot, (0.10, 0.13)), posed.coat.throat)


def _legs(figure: Figure, posed: Posed, phase: float, swing: float, level: int, colour: Colour) -> None:
    b = posed.build
    shoulder, hip = posed.trunk((0.93, 0.16 * b.chest)), posed.trunk((0.02, 0.06 * b.croup))
    offset = 0.07 if level == FAR else -0.03  # the far pair stands a little ahead
    if posed.stance == "lie":
        _folded(figure, posed, shoulder, hip, level, colour)
        return
    lift = max(0.0, np.sin(phase)) * swing * 0.5
    toe = np.array([shoulder[0] + offset + swing * np.cos(phase), -lift])
    _leg(figure, b, shoulder, toe, 0.03, level, colour, posed.coat.foot)
    if posed.stance == "sit":
        knee = hip + (0.30, -0.05)
        figure.fill(smooth([hip + (-0.2, -0.1), hip + (0.1, -0.2), knee, hip + (0.2, 0.2)]), colour, level)
        figure.fill(ellipse((knee[0] + 0.08, -0.04), (0.14, 0.045)), colour, level)
        return
    lift = max(0.0, -np.sin(phase)) * swing * 0.5
    toe = np.array([hip[0] + offset - swing * np.cos(phase), -lift])
    _leg(figure, b, hip, toe, -0.10, level, colour, posed.coat.foot)


def _leg(figure, b: Build, top, toe, bend: float, level: int, colour: Colour, foot: Colour) -> None:
    """Upper leg, joint, cannon, foot; a negative bend puts the joint behind (the hock)."""
    top, toe = np.asarray(top), np.asarray(toe)
    knee = top + 0.55 * (toe - top) + (bend, 0.0)
    ankle = top + 0.86 * (toe - top) + (0.3 * bend, 0.0)
    thigh = top + 0.22 * (toe - top) + (-0.5 * bend, 0.0)
    widths = (b.limb * 1.25, b.limb * (1.2 if bend < 0 else 1.0), b.shank * 1.15, b.shank * 0.9, b.shank)
    figure.fill(tapered([top, thigh, knee, ankle, toe - (0, 0.03)], widths, 4), colour, level)
    length, height = (b.foot * 0.75, b.foot * 0.6) if b.hoofed else (b.foot, b.foot * 0.55)
    figure.fill(ellipse(toe + (0.3 * length, -0.5 * height), (length, height)), foot, level)


def _folded(figure, posed: Posed, shoulder, hip, level: int, colour: Colour) -> None:
    b, ground = posed.build, -0.05
    front = [(shoulder[0], shoulder[1] + 0.05), (shoulder[0] - 0.05, ground), (shoulder[0] + 0.32, ground)]
    figure.fill(tapered(front, (b.limb, b.shank * 1.3, b.shank), 4), colour, level)
    figure.fill(ellipse((hip[0] + 0.08, hip[1] + 0.04), (0.26, 0.18)), colour, level)
    figure.fill(ellipse((hip[0] + 0.34, ground), (0.16, b.shank * 0.6)), colour, level)


def _tail(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
    b = posed.build
    angle = b.tail_angle + rng.uniform(-0.3, 0.3)
    root = posed.trunk((-0.14, -0.3 * b.croup))
    direction = np.array([-np.cos(angle), -np.sin(angle)])
    bend = np.array([direction[1], -direction[0]]) * b.tail_curl * b.tail * rng.uniform(0.3, 1.2)
    points = [root, root + 0.5 * b.tail * direction - 0.2 * bend, root + b.tail * direction + bend]
    outline = tapered(points, (b.tail_width, b.tail_width * 1.05, b.tail_width * 0.7))
    figure.fill(ragged(outline, rng, 0.004 + 0.01 * b.shag), posed.coat.tail, FAR + 40)


def _profile(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
    b, coat = posed.build, posed.coat
    at = posed.on_head
    _side_ear(figure, posed, (-0.22 * b.head, -0.36 * b.head_depth), shade(coat.ear, 0.75), HEAD - 20)
    figure.fill(at(ellipse((0, 0), (0.55 * b.head, 0.5 * b.head_depth))), coat.side, HEAD)
    tip = 0.4 * b.head + b.muzzle
    widths = (b.head_depth * 0.8, (b.head_depth + b.muzzle_depth) * 0.5, b.muzzle_depth)
    drop = 0.12 * b.head_depth
    spine = [(0.1 * b.head, 0.3 * drop), (0.5 * tip + 0.1 * b.head, drop), (tip, 1.4 * drop)]
    figure.fill(at(tapered(spine, widths, 4)), mix(coat.side, coat.muzzle, 0.35), HEAD + 5)
    figure.fill(at(ellipse((tip * 0.86, 1.9 * drop), (0.35 * b.muzzle, 0.36 * b.muzzle_depth))), coat.muzzle)
    figure.soften(0.02)
    nose = 0.24 * b.muzzle_depth + 0.008
    figure.fill(at(ellipse((tip + 0.2 * nose, drop - 0.18 * b.muzzle_depth), (nose, nose))), coat.nose, HEAD + 5)
    mouth = [(tip * 0.95, 2.4 * drop), (tip * 0.6, 2.9 * drop)]
    figure.fill(at(tapered(mouth, (0.012, 0.008), 2)), shade(coat.nose, 1.2))
    eye = (0.26 * b.head, -0.13 * b.head_depth)
    figure.fill(at(ellipse(eye, (0.022, 0.018))), (18, 14, 12))
    _side_ear(figure, posed, (-0.14 * b.head, -0.40 * b.head_depth), coat.ear, FRONT)


def _side_ear(figure: Figure, posed: Posed, root, colour: Colour, level: int) -> None:
    figure.fill(posed.on_head(ear_outline(posed.build, 0.35) + root), colour, level)


def ear_outline(b: Build, lean: float) -> np.ndarray:
    """An ear whose root is at the origin, leaning backwards by `lean` radians."""
    e = b.ear
    if b.ear_shape == "round":
        return ellipse((0, -0.25 * e), (0.55 * e, 0.6 * e))
    if b.ear_shape == "floppy":
        return turn(
            smooth([(-0.3 * e, 0), (0.3 * e, 0), (0.35 * e, 0.7 * e), (0, 1.1 * e), (-0.3 * e, 0.7 * e)]), 0.2
        )
    if b.ear_shape == "pointed":
        return turn(
            np.array([(-0.4 * e, 0.1 * e), (-0.1 * e, -0.7 * e), (0.05 * e, -e), (0.4 * e, 0.1 * e)]), -lean
        )
    leaf = smooth(
        [(-0.12 * e, 0.05 * e), (-0.32 * e, -0.5 * e), (0, -1.15 * e), (0.28 * e, -0.5 * e), (0.12 * e, 0.05 * e)]
    )
    return turn(leaf, -lean * 1.6)


def _face(figure: Figure, posed: Posed, rng: np.random.Generator) -> None:
    """The head seen from the front."""
    b, coat, at = posed.build, posed.coat, posed.on_head
    half, tall = 0.5 * b.face * b.head, 0.5 * b.head * 1.05
    for side in (-1, 1):
        ear = ear_outline(b, 0.45) * (-side, 1) + (side * half * 0.8, -0.62 * tall)
        figure.fill(at(ear), coat.ear, HEAD - 10)
        inner = 0.55 * (ear - ear.mean(0)) + ear.mean(0)
        figure.fill(at(inner), mix(coat.ear, (60, 45, 42), 0.5))
    long = 0.55 * b.muzzle  # a long muzzle seen from the front still hangs lower
    outline = smooth(
        [
            (-half, -0.2 * tall),
            (-0.6 * half, -0.92 * tall),
            (0.6 * half, -0.92 * tall),
            (half, -0.2 * tall),
            (0.72 * half, 0.55 * tall),
            (0.42 * half, tall + long),
            (-0.42 * half, tall + long),
            (-0.72 * half, 0.55 * tall),
        ]
    )
    figure.fill(at(outline), coat.side, HEAD)
    snout = (0.42 * half + 0.25 * b.muzzle_depth, 0.34 * tall + 0.5 * long)
    figure.fill(at(ellipse((0, 0.62 * tall + 0.6 * long), snout)), coat.muzzle)
    figure.soften(0.02)
    figure.fill(at(ellipse((0, 0.6 * tall + 0.6 * long), (0.5 * snout[0], 0.35 * snout[1]))), coat.muzzle, FRONT)
    nose = 0.25 * b.muzzle_depth + 0.012
    figure.fill(at(ellipse((0, 0.48 * tall + 0.7 * long), (1.3 * nose, nose))), coat.nose, FRONT)
    figure.fill(
        at(tapered([(0, 0.5 * tall + long * 0.7), (0, 0.85 * tall + long * 0.8)], (0.012, 0.01), 2)), coat.nose
    )
    for side in (-1, 1):
        figure.fill(at(ellipse((side * 0.46 * half, -0.08 * tall), (0.028, 0.022))), (18, 14, 12))
