"""Vehicles as solids: a side view drawn out to a width, turned, and seen in perspective."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from helpers.datasets.sample.canvas import Colour, shade
from helpers.datasets.sample.streets.site import Site
from helpers.datasets.sample.streets.stage import Thing

BLACK, GLASS, CHROME = (30, 30, 32), (46, 54, 62), (176, 178, 180)
TAIL, HEAD, PLATE = (176, 34, 30), (236, 234, 214), (222, 214, 160)


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
        along, side, up = local[..., 0], local[..., 1], local[..., 2]
        across = self.across + side * cosine + along * sine
        return np.stack([across, up, self.ahead + along * cosine - side * sine], -1)

    def eye(self, height: float) -> np.ndarray:
        """The camera (along, side, up) as the vehicle sees it."""
        cosine, sine = np.cos(self.yaw), np.sin(self.yaw)
        return np.array(
            [-self.across * sine - self.ahead * cosine, -self.across * cosine + self.ahead * sine, height]
        )


def vehicle(site: Site, model: Model, across: float, ahead: float, yaw: float = 0.0) -> None:
    """Put a vehicle on the road, with its shadow, if there is room."""
    pose = Pose(across, ahead, yaw)
    length = model.half_length * abs(np.cos(yaw)) + 0.5 * model.width * abs(np.sin(yaw))
    breadth = model.half_length * abs(np.sin(yaw)) + 0.5 * model.width * abs(np.cos(yaw))
    if not site.claim(across, ahead, breadth + 0.1, length + 0.3):
        return
    thing = site.add(model.label, ahead - abs(np.cos(yaw)) * model.half_length)
    paint = site.tint(model.colours, 0.1)
    second = site.tint(model.second or model.colours, 0.1)
    eye = pose.eye(site.camera.eye)
    _wheels(site, thing, model, pose, eye)
    _surfaces(
        site,
        thing,
        model,
        pose,
        eye,
        {"paint": paint, "glass": GLASS, "tail": paint, "head": paint, "second": second},
    )
    _side(site, thing, model, pose, eye, paint, second)
    site.shadow(across, ahead, 1.12 * breadth, 1.05 * length)


def _surfaces(
    site: Site, thing: Thing, model: Model, pose: Pose, eye: np.ndarray, paint: dict[str, Colour]
) -> None:
    """Tail, windows, roof, bonnet and front, as far as they face the camera, the farthest first."""
    half, faces = model.width / 2, []
    for start, end in zip(model.outline, model.outline[1:], strict=False):
        middle = np.array(((start.along + end.along) / 2, (start.up + end.up) / 2))
        normal = np.array((start.up - end.up, end.along - start.along))
        if (eye[[0, 2]] - middle) @ normal > 0:
            faces.append((abs(eye[0] - middle[0]), start, end))
    for _, start, end in sorted(faces, key=lambda face: -face[0]):
        level = abs(end.along - start.along) > 2 * abs(end.up - start.up)
        gain = 1.12 if level else site.light.front
        panel = Panel(pose, start, end, half)
        thing.solid(panel.outline(site), shade(paint["paint" if end.material != "second" else "second"], gain))
        DETAILS[end.material](site, thing, panel, paint)


@dataclass(frozen=True)
class Panel:
    """One surface across the vehicle, from `start` to `end` of the side view."""

    pose: Pose
    start: Edge
    end: Edge
    half: float

    def outline(self, site: Site) -> np.ndarray:
        """(4, 2) pixels."""
        return self.part(site, -1, 1, 0, 1)

    def part(self, site: Site, left: float, right: float, low: float, high: float) -> np.ndarray:
        """A rectangle on the surface: -1 to 1 across, 0 to 1 from start to end."""
        (a, za), (b, zb) = self.start[:2], self.end[:2]
        corners = [(left, low), (left, high), (right, high), (right, low)]
        local = np.array([(a + (b - a) * s, t * self.half, za + (zb - za) * s) for t, s in corners])
        return site.camera.project(self.pose.places(local))


def _glazed(site: Site, thing: Thing, panel: Panel, paint: dict[str, Colour]) -> None:
    thing.detail(panel.part(site, -0.86, 0.86, 0.1, 0.9), GLASS)
    thing.detail(panel.part(site, -0.8, -0.3, 0.5, 0.86), shade(GLASS, 1.7))


def _tail(site: Site, thing: Thing, panel: Panel, paint: dict[str, Colour]) -> None:
    for side in (-1, 1):
        thing.detail(panel.part(site, side * 0.94, side * 0.66, 0.62, 0.88), TAIL)
    thing.detail(panel.part(site, -0.28, 0.28, 0.4, 0.58), PLATE)
    thing.detail(panel.part(site, -1, 1, 0.0, 0.24), BLACK)


def _head(site: Site, thing: Thing, panel: Panel, paint: dict[str, Colour]) -> None:
    for side in (-1, 1):  # this surface runs from above downwards
        thing.detail(panel.part(site, side * 0.94, side * 0.58, 0.14, 0.42), HEAD)
    thing.detail(panel.part(site, -0.5, 0.5, 0.2, 0.5), BLACK)
    thing.detail(panel.part(site, -0.28, 0.28, 0.58, 0.74), (226, 226, 220))
    thing.detail(panel.part(site, -1, 1, 0.82, 1.0), BLACK)


def _plain(site: Site, thing: Thing, panel: Panel, paint: dict[str, Colour]) -> None:
    return None


DETAILS = {"glass": _glazed, "tail": _tail, "head": _head, "paint": _plain, "second": _plain}


def _visible_side(model: Model, eye: np.ndarray) -> int:
    half = model.width / 2
    return int(eye[1] > half) - int(eye[1] < -half)


def _side(
    site: Site, thing: Thing, model: Model, pose: Pose, eye: np.ndarray, paint: Colour, second: Colour
) -> None:
    side = _visible_side(model, eye)
    if not side:
        return
    facing = -side * np.sin(pose.yaw) * np.sign(-eye[0] or 1), side * np.cos(pose.yaw)
    gain = site.light.front if abs(facing[0]) > 0.7 else (site.light.right if facing[1] > 0 else site.light.left)

    def seen(points) -> np.ndarray:
        local = np.array([(along, side * model.width / 2, up) for along, up in points])
        return site.camera.project(pose.places(local))

    thing.solid(seen([edge[:2] for edge in model.outline]), shade(paint, gain))
    if model.band:
        thing.detail(seen(model.band), shade(second, gain))
    for pane in model.panes:
        thing.detail(seen(pane), shade(GLASS, 1.0 + 0.3 * gain))
    turns = np.arange(12) * np.pi / 6
    for along in model.wheels:
        for radius, colour in ((1.0, BLACK), (0.55, CHROME)):
            ring = model.radius * radius * np.stack([np.cos(turns), np.sin(turns)], 1) + (along, model.radius)
            (thing.solid if radius == 1.0 else thing.detail)(seen(ring), shade(colour, 0.8 * gain + 0.2))


def _wheels(site: Site, thing: Thing, model: Model, pose: Pose, eye: np.ndarray) -> None:
    """The tyres of the near end, seen below the bumper."""
    along = min(model.wheels) if eye[0] < 0 else max(model.wheels)
    near = along + (-model.radius if eye[0] < 0 else model.radius)
    for side in (-1, 1):
        inner, outer = side * (model.width / 2 - 0.24), side * model.width / 2
        local = np.array([(near, inner, 0), (near, inner, 0.5), (near, outer, 0.5), (near, outer, 0)])
        thing.solid(site.camera.project(pose.places(local)), BLACK)
    if model.outline[0].up > 0.4:  # what is seen below a high body: axle, tank, mudguards
        half, top = model.width / 2 - 0.1, model.outline[0].up
        local = np.array([(near, -half, 0.28), (near, -half, top), (near, half, top), (near, half, 0.28)])
        thing.solid(site.camera.project(pose.places(local)), (44, 44, 46))
