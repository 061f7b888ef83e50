"""Chapter 09: one image in another's colours, value by value, and a drop that compares like with like."""

from collections.abc import Callable

import cv2
import numpy as np

from helpers.segmentation.places import LookedAt
from helpers.show.words import number, percent
from sections.exercises.checking import exercise, expect

STEPS = np.linspace(0.05, 0.95, 19)
NEAR = 2.0  # grey values of 0 to 255 by which a quantile may be off


@exercise
def histogram_matched(answer: Callable, part: LookedAt) -> None:
    """A channel whose values are distributed as those of another, and in the same order as before."""
    rng = np.random.default_rng(0)
    dark = (255 * rng.beta(2, 6, (60, 70))).astype(np.uint8)
    split = (
        255 * np.where(rng.random((50, 40)) < 0.5, rng.beta(8, 3, (50, 40)), rng.beta(2, 9, (50, 40)))
    ).astype(np.uint8)
    scene = cv2.resize(part.target.read_image(0), (64, 64), interpolation=cv2.INTER_AREA)
    for channel, goal, on in (
        (dark, split, "two made-up channels"),
        (scene[..., 2], split, "blue of the first scene"),
    ):
        found = answer(channel.copy(), goal.copy())
        assert found is not None, "nothing comes back: its last line must be a return"
        mine = np.asarray(found, dtype=float)
        assert mine.shape == channel.shape, (
            f"it is to keep the shape of `channel`, {channel.shape}, and came back as {mine.shape}"
        )
        order = np.argsort(channel, axis=None, kind="stable")
        values, groups = mine.ravel()[order], channel.ravel()[order]
        assert values[-len(values) // 3 :].mean() >= values[: len(values) // 3].mean(), (
            "what was brighter has become darker: the share is that of the values *below*"
        )
        reached, wanted = _quantiles(mine), _quantiles(_matched(channel, goal))
        if np.abs(reached - wanted).mean() <= NEAR:
            assert (np.diff(values)[np.diff(groups) > 0] >= -1e-6).all(), (
                "the values are distributed as they should, but what was brighter is no longer so"
            )
            continue
        centred = (channel - channel.mean()) * goal.std() / max(channel.std(), 1e-9) + goal.mean()
        shares = 255 * np.searchsorted(np.sort(channel, axis=None), channel, side="right") / channel.size
        for sentence, other in {
            "only mean and spread are those of the goal, as with Reinhard: let the whole distribution be": centred,
            "only mean and spread are those of the goal, as with Reinhard, cut to 0 … 255": centred.clip(0, 255),
            "nothing has changed: the values are those of `channel`": channel,
            "the ranks are evened out (equalisation): look up each rank among the goal's values": shares,
        }.items():
            assert np.abs(reached - _quantiles(np.asarray(other, dtype=float))).mean() > NEAR, (
                sentence.removesuffix(", cut to 0 … 255")
            )
        worst = int(np.abs(reached - wanted).argmax())
        raise AssertionError(
            f"on {on}, {percent(STEPS[worst], 0)} of the values should lie below {number(wanted[worst], 0)}, and "
            f"yours lie below {number(reached[worst], 0)}"
        )


def _matched(channel: np.ndarray, goal: np.ndarray) -> np.ndarray:
    ranks = np.searchsorted(np.sort(channel, axis=None), channel, side="right") / channel.size
    return np.quantile(goal, ranks)


def _quantiles(values: np.ndarray) -> np.ndarray:
    return np.quantile(values, STEPS)


@exercise
def drop_of_mean_iou(answer: Callable, part: LookedAt) -> None:
    """Mean IoU of the first matrix minus that of the second, over the classes that both have in their truth."""
    small = np.array([[80, 10, 0, 0], [10, 50, 5, 0], [0, 5, 30, 0], [0, 0, 0, 0]])
    other = np.array([[60, 20, 0, 5], [5, 40, 0, 5], [0, 0, 0, 0], [0, 10, 0, 20]])
    own = part.evaluate("target").matrices
    for (home, abroad), on in (((small, other), "two small matrices"), ((own[0], own[-1]), "two scenes")):
        both = (home.sum(1) > 0) & (abroad.sum(1) > 0)
        if not both.any():
            continue
        there = [_ious(one) for one in (home, abroad)]
        shown = [one.sum(1) > 0 for one in (home, abroad)]
        drop = there[0][both].mean() - there[1][both].mean()
        cut = [_ious(one[np.ix_(both, both)]).mean() for one in (home, abroad)]
        expect(answer(home.copy(), abroad.copy()), drop, {
            "a drop is home minus abroad, and yours is the other way round": -drop,
            "each mean is over its own classes: take the same for both, those that both have in their truth":
                there[0][shown[0]].mean() - there[1][shown[1]].mean(),
            "a class that a set does not show counts as 0: leave it out of both means":
                np.nan_to_num(there[0]).mean() - np.nan_to_num(there[1]).mean(),
            "each mean is over whatever is not NaN: take the classes that both have in their truth":
                np.nanmean(there[0]) - np.nanmean(there[1]),
            "you cut the other classes out of the matrices: pixels taken for them are mistakes still":
                cut[0] - cut[1],
            "that is the drop of pixel accuracy": np.trace(home) / home.sum() - np.trace(abroad) / abroad.sum(),
            "that is the drop of recall: false alarms belong below the line, too":
                _recalls(home)[both].mean() - _recalls(abroad)[both].mean(),
        }, on=on)  # fmt: skip


def _ious(matrix: np.ndarray) -> np.ndarray:
    union = matrix.sum(0) + matrix.sum(1) - np.diag(matrix)
    return np.where(union > 0, np.diag(matrix) / np.maximum(union, 1), np.nan)


def _recalls(matrix: np.ndarray) -> np.ndarray:
    return np.diag(matrix) / np.maximum(matrix.sum(1), 1)
