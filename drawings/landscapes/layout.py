"""The drawn natural scenes, in the layout of the Intel image classification set."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

import cv2
import numpy as np

from drawings import scenery
from drawings.canvas import chance, pick, saturated
from drawings.landscapes.coast import sea
from drawings.landscapes.greenery import forest
from drawings.landscapes.heights import mountain
from drawings.landscapes.ice import glacier
from drawings.landscapes.streets import street
from drawings.landscapes.town import buildings
from drawings.planting import DrawingJob, Flaws, Plan, Slot

SIDE = 150  # pixels
TEST_EVERY = 5  # every fifth image of a class belongs to the published test set
VIEWS: dict[str, Callable[[np.random.Generator, int, int], np.ndarray]] = {  # in the order of the labels
    "buildings": buildings,
    "forest": forest,
    "glacier": glacier,
    "mountain": mountain,
    "sea": sea,
    "street": street,
}
LOOK_ALIKES = {
    "glacier": "mountain",
    "mountain": "glacier",
    "buildings": "street",
    "street": "buildings",
    "sea": "glacier",
    "forest": "mountain",
}
WEATHERS = {"clear": 0.87, "fog": 0.07, "rain": 0.03, "snowfall": 0.03}
LIGHTS = {"noon": 0.45, "overcast": 0.35, "dawn": 0.1, "dim": 0.1}


def taken(view: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A drawn view (h, w, 3) as a camera takes it, uint8."""
    image = scenery.weather(saturated(view), rng, pick(rng, tuple(WEATHERS), tuple(WEATHERS.values())))
    image = scenery.camera(image, rng, pick(rng, tuple(LIGHTS), tuple(LIGHTS.values())))
    if chance(rng, 0.05):  # black and white
        image = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return image


def draw(class_name: str, rng: np.random.Generator) -> np.ndarray:
    """One photograph of the class, (150, 150, 3) uint8 RGB."""
    return taken(VIEWS[class_name](rng, SIDE, SIDE), rng)


@dataclass(frozen=True)
class Landscapes:
    """Photographs of six kinds, drawn on demand: `seg_train/seg_train/<class>/` and the same with `seg_test`."""

    name: str = "landscapes"
    classes: tuple[str, ...] = tuple(VIEWS)
    look_alikes: Mapping[str, str] = field(default_factory=LOOK_ALIKES.copy)
    flaws: Flaws = Flaws(wrong_labels=0.04, unreadable=3)  # noqa: RUF009 (a tuple: nobody can change it)
    unit: ClassVar[str] = "images_per_class"
    default: ClassVar[int] = 200

    def draw(self, class_name: str, rng: np.random.Generator) -> np.ndarray:
        """One photograph of the class."""
        return draw(class_name, rng)

    def path(self, slot: Slot) -> str:
        """File of a slot: named by a number that no other image has, as published."""
        part = "seg_test" if slot[1] % TEST_EVERY == TEST_EVERY - 1 else "seg_train"
        number = slot[1] * len(self.classes) + self.classes.index(slot[0])
        return f"{part}/{part}/{slot[0]}/{number}.jpg"

    def jobs(self, images_per_class: int, seed: int) -> tuple[list[DrawingJob], dict]:
        """Every file to write, and the manifest: what was planted where."""
        slots = [(name, number) for name in self.classes for number in range(images_per_class)]
        plan = Plan.made(self, slots, seed)
        return [DrawingJob((self.path(slot),), partial(plan.content, slot)) for slot in slots], plan.manifest()
