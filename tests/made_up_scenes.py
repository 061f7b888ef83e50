"""Street scenes without files: coloured rectangles on a ground, learnt in a few steps, for tests of training."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.datasets.streets.types import IGNORE, NativeClass, Scene, SegmentationSet
from helpers.datasets.types import DataSetInfo

CLASSES = ("ground", "sky", "car")
COLOURS = np.array([[90, 90, 90], [80, 140, 220], [200, 40, 40]], np.uint8)


@dataclass(frozen=True)
class MadeUpScenes(SegmentationSet):
    """A SegmentationSet whose pixels come from the number in a scene's name."""

    def read_image(self, position: int) -> np.ndarray:
        return _draw(self.scenes[position].image)[0]

    def read_native(self, position: int) -> np.ndarray:
        return _draw(self.scenes[position].image)[1]


def made_up_scenes(
    count: int, *, sequences: int = 1, part: str = "train", first: int = 0, classes: tuple[str, ...] = CLASSES
) -> MadeUpScenes:
    """`count` scenes of 72 × 48 pixels in so many sequences; the numbers of the scenes begin with `first`.

    What is drawn of a class that is not among `classes` is ignored.
    """
    names = [str(first + number) for number in range(count)]
    return MadeUpScenes(
        name="toys",
        part=part,
        info=DataSetInfo("Toys", "https://example.org", "CC0", "Ask for it."),
        is_sample=True,
        root=Path("toys"),
        classes=classes,
        colours=COLOURS[: len(classes)],
        native=(
            *(NativeClass(name, name if name in classes else None) for name in CLASSES),
            NativeClass("rim", None),
        ),
        scenes=tuple(Scene(name, name, f"drive {int(name) % sequences}") for name in names),
        fingerprint=f"{first}-{count}-{sequences}",
        label_reader=None,
    )


def _draw(name: str) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(int(name))
    label = np.zeros((48, 72), np.uint8)
    label[: rng.integers(12, 24)] = 1
    top, left = rng.integers(20, 32), rng.integers(4, 44)
    label[top : top + 12, left : left + 20] = 2
    image = np.clip(COLOURS[label] + rng.normal(0, 12, (48, 72, 3)), 0, 255).astype(np.uint8)
    label[:, :2] = 3  # the rim, which no class is given to
    label[-1] = IGNORE
    return image, label
