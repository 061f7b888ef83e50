"""Churches, palaces and temples."""

from dataclasses import dataclass

import numpy as np

from drawings.canvas import Colour, chance, ellipse, jitter, pick, shade
from drawings.landscapes.brush import Rng, box, fill, line
from drawings.landscapes.facades import ROOFS, STONE, Front, hang, texture
from drawings.landscapes.sky import Weather


@dataclass(frozen=True)
class _Hall:
    """The middle part of a monument: what it is made of, and where it stands in the picture."""

    stone: Colour
    roof: Colour
    middle: float
    half: float
    top: float
    foot: float

    @property
    def look(self) -> Front:
        return Front(self.stone, shade(self.stone, 0.4), shade(self.stone, 1.15), "arched")


def monument(image: np.ndarray, rng: Rng, day: Weather, horizon: float) -> None:
    """A hall with a dome, with towers, or with columns, drawn in place."""
    (height, width), gain = image.shape[:2], day.sun[0] / 255
    stone, roof = (jitter(rng, pick(rng, c), 0.15) for c in (STONE, (*ROOFS, (106, 142, 124))))
    middle, half = width * rng.uniform(0.4, 0.6), width * rng.uniform(0.25, 0.48)
    top = horizon - height * rng.uniform(0.2, 0.35)
    hall = _Hall(shade(stone, gain), shade(roof, gain), middle, half, top, horizon + 2)
    pick(rng, (_domed, _towered, _columned))(image, rng, hall)


def _walls(image: np.ndarray, rng: Rng, hall: _Hall) -> None:
    front = texture(rng, hall.look, int(rng.integers(2, 4)), int(rng.integers(5, 10)))
    hang(image, front, box(hall.middle - hall.half, hall.middle + hall.half, hall.top, hall.foot), 1.0)


def _pediment(image: np.ndarray, rng: Rng, hall: _Hall, colour: Colour) -> None:
    rise, half = hall.half * rng.uniform(0.2, 0.5), 1.05 * hall.half
    fill(
        image,
        [(hall.middle - half, hall.top), (hall.middle, hall.top - rise), (hall.middle + half, hall.top)],
        colour,
    )


def _domed(image: np.ndarray, rng: Rng, hall: _Hall) -> None:
    radius, rise = hall.half * rng.uniform(0.35, 0.6), rng.uniform(0.9, 1.3)
    drum = hall.top - 0.5 * radius
    fill(image, box(hall.middle - radius, hall.middle + radius, drum, hall.top), shade(hall.stone, 0.9))
    for shift, across, up, gain in ((0, 1, rise, 1.0), (-0.3, 0.25, 0.85 * rise, 1.25)):
        cap = ellipse((hall.middle + shift * radius, drum), (across * radius, up * radius))
        fill(image, cap[cap[:, 1] <= drum + 1], shade(hall.roof, gain))
    line(image, (hall.middle, drum - rise * radius), (hall.middle, drum - 1.6 * radius), hall.roof)
    _walls(image, rng, hall)


def _towered(image: np.ndarray, rng: Rng, hall: _Hall) -> None:
    height = image.shape[0]
    for side in (-1, 1) if chance(rng, 0.7) else (1,):
        x, half, top = (
            hall.middle + side * 0.8 * hall.half,
            0.22 * hall.half,
            hall.top - height * rng.uniform(0.2, 0.3),
        )
        hang(image, texture(rng, hall.look, 5, 2), box(x - half, x + half, top, hall.foot), 1.0)
        fill(image, [(x - half, top), (x, top - height * rng.uniform(0.1, 0.3)), (x + half, top)], hall.roof)
    _walls(image, rng, hall)
    _pediment(image, rng, hall, hall.roof)


def _columned(image: np.ndarray, rng: Rng, hall: _Hall) -> None:
    fill(
        image, box(hall.middle - hall.half, hall.middle + hall.half, hall.top, hall.foot), shade(hall.stone, 0.45)
    )
    _pediment(image, rng, hall, shade(hall.stone, 0.92))
    size = 0.06 * hall.half
    for share in np.linspace(-0.92, 0.92, int(rng.integers(5, 9))):
        x = hall.middle + share * hall.half
        fill(image, box(x - size, x + size, hall.top, hall.foot), hall.stone)
        fill(image, box(x + 0.4 * size, x + size, hall.top, hall.foot), shade(hall.stone, 0.75))
