"""Near-duplicates: copies that were altered are found, other pictures are not."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from datasets_pictures import picture, study_of

from helpers.datasets import duplicates
from helpers.datasets.duplicates import (
    HASH_BITS,
    MAX_DISTANCE,
    candidate_pairs,
    distance,
    exact_pairs,
    group,
    near_pairs,
    perceptual_hash,
)
from helpers.study.images import load

NOTHING = np.empty((0, 2), np.int64)


def thumbnail(pixels: np.ndarray) -> np.ndarray:
    return cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (64, 64), interpolation=cv2.INTER_AREA)


def recoded(pixels: np.ndarray, quality: int) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


ALTERED = {
    "re-encoded": lambda p: recoded(p, 40),
    "brightened": lambda p: cv2.convertScaleAbs(p, alpha=1.1, beta=15),
    "darkened": lambda p: cv2.convertScaleAbs(p, alpha=0.8),
    "cropped": lambda p: recoded(p[6:-4, 3:-7], 80),
    "shrunk": lambda p: cv2.resize(p, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA),
    "grey": lambda p: cv2.cvtColor(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB),
}


@pytest.mark.parametrize("how", ALTERED)
def test_altered_copies_are_found_and_nothing_else(how):
    originals = [picture(seed, 120, 140) for seed in range(40)]
    thumbnails = np.stack([thumbnail(p) for p in originals] + [thumbnail(ALTERED[how](p)) for p in originals])
    pairs, distances = near_pairs(thumbnails, NOTHING)
    assert pairs.tolist() == [[i, i + 40] for i in range(40)]
    assert distances.max() < MAX_DISTANCE / 2


def test_distance_of_a_picture_to_itself_and_to_another():
    a, b = thumbnail(picture(1)), thumbnail(picture(2))
    assert distance(a, a) == pytest.approx(0, abs=1e-3)
    assert distance(a, b) > 0.5


def test_the_same_broad_shapes_with_other_details_are_no_duplicates():
    broad = cv2.GaussianBlur(picture(0, 64, 64)[..., 0], (0, 0), 8).astype(np.float32)
    details = [np.random.default_rng(seed).normal(0, 12, (64, 64)) for seed in (1, 2)]
    a, b = (np.clip(broad + detail, 0, 255).astype(np.uint8) for detail in details)
    assert np.corrcoef(broad.ravel(), a.ravel())[0, 1] > 0.8
    assert distance(a, b) > 0.5


def test_flat_images_are_not_near_duplicates():
    flat = np.stack([np.full((64, 64), value, np.uint8) for value in (10, 11, 200)])
    assert len(near_pairs(flat, NOTHING)[0]) == 0


def test_exact_pairs_name_each_copy_once():
    digests = np.array(["a", "b", "a", "c", "a"])
    pixels = np.array(["p", "q", "p", "q", "p"])
    assert exact_pairs(digests, pixels).tolist() == [[0, 2], [0, 4], [1, 3]]


def test_copies_of_copies_do_not_multiply_the_pairs():
    one = thumbnail(picture(0))
    thumbnails = np.stack([one, one, thumbnail(recoded(picture(0), 50))])
    assert near_pairs(thumbnails, np.array([[0, 1]]))[0].tolist() == [[0, 2]]


def all_pairs(hashes):
    """What comparing everything with everything finds: rows i < j and differing bits."""
    bits = np.bitwise_count(hashes[:, None] ^ hashes[None])
    i, j = np.nonzero(np.triu(bits <= HASH_BITS, 1))
    return np.stack([i, j, bits[i, j]], axis=1)


def hashes_with_copies(count, flipped, seed=0):
    """Random hashes, half of them then copied with so many bits changed, in a random order."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, 2**64, count // 2, dtype=np.uint64)
    changes = np.argsort(rng.random((count // 2, 64)), axis=1)[:, :flipped].astype(np.uint64)
    copies = drawn ^ np.bitwise_or.reduce(np.uint64(1) << changes, axis=1)
    return rng.permutation(np.concatenate([drawn, copies]))


@pytest.mark.parametrize("count", [0, 1, 2, 60, 3000])
def test_in_small_sets_the_index_finds_what_comparing_everything_finds(count):
    hashes = hashes_with_copies(count, flipped=HASH_BITS)
    found, expected = candidate_pairs(hashes), all_pairs(hashes)
    assert (np.diff(found[:, 2]) >= 0).all()
    assert found[np.lexsort(found.T[1::-1])].tolist() == expected[np.lexsort(expected.T[1::-1])].tolist()
    assert len(expected) >= count // 2


@pytest.mark.parametrize(("flipped", "recall"), [(6, 1.0), (10, 0.999), (12, 0.99)])
def test_in_large_sets_the_index_finds_nearly_all_copies(flipped, recall):
    hashes = hashes_with_copies(20_000, flipped)
    found = candidate_pairs(hashes)
    assert (found[:, 2] <= flipped).sum() >= recall * 10_000


def test_comparisons_grow_with_the_images_and_not_with_their_square(monkeypatch):
    compared = []
    monkeypatch.setattr(duplicates, "COMPARED", 0)
    monkeypatch.setattr(np, "bitwise_count", lambda x, count=np.bitwise_count: compared.append(x.size) or count(x))

    def comparisons(count):
        compared.clear()
        alike = hashes_with_copies(count, 8) & np.uint64(0xFFFFFFF)  # of many images, many look alike
        assert len(candidate_pairs(alike)) == duplicates.LEAST_REJECTED
        return sum(compared)

    monkeypatch.setattr(duplicates, "KEPT", 0)
    assert comparisons(4000) > 4000
    assert comparisons(16_000) < 4.1 * comparisons(4000)


@pytest.mark.parametrize(("allowed", "expected"), [(3, []), (4, [[0, 2]])])
def test_the_nearest_are_compared_until_enough_are_different(monkeypatch, caplog, allowed, expected):
    a, b = picture(0), picture(1)
    candidates = [[0, 1, 0], [0, 1, 2], [1, 2, 4], [0, 2, 6]]  # the nearest first; the last alone is a copy
    monkeypatch.setattr(duplicates, "LEAST_REJECTED", allowed)
    monkeypatch.setattr(duplicates, "candidate_pairs", lambda hashes: np.array(candidates))
    pairs, _ = near_pairs(np.stack([thumbnail(a), thumbnail(b), thumbnail(recoded(a, 50))]), NOTHING)
    assert pairs.tolist() == expected
    assert ("look alike: the 3 most similar pairs" in caplog.text) == (not expected)


def test_hash_survives_brightness_and_scale():
    a = thumbnail(picture(3, 120, 120))
    b = cv2.convertScaleAbs(a, alpha=0.7, beta=20)
    assert np.bitwise_count(np.bitwise_xor(*perceptual_hash(np.stack([a, b])))) <= 6


def test_groups_are_connected_components():
    assert group(6, np.array([[4, 5], [1, 4], [0, 3]])).tolist() == [0, 1, 2, 0, 1, 1]


def test_drawn_sample_finds_what_was_planted(tmp_path, monkeypatch):
    """Every planted copy shares its original's group, and no other pair is found."""
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path))
    study = study_of(
        "russian_wildlife", data_root=None, is_sample=True, sample=SimpleNamespace(drawing="wildlife"),
        sample_folder=tmp_path / "sample", sample_images_per_class=60,
    )  # fmt: skip
    splits = load(study)
    at = {path: i for i, path in enumerate(splits.files)}
    planted = [(at[item["file"]], at[item["of"]]) for item in splits.manifest["near_duplicates"]]
    truth = group(len(splits.files), np.array(planted))
    assert len(planted) > 10
    assert np.mean([splits.groups[i] == splits.groups[j] for i, j in planted]) >= 0.95
    false = [pair for pair in splits.duplicates.pairs if truth[pair[0]] != truth[pair[1]]]
    assert len(false) <= 0.05 * len(planted)
