"""What chapters 07 to 09 work on where a study maps large images: mosaics with known truth, and its classifiers.

It answers what the chapters ask of `helpers.segmentation.streets.Streets`, so that they score maps of patches with
the same code as street scenes, one mosaic at a time: each is many patches.
"""

from collections.abc import Callable
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.base.errors import CourseError
from helpers.base.paths import data_dir
from helpers.datasets.streets.types import SegmentationSet
from helpers.datasets.types import Splits
from helpers.segmentation.patches.mosaics import open_mosaics
from helpers.segmentation.places import LookedAt
from helpers.study.patches import PatchSpec
from helpers.study.study import Study

if TYPE_CHECKING:
    from helpers.segmentation.patches.large import ClassMap
    from helpers.segmentation.patches.predictor import PatchPredictor
    from helpers.training.runs import Run

MOST_CLASSES = 254  # numbers of a byte that stand neither for "not counted" nor for an unknown value


class Patches(LookedAt):
    """The large images of a study and the classifiers that map them; laid, trained or computed when asked for.

    `get_run` gives the trained model of a name and a seed, as `Chapter.run` does.
    Raises CourseError for a study without this part, or with too many classes.
    """

    def __init__(self, study: Study, splits: Splits, get_run: Callable[[str, int], "Run"]):
        if study.patches is None:
            raise CourseError(f"study '{study.name}' has no part 'segmentation: patches'")
        if len(splits.classes) > MOST_CLASSES:
            raise CourseError(
                f"study '{study.name}' has {len(splits.classes)} classes, and a map holds at most {MOST_CLASSES}: "
                "take some together under 'classes', or leave out 'segmentation'"
            )
        self.study, self.splits, self._get_run = study, splits, get_run
        self.spec: PatchSpec = study.patches
        self.size = self.spec.mosaic_size
        self.is_sample = splits.is_sample
        self._predictors: dict[tuple[str, int, int, int], PatchPredictor] = {}

    @property
    def classes(self) -> tuple[str, ...]:
        return self.splits.classes

    @cached_property
    def home(self) -> SegmentationSet:
        """The mosaics: laid from test tiles, so no model has seen any of them."""
        return open_mosaics(self.splits, self.spec, self.study.seed)

    @property
    def target(self) -> SegmentationSet:
        """The mosaics: a map of patches is looked at where it is at home."""
        return self.home

    @property
    def names(self) -> list[str]:
        """The models whose maps are compared; the first is the one that the chapters look into."""
        return list(self.spec.models) or [self.study.chapters.fine_tuned]

    @property
    def remedy(self) -> str:
        """The model that is tried against other cameras."""
        return self.spec.remedy or self.study.chapters.augmented

    def run(self, name: str | None = None, seed: int | None = None) -> "Run":
        """A trained classifier; the study's first seed if none is given."""
        return self._get_run(name or self.names[0], self.study.seed if seed is None else seed)

    def predictor(
        self,
        name: str | None = None,
        seed: int | None = None,
        *,
        patch: int | None = None,
        stride: int | None = None,
    ) -> "PatchPredictor":
        """A model as a function from large images to the probabilities of every pixel.

        patch, stride: others than the study's, in pixels of the large image.
        """
        from helpers.segmentation.patches.predictor import PatchPredictor

        patch, stride = patch or self.spec.patch, stride or self.spec.stride
        which = (name or self.names[0], self.study.seed if seed is None else seed, patch, stride)
        if which not in self._predictors:
            run = self.run(name, seed)
            self._predictors[which] = PatchPredictor(
                run.model(), self.classes, patch=patch, stride=stride,
                size=self.study.image_size, key=run.key,
            )  # fmt: skip
        return self._predictors[which]

    def seeds(self, name: str | None = None) -> range:
        """Those of the study."""
        return range(self.study.seed, self.study.seed + self.study.seeds)

    @property
    def large_folder(self) -> Path:
        """Where the user's own large images lie; of a drawn sample, where its large scenes do."""
        if self.spec.folder:
            return Path(self.spec.folder)
        return self.study.sample_folder / "scenes" if self.is_sample else data_dir() / f"{self.study.name}_scenes"

    def class_maps(self, most: int, name: str | None = None) -> list["ClassMap"]:
        """The maps of the first `most` large images without known truth; none where there are no such images."""
        from helpers.segmentation.patches.large import find_images, map_images

        return list(islice(map_images(self.predictor(name), find_images(self.large_folder)), most))
