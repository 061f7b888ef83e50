"""Evaluations without a network: small scenes of rectangles, and predictions that go wrong in known ways."""

import dataclasses

import numpy as np
import torch
from made_up_scenes import COLOURS

from helpers.segmentation.types import BANDS, CONFIDENCE_BINS, SEGMENT_SHARES, SegmenterEvaluation

CLASSES = ("road", "sky", "car", "person")

SIZE = 40

CALLED_RIM = ("ground", "sky", "car")


def made_up_evaluation(
    quality: float = 0.8,
    scenes: int = 24,
    seed: int = 0,
    classes: tuple[str, ...] = CLASSES,
    set_name: str = "idd",
    absent: tuple[str, ...] = (),
) -> SegmenterEvaluation:
    """Each scene's matrix has about 2000 pixels, a share of `quality` (a little varied) on the diagonal.

    The last class is rare and confused with the one before it; `absent` classes have no pixel anywhere.
    """
    rng = np.random.default_rng([seed, round(1000 * quality)])
    count = len(classes)
    share = np.geomspace(1, 0.02, count) * [name not in absent for name in classes]
    matrices = np.stack([_matrix(rng, share / share.sum(), quality) for _ in range(scenes)])
    total = matrices.sum(0)
    return SegmenterEvaluation(
        set_name=set_name, part="val", model="deeplab", classes=classes, size=512,
        files=tuple(f"leftImg8bit/val/{number // 6}/{number:04d}_leftImg8bit.png" for number in range(scenes)),
        sequences=tuple(str(number // 6) for number in range(scenes)),
        matrices=matrices,
        network_matrices=matrices // 2,
        debatable=_part_of(matrices, 0),
        score_bins=_score_bins(rng, total),
        score_edges=np.linspace(0, 1, 200, endpoint=False),
        confidence_bins=(confidence := _confidence_bins(rng, total)),
        confidence_sums=confidence.sum(1) * (np.arange(CONFIDENCE_BINS) + 0.5) / CONFIDENCE_BINS,
        band_matrices=_spread(rng, total, len(BANDS) + 1),
        segment_matrices=_spread(rng, total, len(SEGMENT_SHARES) + 1),
        facts=_facts(rng, scenes),
        timings={"seconds": 3.0, "images_per_second": scenes / 3},
    )  # fmt: skip


def _matrix(rng: np.random.Generator, share: np.ndarray, quality: float) -> np.ndarray:
    count = len(share)
    varied = share * rng.uniform(0.5, 1.5, count)
    rows = rng.multinomial(2000, varied / varied.sum())
    rates = np.full((count, count), 0.1) * (share > 0)
    rates[-1, -2] = rates[-2, -1] = 1.0
    np.fill_diagonal(rates, 0)
    rates = np.divide(rates, rates.sum(1, keepdims=True), where=rates.sum(1, keepdims=True) > 0, out=rates)
    right = np.clip(quality + rng.normal(0, 0.08, count), 0.02, 0.99)[:, None]
    rates = (1 - right) * rates + right * np.eye(count)
    rates /= rates.sum(1, keepdims=True)
    return np.stack([rng.multinomial(rows[c], rates[c]) for c in range(count)]).astype(np.int64)


def _part_of(matrices: np.ndarray, row: int) -> np.ndarray:
    part = np.zeros_like(matrices)
    part[:, row] = matrices[:, row] // 4
    return part


def _score_bins(rng: np.random.Generator, total: np.ndarray) -> np.ndarray:
    """Scores of each class: high where it is the truth, low elsewhere."""
    bins = np.zeros((len(total), 2, 200), np.int64)
    for c, positives in enumerate(total.sum(1)):
        for kind, (number, a, b) in enumerate(((total.sum() - positives, 1, 6), (positives, 5, 2))):
            bins[c, kind] = np.bincount((rng.beta(a, b, number) * 199.99).astype(int), minlength=200)
    return bins


def _confidence_bins(rng: np.random.Generator, total: np.ndarray) -> np.ndarray:
    bins = np.zeros((len(total), 2, CONFIDENCE_BINS), np.int64)
    for c in range(len(total)):
        right = total[c, c]
        for kind, (number, a, b) in enumerate(((total[:, c].sum() - right, 4, 2), (right, 9, 1))):
            places = (rng.beta(a, b, number) * (CONFIDENCE_BINS - 0.01)).astype(int)
            bins[c, kind] = np.bincount(places, minlength=CONFIDENCE_BINS)
    return bins


def _spread(rng: np.random.Generator, total: np.ndarray, groups: int) -> np.ndarray:
    """The pixels of a matrix over groups, more of the wrong ones in the first: the groups add up to `total`."""
    ratio = np.linspace(1, 3, groups)
    wrong, right = ratio[::-1] / ratio.sum(), ratio / ratio.sum()
    spread = np.zeros((groups, *total.shape), np.int64)
    for i, j in np.ndindex(total.shape):
        spread[:, i, j] = rng.multinomial(total[i, j], right if i == j else wrong)
    return spread


def _facts(rng: np.random.Generator, scenes: int) -> dict[str, np.ndarray]:
    names = (
        "brightness", "contrast", "saturation", "rare_share", "small_share", "boundary_share", "labelled_share",
        "lightness_mean", "lightness_std", "a_mean", "a_std", "b_mean", "b_std",
    )  # fmt: skip
    return {name: rng.uniform(0, 1, scenes) for name in names} | {
        "width": np.full(scenes, 640.0),
        "height": np.full(scenes, 360.0),
        "segments": rng.integers(5, 30, scenes).astype(float),
    }


class ByColour:
    """A segmenter that goes by colour, a few pixels off: right inside, wrong at borders. Counts what it sees."""

    key = "by colour"
    classes = CALLED_RIM

    def __init__(self, fail_after: int = 10**9):
        self.seen, self.fail_after = 0, fail_after

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        self.seen += len(images)
        if self.seen > self.fail_after:
            raise KeyboardInterrupt
        colours = torch.from_numpy(COLOURS).float()[None, :, :, None, None]
        distance = (images.roll(2, dims=3).float()[:, None] - colours).pow(2).mean(2)
        return (-distance / 800).softmax(1)


def assert_equal(one: SegmenterEvaluation, other: SegmenterEvaluation) -> None:
    for field in dataclasses.fields(SegmenterEvaluation):
        value, expected = getattr(one, field.name), getattr(other, field.name)
        if isinstance(value, np.ndarray):
            assert value.dtype == expected.dtype
            np.testing.assert_array_equal(value, expected, err_msg=field.name)
    assert one.facts.keys() == other.facts.keys()
    for name in one.facts:
        np.testing.assert_array_equal(one.facts[name], other.facts[name], err_msg=name)
