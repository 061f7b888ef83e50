"""What every builder of a scene needs: the camera, the light, random numbers, and the list of things so far."""

from dataclasses import dataclass, field

import numpy as np

from drawings.canvas import Colour, chance, jitter, pick, shade
from drawings.streets.camera import RoadCamera
from drawings.streets.stage import PaintLayer, Thing


@dataclass(frozen=True)
class Light:
    """How bright surfaces are that face right, left, the camera and the sky."""

    right: float
    left: float
    front: float
    shadow: float  # what is left of the light in a shadow

    def of_side(self, side: int) -> float:
        """Gain of a wall that stands to that side of the road (-1 left, 1 right) and faces the road."""
        return self.right if side < 0 else self.left


@dataclass
class Site:
    """A scene that is being built."""

    camera: RoadCamera
    light: Light
    rng: np.random.Generator
    things: list[Thing] = field(default_factory=list)
    taken: list[tuple[float, float, float, float]] = field(
        default_factory=list
    )  # across, ahead, half width, half length
    shadows: list[np.ndarray] = field(default_factory=list)  # outlines on the ground, pixels

    def add(self, label: str, ahead: float, layer: PaintLayer = PaintLayer.STREET) -> Thing:
        """A new thing, to be given its shapes."""
        self.things.append(Thing(label, ahead, layer))
        return self.things[-1]

    def between(self, low: float, high: float) -> float:
        """A random number."""
        return float(self.rng.uniform(low, high))

    def near(self, low: float, high: float) -> float:
        """A random distance: half of them in the first quarter of the range."""
        return low + (high - low) * self.between(0, 1) ** 2

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return chance(self.rng, probability)

    def pick(self, options, weights=None):
        """One of the options, by weight."""
        return pick(self.rng, options, weights)

    def tint(self, options, brightness: float = 0.12, gain: float = 1.0, cast: float = 6) -> Colour:
        """One of the colours, a little varied."""
        return shade(jitter(self.rng, pick(self.rng, options), brightness, cast), gain)

    def claim(self, across: float, ahead: float, half_width: float, half_length: float) -> bool:
        """Whether nothing stands there yet; if so, the place is taken."""
        here = np.array((across, ahead, half_width, half_length))
        if self.taken:
            others = np.array(self.taken)
            apart = np.abs(others[:, :2] - here[:2]) > others[:, 2:] + here[2:]
            if not apart.any(1).all():
                return False
        self.taken.append(tuple(here))
        return True

    def shadow(self, across: float, ahead: float, half_width: float, half_length: float) -> None:
        """Darken the ground under something."""
        ring = np.linspace(0, 2 * np.pi, 14, False)
        places = np.stack([across + half_width * np.cos(ring), 0 * ring, ahead + half_length * np.sin(ring)], 1)
        self.shadows.append(self.camera.project(places))
