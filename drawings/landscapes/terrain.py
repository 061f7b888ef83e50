"""Land seen in perspective: heights on a map, rays that meet them, and what grows there."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from drawings.canvas import Colour, generator, noise, tripled
from drawings.landscapes.sky import Weather

MAP = 512  # side of a map of heights in cells; it wraps
STEPS = 260  # distances at which a view looks at the land


def _octave(grain: float, key: str) -> np.ndarray:
    return noise(generator("land", key, int(grain)), MAP, MAP, grain)


def _alpine(key: str) -> np.ndarray:
    """Sharp crests with gullies: ridged octaves, each rougher where the one before is high (Musgrave 1989)."""
    total, weight, gain = np.zeros((MAP, MAP), np.float32), np.float32(1.0), 1.0
    for grain in (160.0, 80.0, 40.0, 20.0, 10.0, 5.0):
        crest = (1 - np.minimum(np.abs(_octave(grain, key)) / 1.6, 1)) ** 2
        total += gain * crest * weight
        weight, gain = np.clip(crest * 1.4, 0.15, 1), gain * 0.5
    return total


def _rolling(key: str) -> np.ndarray:
    return sum(g**1.15 * _octave(g, key) for g in (160.0, 80.0, 40.0, 20.0, 10.0, 5.0)) / 400


def _dunes(key: str) -> np.ndarray:
    """Long crests, steep on one side."""
    rows = np.arange(MAP, dtype=np.float32)[:, None] * (10 / MAP)
    phase = (rows + 0.7 * _octave(80.0, key) + 0.35 * _octave(40.0, key)) % 1
    return np.where(phase < 0.72, phase / 0.72, (1 - phase) / 0.28) * (1 + 0.3 * _octave(80.0, key + "size"))


_KINDS: dict[str, Callable[[str], np.ndarray]] = {"alpine": _alpine, "rolling": _rolling, "dunes": _dunes}


@cache
def land_map(kind: str, variant: int) -> tuple[np.ndarray, np.ndarray]:
    """Heights from 0 to 1, (MAP, MAP), and how they rise along x and along y, (MAP, MAP, 2), per cell; float32."""
    height = _KINDS[kind](f"{kind}{variant}")
    height = (height - height.min()) / (height.max() - height.min())
    rise = [(np.roll(height, -1, axis) - np.roll(height, 1, axis)) / 2 for axis in (1, 0)]
    return np.ascontiguousarray(height, np.float32), np.ascontiguousarray(np.stack(rise, -1), np.float32)


def laid(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Places x and y, in cells, on a map that is turned and moved at random; and by how much it is turned."""
    turn, start = rng.uniform(0, 2 * np.pi), rng.uniform(0, MAP, 2).astype(np.float32)
    cosine, sine = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    return (x * cosine - y * sine + start[0]) % (MAP - 1), (x * sine + y * cosine + start[1]) % (MAP - 1), turn


def read_off(field: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A map's values (MAP, MAP[, k]) at places between its cells, (h, w[, k])."""
    return cv2.remap(field, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)


@dataclass(frozen=True)
class View:
    """A camera above the land: its picture's size, the row of its horizon, focal length, height of the eye."""

    height: int
    width: int
    horizon: float
    focal: float
    eye: float


@dataclass(frozen=True)
class Land:
    """The land that a view shows, from picture row `top` down; all arrays (view.height − top, view.width).

    What is said of a pixel that shows sky means nothing.
    """

    top: int
    seen: np.ndarray  # uint8, 1 where a pixel shows land
    ahead: np.ndarray
    across: np.ndarray
    height: np.ndarray
    light: np.ndarray  # −1 in the shade to 1 towards the sun
    steep: np.ndarray  # 0 level, 1 very steep


def ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 below `low`, 1 above `high`, smooth between."""
    share = np.clip((values - low) / (high - low), 0, 1)
    return share * share * (3 - 2 * share)


Form = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def survey(
    rng: np.random.Generator,
    view: View,
    kind: str,
    relief: float,
    span: float,
    reach: tuple[float, float],
    form: Form | None = None,
) -> Land:
    """Lay a map of heights before the view and look at it.

    `relief` is the height of the highest place and `span` the side of the map, in the unit of `reach`, the least
    and greatest distance at which land is seen; `form(height, across, ahead)` gives the land its shape.
    """
    ahead = np.geomspace(*reach, STEPS, dtype=np.float32)[:, None]
    across = (np.arange(view.width, dtype=np.float32) - view.width / 2) / view.focal * ahead
    scale, (heights, rises) = np.float32(MAP / span), land_map(kind, int(rng.integers(3)))
    u, v, _ = laid(rng, across * scale, ahead * scale)
    height = read_off(heights, u, v) * np.float32(relief)
    height = height if form is None else form(height, across, ahead).astype(np.float32)
    top, step = _visible(view, ahead, height)
    cells = np.minimum(step, STEPS - 1) * view.width + np.arange(view.width)
    u, v, across, height = (field.ravel()[cells] for field in (u, v, across, height))
    slope = cv2.split(read_off(rises, u, v) * np.float32(relief * scale))  # where the whole relief stands
    sun = rng.uniform(0, 2 * np.pi)
    light = np.tanh(-1.2 * (np.float32(np.cos(sun)) * slope[0] + np.float32(np.sin(sun)) * slope[1]))
    steep = np.minimum(cv2.magnitude(*slope) / np.float32(1.5), 1)
    seen = (step < STEPS).astype(np.uint8)
    return Land(top, seen, ahead.ravel()[cells // view.width], across, height, light, steep)


def _visible(view: View, ahead: np.ndarray, height: np.ndarray) -> tuple[int, np.ndarray]:
    """The first row that shows land, and the number of the distance that each pixel from there on shows.

    The number is (view.height − top, view.width); it is STEPS where a pixel shows sky.
    """
    rows = view.horizon + (view.eye - height) * (view.focal / ahead)
    first = np.clip(np.ceil(np.minimum.accumulate(rows, 0)), 0, view.height).astype(np.int64)
    count = np.bincount(
        (first * view.width + np.arange(view.width)).ravel(), minlength=(view.height + 1) * view.width
    )
    top = min(int(first[-1].min()), view.height - 1)
    step = STEPS - np.cumsum(count.reshape(-1, view.width)[: view.height], 0)
    return top, step[top:]


def blended(base: np.ndarray, colour: Colour, weight: np.ndarray) -> np.ndarray:
    """The colours (h, w, 3) with a share (h, w), held between 0 and 1, of another."""
    return base + (np.float32(colour) - base) * tripled(np.clip(weight, 0, 1))


def plain(land: Land, colour: Colour) -> np.ndarray:
    """One colour for all the land, (h, w, 3) float32."""
    return np.full((*land.seen.shape, 3), colour, np.float32)


def lit(colours: np.ndarray, land: Land, day: Weather, strength: float = 1.0) -> np.ndarray:
    """The colours (h, w, 3) as the sun of that day lights the land."""
    tint = np.float32(day.sun) / 255
    return colours * tint * tripled(np.float32(0.92) + np.float32(0.42 * day.contrast * strength) * land.light)


def show(
    image: np.ndarray,
    colours: np.ndarray,
    land: Land,
    day: Weather,
    rng: np.random.Generator,
    visibility: float,
    rough: float = 0.1,
) -> None:
    """Put the land, its colours (h, w, 3), before the sky in place; what is far takes on the sky's colour."""
    near = np.exp(land.ahead * np.float32(-1 / visibility))
    grain = noise(rng, *near.shape, 1.5, 1.6) + noise(rng, *near.shape, 2.5, 1.6)
    air = np.float32(day.below)
    picture = air + (colours * tripled(1 + np.float32(rough) * grain) - air) * tripled(near)
    cv2.copyTo(picture, land.seen, image[land.top :])
