"""Digits as strokes: their skeletons, and the fonts that turn a skeleton into a shape."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from drawings.canvas import chance, pick, smooth

HEIGHT, WIDTH = 1.0, 0.6  # of the box in which a skeleton is drawn; y points down


# The shapes that each digit takes: strokes between bars, each "x y; x y; …". "~": a smooth curve through the
# points. "O": a closed superellipse, given by middle, radii and exponent (2: ellipse; more: a rounded box).
# A 9 is a 6 turned round.
_SKELETONS: dict[str, dict[int, tuple[str, ...]]] = {
    "round": {
        0: ("O 0.3 0.5; 0.29 0.5; 2", "O 0.3 0.5; 0.29 0.5; 2.8", "O 0.3 0.5; 0.24 0.5; 2.3"),
        1: (
            "0.3 0; 0.3 1",
            "0.08 0.24; 0.34 0; 0.34 1",
            "0.1 0.2; 0.32 0; 0.32 1 | 0.1 1; 0.54 1",
            "0.16 0.1; 0.32 0; 0.32 1",
        ),
        2: (
            "~ 0.02 0.27; 0.1 0.07; 0.3 0; 0.53 0.09; 0.57 0.3; 0.42 0.55; 0.02 1 | 0.02 1; 0.6 1",
            "~ 0.04 0.2; 0.28 0; 0.55 0.14; 0.53 0.38; 0.25 0.68; 0.02 1 | 0.02 1; 0.6 1",
            "~ 0.02 0.24; 0.28 0; 0.57 0.24; 0.3 0.68; 0.02 0.98; 0.2 0.93; 0.4 1; 0.6 0.92",
        ),
        3: (
            "~ 0.04 0.14; 0.28 0; 0.54 0.12; 0.5 0.38; 0.22 0.46 | "
            "~ 0.22 0.46; 0.52 0.54; 0.57 0.82; 0.3 1; 0 0.86",
            "0.05 0; 0.55 0; 0.27 0.4 | ~ 0.27 0.4; 0.52 0.48; 0.57 0.78; 0.3 1; 0 0.88",
            "~ 0.02 0.2; 0.27 0; 0.55 0.2; 0.28 0.48 | ~ 0.28 0.48; 0.59 0.74; 0.28 1; 0 0.8",
        ),
        4: (
            "0.46 1; 0.46 0; 0 0.7; 0.6 0.7",
            "0.14 0; 0.02 0.58; 0.6 0.58 | 0.44 0.22; 0.44 1",
            "0.44 1; 0.44 0; 0.02 0.64; 0.58 0.64",
        ),
        5: (
            "0.54 0; 0.1 0; 0.06 0.46 | ~ 0.06 0.46; 0.3 0.36; 0.57 0.52; 0.55 0.84; 0.3 1; 0 0.9",
            "0.56 0; 0.06 0; 0.06 0.42 | ~ 0.06 0.42; 0.4 0.4; 0.59 0.68; 0.38 0.98; 0.02 0.95",
        ),
        6: (
            "O 0.3 0.69; 0.29 0.31; 2 | ~ 0.01 0.69; 0.03 0.45; 0.14 0.18; 0.34 0.02; 0.53 0.02",
            "O 0.3 0.69; 0.29 0.31; 2 | ~ 0.04 0.57; 0.22 0.28; 0.44 0",
            "O 0.3 0.7; 0.29 0.3; 2 | ~ 0.01 0.7; 0.01 0.35; 0.12 0.07; 0.33 0; 0.55 0.14",
        ),
        7: (
            "0.02 0; 0.6 0; 0.2 1",
            "0.02 0; 0.6 0 | ~ 0.6 0; 0.36 0.42; 0.24 1",
            "0.02 0; 0.6 0; 0.22 1 | 0.16 0.5; 0.54 0.5",
            "0.02 0.14; 0.02 0; 0.58 0; 0.24 1",
        ),
        8: (
            "O 0.3 0.25; 0.23 0.25; 2 | O 0.3 0.73; 0.29 0.27; 2",
            "O 0.3 0.24; 0.26 0.24; 2.5 | O 0.3 0.74; 0.28 0.26; 2.5",
            "~ 0.55 0.16; 0.3 0; 0.06 0.18; 0.3 0.47; 0.58 0.76; 0.3 1; 0.02 0.76; 0.3 0.47; 0.54 0.18",
        ),
    },
    "angular": {  # as on gates and letter boxes; a mirrored 2 is a 5
        0: (
            "0.14 0; 0.46 0; 0.6 0.14; 0.6 0.86; 0.46 1; 0.14 1; 0 0.86; 0 0.14; 0.14 0",
            "0 0; 0.6 0; 0.6 1; 0 1; 0 0",
        ),
        1: ("0.3 0; 0.3 1", "0.14 0.14; 0.34 0; 0.34 1"),
        2: (
            "0 0; 0.6 0; 0.6 0.5; 0 0.5; 0 1; 0.6 1",
            "0 0.14; 0.14 0; 0.46 0; 0.6 0.14; 0.6 0.44; 0 0.86; 0 1; 0.6 1",
        ),
        3: (
            "0 0; 0.6 0; 0.6 1; 0 1 | 0.12 0.48; 0.6 0.48",
            "0 0.1; 0.12 0; 0.5 0; 0.6 0.1; 0.6 0.4; 0.48 0.48; 0.2 0.48 | "
            "0.48 0.48; 0.6 0.58; 0.6 0.9; 0.5 1; 0.12 1; 0 0.9",
        ),
        4: ("0.06 0; 0.06 0.56; 0.6 0.56 | 0.48 0; 0.48 1", "0.46 1; 0.46 0; 0 0.66; 0.6 0.66"),
        5: (
            "0.6 0; 0 0; 0 0.5; 0.6 0.5; 0.6 1; 0 1",
            "0.6 0; 0.04 0; 0.04 0.42; 0.46 0.42; 0.6 0.56; 0.6 0.86; 0.46 1; 0 1",
        ),
        6: (
            "0.6 0; 0 0; 0 1; 0.6 1; 0.6 0.48; 0 0.48",
            "0.54 0; 0.14 0; 0 0.14; 0 0.86; 0.14 1; 0.46 1; 0.6 0.86; 0.6 0.56; 0.46 0.44; 0 0.44",
        ),
        7: ("0 0; 0.6 0; 0.6 0.2; 0.26 1", "0 0; 0.6 0; 0.3 0.5; 0.3 1"),
        8: (
            "0 0; 0.6 0; 0.6 1; 0 1; 0 0 | 0 0.48; 0.6 0.48",
            "0.12 0.47; 0.04 0.38; 0.04 0.1; 0.14 0; 0.46 0; 0.56 0.1; 0.56 0.38; 0.48 0.47; 0.12 0.47; "
            "0 0.58; 0 0.88; 0.12 1; 0.48 1; 0.6 0.88; 0.6 0.58; 0.48 0.47",
        ),
    },
}


@cache
def skeletons(kind: str) -> dict[int, tuple[list[np.ndarray], ...]]:
    """The shapes that each digit takes in a kind of lettering ("round" or "angular"): strokes (n, 2)."""
    shapes = {
        digit: tuple([_stroke(stroke.strip()) for stroke in text.split("|")] for text in texts)
        for digit, texts in _SKELETONS[kind].items()
    }
    return shapes | {9: tuple([(WIDTH, HEIGHT) - stroke for stroke in six] for six in shapes[6])}


def _stroke(text: str) -> np.ndarray:
    numbers = [[float(number) for number in point.split()] for point in text.lstrip("~O").split(";")]
    if text[0] == "O":
        middle, radii, (exponent,) = numbers
        return _superellipse(exponent) * radii + middle
    return smooth(numbers, 6, closed=False) if text[0] == "~" else np.array(numbers)


def _superellipse(exponent: float) -> np.ndarray:
    turns = np.linspace(0, 2 * np.pi, 25)
    directions = np.stack([np.cos(turns), np.sin(turns)], 1)
    return np.sign(directions) * np.abs(directions) ** (2 / exponent)


@dataclass(frozen=True)
class Font:
    """One lettering: all digits of a house number share it. Lengths in heights of a digit."""

    kind: str  # of skeletons
    choices: tuple[float, ...]  # 0 to 1, which shape each digit takes
    weight: float  # width of a stroke
    nib: tuple[float, float]  # the pen is drawn along that line: thick and thin strokes
    wide: float  # how much wider or narrower than the skeleton
    slant: float
    unsteady: float  # how far the points of handmade digits are off
    serif: float  # length of the cross strokes at the ends of straight strokes, 0: none
    gap: float  # between digits

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "Font":
        """A lettering at random: slender or bold, upright or slanting, painted by hand or cast."""
        handmade = chance(rng, 0.25)
        angle, nib = rng.uniform(-0.9, 0.9), pick(rng, (0.0, rng.uniform(0.02, 0.1)), (0.55, 0.45))
        return cls(
            kind=pick(rng, ("round", "angular"), (0.78, 0.22)),
            choices=tuple(rng.random(10)),
            weight=rng.uniform(0.07, 0.19) - 0.5 * nib,
            nib=(nib * np.cos(angle), nib * np.sin(angle)),
            wide=rng.uniform(0.72, 1.2),
            slant=rng.uniform(0.05, 0.25) if chance(rng, 0.25) else rng.normal(0, 0.03),
            unsteady=rng.uniform(0.01, 0.028) if handmade else 0.0,
            serif=rng.uniform(0.1, 0.2) if not handmade and chance(rng, 0.25) else 0.0,
            gap=rng.uniform(0.02, 0.22),
        )

    def strokes(self, digit: int, rng: np.random.Generator) -> list[np.ndarray]:
        """The digit's strokes (n, 2), heights of a digit, its middle at the origin."""
        shapes = skeletons(self.kind)[digit]
        shape = shapes[int(self.choices[digit] * len(shapes))]
        return [self._bent(stroke, rng) for stroke in [*shape, *self._serifs(shape)]]

    def _bent(self, stroke: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        points = (stroke - (WIDTH / 2, HEIGHT / 2)) * (self.wide, 1.0)
        points = points + (rng.normal(0, self.unsteady, points.shape) if self.unsteady else 0.0)
        return points - points[:, 1:] * (self.slant, 0.0)

    def _serifs(self, shape: list[np.ndarray]) -> list[np.ndarray]:
        """Cross strokes at the ends of what stands upright."""
        if not self.serif:
            return []
        ends = [(stroke[i], stroke[i] - stroke[j]) for stroke in shape for i, j in ((0, 1), (-1, -2))]
        upright = [end for end, along in ends if abs(along[0]) < 0.3 * abs(along[1]) and not 0.2 < end[1] < 0.8]
        return [np.array([end - (self.serif, 0), end + (self.serif, 0)]) for end in upright]

    def stamp(self, mask: np.ndarray, strokes: list[np.ndarray], size: float, matrix: np.ndarray) -> None:
        """Draw strokes into `mask` (h, w) uint8, in place; `matrix` (2, 3) takes digit heights to pixels.

        `size` is the height of a digit in pixels.
        """
        thickness = max(1, round(self.weight * size))
        steps = 1 + int(np.hypot(*self.nib) * size)
        for share in np.linspace(-0.5, 0.5, steps) if steps > 1 else (0.0,):
            shift = share * np.array(self.nib)
            lines = [np.rint((stroke + shift) @ matrix[:, :2].T * 8 + matrix[:, 2] * 8) for stroke in strokes]
            cv2.polylines(mask, [line.astype(np.int32) for line in lines], False, 255, thickness, cv2.LINE_AA, 3)
