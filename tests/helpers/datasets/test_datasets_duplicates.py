"""Near-duplicates: copies that were altered are found, other pictures are not."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from datasets_pictures import class_folders, picture, save, study_of

from helpers.datasets import duplicates
from helpers.datasets.duplicates import (
    HASH_BITS,
    candidate_pairs,
    exact_pairs,
    group,
    near_pairs,
    perceptual_hash,
)
from helpers.datasets.registration import compare, turned, turned_waves, waves_of_views
from helpers.study.images import load

NOTHING = np.empty((0, 2), np.int64)


def thumbnail(pixels: np.ndarray) -> np.ndarray:
    return cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (64, 64), interpolation=cv2.INTER_AREA)


def recoded(pixels: np.ndarray, quality: int) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def cut(pixels: np.ndarray, top: float, bottom: float, left: float, right: float) -> np.ndarray:
    height, width = pixels.shape[:2]
    return pixels[
        round(top * height) : round((1 - bottom) * height), round(left * width) : round((1 - right) * width)
    ]


def tilted(pixels: np.ndarray, degrees: float) -> np.ndarray:
    """About its middle, with black corners."""
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), degrees, 1)
    return cv2.warpAffine(pixels, turn, (width, height))


ALTERED = {
    "re-encoded": ("", lambda p: recoded(p, 40)),
    "brightened": ("", lambda p: cv2.convertScaleAbs(p, alpha=1.1, beta=15)),
    "darkened": ("", lambda p: cv2.convertScaleAbs(p, alpha=0.8)),
    "shrunk": ("", lambda p: cv2.resize(p, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)),
    "grey": ("", lambda p: cv2.cvtColor(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)),
    "of another shape": ("", lambda p: cv2.resize(p, (100, 150), interpolation=cv2.INTER_AREA)),
    "mirrored": ("mirrored", lambda p: recoded(p[:, ::-1], 70)),
    "upside down in a mirror": ("mirrored top to bottom", lambda p: recoded(p[::-1], 70)),
    "turned left": ("turned by 90°", lambda p: recoded(np.rot90(p), 70)),
    "turned right": ("turned by 90°", lambda p: np.rot90(p, 3)),
    "upside down": ("turned by 180°", lambda p: cv2.convertScaleAbs(np.rot90(p, 2), alpha=0.9)),
    "transposed": ("mirrored and turned by 90°", lambda p: recoded(p.transpose(1, 0, 2), 70)),
    "transposed the other way": ("mirrored and turned by 90°", lambda p: np.rot90(p, 2).transpose(1, 0, 2)),
    "a little off every side": ("cropped", lambda p: recoded(cut(p, 0.05, 0.03, 0.02, 0.05), 80)),
    "a fifth off the middle": ("cropped", lambda p: recoded(cut(p, 0.1, 0.1, 0.1, 0.1), 80)),
    "a tenth off a corner": ("cropped", lambda p: recoded(cut(p, 0.1, 0, 0, 0.1), 80)),
    "a fifth off a corner": ("cropped", lambda p: recoded(cut(p, 0, 0.2, 0.2, 0), 80)),
    "a fifth off one side": ("cropped", lambda p: recoded(cut(p, 0, 0, 0.2, 0), 80)),
    "a fifth off the other side": ("cropped", lambda p: recoded(cut(p, 0, 0.2, 0, 0), 80)),
    "unevenly": ("cropped", lambda p: recoded(cut(p, 0.03, 0.14, 0.08, 0.05), 80)),
    "tilted a little": ("turned a little", lambda p: recoded(tilted(p, 8), 80)),
    "tilted more": ("turned a little", lambda p: recoded(tilted(p, -15), 80)),
    "mirrored, off a corner": ("mirrored and cropped", lambda p: recoded(cut(p[:, ::-1], 0.15, 0, 0.1, 0), 80)),
    "turned, off a side": ("turned by 90° and cropped", lambda p: recoded(np.rot90(cut(p, 0.17, 0, 0, 0.04)), 80)),
}  # what the search says of it, and how it is made


@pytest.mark.parametrize("shape", [(120, 140), (48, 40)])
@pytest.mark.parametrize("how", ALTERED)
def test_altered_copies_are_found_and_nothing_else(how, shape):
    said, alter = ALTERED[how]
    originals = [picture(seed, *shape) for seed in range(40)]
    thumbnails = np.stack([thumbnail(p) for p in originals] + [thumbnail(alter(p)) for p in originals])
    pairs, _, kinds = near_pairs(thumbnails, NOTHING)
    assert (pairs[:, 1] - pairs[:, 0] == 40).all() and len(pairs) >= 38
    assert set(kinds) == {said}


def test_copies_of_pictures_that_are_their_own_mirror_images_are_not_called_mirrored():
    halves = [picture(seed, 120, 70) for seed in range(20)]
    whole = [np.concatenate([half, half[:, ::-1]], axis=1) for half in halves]
    pairs, _, kinds = near_pairs(np.stack([thumbnail(p) for q in whole for p in (q, recoded(q, 40))]), NOTHING)
    assert (pairs[:, 0] + 1 == pairs[:, 1]).all() and len(pairs) >= 19 and set(kinds) == {""}


def test_simple_drawings_are_no_turned_copies_of_each_other():
    """Rings and bars resemble each other in one orientation or another."""
    rng, drawn = np.random.default_rng(0), []
    for number in range(60):
        canvas = np.full((32, 32), 230, np.uint8)
        centre, axes = tuple(map(int, rng.integers(12, 20, 2))), tuple(map(int, rng.integers(4, 12, 2)))
        if number % 2:
            cv2.ellipse(canvas, centre, axes, float(rng.uniform(0, 180)), 0, 360, 30, int(rng.integers(2, 5)))
        else:
            cv2.rectangle(canvas, centre, tuple(map(int, rng.integers(4, 30, 2))), 60, int(rng.integers(1, 4)))
        drawn.append(cv2.resize(canvas, (64, 64), interpolation=cv2.INTER_AREA))
    assert set(near_pairs(np.stack(drawn), NOTHING)[2]) <= {"", "cropped"}


def test_distance_of_a_picture_to_itself_and_to_another():
    a, b = thumbnail(picture(1)), thumbnail(picture(2))
    assert compare(a, a)[0] == pytest.approx(0, abs=1e-3) and not compare(a, a)[1]
    assert compare(a, b)[0] > 0.5


@pytest.mark.parametrize("orientation", range(8))
def test_waves_of_a_turned_picture_are_turned_waves(orientation):
    pictures = np.stack([thumbnail(picture(seed)) for seed in range(3)])
    whole = np.zeros((1, 2))
    expected = waves_of_views(turned(pictures, orientation), whole)
    assert np.allclose(turned_waves(waves_of_views(pictures, whole), orientation), expected, atol=1e-3)


def test_waves_of_a_section_are_those_of_the_section_alone():
    pixels = picture(0, 160, 160)[..., 0]
    section = pixels[16:, 32:]  # of a tenth and a fifth
    whole, part = (cv2.resize(one, (64, 64), interpolation=cv2.INTER_AREA)[None] for one in (pixels, section))
    views = waves_of_views(whole, np.array([(0.1, 0), (0.2, 0)]))[0, 1]  # rows as the first, columns as the second
    alone = waves_of_views(part, np.zeros((1, 2)))[0, 0]
    assert np.abs(views - alone)[np.hypot(*np.mgrid[:9, :9]) > 0].max() < 0.1 * np.abs(alone).max()


def test_the_same_broad_shapes_with_other_details_are_no_duplicates():
    broad = cv2.GaussianBlur(picture(0, 64, 64)[..., 0], (0, 0), 8).astype(np.float32)
    details = [np.random.default_rng(seed).normal(0, 12, (64, 64)) for seed in (1, 2)]
    a, b = (np.clip(broad + detail, 0, 255).astype(np.uint8) for detail in details)
    assert np.corrcoef(broad.ravel(), a.ravel())[0, 1] > 0.8
    assert compare(a, b)[0] > 0.5


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
    """What comparing everything with everything finds: rows i, j and differing bits."""
    bits = np.bitwise_count(hashes[:, None] ^ hashes[None])
    np.fill_diagonal(bits, 64)
    i, j = np.nonzero(bits <= HASH_BITS)
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
    hashes = hashes_with_copies(count, flipped=HASH_BITS)[:, None]
    found, expected = candidate_pairs(hashes, hashes)[:, [0, 2, 4]], all_pairs(hashes[:, 0])
    assert (np.diff(found[:, 2]) >= 0).all()
    assert found[np.lexsort(found.T[1::-1])].tolist() == expected[np.lexsort(expected.T[1::-1])].tolist()
    assert len(expected) >= count // 2


@pytest.mark.parametrize(("flipped", "recall"), [(6, 0.999), (8, 0.98)])
def test_in_large_sets_the_index_finds_nearly_all_copies(flipped, recall):
    hashes = hashes_with_copies(20_000, flipped)[:, None]
    found = candidate_pairs(hashes, hashes)
    assert (found[:, 4] <= flipped).sum() >= 2 * recall * 10_000  # either is found by the other


def test_of_several_views_and_orientations_the_nearest_is_named():
    views = np.array([[2**20 - 1, 2**63 + 7], [1, 2]], np.uint64)
    wholes = np.array([[2**40, 0], [2**62, 2**63 + 6]], np.uint64)
    assert candidate_pairs(views, wholes).tolist() == [[0, 1, 1, 1, 1], [1, 0, 0, 1, 1]]


def test_comparisons_grow_with_the_images_and_not_with_their_square(monkeypatch):
    compared = []
    monkeypatch.setattr(duplicates, "COMPARED", 0)
    monkeypatch.setattr(np, "bitwise_count", lambda x, count=np.bitwise_count: compared.append(x.size) or count(x))

    def comparisons(count):
        compared.clear()
        alike = (hashes_with_copies(count, 8) & np.uint64(0xFFFFFFF))[:, None]  # of many images, many look alike
        assert len(candidate_pairs(alike, alike)) == duplicates.LEAST_REJECTED
        return sum(compared)

    monkeypatch.setattr(duplicates, "KEPT", 0)
    assert comparisons(4000) > 4000
    assert comparisons(16_000) < 4.1 * comparisons(4000)


@pytest.mark.parametrize(("allowed", "expected"), [(4, []), (5, [[0, 2]])])
def test_the_nearest_are_compared_until_enough_are_different(monkeypatch, caplog, allowed, expected):
    a, b, c = (picture(seed) for seed in range(3))
    candidates = np.zeros((5, 5), np.int64)
    candidates[:, [0, 2]] = (0, 1), (0, 3), (1, 2), (1, 3), (0, 2)  # the nearest first; the last alone is a copy
    monkeypatch.setattr(duplicates, "LEAST_REJECTED", allowed)
    monkeypatch.setattr(duplicates, "candidate_pairs", lambda views, wholes: candidates)
    monkeypatch.setattr(
        duplicates, "fit_cuts", lambda pictures, i, j, way, cuts: (0 * cuts, np.linspace(0.9, 0.7, 5))
    )
    pairs, *_ = near_pairs(np.stack([thumbnail(p) for p in (a, b, recoded(a, 50), c)]), NOTHING)
    assert pairs.tolist() == expected
    assert ("look alike: the 4 most similar pairs" in caplog.text) == (not expected)


def test_no_image_and_one_image_have_no_copies():
    for count in (0, 1):
        pairs, distances, kinds = near_pairs(np.zeros((count, 64, 64), np.uint8), NOTHING)
        assert pairs.shape == (0, 2) and len(distances) == len(kinds) == 0
    assert len(near_pairs(thumbnail(picture(0))[None], NOTHING)[0]) == 0


def test_where_all_are_copies_all_are_in_one_group():
    ways = [turned(thumbnail(picture(5)), orientation) for orientation in range(8)]
    thumbnails = np.stack(ways * 4)
    assert set(group(32, near_pairs(thumbnails, NOTHING)[0])) == {0}


def test_copies_of_every_format_lie_in_one_part(tmp_path, monkeypatch):
    """A folder of grey images, of images with alpha, and of single pixels, each with copies that were altered."""
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path / "made"))
    for number in range(24):
        pixels, folder = picture(number, 70, 90), tmp_path / "images" / "ab"[number % 2]
        alpha = np.dstack([pixels, np.full((70, 90), 255, np.uint8)])
        forms = [pixels[..., 0], pixels[:, ::-1, 0], alpha, np.rot90(alpha)]
        first, second = forms[:2] if number % 4 < 2 else forms[2:]
        save(folder / f"{number:02d}-0.png", first)
        save(folder / f"{number:02d}-1.png", np.ascontiguousarray(second))
        save(folder / f"{number:02d}-2.png", np.full((1, 1, 3), number, np.uint8))
    splits = load(study_of(tmp_path / "images"))
    assert {splits.files[i][:-6] == splits.files[j][:-6] for i, j in splits.duplicates.pairs} == {True}
    assert sorted(kind for *_, kind in splits.duplicates.near) == ["mirrored"] * 12 + ["turned by 90°"] * 12
    assert splits.duplicates.exact == [] and len(splits.overlapping) == 0


def test_exact_means_that_no_pixel_differs(tmp_path, monkeypatch):
    """Large JPEGs are decoded smaller than they are: that those are equal does not make the pictures equal."""
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path / "made"))
    smooth = cv2.resize(picture(0, 64, 64), (2048, 2048), interpolation=cv2.INTER_CUBIC)
    folder = tmp_path / "images"
    save(folder / "a" / "0.jpg", smooth, quality=95)
    (folder / "a" / "1.jpg").write_bytes((folder / "a" / "0.jpg").read_bytes() + b"\0")  # other bytes, same pixels
    class_folders(folder, {"a": 0, "b": 6, "c": 6}, first_seed=5)
    for seed in range(60, 66):
        save(folder / "a" / f"{seed}.jpg", picture(seed))
    splits = load(study_of(folder))
    pairs = {(splits.files[i], splits.files[j]) for i, j in splits.duplicates.pairs}
    assert pairs == {("a/0.jpg", "a/1.jpg")} and splits.duplicates.exact == []


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
