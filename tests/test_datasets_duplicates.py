"""Near-duplicates: copies that were altered are found, other pictures are not."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from datasets_pictures import picture, study_of

from helpers.datasets import load
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


def test_candidates_are_all_pairs_within_the_radius():
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**63, 300, dtype=np.uint64)
    hashes[200:] = hashes[:100] ^ (np.uint64(1) << rng.integers(0, 64, 100, dtype=np.uint64))
    bits = np.array([[bin(int(a) ^ int(b)).count("1") for b in hashes] for a in hashes])
    expected = np.argwhere(np.triu(bits <= HASH_BITS, 1))
    assert np.array_equal(candidate_pairs(hashes), expected)
    assert len(expected) >= 100


def test_too_many_candidates_keep_the_nearest(monkeypatch):
    monkeypatch.setattr("helpers.datasets.duplicates.MAX_CANDIDATES", 2)
    hashes = np.array([0, 0b1, 0b1111_0000_0000], dtype=np.uint64)
    assert candidate_pairs(hashes).tolist() == [[0, 1], [0, 2]]


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
