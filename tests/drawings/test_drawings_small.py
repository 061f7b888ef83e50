"""Drawn images of 32 × 32 pixels: in the publishers' files, the same bytes every time, and a true manifest."""

import hashlib
import json
import pickle
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import loadmat

from drawings import SAMPLES, make_sample, write
from drawings.canvas import generator
from drawings.small.arrays import reduced
from drawings.small.digits import Font, skeletons
from drawings.small.formats import pickled

PER_CLASS = {"house_numbers": 30, "vehicles_animals": 20}
BATCHES = [f"cifar-10-batches-py/{name}" for name in [*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"]]
CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("small")
    for name, amount in PER_CLASS.items():
        make_sample(name, folder / name, amount, seed=3, threads=1)
    return {name: folder / name for name in PER_CLASS}


@pytest.fixture(scope="module")
def manifests(folders) -> dict[str, dict]:
    return {name: json.loads((folder / "manifest.json").read_text()) for name, folder in folders.items()}


@pytest.fixture(scope="module")
def images(folders) -> dict[str, dict[str, tuple[np.ndarray, int]]]:
    """What is in the files, by the names of the manifest: (32, 32, 3) and the class's number."""
    return {
        "house_numbers": dict(_digits(folders["house_numbers"])),
        "vehicles_animals": dict(_things(folders["vehicles_animals"])),
    }


def _digits(folder: Path):
    for name in ("train_32x32.mat", "test_32x32.mat"):
        content = loadmat(folder / name)
        for position, label in enumerate(content["y"][:, 0]):
            yield f"{name}/{position:06d}", (content["X"][..., position], int(label) % 10)


def _things(folder: Path):
    for name in BATCHES:
        batch = unpickled(folder / name)
        planes = batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        for position, (image, label) in enumerate(zip(planes, batch[b"labels"], strict=True)):
            yield f"{name}/{position:06d}", (image, label)


def unpickled(path: Path) -> dict:
    return pickle.loads(path.read_bytes(), encoding="bytes")


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.mark.parametrize("name", PER_CLASS)
def test_same_bytes_whatever_the_number_of_processes(name, folders, tmp_path, monkeypatch):
    monkeypatch.setattr(write, "LEAST_SHARE", 1)
    make_sample(name, tmp_path / name, PER_CLASS[name], seed=3, threads=2)
    assert digests(tmp_path / name) == digests(folders[name])


def test_only_the_publishers_files_are_left(folders):
    house_numbers, things = (set(digests(folder)) - {"manifest.json"} for folder in folders.values())
    assert house_numbers == {"train_32x32.mat", "test_32x32.mat"}
    assert things == {*BATCHES, "cifar-10-batches-py/batches.meta"}


def test_a_whole_sample_is_left_alone(folders):
    before = {path: path.stat().st_mtime_ns for path in folders["house_numbers"].iterdir()}
    make_sample("house_numbers", folders["house_numbers"], PER_CLASS["house_numbers"], seed=3)
    assert {path: path.stat().st_mtime_ns for path in folders["house_numbers"].iterdir()} == before


def test_house_numbers_as_published(folders):
    content = loadmat(folders["house_numbers"] / "train_32x32.mat")
    assert content["X"].dtype == content["y"].dtype == np.uint8
    assert content["X"].shape == (32, 32, 3, len(content["y"]))
    assert content["y"].shape[1] == 1
    assert set(content["y"].ravel()) == set(range(1, 11))  # the digit 0 is called 10
    assert abs(len(content["y"]) - 0.8 * 300) <= 5


def test_small_digits_are_more_frequent(images):
    counts = np.bincount([label for _, label in images["house_numbers"].values()])
    assert counts[1] > counts[2] > counts[4] > counts[9]
    assert abs(counts.sum() - 300) <= 5


def test_batches_as_published(folders):
    folder = folders["vehicles_animals"]
    batches = [unpickled(folder / name) for name in BATCHES]
    assert [len(batch[b"data"]) for batch in batches] == [34] * 5 + [30]
    for batch in batches:
        assert batch.keys() == {b"batch_label", b"labels", b"data", b"filenames"}
        assert batch[b"data"].shape[1] == 3072 and batch[b"data"].dtype == np.uint8
        names = [name.decode().split("_s_")[0] for name in batch[b"filenames"]]
        assert names == [CLASSES[label] for label in batch[b"labels"]]
    assert batches[1][b"batch_label"] == b"training batch 2 of 5"
    assert unpickled(folder / "cifar-10-batches-py/batches.meta") == {
        b"num_cases_per_batch": 34, b"label_names": [name.encode() for name in CLASSES], b"num_vis": 3072,
    }  # fmt: skip


def test_a_pickle_of_python_2_holds_what_was_put_in():
    value = {"text": "a" * 300, "numbers": [0, -1, 70_000], "array": np.arange(12, dtype=np.uint8).reshape(3, 4)}
    content = pickle.loads(pickled(value), encoding="bytes")
    assert content[b"text"] == b"a" * 300 and content[b"numbers"] == [0, -1, 70_000]
    assert np.array_equal(content[b"array"], value["array"])


def test_of_each_class_the_same_share_is_for_testing(images):
    labels = np.array([label for _, label in images["vehicles_animals"].values()])
    testing = np.array(["test_batch" in name for name in images["vehicles_animals"]])
    assert np.bincount(labels).tolist() == [20] * 10
    assert np.bincount(labels[testing]).tolist() == [3] * 10


@pytest.mark.parametrize("name", PER_CLASS)
def test_near_duplicates_look_like_their_originals(name, images, manifests):
    found, planted = images[name], manifests[name]["near_duplicates"]
    assert len(planted) == round(0.03 * len(found))
    for entry in planted:
        copy, original = (found[entry[key]][0].astype(float) for key in ("file", "of"))
        assert np.corrcoef(copy.ravel(), original.ravel())[0, 1] > 0.75, entry
        assert (entry["how"] == "exact copy") == bool((copy == original).all())


@pytest.mark.parametrize("name", PER_CLASS)
def test_wrong_labels_show_their_true_class(name, images, manifests):
    sample, found = SAMPLES[name], images[name]
    wrong = {entry["file"]: entry["true_class"] for entry in manifests[name]["wrong_labels"]}
    copies = {entry["file"] for entry in manifests[name]["near_duplicates"]}
    numbers = drawn_from(name)
    assert len(wrong) == pytest.approx(0.015 * len(found), abs=2) and manifests[name]["unreadable"] == []
    for file in wrong.keys() - copies:
        label = sample.classes[found[file][1]]
        image = reduced(sample.draw(wrong[file], generator(3, name, label, numbers[file])))
        assert label != wrong[file]
        assert np.abs(found[file][0].astype(float) - image).mean() < 8  # what JPEG costs


def drawn_from(name: str) -> dict[str, int]:
    """The number within its class that each image was drawn from, by the manifest's names."""
    jobs, _ = SAMPLES[name].jobs(PER_CLASS[name], 3)
    return {job.paths[0]: job.content.args[0][1] for job in jobs}


@pytest.mark.parametrize("name", PER_CLASS)
def test_pictures_larger_than_they_are_kept(name):
    for label in SAMPLES[name].classes:
        image = SAMPLES[name].draw(label, generator(5, label))
        assert image.dtype == np.uint8 and image.shape[2] == 3 and min(image.shape[:2]) > 32
        assert image.std() > 4


@pytest.mark.parametrize("name", PER_CLASS)
def test_very_small_samples_are_whole(name, tmp_path):
    assert make_sample(name, tmp_path / name, 1)["files"] == {"house_numbers": 2, "vehicles_animals": 7}[name]
    assert make_sample(name, tmp_path / name, 2)["files"] == {"house_numbers": 2, "vehicles_animals": 7}[name]


@pytest.mark.parametrize("kind", ["round", "angular"])
def test_every_digit_has_shapes_that_fill_its_box(kind):
    assert set(skeletons(kind)) == set(range(10))
    for shapes in skeletons(kind).values():
        for shape in shapes:
            points = np.concatenate(shape)
            assert np.ptp(points[:, 1]) == pytest.approx(1, abs=0.06)
            assert points.min() > -0.06 and points[:, 0].max() < 0.66


def test_a_mirrored_two_is_a_five_where_letters_are_angular():
    font = Font("angular", (0.0,) * 10, 0.1, (0, 0), 1.0, 0.0, 0.0, 0.0, 0.1)
    masks = {digit: np.zeros((64, 64), np.uint8) for digit in (2, 3, 5)}
    for digit, mask in masks.items():
        font.stamp(mask, font.strokes(digit, generator(0)), 40.0, np.array([(40.0, 0, 32), (0, 40.0, 32)]))
    mirrored = cv2.flip(masks[2], 1)[:, :-1].astype(float)
    likeness = [np.corrcoef(mirrored.ravel(), masks[d][:, 1:].ravel())[0, 1] for d in (5, 3)]
    assert likeness[0] > 0.8 > likeness[1]
