"""Kinds of places that no study has, for pretraining."""

from collections.abc import Callable

import cv2
import numpy as np

from drawings.landscapes import countryside, settlements, works
from drawings.landscapes.layout import SIDE, taken
from drawings.others import collected

PLACES: dict[str, Callable[[np.random.Generator, int, int], np.ndarray]] = {
    "field": countryside.field,
    "dunes": countryside.dunes,
    "desert road": countryside.desert_road,
    "river": countryside.river,
    "marsh": countryside.marsh,
    "canyon": countryside.canyon,
    "volcano": countryside.volcano,
    "waterfall": countryside.waterfall,
    "park": countryside.park,
    "wind farm": countryside.wind_farm,
    "harbour": settlements.harbour,
    "bridge": settlements.bridge,
    "village": settlements.village,
    "castle": settlements.castle,
    "railway": works.railway,
    "corridor": works.corridor,
    "stadium": works.stadium,
    "cooling towers": works.cooling_towers,
}


def draw_place(name: str, rng: np.random.Generator, size: int) -> np.ndarray:
    """One photograph of that kind of place, (size, size, 3) uint8 RGB."""
    image = taken(PLACES[name](rng, SIDE, SIDE), rng)
    return cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)


def draw_pretraining_places(
    images_per_class: int, size: int, seed: int, threads: int | None = None
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Images of places to pretrain on, of kinds that no sample has; returns what `draw_pretraining` does."""
    return collected(tuple(PLACES), draw_place, "places", images_per_class, size, seed, threads)
