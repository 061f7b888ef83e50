"""Land seen in perspective: heights on a map, rays that meet them, and what grows there."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from helpers.datasets.sample.canvas import Colour, generator, noise, tripled
from helpers.datasets.sample.landscapes.sky import Weather

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
def land_map(kind: str, variant: int) -> np.ndarray:
    """(MAP, MAP, 3) float32: height from 0 to 1, its slope along x and along y (per cell)."""
    height = _KINDS[kind](f"{kind}{variant}")
    height = (height - height.min()) / (height.max() - height.min())
    along = [np.roll(height, -1, axis) - np.roll(height, 1, axis) for axis in (1, 0)]
    return np.ascontiguousarray(np.stack([height, *along], -1), np.float32)


@dataclass(frozen=True)
class View:
    """A camera above the land: its picture's size, the row of its horizon, focal length, height of the eye."""

    height: int
    width: int
    horizon: float
    focal: float
    eye: float


@dataclass
class Land:
    """The land before a view on a grid of distances (near to far) and columns; all arrays (STEPS, width)."""

    view: View
    ahead: np.ndarray  # (STEPS, 1)
    across: np.ndarray
    height: np.ndarray
    light: np.ndarray  # −1 in the shade to 1 towards the sun
    steep: np.ndarray  # 0 level, 1 very steep

    def visible(self) -> np.ndarray:
        """(view.height, view.width) number of the distance that each pixel shows; STEPS where it is sky."""
        view, steps = self.view, len(self.ahead)
        rows = view.horizon + (view.eye - self.height) * view.focal / self.ahead
        first = np.clip(np.ceil(np.minimum.accumulate(rows, 0)), 0, view.height).astype(np.int64)
        cells = first * view.width + np.arange(view.width)
        count = np.bincount(cells.ravel(), minlength=(view.height + 1) * view.width)
        return steps - np.cumsum(count.reshape(-1, view.width)[: view.height], 0)


def survey(
    rng: np.random.Generator,
    view: View,
    kind: str,
    relief: float,
    span: float,
    far: float,
    rise: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
    near: float = 1.0,
) -> Land:
    """Lay a map of heights before the view.

    `relief` is the height of the highest place and `span` the side of the map, in the unit of `near` and `far`,
    between which land is seen; `rise(across, ahead)` gives the share of the relief at each place.
    """
    ahead = np.geomspace(near, far, STEPS, dtype=np.float32)[:, None]
    across = (np.arange(view.width, dtype=np.float32) - view.width / 2) / view.focal * ahead
    tile = land_map(kind, int(rng.integers(3)))
    turn, start = rng.uniform(0, 2 * np.pi), rng.uniform(0, MAP, 2).astype(np.float32)
    cosine, sine = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    scale = np.float32(MAP / span)
    x = (across * cosine - ahead * sine) * scale + start[0]
    y = (across * sine + ahead * cosine) * scale + start[1]
    here = cv2.remap(tile, x % (MAP - 1), y % (MAP - 1), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    share = np.float32(relief) if rise is None else rise(across, ahead).astype(np.float32) * np.float32(relief)
    slopes = here[:, :, 1:] * (np.float32(relief) * scale / 2)  # metres per metre, where the whole relief stands
    sun = rng.uniform(0, 2 * np.pi)
    facing = -(slopes[:, :, 0] * np.cos(sun) + slopes[:, :, 1] * np.sin(sun)).astype(np.float32)
    steep = np.sqrt(slopes[:, :, 0] ** 2 + slopes[:, :, 1] ** 2)
    return Land(view, ahead, across, here[:, :, 0] * share, np.tanh(1.2 * facing), np.minimum(steep / 1.5, 1))


def grown(weight: np.ndarray) -> np.ndarray:
    """(…,) to (…, 1) and held between 0 and 1: the share of a colour."""
    return np.clip(weight, 0, 1)[..., None]


def blended(base: np.ndarray, colour: Colour, weight: np.ndarray) -> np.ndarray:
    """The colours (…, 3) with a share of another."""
    return base + (np.float32(colour) - base) * grown(weight).astype(np.float32)


def lit(colours: np.ndarray, land: Land, day: Weather, strength: float = 1.0) -> np.ndarray:
    """(STEPS, width, 3) colours as the sun of that day lights the land."""
    gain = 0.92 + np.float32(0.42 * day.contrast * strength) * land.light
    tint = np.float32(day.sun) / 255
    return colours * gain[..., None] * tint


def shown(
    image: np.ndarray,
    colours: np.ndarray,
    land: Land,
    day: Weather,
    rng: np.random.Generator,
    visibility: float,
    rough: float = 0.1,
) -> np.ndarray:
    """Put the land (its colours, (STEPS, width, 3)) before the sky in `image`, in place; which pixels are land."""
    index = land.visible()
    seen = index < len(land.ahead)
    share = np.exp(-land.ahead / visibility).astype(np.float32)[..., None]
    hazed = np.float32(day.below) + (colours - np.float32(day.below)) * share
    padded = np.concatenate([hazed, hazed[-1:]]).astype(np.float32)
    height, width = index.shape
    picture = padded[index, np.arange(width)]
    grain = noise(rng, height, width, 2.5, 1.6) + 0.8 * noise(rng, height, width, 6.0, 1.6)
    nearness = np.concatenate([share[:, 0, 0], [0]]).astype(np.float32)[index]
    picture *= tripled(1 + np.float32(rough) * grain * nearness)
    cv2.copyTo(picture, seen.astype(np.uint8), image)
    return seen
