"""Inputs that people have, each of its kind drawn here, and what becomes of them: one a row of the table."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import tifffile
import torch
from datasets_pictures import class_folders, picture, save
from PIL import Image

from helpers.base.errors import CourseError
from helpers.base.paths import ROOT
from helpers.datasets.types import Splits
from helpers.metrics.tables import chi_square_homogeneity
from helpers.models import build
from helpers.study.images import load
from helpers.study.recipe import ModelSpec
from helpers.study.study import Study
from runner.notebooks import cell_texts, read_notebook


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    for name in ("data", "runs", "reports"):
        monkeypatch.setenv(f"IMAGE_COURSE_{name.upper()}", str(tmp_path / "places" / name))


class Case(NamedTuple):
    """How an input is drawn into a folder (and what of it is given), what must hold, and the study's changes."""

    draw: Callable[[Path], Path]
    holds: Callable[[Splits], object]
    changes: dict = {}  # noqa: RUF012


def in_parts(counts: dict[str, int], classes=("cats", "dogs")) -> Callable[[Path], Path]:
    return lambda root: class_folders(root, {f"{part}/{one}": n for part, n in counts.items() for one in classes})


def flat_csv(root: Path) -> Path:
    rows = ["id,breed"]
    for part, count in (("train", 12), ("test", 6)):
        for i in range(count):
            save(root / part / f"{part}{i:03d}.jpg", picture(i + 50 * (part == "test")))
            rows += [f"{part}{i:03d},{'round' if i % 2 else 'square'}"] * (part == "train")
    (root / "labels.csv").write_text("\n".join(rows))
    return root


def of_suffix(suffix: str, names=("00000", "00001")) -> Callable[[Path], Path]:
    def draw(root: Path) -> Path:
        for number, name in enumerate(names):
            for i in range(6):
                save(root / name / f"{i}{suffix}", picture(10 * number + i))
        return root

    return draw


def telephones(root: Path) -> Path:
    """Half of a class from a telephone, in a format of its own, and one in a format that is not read."""
    class_folders(root, {"cats": 6, "dogs": 12})
    for i in range(6):
        save(root / "cats" / f"phone{i}.avif", picture(500 + i))
    (root / "cats" / "raw.nef").write_bytes(b"raw")
    return root


def deep(fractions: bool) -> Callable[[Path], Path]:
    """Two classes that differ in how bright they are, of 12 bits or of numbers with a fraction."""

    def draw(root: Path) -> Path:
        for name, bright in (("dim", 0.1), ("bright", 1.0)):
            for i in range(6):
                values = bright * picture(i)[..., 0].astype(np.float32) / 255
                (root / name).mkdir(parents=True, exist_ok=True)
                if fractions:
                    tifffile.imwrite(root / name / f"{i}.tif", values * 7)
                else:
                    Image.fromarray((4095 * values).astype(np.uint16)).save(root / name / f"{i}.png")
        return root

    return draw


def many_bands(root: Path) -> Path:
    for number, name in enumerate(("Forest", "River")):
        (root / name).mkdir(parents=True)
        for i in range(4):
            bands = np.stack([picture(20 * i + band + 100 * number)[..., 0] for band in range(13)], axis=2)
            tifffile.imwrite(root / name / f"{i}.tif", bands, photometric="minisblack", planarconfig="contig")
    return root


def fixed_camera(root: Path) -> Path:
    background = picture(0, 64, 64)
    for name, grey in (("good", 40), ("scratched", 220)):
        for i in range(10):
            seen = background.copy()
            seen[20 + i : 24 + i, 30:34] = grey
            save(root / name / f"{i:02d}.png", seen)
    return root


def disk_station(root: Path) -> Path:
    class_folders(root, {"cats": 6, "dogs": 6})
    for name in ("cats", "dogs"):
        save(root / "@eaDir" / f"SYNO_{name}.jpg", picture(900))
        for i in range(6):
            save(root / name / "@eaDir" / f"{i:03d}.jpg" / "SYNOPHOTO_THUMB_36.jpg", picture(900 + i, 8, 8))
    return root


def without_rare(root: Path) -> Path:
    counts = {"train": 9, "val": 4, "test": 4}
    class_folders(root, {f"{part}/{one}": n for part, n in counts.items() for one in ("cats", "dogs", "rare")})
    for path in (root / "test" / "rare").iterdir():
        path.unlink()
    (root / "test" / "rare").rmdir()
    class_folders(root, {"test/unknown": 3}, first_seed=7000)
    return root


def beside(root: Path) -> Path:
    class_folders(root / "photos", {"a": 6, "b": 6})
    (root / "plain.yaml").write_text("title: Photos\ndata: photos\nmodels: {s: {architecture: cnn, epochs: 1}}")
    return root / "plain.yaml"


def yes_and_no(root: Path) -> Path:
    class_folders(root / "brain", {"no": 6, "yes": 6})
    (root / "study.yaml").write_text("title: Tumours\ndata: ./brain\nlook_alikes: [[no, yes]]")
    return root / "study.yaml"


def counts_of(splits: Splits) -> list[int]:
    return [len(splits.train), len(splits.val), len(splits.test)]


def told(splits: Splits) -> str:
    return " ".join([*splits.remarks, *splits.ignored])


def brightness(splits: Splits) -> list[float]:
    return [float(splits.images[splits.labels == label].mean()) for label in range(len(splits.classes))]


CASES = {
    "01 training_set and test_set": Case(
        in_parts({"training_set": 8, "test_set": 4}),
        lambda s: s.classes == ("cats", "dogs") and s.published == ("train", "test") and len(s.test) == 8,
    ),
    "02 flat folders and a CSV": Case(
        flat_csv, lambda s: s.classes == ("round", "square") and len(s.files) == 12 and "labels.csv" in told(s)
    ),
    "04 train, dev and eval": Case(
        in_parts({"train": 8, "dev": 4, "eval": 4}), lambda s: counts_of(s) == [16, 8, 8] and not s.ignored
    ),
    "05 PPM": Case(of_suffix(".ppm"), lambda s: len(s.files) == 12 and s.classes == ("00000", "00001")),
    "06b AVIF among JPEG": Case(
        telephones, lambda s: np.bincount(s.labels).tolist() == [12, 12] and ".nef is no kind of image" in told(s)
    ),
    "07a 12 bits": Case(
        deep(fractions=False), lambda s: "0 to 4,095 became 0 to 255" in told(s) and len(np.unique(s.images)) > 100
    ),
    "08 a fixed camera": Case(
        fixed_camera, lambda s: min(counts_of(s)) >= 2 and "were not kept in one part here" in told(s)
    ),
    "08 a fixed camera, grouping off": Case(fixed_camera, lambda s: not told(s), {"duplicates": "off"}),
    "09 letters": Case(
        lambda root: class_folders(root, {one: 4 for one in "aAbB"}), lambda s: s.classes == ("A", "B", "a", "b")
    ),
    "10 thumbnails of a disk station": Case(
        disk_station,
        lambda s: s.classes == ("cats", "dogs") and len(s.files) == 12 and told(s).count("Synology") == 3,
    ),
    "11 a class missing in test, and one only there": Case(
        without_rare,
        lambda s: s.classes == ("cats", "dogs", "rare") and counts_of(s) == [27, 12, 8]
        and "“rare” has no images in test/" in told(s) and "unknown/ (no class of the training images)" in told(s),
    ),
    "15 thirteen bands": Case(many_bands, lambda s: len(s.files) == 8, {"bands": "[4, 3, 2]"}),
    "17 numbers with a fraction": Case(
        deep(fractions=True), lambda s: brightness(s)[0] > 8 * brightness(s)[1] and "became 0 to 255" in told(s)
    ),
    "21 yes and no": Case(yes_and_no, lambda s: s.classes == ("no", "yes")),
    "32 four images a class": Case(
        lambda root: class_folders(root, {"one": 4, "two": 4}), lambda s: counts_of(s) == [4, 2, 2]
    ),
    "32 three images of one class": Case(
        lambda root: class_folders(root, {"one": 3, "two": 9}), lambda s: min(counts_of(s)) >= 2
    ),
    "36 a folder beside the study": Case(beside, lambda s: s.classes == ("a", "b")),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_people_have_is_read_as_they_mean_it(tmp_path, name):
    case = CASES[name]
    study = Study.load(case.draw(tmp_path / "mine"), {"image_size": "32"} | case.changes)
    assert case.holds(load(study))


REFUSED = {
    "15 thirteen bands": (many_bands, r"13 bands: say which three to look at, as bands: \[3, 2, 1\]"),
    "32 two images a class": (lambda root: class_folders(root, {"one": 2, "two": 5}), "'one' has 2 .* at least 3"),
    "32 three images a class": (
        lambda root: class_folders(root, {"one": 3, "two": 3}), "mine leaves no class .* 4 images or more",
    ),
    "23 a folder is missing": (
        lambda root: class_folders(root, {"one": 4, "two": 4, "three": 0}), "'three' has no images",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_told_with_a_way_on(tmp_path, name):
    draw, words = REFUSED[name]
    study = Study.load(draw(tmp_path / "mine"), {"image_size": "32"})
    with pytest.raises(CourseError, match=words):
        load(study)


# A model of one's own


COLOURS = {"Zebra": 0, "apple": 1, "banana": 2}  # channel that is bright; in the order of ImageFolder


def coloured(root: Path) -> Path:
    for name, channel in COLOURS.items():
        for part, count in (("train", 6), ("val", 3), ("test", 4)):
            for i in range(count):
                pixels = np.random.default_rng([channel, i, len(part)]).integers(0, 60, (16, 16, 3), np.uint8)
                pixels[..., channel] += 150
                save(root / part / name / f"{i}.png", pixels)
    return root


def network_that_knows(order: list[str]) -> dict[str, torch.Tensor]:
    """The course's smallest network, made to answer with the brightest channel; its outputs are in this order."""
    network = build(ModelSpec(**SMALL), 3, 16).network
    state = {name: torch.zeros_like(tensor) for name, tensor in network.state_dict().items()}
    for row, name in enumerate(order):
        state["conv1.weight"][row, COLOURS[name], 1, 1] = 1
        state["output.weight"][row].view(-1, 4, 4)[row] = 1
    return state


SMALL = {"architecture": "cnn", "blocks": [[3, 4]], "hidden": 0}


def own_model(folder: Path, content: dict, **keys) -> Study:
    torch.save(content, folder / "own.pth")
    model = SMALL | {"pretrained": True, "weights": str(folder / "own.pth"), "epochs": 0, "title": "Mine"} | keys
    return Study.load(coloured(folder / "images"), {"image_size": 16, "models": {"mine": model}})


def test_the_smallest_network_is_what_this_file_takes_it_for():
    assert list(network_that_knows(list(COLOURS))) == list(build(ModelSpec(**SMALL), 3, 16).network.state_dict())


@pytest.mark.parametrize("form", ["in ImageFolder's order", "in another, named", "named otherwise"])
def test_a_model_that_learnt_elsewhere_is_scored_as_it_is(tmp_path, form):
    from helpers.training.runs import get_run
    from sections.one_model import learning

    order = list(COLOURS) if form.startswith("in ImageFolder") else ["banana", "Zebra", "apple"]
    named = {"in another, named": order, "named otherwise": ["kiwi", "Zebra", "apple"]}.get(form)
    content = {"model_state_dict": network_that_knows(order)} | ({"classes": named} if named else {})
    study = own_model(tmp_path, content)
    splits = load(study)
    if form == "named otherwise":
        with pytest.raises(CourseError, match=r"none of them is called “banana”.*cannot be scored as it is"):
            get_run(study, splits, "mine")
        return
    run = get_run(study, splits, "mine")
    assert run.outputs("test").correct.all() and run.outputs("train").correct.all()
    assert (run.best_epoch, run.summary["epochs"], run.history["epoch"].tolist()) == (0, 0, [0])
    assert learning.pictures.learning_curves(run) == []
    assert "not trained here" in learning.sentences.overfitting(run)
    assert ("does not name its classes" in run.summary["notes"][0]) == (named is None)


def test_names_beside_a_file_are_part_of_what_a_run_depends_on(tmp_path):
    from helpers.training.runs import find_run

    study = own_model(tmp_path, network_that_knows(list(COLOURS)))
    splits = load(study)
    before = find_run(study, splits, "mine").place
    (tmp_path / "own.json").write_text('{"classes": ["apple", "Zebra", "banana"]}')
    assert find_run(study, splits, "mine").place != before


def test_classes_in_another_order_are_another_run(tmp_path):
    from helpers.training.runs import find_run

    root, places = coloured(tmp_path / "images"), []
    for order in ("[Zebra, apple, banana]", "[banana, apple, Zebra]"):
        study = Study.load(root, {"image_size": "16", "classes": order, "models": {"small": SMALL}})
        places.append(find_run(study, load(study), "small").place)
    assert places[0] != places[1]


@pytest.mark.parametrize("keys", [{"pretrained": False}, {"weights": "imagenet", "architecture": "resnet18"}])
def test_only_what_has_learnt_elsewhere_can_be_scored_as_it_is(tmp_path, keys):
    with pytest.raises(CourseError, match=r"models\.mine: epochs: 0 scores a model as it is"):
        own_model(tmp_path, network_that_knows(list(COLOURS)), **keys)


# Cells that compute by hand and compare


def by_hand(chapter: str, words: str) -> str:
    """The code of the one cell of a chapter that holds these words."""
    (path,) = (ROOT / "notebooks").glob(f"{chapter}_*.ipynb")
    (cell,) = [text for text in cell_texts(read_notebook(path)["cells"]) if words in text]
    return cell


@pytest.mark.parametrize("words", ["def bits(i)", "train_test_split(every", "class MyImages"])
@pytest.mark.parametrize("name", ["08 a fixed camera", "11 a class missing in test, and one only there", "few"])
def test_what_chapter_01_does_by_hand_holds_on_every_kind_of_set(tmp_path, monkeypatch, name, words):
    import cv2
    import matplotlib.pyplot as plt

    from sections import data

    monkeypatch.setattr(plt, "show", plt.close)
    few = {"train/a": 2, "train/b": 1, "test/a": 1, "val/a": 1, "val/b": 1}  # b is rare
    draw = CASES[name].draw if name in CASES else lambda root: class_folders(root, few)
    splits = load(Study.load(draw(tmp_path / "mine"), {"image_size": "32"}))
    counts = data.measured.part_counts(splits)
    loader, train = torch.utils.data.DataLoader, splits.part("train")
    known = {"splits": splits, "np": np, "cv2": cv2, "torch": torch, "train": train, "counts": counts}
    known |= {"DataLoader": loader, "test": chi_square_homogeneity(counts)}
    exec(by_hand("01", words), known)
    assert data.measured.measure_leak(splits, range(2)).own_tests == len(splits.test)
