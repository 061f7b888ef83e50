"""Vehicles as solids: a side view drawn out to a width, turned, and seen in perspective."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from drawings.canvas import Colour, shade
from drawings.streets.site import Site
from drawings.streets.stage import Thing

BLACK, GLASS, CHROME = (30, 30, 32), (46, 54, 62), (176, 178, 180)
TURNS = np.arange(12) * np.pi / 6
CIRCLE = np.stack([np.cos(TURNS), np.sin(TURNS)], 1)
DETAILS = {  # by material: a colour and where it is painted: left, right, low, high, see `_Panel.part`
    "paint": (), "second": (),
    "glass": ((GLASS, (-0.86, 0.86, 0.1, 0.9)), ((78, 92, 105), (-0.8, -0.3, 0.5, 0.86))),
    "tail": (((176, 34, 30), (-0.94, -0.66, 0.62, 0.88), (0.66, 0.94, 0.62, 0.88)),
             ((222, 214, 160), (-0.28, 0.28, 0.4, 0.58)), (BLACK, (-1, 1, 0.0, 0.24))),
    "head": (((236, 234, 214), (-0.94, -0.58, 0.14, 0.42), (0.58, 0.94, 0.14, 0.42)),
             ((226, 226, 220), (-0.28, 0.28, 0.58, 0.74)), (BLACK, (-0.5, 0.5, 0.2, 0.5), (-1, 1, 0.82, 1.0))),
}  # fmt: skip


class Edge(NamedTuple):
    """Where the side view's outline goes next (metres along, up), and what the surface up to there is made of."""

    along: float
    up: float
    material: str = "paint"  # paint, glass, tail, head, second


@dataclass(frozen=True)
class Model:
    """A kind of vehicle: the side view from the lower rear corner over the roof to the lower front corner."""

    label: str
    outline: tuple[Edge, ...]
    width: float
    wheels: tuple[float, ...]  # along
    radius: float = 0.32
    panes: tuple[tuple[tuple[float, float], ...], ...] = ()  # side windows (along, up)
    colours: tuple[Colour, ...] = ((128, 128, 128),)
    second: tuple[Colour, ...] = ()  # of "second" surfaces and the band along the side
    band: tuple[tuple[float, float], ...] = ()  # a part of the side in the second colour

    @property
    def half_length(self) -> float:
        """Metres from the middle to either end."""
        return max(abs(edge.along) for edge in self.outline)


@dataclass(frozen=True)
class Pose:
    """Where a vehicle stands: the middle of its base, and how far it is turned from driving ahead (radians)."""

    across: float
    ahead: float
    yaw: float

    def places(self, local: np.ndarray) -> np.ndarray:
        """(…, 3) (along, side, up) of the vehicle → (across, up, ahead) of the street."""
        cosine, sine = np.cos(self.yaw), np.sin(self.yaw)
        street = np.array([(sine, 0, cosine), (cosine, 0, -sine), (0, 1, 0)])
        return local @ street + (self.across, 0.0, self.ahead)

    def eye(self, height: float) -> np.ndarray:
        """The camera (along, side, up) as the vehicle sees it."""
        cosine, sine = np.cos(self.yaw), np.sin(self.yaw)
        return np.array(
            [-self.across * sine - self.ahead * cosine, -self.across * cosine + self.ahead * sine, height]
        )


def vehicle(site: Site, model: Model, across: float, ahead: float, yaw: float = 0.0) -> None:
    """Put a vehicle on the road, with its shadow, if there is room."""
    turned, straight = abs(np.sin(yaw)), abs(np.cos(yaw))
    length = model.half_length * straight + 0.5 * model.width * turned
    breadth = model.half_length * turned + 0.5 * model.width * straight
    if not site.claim(across, ahead, breadth + 0.1, length + 0.3):
        return
    thing = site.add(model.label, ahead - model.half_length * straight)
    colours = site.tint(model.colours, 0.1), site.tint(model.second or model.colours, 0.1)
    pose = Pose(across, ahead, yaw)
    body = _Body(site, thing, model, pose, pose.eye(site.camera.eye), *colours)
    body.tyres()
    body.surfaces()
    body.side()
    site.shadow(across, ahead, 1.12 * breadth, 1.05 * length)


@dataclass(frozen=True)
class _Body:
    """One vehicle while it is drawn."""

    site: Site
    thing: Thing
    model: Model
    pose: Pose
    eye: np.ndarray  # the camera (along, side, up) as the vehicle sees it
    paint: Colour
    second: Colour

    def seen(self, local: Sequence[tuple[float, float, float]]) -> np.ndarray:
        """(along, side, up) of the vehicle → pixels."""
        return self.site.camera.project(self.pose.places(np.array(local)))

    def tyres(self) -> None:
        """The tyres of the near end, seen below the bumper."""
        away = self.eye[0] < 0
        near = min(self.model.wheels) - self.model.radius if away else max(self.model.wheels) + self.model.radius
        half, low = self.model.width / 2, self.model.outline[0].up
        for inner, outer in ((0.24 - half, -half), (half - 0.24, half)):
            self.thing.solid(self.upright(near, inner, outer, 0, 0.5), BLACK)
        if low > 0.4:  # what is seen below a high body: axle, tank, mudguards
            self.thing.solid(self.upright(near, 0.1 - half, half - 0.1, 0.28, low), (44, 44, 46))

    def upright(self, along: float, left: float, right: float, low: float, high: float) -> np.ndarray:
        """A rectangle across the vehicle, (4, 2) pixels."""
        return self.seen([(along, left, low), (along, left, high), (along, right, high), (along, right, low)])

    def surfaces(self) -> None:
        """Tail, windows, roof, bonnet and front, as far as they face the camera, the farthest first."""
        edges = zip(self.model.outline, self.model.outline[1:], strict=False)
        panels = [_Panel(self, *pair) for pair in edges]
        for panel in sorted(
            (panel for panel in panels if panel.faces_camera()), key=_Panel.distance, reverse=True
        ):
            panel.draw()

    def side(self) -> None:
        """The side that the camera sees, if it sees one."""
        half = self.model.width / 2
        side = int(self.eye[1] > half) - int(self.eye[1] < -half)
        if side:
            self._side(side * half, self._gain(side))

    def _gain(self, side: int) -> float:
        light, facing = self.site.light, side * np.cos(self.pose.yaw)
        return light.front if abs(facing) < 0.7 else light.right if facing > 0 else light.left

    def _side(self, across: float, gain: float) -> None:
        def seen(points: Sequence[tuple[float, float]]) -> np.ndarray:
            return self.seen([(along, across, up) for along, up in points])

        self.thing.solid(seen([edge[:2] for edge in self.model.outline]), shade(self.paint, gain))
        if self.model.band:
            self.thing.detail(seen(self.model.band), shade(self.second, gain))
        for pane in self.model.panes:
            self.thing.detail(seen(pane), shade(GLASS, 1.0 + 0.3 * gain))
        for along in self.model.wheels:
            wheel = self.model.radius * CIRCLE
            self.thing.solid(seen(wheel + (along, self.model.radius)), shade(BLACK, 0.8 * gain + 0.2))
            self.thing.detail(seen(0.55 * wheel + (along, self.model.radius)), shade(CHROME, 0.8 * gain + 0.2))


@dataclass(frozen=True)
class _Panel:
    """One surface across a vehicle, from `start` to `end` of the side view."""

    body: _Body
    start: Edge
    end: Edge

    def middle(self) -> np.ndarray:
        return (np.array(self.start[:2]) + self.end[:2]) / 2

    def distance(self) -> float:
        return float(abs(self.body.eye[0] - self.middle()[0]))

    def faces_camera(self) -> bool:
        normal = np.array((self.start.up - self.end.up, self.end.along - self.start.along))
        return bool((self.body.eye[[0, 2]] - self.middle()) @ normal > 0)

    def draw(self) -> None:
        level = abs(self.end.along - self.start.along) > 2 * abs(self.end.up - self.start.up)
        colour = self.body.second if self.end.material == "second" else self.body.paint
        self.body.thing.solid(self.part(-1, 1, 0, 1), shade(colour, 1.12 if level else self.body.site.light.front))
        for colour, *parts in DETAILS[self.end.material]:
            for part in parts:
                self.body.thing.detail(self.part(*part), colour)

    def part(self, left: float, right: float, low: float, high: float) -> np.ndarray:
        """A rectangle on the surface, (4, 2) pixels: -1 to 1 across, 0 to 1 from start to end."""
        (a, za), (b, zb), half = self.start[:2], self.end[:2], self.body.model.width / 2
        corners = [(left, low), (left, high), (right, high), (right, low)]
        return self.body.seen([(a + (b - a) * s, t * half, za + (zb - za) * s) for t, s in corners])
