"""Shares of scenes, and fingerprints that follow the content of files."""

import shutil
from collections import Counter

import cv2
import numpy as np
import pytest
from street_trees import (
    box_object,
    polygon_scene,
    tree_paths,
    write_image,
    write_polygons,
)

from helpers.datasets.streets.catalogue import open_set
from helpers.datasets.streets.digests import ENDS, file_facts
from helpers.datasets.streets.sampling import rest, stratified
from helpers.datasets.streets.tables import level_classes

FINE, COARSE = level_classes("fine"), level_classes("coarse")


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """What is remembered of files goes into a folder of the test."""
    folder = tmp_path_factory.mktemp("data")
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(folder))
    return folder


def scenes_of(root, sequences: dict[str, int], classes=FINE):
    for sequence, count in sequences.items():
        for frame in range(count):
            polygon_scene(root, sequence=sequence, frame=f"{frame:03d}")
    return open_set("idd", root, "val", classes)


def sequence_counts(scenes, positions) -> Counter:
    return Counter(scenes.scenes[position].sequence for position in positions)


@pytest.mark.parametrize("seed", range(8))
def test_each_sequence_gives_its_share_or_one_more(tmp_path, seed):
    sizes = {"a": 10, "b": 20, "c": 3, "d": 1, "e": 6}
    scenes = scenes_of(tmp_path, sizes)
    counts = sequence_counts(scenes, stratified(scenes, 0.3, seed))
    assert counts.total() == 12
    for sequence, size in sizes.items():
        assert int(0.3 * size) <= counts[sequence] <= int(0.3 * size) + 1


def test_every_scene_is_as_likely_as_any_other(tmp_path):
    scenes = scenes_of(tmp_path, {"a": 4, "b": 1, "c": 5})
    chosen = np.concatenate([stratified(scenes, 0.3, seed) for seed in range(2000)])
    shares = np.bincount(chosen, minlength=10) / 2000
    assert np.abs(shares - 0.3).max() < 0.05


def test_a_share_is_sorted_without_repeats_and_the_same_for_the_same_seed(tmp_path):
    scenes = scenes_of(tmp_path, {"a": 12, "b": 9})
    first, again, other = (stratified(scenes, 0.4, seed) for seed in (3, 3, 4))
    assert first.tolist() == sorted(set(first.tolist()))
    assert first.tolist() == again.tolist() != other.tolist()
    assert sorted([*first, *rest(scenes, first)]) == list(range(21))


def test_the_smallest_share_is_one_scene_and_the_whole_is_all(tmp_path):
    scenes = scenes_of(tmp_path, {"a": 3, "b": 2})
    assert len(stratified(scenes, 0.01, 0)) == 1
    assert stratified(scenes, 1, 0).tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        stratified(scenes, 0, 0)


def test_fingerprint_follows_content_and_not_place_or_time(tmp_path):
    first = scenes_of(tmp_path / "one", {"a": 2})
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    assert open_set("idd", tmp_path / "two", "val", FINE).fingerprint == first.fingerprint
    assert open_set("idd", tmp_path / "two", "val", COARSE).fingerprint != first.fingerprint
    write_image(tmp_path / "two" / first.scenes[1].image, seed=99)
    changed = open_set("idd", tmp_path / "two", "val", FINE).fingerprint
    assert changed != first.fingerprint
    write_polygons(tmp_path / "two" / first.scenes[0].label, [box_object(("road", 0, 9, 31, 15))])
    assert open_set("idd", tmp_path / "two", "val", FINE).fingerprint not in (first.fingerprint, changed)


def test_a_damaged_memory_of_files_is_made_again(tmp_path, own_cache):
    scenes = scenes_of(tmp_path, {"a": 2})
    (stored,) = (own_cache / ".cache").glob("streets-*.json")
    for content in ("{", "[]", '{"leftImg8bit/val/a/000_leftImg8bit.png": 3}'):
        stored.write_text(content)
        assert open_set("idd", tmp_path, "val", FINE).fingerprint == scenes.fingerprint


def test_a_change_in_the_middle_of_a_large_png_is_noticed(tmp_path):
    image, _ = tree_paths(tmp_path, "val", "7", "000001", "")
    write_image(image, size=(640, 400))
    assert image.stat().st_size > 3 * ENDS
    name = image.relative_to(tmp_path).as_posix()
    before = file_facts(tmp_path, [name])
    pixels = cv2.imread(str(image))
    pixels[200, 320] ^= 1
    cv2.imwrite(str(image), pixels)
    assert file_facts(tmp_path, [name]) != before
    assert before[0][1:] == (640, 400)


def test_a_chosen_share_has_a_fingerprint_of_its_own(tmp_path):
    scenes = scenes_of(tmp_path, {"a": 4})
    chosen = scenes.choose(stratified(scenes, 0.5, 0))
    assert chosen.fingerprint != scenes.fingerprint
