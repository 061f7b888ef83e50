"""Several processes evaluate one set: every count as from one alone, whoever is late, is killed or never comes."""

import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from made_up_evaluations import SIZE, ByColour, assert_equal
from made_up_networks import segmenter, with_statistics
from made_up_scenes import made_up_scenes
from street_trees import Box, box_object, tree_paths, write_image, write_polygons

from helpers.base.errors import CourseError
from helpers.base.paths import ROOT
from helpers.segmentation import evaluation
from helpers.segmentation import pieces as parts
from helpers.segmentation.evaluation import evaluate
from helpers.segmentation.streets import Streets
from helpers.study.study import Study
from runner.shards import evaluate_shard
from sections.abroad import trials
from sections.abroad.drop.appearance import standard_looks
from sections.street_scenes.scores.measured import Results
from sections.street_scenes.scores.measured import segmenter_results as results_of_models

MAKE_PARTS = """
import os, sys, time
from pathlib import Path
import numpy as np
from helpers.segmentation import pieces as parts

folder, number, of = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
for some in parts.in_turn(folder, parts.missing(folder, parts.split(60, 1)), number, of):
    for part in some:
        time.sleep(0.02)
        with (folder / "made.log").open("a") as log:
            log.write(f"{number} {part.start}\\n")
        parts.write(parts.path_of(folder, part), {"scenes": np.array(part)})
"""
KILLS = 8


def start(script: str, *arguments: object, **variables: str) -> subprocess.Popen:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | variables
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def finish(*processes: subprocess.Popen) -> None:
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors


def made(folder: Path) -> list[list[int]]:
    """Who has made which part, in order."""
    return [[int(word) for word in line.split()] for line in (folder / "made.log").read_text().splitlines()]


def test_each_part_is_made_once_and_everybody_makes_some(tmp_path):
    finish(*(start(MAKE_PARTS, tmp_path, number, 3) for number in range(3)))
    found = made(tmp_path)
    assert sorted(part for _, part in found) == list(range(0, 60, 4))
    assert {number for number, _ in found} == {0, 1, 2}
    assert not parts.missing(tmp_path, parts.split(60, 1))


def test_one_alone_makes_what_the_others_do_not(tmp_path):
    finish(start(MAKE_PARTS, tmp_path, 1, 3))
    assert [part for _, part in made(tmp_path)] == [*range(20, 60, 4), *range(0, 20, 4)]
    finish(start(MAKE_PARTS, tmp_path, 0, 3))  # comes late
    assert len(made(tmp_path)) == 15


def test_what_a_killed_process_leaves_the_others_make(tmp_path):
    """SIGKILL at random moments; a part that was being made is at most made twice, and nobody waits for ever."""
    survived = 0
    for trial in range(KILLS):
        folder, moments = tmp_path / str(trial), random.Random(trial)
        folder.mkdir()
        processes = [start(MAKE_PARTS, folder, number, 2) for number in range(2)]
        time.sleep(0.2 + 0.3 * moments.random())
        victim = processes.pop(moments.randrange(2))
        victim.send_signal(signal.SIGKILL)
        victim.communicate()
        finish(*processes)
        assert not parts.missing(folder, parts.split(60, 1))
        assert 15 <= len(made(folder)) <= 16
        survived += 1
    print(f"killed {KILLS}, survived {survived}")


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(parts, "SCENES_EACH", 3)
    monkeypatch.setattr(parts, "LEAST_PARTS", 1)


def scenes():
    return made_up_scenes(20, sequences=2)


@pytest.mark.parametrize(("batch_size", "of"), [(1, 2), (2, 3), (1, 40)])
def test_counts_do_not_depend_on_the_number_of_shards(tmp_path, small_parts, batch_size, of):
    alone = evaluate(ByColour(), scenes(), tmp_path / "alone", size=SIZE, batch_size=batch_size)
    keys = {"size": SIZE, "batch_size": batch_size}
    with pytest.raises(KeyboardInterrupt):
        evaluate(ByColour(fail_after=7), scenes(), tmp_path, shard=(of - 1, of), **keys)
    with pytest.raises(KeyboardInterrupt):
        evaluate(ByColour(fail_after=5), scenes(), tmp_path, shard=(of // 2, of), **keys)
    shared = evaluate(ByColour(), scenes(), tmp_path, shard=(0, of), **keys)
    assert_equal(shared, alone)
    nobody = ByColour(fail_after=0)
    assert_equal(evaluate(nobody, scenes(), tmp_path, **keys), alone)


def test_a_scene_that_cannot_be_read_stops_every_shard_with_its_name(tmp_path, small_parts):
    @dataclasses.dataclass(frozen=True)
    class Uneven(type(scenes())):
        def read_native(self, position):
            native = super().read_native(position)
            return native[:-1] if position == 13 else native

    uneven = Uneven(**{field.name: getattr(scenes(), field.name) for field in dataclasses.fields(scenes())})
    for number in (0, 1, 0):
        with pytest.raises(CourseError, match="its label 13"):
            evaluate(ByColour(), uneven, tmp_path, size=SIZE, shard=(number, 2))


# real files, real networks, real processes

CHAPTERS = ("07_segmentation", "09_cross_domain")
SHARD = """
import sys
from runner.shards import evaluate_shard
from helpers.study.study import Study

for chapter in sys.argv[4:]:
    evaluate_shard(Study.load(sys.argv[1]), chapter, int(sys.argv[2]), int(sys.argv[3]))
"""


def street(rng: np.random.Generator, width: int, height: int) -> list[Box]:
    """A sky, a road, and two things somewhere between."""
    horizon = int(rng.integers(3, height - 6))
    boxes = [("sky", 0, 0, width - 1, horizon), ("road", 0, horizon + 1, width - 1, height - 1)]
    for name in ("car", "building"):
        left, top = int(rng.integers(0, width - 9)), int(rng.integers(0, height - 7))
        boxes.append((name, left, top, left + 8, top + 6))
    return boxes


def street_set(root: Path, frames: int, size: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    for part, count in (("train", 2), ("val", frames)):
        for frame in range(count):
            image, label = tree_paths(root, part, str(frame % 4), f"{frame:03d}", "polygons.json")
            write_image(image, int(rng.integers(2**31)), size)
            write_polygons(label, [box_object(box) for box in street(rng, *size)], size)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A study of street scenes in two layouts and shapes, two networks with weights, and its evaluations."""
    root = tmp_path_factory.mktemp("shards")
    street_set(root / "data" / "cityscapes", 21, (40, 20), 1)
    street_set(root / "data" / "idd", 44, (32, 18), 2)
    for name in ("one", "other"):
        model = with_statistics(segmenter())
        torch.nn.init.normal_(model.network.classifier.classifier[-1].weight, std=0.5)
        torch.save({"model_state": model.network.state_dict()}, root / f"{name}.pth")
    models = {name: {"weights": str(root / f"{name}.pth")} for name in ("one", "other")}
    part = {"source": "real", "share": 0.5, "size": 64, "models": models}
    study = {"title": "Streets", "data": "svhn", "models": {"cnn": {"architecture": "cnn"}}, "segmentation": part}
    (root / "study.yaml").write_text(json.dumps(study))
    return root


def results(place: Path, runs: str, monkeypatch) -> dict:
    """All numbers of chapters 07 and 09, as they are kept."""
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(place / "data"))
    monkeypatch.setenv("IMAGE_COURSE_RUNS", str(place / runs))
    streets = Streets(Study.load(str(place / "study.yaml")))
    shift, remedies = trials.domain_shift(streets), trials.remedies_of(streets)
    reasons = trials.drop_reasons(streets, shift)
    outcomes = trials.try_out(streets, shift, remedies)
    distance = trials.set_features(streets, remedies)
    found = {name: results_of_models(Results(streets.evaluate("target", name), name)) for name in streets.names}
    across = trials.abroad_results(shift, reasons, standard_looks(shift), distance, outcomes, "one")
    evaluations = [shift.home, shift.target, *(one.evaluation for one in outcomes)]
    return {"models": found, "across": across, "evaluations": evaluations}


def places(place: Path, runs: str) -> dict[str, str]:
    names = {"DATA": "data", "RUNS": runs, "REPORTS": "reports"}
    return {f"IMAGE_COURSE_{name}": str(place / folder) for name, folder in names.items()}


def test_a_study_in_shards_has_the_numbers_of_one_piece(place, monkeypatch):
    """Of three shards one is killed and one never comes; the chapters then find everything there."""
    variables = places(place, "shared") | {"IMAGE_COURSE_HEADLESS": "1"}
    study, evaluations = place / "study.yaml", place / "shared" / "evaluations"
    killed = start(SHARD, study, 0, 3, *CHAPTERS, **variables)
    alone = results(place, "alone", monkeypatch)
    while not list(evaluations.glob("*/scenes-*.npz")):
        assert killed.poll() is None, killed.stderr.read()
        time.sleep(0.02)
    own = in_this_process(study, variables, monkeypatch, then=killed.kill)
    killed.communicate()
    files = {path: path.read_bytes() for path in evaluations.glob("*/scenes-*.npz")}
    assert 0 < len(own) < len(files)

    monkeypatch.setattr(evaluation, "_make_part", pytest.fail)
    shared = results(place, "shared", monkeypatch)
    assert json.dumps(shared["models"]) == json.dumps(alone["models"])
    assert json.dumps(shared["across"]) == json.dumps(alone["across"])
    for one, other in zip(shared["evaluations"], alone["evaluations"], strict=True):
        assert_equal(one, other)


def in_this_process(study, variables, monkeypatch, then) -> list[Path]:
    """The last of three shards; it calls `then` when it has made three parts. Returns all that it has made."""
    own, make = [], evaluation._make_part

    def make_and_count(path, *rest):
        make(path, *rest)
        own.append(path)
        if len(own) == 3:
            then()

    with monkeypatch.context() as patch:
        patch.setattr(evaluation, "_make_part", make_and_count)
        for name, value in variables.items():
            patch.setenv(name, value)
        for chapter in CHAPTERS:
            evaluate_shard(Study.load(str(study)), chapter, 2, 3)
    return own


def test_a_shard_that_cannot_be_is_refused():
    for number in (-1, 2):
        with pytest.raises(ValueError, match="numbered from 0"):
            evaluate_shard(Study.load("wildlife"), "07_segmentation", number, 2)
