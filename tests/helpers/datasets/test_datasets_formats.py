"""Sets in their publishers' own formats: MATLAB files, CIFAR-10's batches, Kaggle's folders; what can be wrong."""

import pickle
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from datasets_pictures import class_folders, study_of
from published_formats import batches, house_numbers, images, rows, write_batch, write_binary, write_mat
from scipy.io import savemat

from helpers.datasets import arrays, cache, reading
from helpers.datasets.catalogue import CATALOGUE, real_data_folder
from helpers.datasets.folders import scan
from helpers.datasets.grouping import scene_numbers
from helpers.datasets.types import DataError
from helpers.study.images import load
from sections.data import measured as audit

THINGS = CATALOGUE["cifar10"].classes
SIX = CATALOGUE["intel_scenes"].classes


@pytest.fixture(autouse=True)
def own_data_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path / "course_data"))


def of_catalogue(name: str, root: Path, **changes):
    return study_of(name, data_root=root, **changes)


# MATLAB files


def test_digits_of_matlab_files(tmp_path):
    splits = load(of_catalogue("svhn", house_numbers(tmp_path / "svhn")))
    assert splits.classes == tuple("0123456789") and splits.published == ("train", "test")
    assert len(splits.train) + len(splits.val) == 40 and len(splits.test) == 20
    at = splits.files.index("train_32x32.mat/000013")
    assert splits.labels[at] == 3 and splits.labels[splits.files.index("train_32x32.mat/000020")] == 0
    assert np.array_equal(splits.images[at], images(40)[13])
    assert splits.sizes[at].tolist() == [32, 32] and splits.unreadable == []
    assert {splits.files[i].split("/")[0] for i in splits.test} == {"test_32x32.mat"}


def test_it_is_found_in_its_folder_and_need_not_be_decoded_twice(tmp_path, monkeypatch):
    folder = house_numbers(tmp_path / "set")
    (folder / "extra_32x32.mat").touch()
    assert real_data_folder("svhn", folder) == folder
    assert real_data_folder("cifar10", folder) is None
    first = load(of_catalogue("svhn", folder))
    assert first.ignored == ["extra_32x32.mat (it lies beside what is used)"]
    monkeypatch.setattr(reading, "read_file", None)
    assert load(of_catalogue("svhn", folder)).fingerprint == first.fingerprint


def test_a_changed_file_is_read_again(tmp_path):
    folder = house_numbers(tmp_path / "svhn")
    first = load(of_catalogue("svhn", folder))
    write_mat(folder / "train_32x32.mat", images(40, 900), [i % 10 for i in range(40)])
    second = load(of_catalogue("svhn", folder))
    assert second.fingerprint != first.fingerprint
    at = second.files.index("train_32x32.mat/000000")
    assert np.array_equal(second.images[at], images(1, 900)[0])


def test_copies_within_and_between_files_are_found(tmp_path):
    folder = house_numbers(tmp_path / "svhn")
    train, test = images(40), images(20, 500)
    train[31], test[1] = train[11], train[21]
    write_mat(folder / "train_32x32.mat", train, [i % 10 for i in range(40)])
    write_mat(folder / "test_32x32.mat", test, [i % 10 for i in range(20)])
    splits = load(of_catalogue("svhn", folder))
    names = [(splits.files[i], splits.files[j]) for i, j in splits.duplicates.exact]
    assert sorted(names) == [
        ("test_32x32.mat/000001", "train_32x32.mat/000021"), ("train_32x32.mat/000011", "train_32x32.mat/000031"),
    ]  # fmt: skip
    expected = [1] if 21 + 20 in splits.train else []
    assert splits.overlapping.tolist() == expected and len(splits.straddling) >= 1


def test_chapter_01_measures_how_fast_they_are_read(tmp_path):
    splits = load(of_catalogue("svhn", house_numbers(tmp_path / "svhn")))
    assert audit.decoded_per_second(splits, most=30) > 100
    assert arrays._images.cache_info().currsize == 0  # nothing stays in memory


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: path.unlink(), "train_32x32.mat is missing .*test_32x32.mat lies"),
        (lambda path: path.write_bytes(path.read_bytes()[:5000]), "is cut short"),
        (lambda path: path.write_bytes(path.read_bytes()[:60]), "is damaged or cut short"),
        (lambda path: path.write_text("<html>Not found</html>" * 20), "is damaged or cut short"),
        (lambda path: path.write_bytes(b""), "is damaged or cut short"),
        (lambda path: path.write_bytes(b"MATLAB 7.3 MAT-file" + bytes(500)), "v7.3 .HDF5.*save it in format v7"),
        (lambda path: savemat(path, {"X": np.zeros((32, 32, 3, 4), np.uint8)}), "not SVHN's format 2"),
        (lambda path: savemat(path, {"X": np.zeros((32, 32, 3, 4)), "y": np.ones(4)}), "not SVHN's format 2"),
        (
            lambda path: savemat(path, {"X": np.zeros((28, 28, 4), np.uint8), "y": np.ones(4)}),
            "not SVHN's format 2",
        ),
        (lambda path: write_mat(path, images(4), [1, 2, 3]), "labels y that do not fit"),
        (lambda path: write_mat(path, images(4), [1, 2, 3, 11]), "labels y that do not fit"),
        (lambda path: write_mat(path, images(4), [1, 2, 3, 4]), "class '0' has no images in train/"),
    ],
)
def test_what_can_be_wrong_with_a_matlab_file(tmp_path, damage, words):
    folder = house_numbers(tmp_path / "svhn")
    damage(folder / "train_32x32.mat")
    with pytest.raises(DataError, match=words) as caught:
        load(of_catalogue("svhn", folder))
    assert "\n" not in str(caught.value) and "svhn" in str(caught.value)


# CIFAR-10


@pytest.mark.parametrize("how", [{"protocol": 2}, {"protocol": 5}, {"write": write_binary, "ending": ".bin"}])
def test_batches_in_every_version(tmp_path, how):
    folder = batches(tmp_path / "cifar10" / "some" / "shell", **how)
    root = real_data_folder("cifar10", tmp_path / "cifar10")
    assert root == folder
    splits = load(of_catalogue("cifar10", root, split=shares(0.7, 0.2, 0.1)))
    ending = how.get("ending", "")
    at = splits.files.index(f"data_batch_3{ending}/000007")
    assert np.array_equal(splits.images[at], images(1, 207)[0])
    assert splits.classes == THINGS and splits.classes[splits.labels[at]] == "horse"
    assert [splits.files[i] for i in splits.test] == [f"test_batch{ending}/{i:06d}" for i in range(10)]


def shares(train: float, val: float, test: float):
    return type("Shares", (), {"train": train, "val": val, "test": test})()


def test_the_pickles_of_python_2_can_be_read(tmp_path):
    """What Python 2 wrote: its short texts are bytes here, and NumPy's parts have their old names."""
    pixels = rows(images(1))
    text = (
        b"\x80\x02}(U\x04dataq\x01cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01K\x01M\x00\x0c\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff"
        b"K\x00tb\x89T"
        + len(pixels.tobytes()).to_bytes(4, "little")
        + pixels.tobytes()
        + b"tbU\x06labels]K\x07au."
    )
    path = tmp_path / "data_batch_1"
    path.write_bytes(text)
    container = arrays.containers(tmp_path)[0]
    assert container.labels().tolist() == [7]
    assert np.array_equal(container.format.read(path)[1]()[0], images(1)[0])


class Runs:
    """What a hostile pickle would do."""

    def __reduce__(self):
        return (Path.touch, (Path("executed"),))


class Evaluates:
    def __reduce__(self):
        return (eval, ("open('executed', 'w')",))


@pytest.mark.parametrize("trap", [Runs(), Evaluates(), np.dtype("f8"), Path])
def test_nothing_in_a_pickle_is_executed(tmp_path, monkeypatch, trap):
    monkeypatch.chdir(tmp_path)
    folder = batches(tmp_path / "cifar10")
    write_batch(folder / "data_batch_2", images(10), list(range(10)), more={b"labels": trap})
    with pytest.raises(DataError, match=r"data_batch_2 (asks Python to run .*nothing in it was executed|holds)"):
        scan(folder)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: path.unlink(), "data_batch_2 is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-2000]), "data_batch_2 is damaged or cut short"),
        (lambda path: path.write_bytes(b""), "data_batch_2 is damaged or cut short"),
        (lambda path: path.write_text("<html>"), "data_batch_2 is damaged or cut short"),
        (lambda path: path.write_bytes(pickle.dumps([1, 2])), "holds no dictionary"),
        (lambda path: path.write_bytes(pickle.dumps({"labels": [1]})), "holds no images"),
        (lambda path: write_batch(path, images(10), [1, 2]), "labels that do not fit"),
        (lambda path: write_batch(path, images(2), [1, 10]), "labels outside 0 to 9"),
        (lambda path: write_batch(path, images(2).astype(np.float32), [1, 2]), "something else than bytes"),
        (lambda path: path.write_bytes(pickle.dumps({"data": np.ones((9, 2), np.uint8).T})), "column by column"),
    ],
)  # fmt: skip
def test_what_can_be_wrong_with_a_batch(tmp_path, damage, words):
    folder = batches(tmp_path / "cifar10")
    damage(folder / "data_batch_2")
    with pytest.raises(DataError, match=words) as caught:
        scan(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("size", "words"), [(3072, "has 3072 bytes, not a multiple of 3073"), (0, "has 0 bytes")])
def test_what_can_be_wrong_with_a_binary_batch(tmp_path, size, words):
    folder = batches(tmp_path / "cifar10", write_binary, ".bin")
    (folder / "test_batch.bin").write_bytes(bytes(size))
    with pytest.raises(DataError, match=words):
        scan(folder)


# Kaggle's folders, and plain ones


def test_kaggles_shells_around_the_parts(tmp_path):
    folders = {f"seg_{part}/seg_{part}/{name}": 4 for part in ("train", "test") for name in SIX}
    folder = class_folders(tmp_path / "intel_scenes" / "archive", folders)
    class_folders(folder, {"seg_pred/seg_pred": 2})
    assert real_data_folder("intel_scenes", tmp_path / "intel_scenes") == folder
    splits = load(of_catalogue("intel_scenes", folder))
    assert splits.classes == SIX and splits.published == ("train", "test")
    assert len(splits.test) == 24 and len(splits.files) == 48
    assert splits.files[0] == "seg_test/seg_test/buildings/000.jpg"
    assert "seg_pred/ (no folder of a class)" in splits.ignored


@pytest.mark.parametrize("parts", [("",), ("train/", "test/"), ("seg_train/", "seg_test/")])
@pytest.mark.parametrize("name", ["svhn", "intel_scenes", "cifar10", "satellite"])
def test_every_set_may_come_as_plain_class_folders(tmp_path, name, parts):
    classes = [label.title().replace(" ", "-") for label in CATALOGUE[name].classes]
    for part in parts:
        for label in classes:
            (tmp_path / "set" / f"{part}{label}").mkdir(parents=True)
            (tmp_path / "set" / f"{part}{label}" / "1.jpg").touch()
    root = real_data_folder(name, tmp_path / "set")
    found = scan(root, CATALOGUE[name].classes)
    assert found.classes == CATALOGUE[name].classes and len(found.files) == len(parts) * len(classes)


# Classes taken together


MERGED = {"low": list("01234"), "high": list("56789")}


def test_merged_classes_keep_the_original_ones(tmp_path):
    folder = house_numbers(tmp_path / "svhn")
    plain = load(of_catalogue("svhn", folder))
    splits = load(of_catalogue("svhn", folder, classes=MERGED))
    assert splits.classes == ("low", "high") and splits.original_classes == plain.classes
    assert np.array_equal(splits.original_labels, plain.labels)
    assert np.array_equal(splits.labels, plain.labels >= 5)
    assert plain.original_classes == plain.classes and np.array_equal(plain.original_labels, plain.labels)
    assert splits.fingerprint != plain.fingerprint


def test_the_split_is_stratified_by_the_original_classes(tmp_path):
    folder = class_folders(tmp_path / "set", {"ant": 20, "bee": 10, "cat": 20, "dog": 10})
    splits = load(study_of(folder, classes={"insect": ["Ant", "bee"], "mammal": ["cat", "dog"]}))
    assert np.bincount(splits.labels).tolist() == [30, 30]
    counts = [
        np.bincount(splits.original_labels[part]).tolist() for part in (splits.train, splits.val, splits.test)
    ]
    assert counts == [[12, 6, 12, 6], [4, 2, 4, 2], [4, 2, 4, 2]]


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        ({"insect": ["ant", "bee"], "mammal": ["cat"]}, "'dog' of the data is in none of insect, mammal"),
        ({"insect": ["ant", "bee"], "mammal": ["cat", "dog", "ant"]}, "'ant' is named twice"),
        ({"insect": ["ant", "wasp"], "mammal": ["cat", "dog"]}, "no class 'wasp', only ant, bee, cat, dog"),
        ({"animal": ["ant", "bee", "cat", "dog"]}, "at least two"),
        ({"animal": ["ant", "bee", "cat", "dog"], "plant": []}, "'plant' takes no class"),
    ],
)
def test_what_can_be_wrong_with_merged_classes(tmp_path, classes, words):
    folder = class_folders(tmp_path / "set", {"ant": 3, "bee": 3, "cat": 3, "dog": 3})
    with pytest.raises(DataError, match=f"classes: .*{words}"):
        load(study_of(folder, classes=classes))


# Scenes that stay together


@pytest.fixture
def tiles(tmp_path):
    """Two classes, five scenes each of four tiles; and two tiles that name no scene."""
    root = tmp_path / "tiles"
    for number, (name, scene, tile) in enumerate(
        (name, scene, tile) for name in ("land", "sea") for scene in range(5) for tile in range(4)
    ):
        class_folders(root, {name: 1}, first_seed=number)
        (root / name / "000.jpg").rename(root / name / f"{name}_s{scene:02d}_t{tile}.jpg")
    class_folders(root, {"land": 1, "sea": 1}, first_seed=5000)
    return root


def test_scenes_stay_in_one_part(tiles):
    splits = load(study_of(tiles, group_by=r"(land|sea)_(s\d+)_"))
    part = {int(i): name for name in ("train", "val", "test") for i in getattr(splits, name)}
    scenes = [path.rsplit("_", 1)[0] for path in splits.files]
    for scene in set(scenes):
        assert len({part[i] for i, name in enumerate(scenes) if name == scene}) == 1
    assert len(np.unique(splits.scenes)) == 12 and len(np.unique(splits.groups)) == 12
    assert splits.duplicates.pairs == [] and len(np.unique(splits.duplicate_groups)) == 42
    assert splits.overlapping.tolist() == []
    assert load(study_of(tiles)).scenes is None


def test_scenes_and_copies_are_one_group_where_they_touch(tiles):
    shutil.copy(tiles / "land" / "land_s00_t0.jpg", tiles / "land" / "land_s03_t9.jpg")
    splits = load(study_of(tiles, group_by=r"(land|sea)_(s\d+)_"))
    at = {path: i for i, path in enumerate(splits.files)}
    group = [splits.groups[at[f"land/land_{name}.jpg"]] for name in ("s00_t3", "s03_t1", "s03_t9", "s01_t0")]
    assert group[0] == group[1] == group[2] != group[3]
    assert len(splits.duplicates.exact) == 1


@pytest.mark.parametrize(
    ("pattern", "name", "together"),
    [
        (r"(\d+)", "041", False),
        (r"_(\d+)\.jpg", "041", False),  # what follows the number says nothing of it
        (r"_([0-9]+)_", "041_2", False),
        (r"[a-z]+_(\d+)", "041", True),
        (r"(s\d+)_", "s041_2", True),
        (r"s(\d+)_", "s041_2", True),
    ],
)
def test_a_number_alone_joins_no_two_classes(pattern, name, together, caplog):
    files = [f"dog/dog_{name}.jpg", f"cat/cat_{name}.jpg", f"dog/other_{name}.jpg"]
    dog, cat, other = scene_numbers(files, np.array([0, 1, 0]), pattern).tolist()
    assert (dog == cat) is together and dog == other
    assert (f"such as dog/dog_{name}.jpg and cat/cat_{name}.jpg" in caplog.text) is not together


def test_a_pattern_that_occurs_nowhere_is_a_mistake(tiles):
    with pytest.raises(
        DataError, match=r"group_by: 'tile_\(\\d\+\)' occurs in no file name; the first is 'land/000"
    ):
        load(study_of(tiles, group_by=r"tile_(\d+)"))


def test_a_pattern_that_never_ends_is_given_up(tiles, monkeypatch):
    monkeypatch.setattr("helpers.datasets.grouping.LONGEST_SEARCH", 0.2)
    shutil.copy(tiles / "land" / "land_s00_t0.jpg", tiles / "land" / f"{'a' * 60}.jpg")
    with pytest.raises(DataError, match="takes forever on the file names"):
        load(study_of(tiles, group_by=r"land/((a+)+)!"))
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_pattern_is_tried_outside_the_main_thread_too(tiles):
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(load, study_of(tiles, group_by=r"(land|sea)_(s\d+)_")).result().scenes is not None


# The same data in other parts


def test_the_same_images_in_other_parts(tmp_path):
    folder = house_numbers(tmp_path / "svhn")
    splits = load(of_catalogue("svhn", folder, classes=MERGED))
    other = splits.resplit(splits.test, splits.val[::-1], splits.train)
    assert np.array_equal(other.train, splits.test) and np.array_equal(other.val, splits.val)
    assert other.images is splits.images and other.published == () and other.straddling == []
    assert np.array_equal(other.original_labels, splits.original_labels)
    with pytest.raises(ValueError, match="two parts"):
        splits.resplit(splits.train, splits.val, splits.train[:1])


def test_the_overlap_is_test_images_that_were_seen_in_training(tmp_path):
    root = class_folders(tmp_path / "set", {"train/a": 8, "train/b": 8, "test/a": 3, "test/b": 3})
    shutil.copy(root / "train" / "a" / "000.jpg", root / "test" / "a" / "copy.jpg")
    splits = load(study_of(root))
    copy, original = splits.files.index("test/a/copy.jpg"), splits.files.index("train/a/000.jpg")
    everything = splits.resplit(np.sort([*splits.train, *splits.val]), [], splits.test)
    assert everything.overlapping.tolist() == [copy]
    without = np.setdiff1d(everything.train, original)
    assert everything.resplit(without, [original], splits.test).overlapping.tolist() == []


def test_all_of_it_is_cached_by_content_once(tmp_path):
    folder = house_numbers(tmp_path / "svhn")
    load(of_catalogue("svhn", folder))
    load(of_catalogue("svhn", folder, classes=MERGED))
    assert len(list(cache.cache_dir().glob("*/images-*.npy"))) == 1
