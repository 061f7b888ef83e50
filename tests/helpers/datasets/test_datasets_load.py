"""`load`: from a folder to decoded, deduplicated, split images, and what happens when something is wrong."""

import errno
import logging
import multiprocessing
import os
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from datasets_pictures import class_folders, picture, png_header, save, study_of
from PIL import Image

from helpers.datasets import cache, reading
from helpers.datasets.decode import resize
from helpers.datasets.types import DataError
from helpers.study.images import load


@pytest.fixture(autouse=True)
def own_data_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path / "course_data"))


@pytest.fixture
def root(tmp_path):
    return class_folders(tmp_path / "photos", {"cat": 10, "dog": 10})


def decoded_files(monkeypatch) -> list:
    """Names of the files that are decoded from now on."""
    seen = []
    real = reading.read_file
    monkeypatch.setattr(reading, "read_file", lambda path, **how: seen.append(path.name) or real(path, **how))
    return seen


def test_images_are_those_of_the_files_in_order(root):
    splits = load(study_of(root))
    assert splits.classes == ("cat", "dog")
    assert splits.files == sorted(splits.files)
    assert splits.labels.tolist() == [0] * 10 + [1] * 10
    assert splits.images.shape == (20, 32, 32, 3) and splits.images.dtype == np.uint8
    with Image.open(root / splits.files[13]) as image:
        assert np.array_equal(splits.images[13], resize(np.asarray(image), 32, "crop"))
    assert splits.sizes[13].tolist() == [80, 60]


def test_parts_cover_every_image_once(root):
    splits = load(study_of(root))
    parts = np.concatenate([splits.train, splits.val, splits.test])
    assert sorted(parts) == list(range(20))
    assert [np.bincount(splits.labels[part]).tolist() for part in (splits.train, splits.val, splits.test)] == [
        [6, 6], [2, 2], [2, 2]
    ]  # fmt: skip


def test_unreadable_files_are_listed_and_left_out(root):
    (root / "cat" / "empty.jpg").touch()
    (root / "cat" / "page.png").write_text("<html>")
    (root / "dog" / "huge.png").write_bytes(png_header(30_000, 30_000))
    (root / "dog" / "gone.jpg").symlink_to(root / "nowhere.jpg")
    whole = (root / "dog" / "000.jpg").read_bytes()
    (root / "dog" / "half.jpg").write_bytes(whole[: len(whole) // 2])
    splits = load(study_of(root))
    assert len(splits.files) == len(splits.images) == len(splits.labels) == 20
    reasons = dict(splits.unreadable)
    assert sorted(reasons) == ["cat/empty.jpg", "cat/page.png", "dog/gone.jpg", "dog/half.jpg", "dog/huge.png"]
    assert "empty" in reasons["cat/empty.jpg"]
    assert "cut short" in reasons["dog/half.jpg"]
    assert "100 megapixels" in reasons["dog/huge.png"]


def test_copies_share_a_part_and_a_group(root):
    shutil.copy(root / "cat" / "003.jpg", root / "cat" / "copy.jpg")
    with Image.open(root / "dog" / "005.jpg") as image:
        image.save(root / "dog" / "again.jpg", quality=50)
    splits = load(study_of(root))
    at = {path: i for i, path in enumerate(splits.files)}
    assert splits.duplicates.exact == [(at["cat/003.jpg"], at["cat/copy.jpg"])]
    assert [pair[:2] for pair in splits.duplicates.near] == [(at["dog/005.jpg"], at["dog/again.jpg"])]
    for i, j in splits.duplicates.pairs:
        assert splits.groups[i] == splits.groups[j]
        assert sum(np.isin([i, j], part).all() for part in (splits.train, splits.val, splits.test)) == 1


def test_same_pixels_in_another_format_are_an_exact_duplicate(root):
    save(root / "cat" / "x.png", picture(500))
    save(root / "cat" / "y.bmp", picture(500))
    assert len(load(study_of(root)).duplicates.exact) == 1


def test_published_test_set_stays_and_torn_duplicates_are_listed(tmp_path):
    root = class_folders(tmp_path / "set", {"train/a": 8, "train/b": 8, "test/a": 3, "test/b": 3})
    shutil.copy(root / "train" / "a" / "000.jpg", root / "test" / "a" / "leak.jpg")
    splits = load(study_of(root))
    assert [splits.files[i].split("/")[0] for i in splits.test] == ["test"] * 7
    assert [splits.files[i].split("/")[0] for i in [*splits.train, *splits.val]] == ["train"] * 16
    assert len(splits.val) == 4  # 0.2 of 0.6 + 0.2
    assert splits.published == ("train", "test")
    assert [(splits.files[i], splits.files[j]) for i, j in splits.straddling] == [
        ("test/a/leak.jpg", "train/a/000.jpg")
    ]


def test_class_with_too_few_images_names_class_count_and_need(root):
    for i in range(8):
        (root / "dog" / f"{i:03d}.jpg").unlink()
    with pytest.raises(DataError, match="class 'dog' has 2 readable images and the split needs at least 3"):
        load(study_of(root))


def test_class_of_copies_only_says_so(root):
    for i in range(1, 10):
        shutil.copy(root / "dog" / "000.jpg", root / "dog" / f"{i:03d}.jpg")
    with pytest.raises(DataError, match=r"class 'dog' has 10 images but only 1 that are not near-duplicates"):
        load(study_of(root))


def test_nothing_readable(tmp_path):
    for name in ("a/x.jpg", "b/y.jpg"):
        (tmp_path / "set" / name).parent.mkdir(parents=True)
        (tmp_path / "set" / name).write_text("no image")
    with pytest.raises(DataError, match="none of the 2 files"):
        load(study_of(tmp_path / "set"))


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(DataError, match="photos does not exist"):
        load(study_of(tmp_path / "photos"))


def test_known_set_without_images_says_how_to_get_them():
    with pytest.raises(DataError, match=r"not in place.*Cropped_final"):
        load(study_of("russian_wildlife", data_root=None))


def test_second_call_decodes_nothing(root, monkeypatch):
    first = load(study_of(root))
    seen = decoded_files(monkeypatch)
    second = load(study_of(root))
    assert seen == []
    assert np.array_equal(first.images, second.images)
    assert first.fingerprint == second.fingerprint
    assert np.array_equal(first.train, second.train)


def test_touched_but_equal_files_are_not_decoded_again(root, monkeypatch):
    load(study_of(root))
    seen = decoded_files(monkeypatch)
    os.utime(root / "cat" / "000.jpg", (1, 1))
    load(study_of(root))
    assert seen == []


def test_changed_file_changes_images_and_fingerprint(root):
    before = load(study_of(root))
    save(root / "cat" / "000.jpg", picture(999))
    after = load(study_of(root))
    assert not np.array_equal(before.images[0], after.images[0])
    assert before.fingerprint != after.fingerprint
    assert len(list((cache.cache_dir()).glob("*/images-*.npy"))) == 1  # the former content is gone


def test_fingerprint_and_split_do_not_depend_on_the_image_size(root):
    small, large = load(study_of(root)), load(study_of(root, image_size=48, resize="pad"))
    assert large.images.shape[1:] == (48, 48, 3)
    assert small.fingerprint == large.fingerprint
    assert np.array_equal(small.test, large.test)


@pytest.mark.parametrize("damage", ["short", "flipped bit", "survey", "thumbnails", "duplicates"])
def test_damaged_cache_is_made_again_and_said_so(root, caplog, damage):
    first = load(study_of(root))
    expected = np.array(first.images)
    folder = next(cache.cache_dir().glob("*/images-*.npy")).parent
    name = {"survey": "survey.npz", "thumbnails": "thumbnails.npy", "duplicates": "duplicates-*.npz"}
    path = next(folder.glob(name.get(damage, "images-*.npy")))
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content if damage == "flipped bit" else content[: len(content) // 2])
    with caplog.at_level(logging.WARNING, "helpers"):
        second = load(study_of(root))
    assert "made again" in caplog.text
    assert np.array_equal(second.images, expected)
    assert np.array_equal(second.test, first.test)


def test_full_disk_before_it_begins(root, monkeypatch):
    usage = SimpleNamespace(total=10**9, used=10**9, free=1000)
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(DataError, match=r"the disk is full: the decoded images need 0\.1 MB in .*\.cache"):
        load(study_of(root))
    assert left_behind() == []


def test_disk_that_fills_up_while_writing_leaves_nothing_half_written(root, monkeypatch):
    rows = iter(range(8))

    def append(self, row):
        if next(rows, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(reading.ArrayFile, "append", append)
    with pytest.raises(DataError, match="the disk is full"):
        load(study_of(root))
    assert left_behind() == []
    monkeypatch.undo()


def left_behind() -> list:
    return [path.name for path in cache.cache_dir().iterdir() if path.suffix != ".lock"]


def test_cache_that_cannot_be_written(root, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path / "file"))
    with pytest.raises(DataError, match="IMAGE_COURSE_DATA"):
        load(study_of(root))


def _load_and_report(root, queue):
    queue.put(load(study_of(root)).images.sum(dtype=np.int64).item())


def test_processes_that_start_together_agree(root):
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    workers = [context.Process(target=_load_and_report, args=(root, queue)) for _ in range(3)]
    for worker in workers:
        worker.start()
    sums = {queue.get(timeout=60) for _ in workers}
    for worker in workers:
        worker.join()
    assert len(sums) == 1
    assert len(list(cache.cache_dir().glob("*/images-*.npy"))) == 1


def test_odd_names_survive_the_whole_way(tmp_path):
    names = ("<script>", "quo\"te's", "größe 日本")
    root = class_folders(tmp_path / "odd set", dict.fromkeys(names, 5))
    splits = load(study_of(root))
    assert set(splits.classes) == set(names)
    assert splits.part("test").files == [splits.files[i] for i in splits.test]


def test_sample_is_drawn_once_and_its_manifest_speaks_of_the_same_files(tmp_path, monkeypatch):
    sample = study_of(
        "russian_wildlife", data_root=None, is_sample=True, sample=SimpleNamespace(drawing="wildlife"),
        sample_folder=tmp_path / "samples" / "wildlife-12", sample_images_per_class=12,
    )  # fmt: skip
    splits = load(sample)
    listed = set(splits.files) | {path for path, _ in splits.unreadable}
    planted = splits.manifest["near_duplicates"] + splits.manifest["unreadable"] + splits.manifest["wrong_labels"]
    assert planted and {item["file"] for item in planted} <= listed
    assert {path for path, _ in splits.unreadable} == {item["file"] for item in splits.manifest["unreadable"]}
    assert splits.classes[9] == "people" and len(listed) == 120
    seen = decoded_files(monkeypatch)
    assert load(sample).fingerprint == splits.fingerprint
    assert seen == []


def fixed_camera(folder, images=12):
    """Two classes that differ in one small spot, before the same background."""
    background = picture(0, 64, 64)
    for name, grey in (("good", 40), ("scratched", 220)):
        for number in range(images):
            seen = background.copy()
            seen[20 + number : 24 + number, 30:34] = grey
            save(folder / name / f"{number:02d}.png", seen)
    return folder


def test_near_duplicates_never_refuse_a_set(tmp_path):
    splits = load(study_of(fixed_camera(tmp_path)))
    assert len(splits.train) and len(splits.val) and len(splits.test)
    (told,) = splits.remarks
    assert "only" in told and "were not kept in one part here" in told
    assert splits.duplicates.near and len(splits.overlapping)  # and chapter 06 counts them


@pytest.mark.parametrize(("asked", "exact"), [("near", 1), ("exact", 1), ("off", 0)])
def test_which_copies_stay_together_can_be_chosen(root, asked, exact):
    shutil.copy(root / "dog" / "000.jpg", root / "dog" / "again.jpg")
    splits = load(study_of(root, duplicates=asked))
    assert len(splits.duplicates.exact) == exact and splits.remarks == ()
    assert (len(set(splits.groups.tolist())) == len(splits.files) - exact) or asked == "near"
