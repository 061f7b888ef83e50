"""The drawn sample: the same bytes every time, and a manifest that tells the truth."""

import hashlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from drawings import SAMPLES, draw_pretraining, make_sample, write
from drawings.canvas import generator
from helpers.base.errors import CourseError
from helpers.base.intact import unseal

PER_CLASS = 20
CLASSES = [
    "amur leopard", "amur tiger", "birds", "black bear", "brown bear",
    "dog", "roe deer", "sika deer", "wild boar", "people",
]  # fmt: skip


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "wildlife"
    make_sample("wildlife", folder, PER_CLASS, seed=3, threads=2)
    return folder


@pytest.fixture(scope="module")
def manifest(drawn) -> dict:
    return json.loads((drawn / "manifest.json").read_text())


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def decoded(path: Path) -> np.ndarray | None:
    content = np.fromfile(path, np.uint8)
    return cv2.imdecode(content, cv2.IMREAD_COLOR) if len(content) else None


def thumbnail(image: np.ndarray) -> np.ndarray:
    grey = cv2.resize(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (12, 12), interpolation=cv2.INTER_AREA)
    return (grey - grey.mean()) / grey.std()


def likeness(a: Path, b: Path) -> float:
    return float((thumbnail(decoded(a)) * thumbnail(decoded(b))).mean())


def test_same_bytes_whatever_the_threads(drawn, tmp_path):
    make_sample("wildlife", tmp_path / "again", PER_CLASS, seed=3, threads=1)
    assert digests(tmp_path / "again") == digests(drawn)


def test_another_seed_draws_other_images(drawn, tmp_path):
    make_sample("wildlife", tmp_path / "other", 2, seed=4)
    name = "Cropped_final/dog/dog_0001.jpg"
    assert digests(tmp_path / "other")[name] != digests(drawn)[name]


def test_an_image_does_not_depend_on_how_many_there_are():
    few, many = ({job.paths[0]: job.content for job in SAMPLES["wildlife"].jobs(n, 0)[0]} for n in (1, 2))
    name = "Cropped_final/people/people_0000.jpg"
    assert few[name]() == many[name]()


def test_layout_and_counts(drawn, manifest):
    folders = {p.name: len(list(p.iterdir())) for p in (drawn / "Cropped_final").iterdir()}
    assert folders == {name.replace(" ", "_"): PER_CLASS for name in CLASSES}
    assert manifest["classes"] == CLASSES
    assert manifest["files"] == PER_CLASS * len(CLASSES)


def test_images_are_small_colour_photographs_of_varied_size(drawn, manifest):
    damaged = {entry["file"] for entry in manifest["unreadable"]}
    copies = {entry["file"] for entry in manifest["near_duplicates"]}
    paths = [p for p in drawn.rglob("*.jpg") if p.relative_to(drawn).as_posix() not in damaged | copies]
    shapes = {decoded(path).shape for path in paths}
    assert all(96 <= side <= 144 for height, width, _ in shapes for side in (height, width))
    assert len(shapes) > 50


def test_exactly_the_listed_files_are_unreadable(drawn, manifest):
    unreadable = {p.relative_to(drawn).as_posix() for p in drawn.rglob("*.jpg") if decoded(p) is None}
    assert unreadable == {entry["file"] for entry in manifest["unreadable"]}
    assert len({entry["how"] for entry in manifest["unreadable"]}) == 4


def test_near_duplicates_look_like_their_originals(drawn, manifest):
    pairs = [(drawn / entry["file"], drawn / entry["of"]) for entry in manifest["near_duplicates"]]
    assert len(pairs) == round(0.03 * manifest["files"])
    assert all(likeness(*pair) > 0.82 for pair in pairs)
    strangers = [likeness(pairs[i][0], pairs[i - 1][1]) for i in range(len(pairs))]
    assert max(strangers) < 0.82
    exact = [entry for entry in manifest["near_duplicates"] if entry["how"] == "exact copy"]
    assert exact and all((drawn / e["file"]).read_bytes() == (drawn / e["of"]).read_bytes() for e in exact)


def test_wrong_labels_show_their_true_class(drawn, manifest):
    wrong = manifest["wrong_labels"]
    assert len(wrong) == round(0.015 * manifest["files"])
    for entry in wrong:
        folder, number = Path(entry["file"]).stem.rsplit("_", 1)
        rng = generator(3, "wildlife", folder.replace("_", " "), int(number))
        image = SAMPLES["wildlife"].draw(entry["true_class"], rng)
        difference = decoded(drawn / entry["file"])[:, :, ::-1].astype(float) - image
        assert entry["true_class"].replace(" ", "_") != folder
        assert np.abs(difference).mean() < 10  # what JPEG costs


def test_planted_in_small_true_numbers_at_full_size():
    planted = SAMPLES["wildlife"].jobs(240, 0)[1]
    astray = [
        entry for entry in planted["near_duplicates"]
        if entry["file"].split("/")[1] != entry["of"].split("/")[1]
    ]  # fmt: skip
    assert len(planted["near_duplicates"]) == 72
    assert len(astray) == 2
    wrong = {entry["file"] for entry in planted["wrong_labels"]}
    assert {entry["file"] for entry in astray} <= wrong
    assert len(wrong) == 36 + len(astray)
    assert len(planted["unreadable"]) == 6


def test_a_whole_sample_is_left_alone(drawn):
    before = {p: p.stat().st_mtime_ns for p in drawn.rglob("*.jpg")}
    manifest = make_sample("wildlife", drawn, PER_CLASS, seed=3)
    assert manifest == unseal((drawn / "manifest.json").read_text())
    assert {p: p.stat().st_mtime_ns for p in drawn.rglob("*.jpg")} == before


def test_a_sample_that_lost_a_file_or_has_another_key_is_drawn_again(tmp_path):
    folder = tmp_path / "wildlife"
    make_sample("wildlife", folder, 2, seed=0)
    whole = digests(folder)
    next(folder.rglob("*.jpg")).unlink()
    make_sample("wildlife", folder, 2, seed=0)
    assert digests(folder) == whole
    assert make_sample("wildlife", folder, 1, seed=0)["files"] == len(list(folder.rglob("*.jpg"))) == 10


def test_a_manifest_that_says_something_else_than_was_planted_is_noticed(tmp_path):
    folder = tmp_path / "wildlife"
    make_sample("wildlife", folder, 2, seed=0)
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace("0", "1", 1))
    with pytest.raises(CourseError, match="wildlife holds files but no whole manifest"):
        make_sample("wildlife", folder, 2, seed=0)


def test_files_of_the_users_are_never_replaced(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "holiday.jpg").write_bytes(b"mine")
    with pytest.raises(CourseError, match="mine"):
        make_sample("wildlife", tmp_path / "mine", 1)
    assert (tmp_path / "mine" / "holiday.jpg").read_bytes() == b"mine"


def test_recovers_after_a_kill(drawn, tmp_path):
    folder = tmp_path / "wildlife"
    code = "from drawings import make_sample; import sys; from pathlib import Path; "
    code += f"make_sample('wildlife', Path(sys.argv[1]), {PER_CLASS}, 3, threads=1)"
    process = subprocess.Popen([sys.executable, "-c", code, str(folder)])
    deadline = time.monotonic() + 60
    while len(list(tmp_path.rglob("*.jpg"))) < 10 and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not folder.exists(), "the kill came too late to test anything"
    make_sample("wildlife", folder, PER_CLASS, seed=3)
    assert digests(folder) == digests(drawn)
    assert {p.name for p in tmp_path.iterdir()} == {"wildlife", ".wildlife.lock"}


def test_unknown_sample_is_named_with_the_choices(tmp_path):
    with pytest.raises(CourseError, match="wildlife"):
        make_sample("wildlive", tmp_path / "x")


def test_pretraining_images_are_of_other_classes():
    images, labels, names = draw_pretraining(2, 48, seed=0, threads=2)
    assert images.shape == (2 * len(names), 48, 48, 3) and images.dtype == np.uint8
    assert np.bincount(labels).tolist() == [2] * len(names)
    assert labels.dtype == np.int64
    assert not set(names) & set(CLASSES)
    again, _, _ = draw_pretraining(2, 48, seed=0, threads=1)
    assert np.array_equal(images, again)


def test_several_processes_write_the_same_bytes_as_one(drawn, tmp_path, monkeypatch):
    monkeypatch.setattr(write, "LEAST_SHARE", 1)
    make_sample("wildlife", tmp_path / "shared", PER_CLASS, seed=3, threads=3)
    assert digests(tmp_path / "shared") == digests(drawn)


def test_a_process_that_cannot_write_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr(write, "LEAST_SHARE", 1)
    jobs, _ = SAMPLES["wildlife"].jobs(PER_CLASS, 3)
    monkeypatch.setattr(write, "in_parallel", lambda *_: None)  # only the others write, and there is no folder
    with pytest.raises(OSError, match="No such file"):
        write._write_files(tmp_path / "missing", jobs, ("wildlife", PER_CLASS, 3), 2)
