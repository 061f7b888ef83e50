"""Drawing primitives: smooth outlines, tapered limbs, figures that are drawn in one go, noise."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np

Colour = tuple[float, float, float]  # RGB, 0 to 255
SUPERSAMPLING = 2  # figures are drawn this many times larger, then shrunk: smooth edges at little cost


def generator(*key: int | str) -> np.random.Generator:
    """Random numbers that depend on `key` alone, so that images can be drawn in any order."""
    return np.random.default_rng([zlib.crc32(k.encode()) if isinstance(k, str) else k for k in key])


def chance(rng: np.random.Generator, probability: float) -> bool:
    """True with the given probability."""
    return bool(rng.random() < probability)


def pick(rng: np.random.Generator, options: Sequence, weights: Sequence[float] | None = None):
    """One of the options, by weight."""
    if weights is None:
        return options[int(rng.integers(len(options)))]
    edges = np.cumsum(weights)
    return options[int(np.searchsorted(edges, rng.random() * edges[-1], side="right"))]


def jitter(rng: np.random.Generator, colour: Colour, brightness: float = 0.15, tint: float = 8) -> Colour:
    """The colour a little brighter or darker and with a slight cast."""
    gain, *casts = rng.uniform(-1, 1, 4).tolist()
    gain = 1 + brightness * gain
    return tuple(min(255.0, max(0.0, c * gain + tint * cast)) for c, cast in zip(colour, casts, strict=True))


def shade(colour: Colour, gain: float) -> Colour:
    """The colour multiplied by `gain`."""
    return tuple(min(255.0, channel * gain) for channel in colour)


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """`share` of b in a."""
    return tuple(x + (y - x) * share for x, y in zip(a, b, strict=True))


def rgb(hexadecimal: str) -> Colour:
    """The colour written as "#rrggbb"."""
    return tuple(float(int(hexadecimal[i : i + 2], 16)) for i in (1, 3, 5))


@cache
def _catmull_rom(count: int, per_span: int, closed: bool) -> tuple[np.ndarray, np.ndarray]:
    """Matrices that turn `count` control points into points on the curve and into its tangents."""
    spans = count if closed else count - 1
    t = np.arange(spans * per_span + (not closed)) / per_span
    span = np.minimum(t.astype(int), spans - 1)
    s = (t - span)[:, None] ** np.arange(4)
    ds = np.arange(4) * (t - span)[:, None] ** np.maximum(np.arange(4) - 1, 0)
    basis = 0.5 * np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]], float)
    matrices = np.zeros((2, len(t), count))
    for offset in range(4):
        index = span + offset - 1
        index = index % count if closed else np.clip(index, 0, count - 1)
        for matrix, powers in zip(matrices, (s, ds), strict=True):
            np.add.at(matrix, (np.arange(len(t)), index), powers @ basis[:, offset])
    return matrices[0], matrices[1]


def smooth(points: Sequence, per_span: int = 5, closed: bool = True) -> np.ndarray:
    """A Catmull-Rom curve through the points: (n, d) → (n · per_span, d)."""
    return _catmull_rom(len(points), per_span, closed)[0] @ np.asarray(points, float)


def tapered(points: Sequence, widths: Sequence[float], per_span: int = 5) -> np.ndarray:
    """Outline of a limb: a curve through the points with the given widths, and blunt ends."""
    on, along = _catmull_rom(len(points), per_span, False)
    points = np.asarray(points, float)
    spine, half, tangent = on @ points, (on @ np.asarray(widths, float))[:, None] / 2, along @ points
    tangent /= np.hypot(tangent[:, :1], tangent[:, 1:]) + 1e-9
    side = tangent[:, ::-1] * half * (-1.0, 1.0)
    start, end = spine[:1] - tangent[:1] * half[:1], spine[-1:] + tangent[-1:] * half[-1:]
    return np.concatenate([start, spine + side, end, (spine - side)[::-1]])


_CIRCLE = np.stack([np.cos(np.linspace(0, 2 * np.pi, 18, False)), np.sin(np.linspace(0, 2 * np.pi, 18, False))], 1)


def ellipse(centre: Sequence[float], radii: Sequence[float], angle: float = 0.0) -> np.ndarray:
    """Outline of an ellipse; the angle in radians turns its first axis."""
    ring = _CIRCLE * radii
    return (turn(ring, angle) if angle else ring) + centre


def turn(points: np.ndarray, angle: float) -> np.ndarray:
    """The points turned about the origin, from x towards y."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.asarray(points, float) @ np.array([[cosine, sine], [-sine, cosine]])


def ragged(outline: np.ndarray, rng: np.random.Generator, depth: float) -> np.ndarray:
    """The outline with each point moved a little: shaggy fur, bark, stone."""
    return outline + rng.normal(0, depth, outline.shape)


@dataclass
class Figure:
    """Shapes in the figure's own units (y points down), kept until it is known where they go.

    A shape with a relief belongs to the silhouette, and the higher relief is nearer; a shape without is only
    painted on what is there already.
    """

    shapes: list[tuple[np.ndarray, Colour, int | None]] = field(default_factory=list)
    softenings: dict[int, float] = field(default_factory=dict)  # before which shape, how much

    def fill(self, outline: np.ndarray, colour: Colour, relief: int | None = None) -> None:
        """Add a filled outline (n, 2)."""
        self.shapes.append((np.asarray(outline, float), colour, relief))

    def fill_all(self, outlines: np.ndarray, colour: Colour) -> None:
        """Paint many outlines (k, n, 2) in one colour."""
        for outline in outlines:
            self.shapes.append((outline, colour, None))

    def soften(self, width: float) -> None:
        """Let the colours so far run into one another over `width` units."""
        self.softenings[len(self.shapes)] = width

    def box(self) -> tuple[np.ndarray, np.ndarray]:
        """Least and greatest x and y of the silhouette."""
        points = np.concatenate([outline for outline, _, relief in self.shapes if relief is not None])
        return points.min(0), points.max(0)

    def render(self, matrix: np.ndarray, width: int, height: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Draw at (height, width): colours (h, w, 3) uint8, relief and coverage (h, w) uint8.

        `matrix` (2, 3) takes units to pixels.
        """
        big = (width * SUPERSAMPLING, height * SUPERSAMPLING)
        colours = np.zeros((big[1], big[0], 3), np.uint8)
        cv2.rectangle(colours, (0, 0), big, self.shapes[0][1], -1)  # so that the edges do not shrink to black
        relief = np.zeros((big[1], big[0]), np.uint8)
        scale = SUPERSAMPLING * float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
        for position, (outline, colour, level) in enumerate(self._placed(matrix)):
            if position in self.softenings:
                side = max(1, int(self.softenings[position] * scale)) | 1
                cv2.blur(colours, (side, side), colours)
            cv2.fillPoly(colours, [outline], colour)
            if level is not None:
                cv2.fillPoly(relief, [outline], level)
        coverage = cv2.threshold(relief, 0, 255, cv2.THRESH_BINARY)[1]
        return tuple(
            cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
            for image in (colours, relief, coverage)
        )

    def _placed(self, matrix: np.ndarray) -> list[tuple[np.ndarray, Colour, int | None]]:
        """The shapes in pixels of the large canvas, all moved at once."""
        points = np.concatenate([outline for outline, _, _ in self.shapes])
        points = (points @ matrix[:, :2].T + matrix[:, 2]) * SUPERSAMPLING
        points = np.clip(np.rint(points), -8000, 8000).astype(np.int32)
        ends = np.cumsum([len(outline) for outline, _, _ in self.shapes])
        parts = np.split(points, ends[:-1])
        return [(part, c, level) for part, (_, c, level) in zip(parts, self.shapes, strict=True)]


def saturated(image: np.ndarray) -> np.ndarray:
    """Any numbers as uint8, rounded and held between 0 and 255."""
    return cv2.add(image, 0.0, dtype=cv2.CV_8U)


def tripled(plane: np.ndarray) -> np.ndarray:
    """(h, w) → (h, w, 3), three times the same: far quicker than letting NumPy broadcast over channels."""
    return cv2.cvtColor(np.ascontiguousarray(plane, np.float32), cv2.COLOR_GRAY2RGB)


_TILE = 512


@cache
def _noise_tile(grain_x: float, grain_y: float) -> np.ndarray:
    """(512, 512) float32 noise of mean 0 and deviation 1 whose specks measure about the grain; it wraps."""
    white = generator("noise", int(grain_x * 10), int(grain_y * 10)).standard_normal((_TILE, _TILE))
    spectrum = np.fft.rfft2(white)
    fy, fx = np.fft.fftfreq(_TILE)[:, None], np.fft.rfftfreq(_TILE)[None]
    spectrum *= np.exp(-2 * np.pi**2 * ((grain_x * fx / 2) ** 2 + (grain_y * fy / 2) ** 2))
    tile = np.fft.irfft2(spectrum, white.shape)
    return ((tile - tile.mean()) / tile.std()).astype(np.float32)


def noise(rng: np.random.Generator, height: int, width: int, grain: float, stretch: float = 1.0) -> np.ndarray:
    """(height, width) float32 noise of deviation 1; `stretch` > 1 makes specks wider than tall.

    The specks come from one large field each, cut at a random place, because drawing normal numbers for every
    pixel would take longer than drawing the animal; beyond 512 pixels the field repeats.
    """
    tile = _noise_tile(round(grain * stretch, 1), round(grain, 1))
    if max(height, width) > _TILE:
        tile = np.tile(tile, (-(-height // _TILE), -(-width // _TILE)))
    top, left = rng.integers(tile.shape[0] - height + 1), rng.integers(tile.shape[1] - width + 1)
    return tile[top : top + height, left : left + width][:: pick(rng, (1, -1)), :: pick(rng, (1, -1))]
