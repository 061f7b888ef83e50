"""The stages that `growth.py` measures: each prepares what it needs and returns the work to be timed.

All work in the folders that the environment names. What an earlier stage leaves on disk, a later one finds.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, permutations

import numpy as np
import yaml

from drawings import make_sample
from helpers.base.paths import data_dir, reports_dir, runs_dir
from helpers.datasets.cache import Cached, open_cache
from helpers.datasets.catalogue import known_set
from helpers.datasets.folders import scan
from helpers.datasets.streets.catalogue import open_set
from helpers.datasets.streets.tables import shared_classes
from helpers.datasets.streets.types import SegmentationSet
from helpers.datasets.types import Splits
from helpers.study.images import draw_sample, load
from helpers.study.study import Study
from helpers.training.runs import Run, get_run

IMAGES, CLASSES, SCENES = (
    240,
    10,
    60,
)  # at 1×: images of each of the ten classes, street scenes of both cities together
SCENE_SIZE = 256  # pixels
NETWORK = {"architecture": "cnn", "blocks": [[32, 4], [64, 2]], "epochs": 1, "optimizer": "adam"}
Work = Callable[[], object]


@dataclass(frozen=True)
class Amount:
    """How much data: so many times the sample; the searches further out take `more` times as much of it."""

    times: int
    images: int  # of each class, at 1×
    scenes: int  # of both cities together, at 1×
    more: int = 1

    @cached_property
    def study(self) -> Study:
        """The default study's data with three small networks, trained for one epoch."""
        models = {
            name: NETWORK | {"title": title, "augment": augment}
            for name, title, augment in (
                ("cnn", "CNN", {}), ("second", "Second CNN", {}), ("augmented", "Augmented CNN", {"flip": 0.5}),
            )
        }  # fmt: skip
        roles = {"from_scratch": "cnn", "fine_tuned": "second", "augmented": "augmented"}
        file = data_dir() / f"growth-{self.times}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        values = {"title": "Growth", "data": "russian_wildlife", "source": "sample", "image_size": 64}
        sample = {"drawing": "wildlife", "images_per_class": self.images * self.times}
        file.write_text(yaml.safe_dump(values | {"models": models, "chapters": roles, "sample": sample}))
        return Study.load(file)

    @cached_property
    def splits(self) -> Splits:
        """The images, decoded and split."""
        return load(self.study)

    @cached_property
    def run(self) -> Run:
        """The first network, trained."""
        return get_run(self.study, self.splits, "cnn")

    def decoded(self) -> Cached:
        """The decoded images, made now if they are not there."""
        root, _ = draw_sample(self.study)
        return open_cache(scan(root, known_set(self.study.data).classes), self.study.image_size, self.study.resize)

    def largest(self) -> dict[str, int]:
        """Bytes of the largest page of the study's report, and of its largest result file."""
        kinds = {"page": "*.html", "results": "*.json"}
        folder = reports_dir() / self.study.name
        return {kind: max(path.stat().st_size for path in folder.glob(name)) for kind, name in kinds.items()}

    def streets(self) -> SegmentationSet:
        """The second city's scenes, drawn now if they are not there."""
        folder = data_dir() / "samples" / f"streets-{self.scenes * self.times}"
        make_sample("streets", folder, self.scenes * self.times)
        return open_set("idd", folder / "idd", "val", shared_classes("idd", "cityscapes"), is_sample=True)


def draw(amount: Amount) -> Work:
    """Draw the images and write their files."""
    return lambda: draw_sample(amount.study)


def read(amount: Amount) -> Work:
    """Read every file, decode it, resize it, and keep digests and pixels."""
    return amount.decoded


def near_duplicates(amount: Amount) -> Work:
    """Find copies, also altered ones."""
    from helpers.datasets.duplicates import cached_duplicates

    cached = amount.decoded()
    return lambda: cached_duplicates(cached.survey, cached.folder)


def search_further(amount: Amount) -> Work:
    """Find near-duplicates among images and as many more of them, their quarters in another order."""
    from helpers.datasets.duplicates import exact_pairs, near_pairs

    survey = amount.decoded().survey
    first = np.setdiff1d(np.arange(len(survey.files)), exact_pairs(survey.digests, survey.pixel_digests)[:, 1])
    once = np.array(survey.thumbnails[first])
    half = once.shape[1] // 2
    quarters = [once[:, top : top + half, left : left + half] for top in (0, half) for left in (0, half)]
    ways = [np.block([[a, b], [c, d]]) for a, b, c, d in islice(permutations(quarters), amount.more)]
    thumbnails = np.concatenate(ways)
    return lambda: near_pairs(thumbnails, np.empty((0, 2), np.int64))


def split(amount: Amount) -> Work:
    """Split the images, and what chapter 01 finds out about splits and duplicates."""
    from helpers.datasets.split import grouped_split
    from sections.data import measured as audit

    splits, study = amount.splits, amount.study

    def work() -> None:
        grouped_split(splits.labels, splits.groups, study.split, study.seed, splits.classes)
        audit.measure_leak(splits, range(20))
        audit.label_conflicts(splits)
        audit.score_finds(splits)

    return work


def train(amount: Amount) -> Work:
    """Train a small network for one epoch, measure it after that, ask it about every image, keep everything."""
    splits = amount.splits
    return lambda: get_run(amount.study, splits, "cnn")


def predict(amount: Amount) -> Work:
    """Probabilities and features of every image."""
    from helpers.base.device import pick_device
    from helpers.training.loop import predict as ask

    model = amount.run.model(pick_device())
    parts = [amount.splits.part(name) for name in ("train", "val", "test")]
    return lambda: [ask(model, part) for part in parts]


def mistakes(amount: Amount) -> Work:
    """Chapters 02 to 04: neighbours and looks of test images, and rules for validation images."""
    from sections.one_model.mistakes import measured as mistakes
    from sections.one_model.mistakes.sentences import count_rules, doubtful_labels

    run, splits = amount.run, amount.splits

    def work() -> None:
        mistakes.gather(run, splits)
        evidence = mistakes.gather(run, splits, "val")
        count_rules(evidence)
        doubtful_labels(evidence)

    return work


def distances(amount: Amount) -> Work:
    """Chapter 05: distances of the mistakes to the centres of the classes."""
    from sections.distances.measured import look_at_own_mistakes

    return lambda: look_at_own_mistakes({"cnn": amount.run})


def clouds(amount: Amount) -> Work:
    """Features laid out by t-SNE in two and three dimensions, and their neighbours."""
    from sections.one_model.embedding.measured import embed

    run = amount.run
    return lambda: embed(run).purities


def scores(amount: Amount) -> Work:
    """Scores of the test set with all intervals, calibration, and three models compared."""
    from sections.comparison.scores.measured import compare_models
    from sections.comparison.thresholds.ranking import ranking_intervals, score_counts
    from sections.one_model.scores.measured import evaluate_run

    run = amount.run

    def work() -> None:
        found = evaluate_run(run)
        _ = found.intervals, found.class_intervals, found.calibration, found.calibration_error
        ranking_intervals(score_counts(found.outputs.probabilities[:, 0], found.outputs.labels == 0))
        compare_models({name: [replace(run, name=name)] for name in ("a", "b", "c")})

    return work


def cleaning(amount: Amount) -> Work:
    """Look for wrong labels among the training images."""
    from helpers.training.cleaning import judge

    features, splits = amount.run.outputs("train").features, amount.splits
    return lambda: judge(features, splits)


def chapters(amount: Amount) -> Work:
    """Chapters 01 to 06 from the command line: notebooks executed, networks trained, pages rendered."""
    from runner.__main__ import main

    file = data_dir() / f"{amount.study.name}.yaml"
    return lambda: main([str(file)])


def draw_scenes(amount: Amount) -> Work:
    """Draw the street scenes and write their files."""
    return amount.streets


def evaluate_scenes(amount: Amount) -> Work:
    """Read scenes, let a network see them, count, keep the counts."""
    import torch

    from helpers.models.segmenters import build_segmenter
    from helpers.models.segmenters.predictor import Predictor
    from helpers.segmentation.evaluation import evaluate
    from helpers.study.streets import SegmenterSpec

    torch.manual_seed(0)
    scenes = amount.streets()
    network = Predictor(build_segmenter(SegmenterSpec(), scenes.classes), key=f"growth-{amount.times}")
    return lambda: evaluate(network, scenes, runs_dir() / "evaluations", size=SCENE_SIZE)


def analyse_scenes(amount: Amount) -> Work:
    """Chapters 07 and 08 on what was counted: scores, intervals, failures, ranked improvements."""
    from sections.errors.analysis import analyse_errors, error_results
    from sections.street_scenes.failures.measured import Failures
    from sections.street_scenes.scores.measured import Results

    found = evaluate_scenes(amount)()

    def work() -> None:
        error_results(analyse_errors(found, "drawn scenes"))
        _ = Failures(found).correlations
        _ = Results(found, "network").intervals

    return work


@dataclass(frozen=True)
class Stage:
    """One line of the table."""

    title: str
    prepare: Callable[[Amount], Work]
    again: bool = True  # whether doing it again takes as long: then the quickest of three counts
    beyond: bool = False  # on the largest sample and further out
    by_clock: bool = False  # where processes work that are nobody's children


STAGES = {
    "draw": Stage("draw images", draw, again=False),
    "read": Stage("read, decode, resize", read, again=False),
    "near": Stage("near-duplicates", near_duplicates, again=False),
    "search": Stage("near-duplicates, further out", search_further, again=False, beyond=True),
    "split": Stage("split and audit", split),
    "train": Stage("train an epoch", train, again=False),
    "predict": Stage("predict", predict),
    "mistakes": Stage("mistakes, neighbours", mistakes),
    "distances": Stage("feature distances", distances),
    "clouds": Stage("t-SNE", clouds, again=False),
    "scores": Stage("scores and intervals", scores),
    "cleaning": Stage("wrong labels", cleaning, again=False),
    "chapters": Stage("chapters 01 to 06", chapters, again=False, by_clock=True),
    "draw_scenes": Stage("draw scenes", draw_scenes, again=False),
    "evaluate": Stage("evaluate scenes", evaluate_scenes, again=False),
    "analyse_errors": Stage("analyse_errors scenes", analyse_scenes),
}


def used() -> int:
    """Bytes in the folders of data, runs and reports."""
    folders = (data_dir(), runs_dir(), reports_dir())
    return sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())
