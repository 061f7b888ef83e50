"""Aeroplanes as solids that may be seen from anywhere."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from drawings.canvas import Colour, Figure, chance, jitter, mix, pick, rgb, shade, tapered

_LIVERIES = tuple(
    tuple(map(rgb, colours.split()))  # body, tail and stripe
    for colours in ("#e8eaec #2c4c90", "#f0f0ee #b02c2c", "#d8dce0 #d8dce0", "#b8bec4 #5c6870", "#e0e2e2 #2c7c5c",
                    "#c4c8cc #303438", "#f2efe6 #e0a030", "#8c949c #6c747c")
)  # fmt: skip


Solid = Sequence[tuple[float, float, float]]
_TURNS = np.linspace(0, 2 * np.pi, 16, False)
RING = np.stack([np.cos(_TURNS), np.sin(_TURNS)], 1)


@dataclass(frozen=True)
class Airframe:
    """Lengths in half lengths of the fuselage; (along, up, side)."""

    body: float = 0.1  # radius of the fuselage
    span: float = 0.95  # half
    root: tuple[float, float] = (0.22, -0.2)  # where the wing leaves the body, leading and trailing edge
    sweep: float = 0.5  # how far the tip lies behind
    tip: float = 0.1  # depth of the wing at its end
    wing_up: float = -0.05
    decks: int = 1
    fin: float = 0.36
    engines: tuple[tuple[float, float], ...] = ((0.08, 0.34),)  # along, side; on both wings
    propeller: bool = False
    wheels: bool = False
    nose: float = 0.5  # how blunt


AIRLINER = Airframe()
HEAVY = replace(AIRLINER, body=0.12, engines=((0.12, 0.3), (-0.1, 0.6)), span=1.05)
TAIL_ENGINED = replace(AIRLINER, body=0.085, engines=((-0.62, 0.16),), span=0.8, wing_up=-0.06)
LIGHT = Airframe(0.13, 1.15, (0.32, 0.0), 0.03, 0.24, 0.12, 1, 0.34, (), True, True, 0.75)
BIPLANE = replace(LIGHT, span=0.95, wing_up=-0.1, decks=2, root=(0.42, 0.1))
FIGHTER = Airframe(0.09, 0.55, (0.2, -0.62), 0.62, 0.12, 0.0, 1, 0.36, (), False, False, 0.1)
_FRAMES = {AIRLINER: 4, HEAVY: 2, TAIL_ENGINED: 2, LIGHT: 2, BIPLANE: 1, FIGHTER: 2}


@dataclass(frozen=True)
class _View:
    """From where it is seen."""

    axes: np.ndarray  # (3, 3) rows: along, up, side of the aircraft → right, down, away

    @classmethod
    def of(cls, yaw: float, pitch: float, roll: float, height: float) -> "_View":
        """Turned by yaw (0: its side is seen), nose up by pitch, banked by roll; seen from a height (radians)."""
        cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (np.cos, np.sin))
        ch, sh = np.cos(height), np.sin(height)
        bank = np.array([(1, 0, 0), (0, cr, sr), (0, -sr, cr)])
        climb = np.array([(cp, sp, 0), (-sp, cp, 0), (0, 0, 1)])
        heading = np.array([(cy, 0, sy), (0, 1, 0), (-sy, 0, cy)])
        seen = np.array([(1, 0, 0), (0, -ch, sh), (0, -sh, -ch)])
        return cls(bank @ climb @ heading @ seen)

    def points(self, solid: Solid) -> np.ndarray:
        """(n, 3) of the aircraft → (n, 2)."""
        return (np.asarray(solid, float) @ self.axes)[:, :2]

    def away(self, solid: Solid) -> float:
        """How far off something is."""
        return float((np.asarray(solid, float) @ self.axes)[:, 2].mean())


def draw_aircraft(rng: np.random.Generator, flying: bool) -> Figure:
    """One aeroplane, in the air or on the ground."""
    frame = pick(rng, tuple(_FRAMES), tuple(_FRAMES.values()))
    body, tail = _paint(rng, frame, flying)
    around = pick(rng, (0.0, np.pi)) + rng.normal(0, 0.55) if chance(rng, 0.75) else rng.uniform(0, 2 * np.pi)
    if flying:
        view = _View.of(around, rng.normal(0.12, 0.2), rng.normal(0, 0.3), rng.uniform(-0.9, 0.35))
    else:
        view = _View.of(around, 0.0 if not frame.wheels else 0.1, 0.0, rng.uniform(0.05, 0.35))
    aircraft = _Aircraft(Figure(), frame, view, body, tail, frame.wheels or not flying)
    for _, draw in sorted(aircraft.parts(), key=lambda part: -part[0]):
        draw()
    return aircraft.figure


def _paint(rng: np.random.Generator, frame: Airframe, flying: bool) -> tuple[Colour, Colour]:
    """Colours of body and tail."""
    body, tail = (jitter(rng, colour, 0.1) for colour in pick(rng, _LIVERIES))
    if frame is FIGHTER:
        body = tail = jitter(rng, pick(rng, ((128, 134, 140), (92, 100, 96), (164, 168, 172))), 0.2)
    if frame in (LIGHT, BIPLANE) and chance(rng, 0.5):
        body = jitter(rng, pick(rng, ((216, 180, 48), (176, 44, 40), (52, 88, 152), (84, 100, 68))), 0.15)
    if flying and chance(rng, 0.25):  # against the light
        body = tail = jitter(rng, (58, 62, 70), 0.4)
    return body, tail


Part = tuple[float, Callable[[], None]]  # how far away it is, and what draws it


@dataclass(frozen=True)
class _Aircraft:
    """One aeroplane while it is drawn; places are (along, up, side), the nose at 1."""

    figure: Figure
    frame: Airframe
    view: _View
    body: Colour
    tail: Colour
    on_wheels: bool

    def parts(self) -> Iterator[Part]:
        """All parts, in no order."""
        yield 0.0, self.fuselage
        for side in (-1, 1):
            yield from self.wings(side)
            for along, apart in self.frame.engines:
                yield self.engine(along, side * apart)
        fin = [(-0.62, 0.06, 0), (-0.88, self.frame.fin, 0), (-1.0, self.frame.fin, 0), (-0.95, 0.04, 0)]
        yield self.flat(fin, self.tail, 170)
        if self.frame.propeller:
            turns = 0.5 + np.pi * np.arange(2)
            low, high = ((1.0, 0.26 * np.sin(a), 0.26 * np.cos(a)) for a in turns)
            away, draw = self.flat([low, (1.0, 0, 0.02), high, (1.0, 0, -0.02)], (44, 42, 40), 200)
            yield away - 0.2, draw
        if self.on_wheels:
            for along, side in ((0.12, 0.2), (0.12, -0.2), (0.78, 0.0)):
                yield self.view.away([(along, -0.2, side)]) + 0.05, partial(self.wheel, along, side)

    def flat(self, solid: Solid, colour: Colour, relief: int) -> Part:
        """A flat part."""
        return self.view.away(solid), partial(self.figure.fill, self.view.points(solid), colour, relief)

    def wings(self, side: int) -> Iterator[Part]:
        """Wing and tailplane of one side."""
        metal, frame = mix(self.body, (120, 126, 132), 0.45), self.frame
        (lead, trail), tip = frame.root, frame.root[0] - frame.sweep
        for deck in range(frame.decks):
            up, out = frame.wing_up + 0.3 * deck, side * frame.span
            outline = [(lead, up, side * 0.03), (tip, up + 0.08, out), (tip - frame.tip, up + 0.08, out)]
            seen_from_below = self.view.axes[1, 1] > 0
            yield self.flat(
                [*outline, (trail, up, side * 0.03)], shade(metal, 0.8 if seen_from_below else 1.0), 120
            )
        tailplane = [
            (-0.72, 0.04, side * 0.05),
            (-0.9, 0.05, side * 0.4),
            (-1.0, 0.05, side * 0.4),
            (-0.95, 0.04, 0),
        ]
        yield self.flat(tailplane, metal, 130)

    def fuselage(self) -> None:
        """The body, its belly in shadow, a row of windows, the cockpit."""
        figure, view, r, blunt = self.figure, self.view, self.frame.body, self.frame.nose
        spine = view.points([(-1, 0.04, 0), (-0.6, 0.01, 0), (0.5, 0, 0), (0.85, -0.01, 0), (1, -0.02, 0)])
        widths = np.array((0.4, 1.5, 2, 2 * (0.45 + 0.5 * blunt), 1.2 * blunt)) * r
        figure.fill(tapered(spine, widths, 4), self.body, 160)
        if abs(view.axes[0, 2]) > 0.5:  # seen from ahead or behind it is a disc
            figure.fill(view.points([(0.5, r * y, r * x) for x, y in RING]), shade(self.body, 1.05), 165)
        belly = view.points([(-0.8, -0.5 * r, 0), (0.8, -0.6 * r, 0)])
        figure.fill(tapered(belly, (0.5 * r, 0.7 * r), 2), shade(self.body, 0.7))
        figure.soften(0.05)
        for side in (-1, 1):
            if view.axes[2, 2] * side < 0:  # the side that is seen
                line = view.points([(-0.7, 0.25 * r, side * r), (0.7, 0.25 * r, side * r)])
                figure.fill(tapered(line, (0.3 * r, 0.3 * r), 2), mix(self.tail, (60, 66, 74), 0.5))
        glass = [(0.86, 0.35, -0.5), (0.86, 0.35, 0.5), (0.7, 0.95, 0.4), (0.7, 0.95, -0.4)]
        figure.fill(view.points([(x, r * y, r * z) for x, y, z in glass]), (40, 46, 54), 175)

    def engine(self, along: float, side: float) -> Part:
        """Below the wing, or at the tail."""
        up = self.frame.wing_up - 0.07 if along > -0.5 else 0.05
        solid = [(along + 0.2, up, side), (along - 0.12, up, side)]
        outline = tapered(self.view.points(solid), (0.13, 0.09), 2)
        return self.view.away(solid), partial(self.figure.fill, outline, (104, 110, 116), 150)

    def wheel(self, along: float, side: float) -> None:
        """A wheel on its leg."""
        leg = self.view.points([(along, -0.05, 0.5 * side), (along, -0.24, side)])
        self.figure.fill(tapered(leg, (0.03, 0.03), 2), (90, 92, 96), 90)
        tyre = [(along + 0.06 * x, -0.26 + 0.06 * y, side) for x, y in RING[::2]]
        self.figure.fill(self.view.points(tyre), (34, 34, 36), 95)
