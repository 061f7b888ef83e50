"""What chapters 07 to 09 work on: sets of labelled scenes, the networks, and what they were found to see."""

import logging
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from helpers.base.errors import CourseError
from helpers.base.paths import display_path
from helpers.base.telling import counted
from helpers.datasets.masks.own import MaskSettings, SeededShares
from helpers.datasets.streets.known import SETS
from helpers.datasets.streets.sampling import rest, stratified
from helpers.datasets.streets.sets import CatalogueScenes, LabelledScenes, OwnScenes
from helpers.datasets.streets.sharing import SharedClasses, share_classes
from helpers.datasets.streets.types import SegmentationSet
from helpers.segmentation.places import LookedAt
from helpers.study.streets import MaskFolder, SegmentationSpec
from helpers.study.study import Study

if TYPE_CHECKING:
    from helpers.models.segmenters.predictor import Predictor
    from helpers.training.epochs import OnEpoch
    from helpers.training.segmenters.runs import SegmenterRun

log = logging.getLogger("helpers")

DRAWN_SETS = ("idd", "cityscapes")  # the layouts in which street scenes are drawn


class Streets(LookedAt):
    """The labelled scenes of a study and its segmenters; read, trained or computed when first asked for.

    Raises CourseError for scenes or weights that are not in place.
    """

    def __init__(self, study: Study, on_epoch: "Callable[[str], OnEpoch | None]" = lambda title: None):
        """`on_epoch` makes, for the title of a network that is trained, what is called after each epoch."""
        if study.streets is None:
            raise CourseError(f"study '{study.name}' has no part 'segmentation': chapters 07 to 09 need one")
        self.study, self._on_epoch = study, on_epoch
        self.spec: SegmentationSpec = study.streets
        self.is_sample = study.draws_streets
        self.size, self.batch_size = self.spec.size, self.spec.evaluation_batch
        self._runs: dict[tuple[str, int], SegmenterRun] = {}
        self._predictors: dict[str, Predictor] = {}

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that target and home are scored in: see `share_classes`."""
        return self.shared.names

    @cached_property
    def shared(self) -> SharedClasses:
        """The classes, and which of them every class of a set or a network counts as."""
        return _shared(self.spec, self.sets)

    @cached_property
    def sets(self) -> dict[str, LabelledScenes]:
        """The sets by name; the drawn ones are drawn now if they are not there."""
        with counted("data"):
            roots = _drawn(self.study) if self.is_sample else _in_place(self.study)
            return _sets(self.study, roots)

    @property
    def is_one_set(self) -> bool:
        """Whether the network is looked at on the very scenes of the set that it comes from."""
        return not self.spec.is_abroad and self.target_part == self.home_part and self.spec.home_share == 1

    @property
    def target_part(self) -> str:
        """The part of the target that is looked at: as the study says, or `auto_part`."""
        return _target_part(self.spec, self.sets)

    @property
    def home_part(self) -> str:
        """The part of the home set that is scored: as the study says, or test where it has labels, else val."""
        return _home_part(self.spec, self.sets)

    @cached_property
    def target_whole(self) -> SegmentationSet:
        """The part of the target set from which the evaluated scenes are chosen."""
        return self._open(self.spec.target, self.target_part)

    @cached_property
    def _chosen(self) -> np.ndarray:
        return stratified(self.target_whole, self.spec.share, self.study.seed)

    @cached_property
    def target(self) -> SegmentationSet:
        """The scenes that the network is looked at on: a share of the part, stratified by sequence."""
        return self.target_whole.choose(self._chosen)

    @cached_property
    def target_rest(self) -> SegmentationSet:
        """Scenes of the target that are not evaluated; without their labels they may serve to adapt a network.

        Those of the part that were not chosen; where all were, the training part, if no network learns from it.
        """
        left = self.target_whole.choose(rest(self.target_whole, self._chosen))
        learnt_from = {self.spec.training_set(model) for model in self.names}
        parts = set(self.sets[self.spec.target].parts) - {self.target_part}
        if len(left) or "train" not in parts or self.spec.target in learnt_from:
            return left
        return self._open(self.spec.target, "train")

    @cached_property
    def home(self) -> SegmentationSet:
        """The scenes of the set that the network comes from, none of which it has seen."""
        if self.is_one_set:
            return self.target
        whole = self._open(self.spec.home, self.home_part)
        if self.spec.home_share == 1:
            return whole
        return whole.choose(stratified(whole, self.spec.home_share, self.study.seed))

    @property
    def part_sizes(self) -> dict[str, int]:
        """How many scenes each labelled part of the target has."""
        return {part: len(self._open(self.spec.target, part)) for part in self.sets[self.spec.target].parts}

    @property
    def shown(self) -> list[SegmentationSet]:
        """What is looked at before any network: home and the target's part; of one set alone, what is learnt from
        and what is scored."""
        if self.spec.is_abroad:
            return [self.home, self.target_whole]
        trained_on = self.spec.training_set(self.names[0])
        is_learnt = trained_on == self.spec.target and self.target_part != "train"
        return [*([self._open(trained_on, "train")] if is_learnt else []), self.target_whole]

    def make_ready(self) -> None:
        """Draw, read and resize what trainings begin with, so that none of them waits while another does."""
        from helpers.datasets.streets.resized import open_scenes

        _ = self.sets
        for name in {self.spec.training_set(model) for model in self.names} - {None}:
            for scenes in filter(None, [self._open(name, "train"), self._selection_set(name)]):
                open_scenes(scenes, self.spec.size)

    @property
    def names(self) -> list[str]:
        """The names of the networks; the first is the one that the chapters look into."""
        return list(self.spec.models)

    def run(self, name: str | None = None, seed: int | None = None) -> "SegmenterRun":
        """A network, trained now where the study trains it, or with the weights it was published with.

        The first network and the study's first seed if not given. Raises CourseError for an unknown name.
        """
        from helpers.training.segmenters.runs import get_segmenter

        name, seed = name or self.names[0], self.study.seed if seed is None else seed
        if name not in self.spec.models:
            raise CourseError(f"there is no segmentation model '{name}': there are {', '.join(self.names)}")
        if (name, seed) not in self._runs:
            watch = self._on_epoch(self.spec.models[name].title or name)
            train, val = self._learns_from(name)
            self._runs[name, seed] = get_segmenter(self.study, name, train, val, seed=seed, on_epoch=watch)
        return self._runs[name, seed]

    def untrained(self) -> list[str]:
        """The networks that the study trains, and has not finished from every seed."""
        from helpers.training.segmenters.runs import find_segmenter

        def is_finished(name: str, seed: int) -> bool:
            return find_segmenter(self.study, name, *self._learns_from(name), seed).is_finished

        trained = [name for name in self.names if self.spec.training_set(name)]
        return [name for name in trained if not all(is_finished(name, seed) for seed in self.seeds(name))]

    def _learns_from(self, name: str) -> tuple[SegmentationSet | None, SegmentationSet | None]:
        """The scenes that a network learns from and those that choose its epoch; none, where it comes trained."""
        trained_on = self.spec.training_set(name)
        return (self._open(trained_on, "train"), self._selection_set(trained_on)) if trained_on else (None, None)

    def seeds(self, name: str | None = None) -> list[int]:
        """The seeds that a network is trained from; one alone where it comes with ready weights."""
        trained = self.spec.training_set(name or self.names[0])
        return [self.study.seed + number for number in range(self.study.seeds if trained else 1)]

    def _selection_set(self, trained_on: str) -> SegmentationSet | None:
        """The validation part, where no chapter scores the network on it."""
        scored = {(self.spec.home, self.home_part), (self.spec.target, self.target_part)}
        if (trained_on, "val") in scored or "val" not in self.sets[trained_on].parts:
            return None
        return self._open(trained_on, "val")

    def predictor(self, name: str | None = None, seed: int | None = None) -> "Predictor":
        """The network as a function from images to probabilities of the shared classes."""
        from helpers.models.segmenters.predictor import Predictor, reduce_to

        run = self.run(name, seed)
        if run.key not in self._predictors:
            network = Predictor(run.model(), key=run.key)
            self._predictors[run.key] = reduce_to(network, self.classes, self.shared.places)
        return self._predictors[run.key]

    def _open(self, name: str, part: str) -> SegmentationSet:
        scenes = self.sets[name]
        if part not in scenes.parts:
            raise CourseError(_no_part(scenes, part))
        return scenes.open(part, self.shared, name == self.spec.target, self.is_sample)


def _shared(spec: SegmentationSpec, sets: Mapping[str, LabelledScenes]) -> SharedClasses:
    return share_classes(sets[spec.home], sets[spec.target], list(sets.values()), spec.match)


def _target_part(spec: SegmentationSpec, sets: Mapping[str, LabelledScenes]) -> str:
    return sets[spec.target].auto_part if spec.target_part == "auto" else spec.target_part


def _home_part(spec: SegmentationSpec, sets: Mapping[str, LabelledScenes]) -> str:
    if spec.home_part != "auto":
        return spec.home_part
    return "test" if "test" in sets[spec.home].parts else "val"


def check_in_place(study: Study) -> None:
    """Raises CourseError for scenes, parts of them or weights that are missing, before anything runs."""
    spec, sets = study.streets, _sets(study, _in_place(study))
    wanted = [(spec.target, _target_part(spec, sets)), (spec.home, _home_part(spec, sets))]
    wanted += [(trained_on, "train") for name in spec.models if (trained_on := spec.training_set(name))]
    for name, part in wanted:
        if part not in sets[name].parts:
            raise CourseError(_no_part(sets[name], part))
    _shared(spec, sets)
    for name, model in spec.models.items():
        if spec.training_set(name) is None and model.weights == "auto":
            from helpers.models.published import published_file

            published_file(model.architecture, "cityscapes")


def _no_part(scenes: LabelledScenes, part: str) -> str:
    there = ", ".join(scenes.parts) or "none"
    return f"{scenes.info.title} has no labelled scenes for '{part}': there are {there}"


def _sets(study: Study, roots: Mapping[str, Path]) -> dict[str, LabelledScenes]:
    own, split = study.streets.sets, SeededShares(**study.split.model_dump(), seed=study.seed)
    return {
        name: OwnScenes(name, root, mask_settings(own[name]), split)
        if name in own
        else CatalogueScenes(name, root)
        for name, root in roots.items()
    }


def mask_settings(spec: MaskFolder) -> MaskSettings:
    """What a study says of a folder of masks, as their reader takes it."""
    classes = tuple(spec.classes) if isinstance(spec.classes, list) else spec.classes
    return MaskSettings(classes, tuple(spec.void), spec.images, spec.masks, spec.group_by)


def _in_place(study: Study) -> dict[str, Path]:
    for name, root in study.street_roots.items():
        if root is None and name in study.streets.sets:
            folder = display_path(study.streets.sets[name].folder)
            raise CourseError(f"segmentation.sets.{name}: the folder {folder} is not there: put the images there")
        if root is None:
            raise CourseError(
                f"the street scenes of {SETS[name].info.title} are not in place. {SETS[name].info.how_to_get} "
                "Or use drawn scenes: --set segmentation.source=sample"
            )
    return dict(study.street_roots)


def _drawn(study: Study) -> dict[str, Path]:
    from drawings import make_sample
    from helpers.study.images import SAMPLE_SEED

    other = [name for name in study.streets.needed if name not in DRAWN_SETS]
    if other:
        raise CourseError(
            f"no street scenes are drawn for {', '.join(other)}: put the set in place, or name "
            f"{' and '.join(DRAWN_SETS)} in the study's part 'segmentation'"
        )
    folder = study.streets_folder
    make_sample("streets", folder, study.streets.sample.scenes, SAMPLE_SEED)
    return {name: folder / name for name in study.streets.needed}
