"""Things with a label, painted from far to near into the picture and, as polygons, into the annotation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from math import exp

import cv2
import numpy as np

from drawings.canvas import Colour, Figure, mix
from drawings.streets.camera import RoadCamera

Polygon = np.ndarray  # (n, 2) int32 pixels


class PaintLayer(IntEnum):
    """What is painted first; within a layer, the farthest first."""

    SKY = 0
    SKYLINE = 1
    GROUND = 2
    BUILT = 3
    ROADSIDE = 4
    STREET = 5
    CAR_OF_OURS = 6


@dataclass
class Thing:
    """One object: solid outlines belong to it and hide what is behind; details are painted on them."""

    label: str
    ahead: float  # metres
    layer: PaintLayer = PaintLayer.STREET
    shapes: list[tuple[np.ndarray, Colour | None, bool]] = field(default_factory=list)  # outlines (k, n, 2), solid

    def solid(self, outline: np.ndarray, colour: Colour | None) -> None:
        """A part of the object, (n, 2) pixels; without a colour it is labelled and not painted."""
        self.shapes.append((np.asarray(outline, float)[None], colour, True))

    def detail(self, outlines: np.ndarray, colour: Colour) -> None:
        """Paint on the object: one outline (n, 2) or several of one length (k, n, 2), within its solid parts."""
        outlines = np.asarray(outlines, float)
        self.shapes.append((outlines if outlines.ndim == 3 else outlines[None], colour, False))

    def stamp(self, figure: Figure, foot: np.ndarray, scale: float, mirrored: bool = False) -> None:
        """Put a flat figure on the ground: its origin at `foot` (pixels), `scale` pixels per unit."""
        stretch = np.array((-scale if mirrored else scale, scale))
        for outline, colour, relief in figure.shapes:
            self.shapes.append(((outline * stretch + foot)[None], colour, relief is not None))


@dataclass(frozen=True)
class Air:
    """What lies between an object and the lens."""

    colour: Colour
    visibility: float  # metres after which 63 % of what is seen is air

    def seen(self, colour: Colour, ahead: float) -> Colour:
        """A colour as it looks from afar."""
        return mix(colour, self.colour, 1 - exp(-ahead / self.visibility))


def paint(
    things: Iterable[Thing],
    image: np.ndarray,
    camera: RoadCamera,
    air: Air,
    shadows: Sequence[np.ndarray],
    shadow: float,
) -> list[tuple[str, Polygon]]:
    """Paint all things into `image` (h, w, 3) uint8; their labelled polygons, far to near.

    The polygons, filled in this order by `cv2.fillPoly`, cover exactly the pixels that the things cover.
    `shadows` are outlines on the ground, where `shadow` of the light is left.
    """
    polygons: list[tuple[str, Polygon]] = []
    ground_done = False
    for thing in sorted(things, key=lambda thing: (thing.layer, -thing.ahead)):
        if thing.layer > PaintLayer.GROUND and not ground_done:
            _finish_ground(image, camera, air, shadows, shadow)
            ground_done = True
        polygons += [(thing.label, polygon) for polygon in _paint_thing(image, camera, air, thing)]
    return polygons


def _paint_thing(image: np.ndarray, camera: RoadCamera, air: Air, thing: Thing) -> list[Polygon]:
    """Paint one thing, its details only where it is solid; its outline."""
    shapes = []
    for outlines, colour, solid in thing.shapes:
        placed = [clipped(outlines[0], camera.width, camera.height)] if solid else whole(outlines)
        distance = 0.0 if thing.layer == PaintLayer.GROUND else thing.ahead
        seen = None if colour is None else air.seen(colour, distance)
        shapes.append(([outline for outline in placed if len(outline)], seen, solid))
    solids = [outline for placed, _, solid in shapes if solid for outline in placed]
    if len(solids) == len(shapes) == 1 or not solids:  # plain, or a marking on the ground
        _fill(image, shapes, np.zeros(2, np.int32))
        return solids if thing.label else []
    corner, mask = _silhouette(solids)
    part = image[corner[1] : corner[1] + mask.shape[0], corner[0] : corner[0] + mask.shape[1]]
    painted = part.copy()
    _fill(painted, shapes, corner)
    cv2.copyTo(painted, mask, part)
    return united(solids, corner, mask)


def _fill(
    image: np.ndarray, shapes: Sequence[tuple[list[Polygon], Colour | None, bool]], corner: np.ndarray
) -> None:
    for placed, colour, _ in shapes:
        if placed and colour is not None:
            cv2.fillPoly(image, placed, colour, offset=(-int(corner[0]), -int(corner[1])))


def _silhouette(solids: Sequence[Polygon]) -> tuple[np.ndarray, np.ndarray]:
    """Where the polygons' bounding box begins (x, y), and which of its pixels they cover, (h, w) uint8."""
    points = np.concatenate(solids)
    corner = points.min(0)
    mask = np.zeros(tuple((points.max(0) - corner + 1)[::-1]), np.uint8)
    for solid in solids:
        cv2.fillPoly(mask, [solid], 1, offset=(-int(corner[0]), -int(corner[1])))
    return corner, mask


def _finish_ground(
    image: np.ndarray, camera: RoadCamera, air: Air, shadows: Sequence[np.ndarray], shadow: float
) -> None:
    """Shadows, and air that thickens towards the horizon."""
    top = min(max(int(camera.horizon) + 1, 0), camera.height - 1)
    ground = image[top:]
    mask = np.zeros(ground.shape[:2], np.uint8)
    for outline in shadows:
        cv2.fillPoly(mask, whole((outline - (0, top))[None]), 255)
    mask = cv2.blur(mask, (9, 5))
    lit = 255 - cv2.convertScaleAbs(mask, alpha=1 - shadow)
    ground[:] = cv2.multiply(ground, cv2.cvtColor(lit, cv2.COLOR_GRAY2BGR), scale=1 / 255)
    ahead = camera.eye * camera.focal / (np.arange(top, camera.height) - camera.horizon + 0.5)
    share = (1 - np.exp(-ahead / air.visibility))[:, None, None]
    ground[:] = (ground * (1 - share) + np.asarray(air.colour) * share).astype(np.uint8)


def whole(outlines: np.ndarray) -> list[np.ndarray]:
    """(k, n, 2) floats as integers that OpenCV can handle."""
    return list(np.rint(np.clip(outlines, -8000, 8000)).astype(np.int32))


def clipped(outline: np.ndarray, width: int, height: int) -> Polygon:
    """The part of an outline that lies in the picture (Sutherland and Hodgman 1974), rounded; may be empty."""
    low, high = outline.min(0), outline.max(0)
    if high.min() < 0 or low[0] >= width or low[1] >= height:
        return np.empty((0, 2), np.int32)
    for axis, last in ((0, width - 1), (1, height - 1)):
        if low[axis] < 0:
            outline = _half_plane(outline, outline[:, axis])
        if high[axis] > last and len(outline):
            outline = _half_plane(outline, last - outline[:, axis])
    return np.rint(outline).astype(np.int32)


def _half_plane(outline: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """The part of the outline where `inside`, a linear function of the place, is not negative."""
    following, next_inside = np.concatenate([outline[1:], outline[:1]]), np.append(inside[1:], inside[:1])
    kept = np.empty((len(outline), 2), bool)  # each corner, and the point where the side after it crosses the edge
    kept[:, 0] = inside >= 0
    kept[:, 1] = kept[:, 0] != (next_inside >= 0)
    share = inside / np.where(kept[:, 1], inside - next_inside, 1.0)
    both = np.empty((len(outline), 2, 2))
    both[:, 0], both[:, 1] = outline, outline + (following - outline) * share[:, None]
    return both[kept]


def united(solids: Sequence[Polygon], corner: np.ndarray, mask: np.ndarray) -> list[Polygon]:
    """The polygons as a single one where their union (`mask`, from `corner` on) has no hole, else as they are."""
    if len(solids) == 1:
        return list(solids)
    contours = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    if len(contours) != 1:
        return list(solids)
    outline = contours[0][:, 0].astype(np.int32)
    refilled = cv2.fillPoly(np.zeros_like(mask), [outline], 1)
    return [outline + corner] if np.array_equal(refilled, mask) else list(solids)


def label_image(
    polygons: Iterable[tuple[str, Polygon]], numbers: dict[str, int], shape: tuple[int, int]
) -> np.ndarray:
    """(h, w) uint8: the polygons filled one over the other with the numbers of their labels."""
    label = np.zeros(shape, np.uint8)
    for name, polygon in polygons:
        cv2.fillPoly(label, [polygon], numbers[name])
    return label
