"""Four-legged animals: their proportions, their colours, and the poses they take."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from drawings.canvas import Colour, chance, jitter, pick, rgb, shade, turn


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
    rings: Colour | None = None  # round the tail

    def varied(self, rng: np.random.Generator, brightness: float = 0.14) -> "Coat":
        """The coat of one individual: all parts brighter or darker together, each with its own small cast."""
        gain = 1 + brightness * rng.uniform(-1, 1)
        parts = {name: value for name, value in vars(self).items() if value is not None}
        return replace(self, **{n: jitter(rng, shade(v, gain), 0.05, 4) for n, v in parts.items()})

    @classmethod
    def of(cls, colours: str, **others: str) -> "Coat":
        """From hexadecimal colours in the order of the fields above: "#cea058 #dcb26a …"."""
        return cls(*(rgb(c) for c in colours.split()), **{name: rgb(c) for name, c in others.items()})


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
    stances: dict[str, float] = field(  # stance → weight
        default_factory=lambda: {"stand": 4, "walk": 4, "graze": 2, "lie": 1}
    )
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
        return (np.asarray(points) if self.front else turn(points, self.head_tilt)) + self.neck_end


def pose(species: Species, rng: np.random.Generator) -> Posed:
    """Choose stance, view and where the head is held."""
    build = species.build.varied(rng)
    coat = pick(rng, species.coats).varied(rng)
    stance = pick(rng, tuple(species.stances), tuple(species.stances.values()))
    stretch = pick(rng, (rng.uniform(0.85, 1.05), rng.uniform(0.45, 0.85)), (0.8, 0.2))
    hip_height, tilt = build.hip, np.arctan2(build.leg - build.hip, stretch)
    if stance == "sit":
        stretch = min(stretch, 0.8)
        hip_height, tilt = build.croup * 0.5, rng.uniform(0.7, 0.95)
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
    posed.front = stance != "graze" and chance(rng, species.facing_camera + 0.4 * (stretch < 0.6))
    return posed
