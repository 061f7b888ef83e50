"""The drawn land covers: tiles cut from scenes in class folders, and a few large scenes beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from itertools import groupby
from typing import ClassVar

import numpy as np

from drawings.canvas import generator
from drawings.land_covers.scenes import CLASSES, draw_mixed, draw_scene
from drawings.planting import DrawingJob, Flaws, Plan, Slot, encoded

TILE, SCENE, STEP = 64, 192, 16  # sides of a tile and a scene, and the grid that tiles are cut on, pixels
TILES = 5  # cut from each scene; some overlap
MIXED, MIXED_SIZE = 4, (700, 900)  # large scenes; height and width
LOOK_ALIKES = {"cloudy": "desert", "desert": "green area", "green area": "water", "water": "green area"}


@cache
def places(class_name: str, scene: int) -> tuple[tuple[int, int], ...]:
    """Row and column, in steps of the grid, of the tiles cut from a scene."""
    across = (SCENE - TILE) // STEP + 1
    chosen = generator("land_covers", "places", class_name, scene).choice(across * across, TILES, replace=False)
    return tuple((int(place) // across, int(place) % across) for place in chosen)


@lru_cache(maxsize=8)
def _scene(seed: int, drawn: str, folder: str, scene: int) -> np.ndarray:
    return draw_scene(drawn, generator(seed, "land_covers", drawn, folder, scene), SCENE, SCENE)


class TilePlan(Plan):
    """Tiles cut from the scenes of their class; a mislabelled one from a scene of its true class."""

    def _drawn(self, slot: Slot) -> bytes:
        folder, (scene, tile) = slot[0], divmod(slot[1], TILES)
        picture = _scene(self.seed, self.wrong.get(slot, folder), folder, scene)
        top, left = (STEP * place for place in places(folder, scene)[tile])
        quality = int(generator(self.seed, "land_covers", "quality", *slot).integers(70, 96))
        return encoded(picture[top : top + TILE, left : left + TILE], quality)


@dataclass(frozen=True)
class LandCovers:
    """Tiles of four classes, drawn on demand: `data/<class>/`, and `scenes/` with large ones."""

    name: str = "land_covers"
    classes: tuple[str, ...] = CLASSES
    look_alikes: Mapping[str, str] = field(default_factory=LOOK_ALIKES.copy)
    flaws: Flaws = Flaws(duplicates=0.02, unreadable=3)  # noqa: RUF009 (a tuple: nobody can change it)
    unit: ClassVar[str] = "images_per_class"
    default: ClassVar[int] = 200

    def path(self, slot: Slot) -> str:
        """File of a slot; its name tells the scene, the row and the column that it was cut from."""
        scene, tile = divmod(slot[1], TILES)
        row, column = places(slot[0], scene)[tile]
        number, folder = scene * len(self.classes) + self.classes.index(slot[0]), slot[0].replace(" ", "_")
        return f"data/{folder}/{folder}_s{number:03d}_r{row:02d}_c{column:02d}.jpg"

    def jobs(self, images_per_class: int, seed: int) -> tuple[list[DrawingJob], dict]:
        """Every file to write, the tiles of a scene together, and the manifest: what was planted where."""
        slots = [(name, number) for name in self.classes for number in range(images_per_class)]
        plan, jobs = TilePlan.made(self, slots, seed), []
        for _, group in groupby(slots, key=lambda slot: (slot[0], slot[1] // TILES)):
            tiles = tuple(group)
            jobs.append(DrawingJob(tuple(map(self.path, tiles)), partial(_tiles, plan, tiles)))
        for number in range(1, MIXED + 1):
            jobs.append(DrawingJob((f"scenes/scene_{number}.jpg",), partial(_mixed, seed, number)))
        return jobs, plan.manifest()


def _tiles(plan: TilePlan, slots: tuple[Slot, ...]) -> tuple[bytes, ...]:
    return tuple(content for slot in slots for content in plan.content(slot))


def _mixed(seed: int, number: int) -> tuple[bytes]:
    return (encoded(draw_mixed(generator(seed, "land_covers", "mixed", number), *MIXED_SIZE), 90),)
