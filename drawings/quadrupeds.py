"""Four-legged animals: an individual in its pose, put together from trunk, neck, legs, tail and head."""

import numpy as np

from drawings.canvas import Colour, Figure, ellipse, mix, ragged, shade, smooth, tapered, turn
from drawings.skeleton import Build, Posed, Species, pose

FAR, BODY, NEAR, HEAD, FRONT = 70, 150, 190, 215, 240  # reliefs: what is nearer is higher


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
    figure.fill(ragged(posed.trunk(outline), rng, 0.003 + 0.009 * b.shag), coat.side, BODY)
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
    figure.fill(ragged(outline, rng, 0.003 + 0.009 * b.shag), posed.coat.side, BODY + 15)
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
        figure.fill(ellipse(hip + (0.12, 0.0), (0.24, 0.9 * abs(hip[1]))), colour, level)
        figure.fill(ellipse((hip[0] + 0.32, -0.04), (0.13, 0.05)), posed.coat.foot, level)
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
    figure.fill(ragged(outline, rng, 0.003 + 0.008 * b.shag), posed.coat.tail, FAR + 40)
    if posed.coat.rings is not None:
        spine = smooth(points, 4, closed=False)
        across = 0.6 * b.tail_width * np.array([direction[1], -direction[0]])
        for centre in spine[2:]:
            figure.fill(tapered([centre - across, centre + across], (0.045, 0.035), 2), posed.coat.rings)


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
    snout = (0.32 * half + 0.25 * b.muzzle_depth, 0.3 * tall + 0.4 * long)
    figure.fill(at(ellipse((0, 0.62 * tall + 0.6 * long), snout)), coat.muzzle)
    figure.soften(0.02)
    figure.fill(at(ellipse((0, 0.6 * tall + 0.6 * long), (0.5 * snout[0], 0.35 * snout[1]))), coat.muzzle, FRONT)
    nose = 0.25 * b.muzzle_depth + 0.012
    figure.fill(at(ellipse((0, 0.48 * tall + 0.7 * long), (1.3 * nose, nose))), coat.nose, FRONT)
    figure.fill(
        at(tapered([(0, 0.5 * tall + long * 0.7), (0, 0.85 * tall + long * 0.8)], (0.012, 0.01), 2)), coat.nose
    )
    for side in (-1, 1):
        figure.fill(at(ellipse((side * 0.46 * half, -0.08 * tall), (0.022, 0.019))), (22, 17, 15))
