"""Bad files among those the course keeps (caches, checkpoints, runs, results): read rightly, made again or named.

One tiny study is run once. Then, case by case, one of its files is spoilt and asked for again: the answer must be
what it was, or an error that names the file.
"""

import logging
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets_pictures import two_coloured_classes
from fuzz_labels import IDS
from fuzz_mutations import mutate
from fuzz_runner import NAMED, RIGHT, check_message, random_of
from made_up_scenes import made_up_scenes
from street_trees import STREET, painted, tree_paths, write_image, write_mask

from helpers.base.errors import CourseError
from helpers.base.paths import data_dir, reports_dir, runs_dir
from helpers.datasets.streets.catalogue import open_set
from helpers.datasets.streets.resized import open_scenes
from helpers.datasets.streets.tables import level_classes
from helpers.models.weights import read_weights
from helpers.segmentation.evaluation import evaluate
from helpers.show.results import write_results
from helpers.study.images import load
from helpers.study.study import Study
from helpers.training import cleaning, epochs, pretraining
from helpers.training.runs import Run, get_run
from runner import records
from runner.graph import ChapterFiles
from runner.pages.results import headline_rows, read_all_results, read_status, read_timings
from sections.street_scenes.class_mix.measured import mix_of

TINY = {
    "name": "kept",
    "image_size": "16",
    "models.cnn.blocks": "[[4, 2], [8, 2]]",
    "models.cnn.epochs": "3",
    "models.cnn.lr": "0.01",
}
CHAPTER = "02_cnn_from_scratch"


@dataclass(frozen=True)
class Kept:
    """Files of one kind, as a pattern below the world's folder, and the question that they answer."""

    files: str
    ask: Callable[["World"], Any]


@dataclass
class World:
    """The study's pictures and scenes, a copy of all that was kept, and the answers while nothing was bad."""

    folder: Path
    study: Study
    answers: dict[str, Any]

    @property
    def good(self) -> Path:
        return self.folder / "good"


def _pictures(root: Path) -> Path:
    name = "Ünïcode"
    two_coloured_classes(root)
    shutil.copy(root / name / "3.png", root / name / "again.png")
    (root / name / "bad.jpg").write_bytes(b"no picture")
    return root


def _streets(root: Path) -> None:
    for frame in range(6):
        image, label = tree_paths(root, "val", "7", f"{frame:06d}", "labelIds.png")
        write_image(image, frame)
        write_mask(label, painted(STREET[frame % 3 :], IDS, 0))


class _Cut(Exception):
    """Raised after an epoch, to leave a checkpoint behind."""


def _leave_a_checkpoint(study: Study) -> None:
    def stop(row: dict) -> None:
        if row["epoch"] == 2:
            raise _Cut

    epochs.CHECKPOINT_SECONDS = -1.0
    try:
        get_run(study, load(study), "cnn", seed=1, on_epoch=stop)
    except _Cut:
        return
    finally:
        epochs.CHECKPOINT_SECONDS = 15.0


class _ByColour:
    """A segmenter that needs no training."""

    key, classes = "by colour", ("ground", "sky", "car")

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        return (images.roll(2, dims=3).float() / 40).softmax(1)


# Questions, and the files that hold the answers


def _data(world: World) -> dict:
    splits = load(world.study)
    names = ("files", "labels", "sizes", "unreadable", "train", "val", "test", "groups", "fingerprint")
    facts = {name: getattr(splits, name) for name in names} | vars(splits.duplicates)
    return facts | {"images": np.array(splits.images)}


def _run(world: World, seed: int = 0) -> dict:
    run: Run = get_run(world.study, load(world.study), "cnn", seed=seed)
    history = {name: values for name, values in run.history.items() if name != "seconds"}
    parts = {part: vars(run.outputs(part)) for part in ("train", "val", "test")}
    weights = {name: tensor.numpy() for name, tensor in run.model().state_dict().items()}
    return {"summary": run.summary, "timings": run.timings, **history, **parts, **weights}


def _cut_off_run(world: World) -> dict:
    return _run(world, seed=1)


def _suspects(world: World) -> dict:
    return vars(cleaning.find(world.study, load(world.study), "cnn", 0))


def _evaluation(world: World) -> dict:
    found = evaluate(_ByColour(), made_up_scenes(3), runs_dir() / "evaluation", size=32)
    return {name: value for name, value in vars(found).items() if name not in ("timings", "facts")} | found.facts


def _scenes(world: World) -> dict:
    scenes = open_set("cityscapes", world.folder / "streets", "val", level_classes("fine"))
    arrays = open_scenes(scenes, 16)
    counted = vars(mix_of(scenes))
    return counted | {"fingerprint": scenes.fingerprint, "images": arrays.images, "labels": arrays.labels}


def _drawn(world: World) -> dict:
    return pretraining._images("sample", 2, 16)


def _results(world: World) -> dict:
    folder = reports_dir()
    found = {"status": read_status(folder, "kept"), "timings": read_timings(folder, "kept", CHAPTER)}
    return found | {"headline": headline_rows(folder, "kept"), **read_all_results(folder, "kept")}


def _record(world: World) -> dict:
    """As the command line does: what cannot be read is forgotten, so that the chapter runs again."""
    records.forget_failures("kept", [CHAPTER])
    if not ChapterFiles("kept", CHAPTER).done.exists():
        _write_record()
    return records.chapter_records("kept", records.State({CHAPTER: "abc"}, {}, {CHAPTER: []}))


def _write_record() -> None:
    records.Record("ok", 12.5, key="abc").save(ChapterFiles("kept", CHAPTER).done)


def _weights(world: World) -> dict:
    return {name: tensor.numpy() for name, tensor in read_weights(_weights_file()).items()}


def _weights_file() -> Path:
    return data_dir() / "weights" / "mine.pth"


KEPT = {
    "images": Kept("data/.cache/*/images-*", _data),
    "what was decoded": Kept("data/.cache/*/[std]*.np[yz]", _data),
    "index": Kept("data/.cache/index-*.json", _data),
    "run": Kept("runs/trained/cnn-0-*/*/*", _run),
    "run, its numbers": Kept("runs/trained/cnn-0-*/*/*.json", _run),
    "checkpoint": Kept("runs/trained/cnn-1-*/*/checkpoint.pt", _cut_off_run),
    "suspects": Kept("runs/kept/cleaning-*.npz", _suspects),
    "evaluation": Kept("runs/evaluation/*/*.npz", _evaluation),
    "scenes": Kept("data/.cache/s*-*/*", _scenes),
    "scenes, counted": Kept("runs/kept/scenes-*.npz", _scenes),
    "pretraining images": Kept("runs/kept/pretraining-*.npz", _drawn),
    "results": Kept("reports/kept/*.json", _results),
    "record": Kept("runs/kept/notebooks/*.done.json", _record),
    "weights": Kept("data/weights/*.pth", _weights),
}
BLIND = {"timings"}  # what is another when it is measured again


def prepare(folder: Path) -> World:
    """Run the study once, ask everything, and keep a copy."""
    study = Study.load(_pictures(folder / "kept"), TINY)
    _streets(folder / "streets")
    world = World(folder, study, {})
    _write_results()
    _leave_a_checkpoint(study)
    _weights_file().parent.mkdir(parents=True)
    torch.save({"a.weight": torch.arange(12.0).reshape(3, 4), "b": torch.ones(3)}, _weights_file())
    for kept in KEPT.values():
        if kept.ask is not _cut_off_run:
            kept.ask(world)
    for place in _places():
        shutil.copytree(place, world.good / place.name)
    world.answers = {name: kept.ask(world) for name, kept in KEPT.items()}
    return world


def _write_results() -> None:
    rows = [{"model": "cnn", "metric": "accuracy", "value": 0.75, "low": 0.625, "high": 0.875}]
    write_results(reports_dir(), "kept", CHAPTER, {"headline": rows, "epochs": [1, 2, 3]}, {"train_seconds": 12.5})
    write_results(reports_dir(), "kept", "status", {"title": "Kept", "chapters": {CHAPTER: {"status": "ok"}}})
    _write_record()


def _places() -> list[Path]:
    return [data_dir(), runs_dir(), reports_dir()]


def case(world: World, seed: int) -> str:
    """Spoil one file and ask again."""
    rng, name = random_of("kept", seed), list(KEPT)[seed % len(KEPT)]
    for place in _places():
        shutil.rmtree(place)
        shutil.copytree(world.good / place.name, place)
    files = [path for path in sorted(world.folder.glob(KEPT[name].files)) if path.suffix not in (".lock",)]
    path = rng.choice(files)
    how, bad = _spoilt(path, rng)
    path.write_bytes(bad)
    with _Heard() as heard:
        try:
            answer = KEPT[name].ask(world)
        except CourseError as error:
            return check_message(str(error), path.name)
    blind = BLIND if heard.lines else set()
    wrong = _differences(world.answers[name], answer, blind)
    assert not wrong, f"{path.relative_to(world.folder)}, {how}: another answer for {', '.join(wrong)}"
    return NAMED if heard.lines else RIGHT


def _spoilt(path: Path, rng: random.Random) -> tuple[str, bytes]:
    return mutate(path.read_bytes(), rng, (other_digit,) * 6 if path.suffix in (".json", ".crc", "") else ())


def other_digit(data: bytes, rng: random.Random) -> bytes:
    """JSON stays JSON, but says another number."""
    places = [place for place, byte in enumerate(data) if 48 <= byte <= 57]
    if not places:
        return data
    place = rng.choice(places)
    return data[:place] + str(rng.randrange(1, 10)).encode() + data[place + 1 :]


class _Heard(logging.Handler):
    """What the course warns of meanwhile."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def __enter__(self) -> "_Heard":
        logging.getLogger("helpers").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("helpers").removeHandler(self)


def _differences(expected: dict, found: dict, blind: set[str]) -> list[str]:
    names = (expected.keys() | found.keys()) - blind
    return sorted(name for name in names if not _same(expected.get(name), found.get(name)))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        one, other = np.asarray(one), np.asarray(other)
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    return type(one) is type(other) and one == other
