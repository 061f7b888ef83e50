"""What the errors of a segmenter are made of, in words (chapter 08)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.segmentation.types import BANDS, SEGMENT_SHARES
from helpers.show.words import count, listed, number, number_interval, percent, points, quoted, some

if TYPE_CHECKING:
    from sections.errors.analysis import Analysis
    from sections.errors.composition.measured import ClassPair, ClassScores, Part, Trimap

FEW = 10  # scenes with a class: below this its scores are rough
UNEVEN = 0.15  # difference of precision and recall that is worth a word
NEAR, FAR = 2, 4  # bands up to BANDS[NEAR] pixels lie at a border, those beyond BANDS[FAR] inside
SMALL = 1  # segments up to SEGMENT_SHARES[SMALL] of the image are small
TOP = 5  # pairs told of
LEANS, ONE_WAY = 0.75, 0.95  # share of a pair's pixels in one direction


def confusions(analysis: "Analysis") -> list[str]:
    """How much is wrong, which confusions are the most frequent, and classes that are mostly taken for another."""
    total = int(analysis.found.matrix.sum())
    if not analysis.wrong:
        return [f"Not one of {_pixels(total)} is wrong: everything lies on the diagonal."]
    told = [
        f"Of {_pixels(total)} in {count(len(analysis.found), 'scene')} of {analysis.set_title}, "
        f"{percent(analysis.wrong / total)} are wrong. {_most_frequent(analysis)}"
    ]
    return told + _mostly_another(analysis)


def _pixels(amount: int) -> str:
    """ "84.3 million labelled pixels"."""
    return f"{amount / 1e6:,.1f} million labelled pixels" if amount >= 1e6 else count(amount, "labelled pixel")


def _most_frequent(analysis: "Analysis") -> str:
    matrix, names = analysis.found.matrix, analysis.classes
    wrong = matrix * ~np.eye(len(matrix), dtype=bool)
    cells = [np.unravel_index(place, wrong.shape) for place in np.argsort(-wrong, axis=None, kind="stable")[:3]]
    told = [
        f"{quoted(names[i])} taken for {quoted(names[j])} ({percent(wrong[i, j] / wrong.sum())} of the wrong "
        f"pixels, {percent(wrong[i, j] / matrix[i].sum(), 0)} of the class)"
        for i, j in cells
        if wrong[i, j]
    ]
    return f"Most frequent: {listed(told)}."


def _mostly_another(analysis: "Analysis") -> list[str]:
    """Classes for which another answer is more frequent than the right one."""
    matrix, names = analysis.found.matrix, analysis.classes
    told = []
    for c in np.argsort(-matrix.sum(1), kind="stable"):
        row = matrix[c]
        if row.sum() and row.argmax() != c:
            shares = percent(row.max() / row.sum(), 0), percent(row[c] / row.sum(), 0)
            told.append(
                f"{quoted(names[c])} is rather called {quoted(names[row.argmax()])} ({shares[0]}, right "
                f"{shares[1]})"
            )
    return [f"More often taken for one other class than recognised: {some(told)}."] if told else []


def classes(rows: "Sequence[ClassScores]") -> list[str]:
    """The best and the worst class, those seen too often or too seldom, and those that say little."""
    scored = sorted((row for row in rows if row.f1 and row.scenes), key=lambda row: row.f1.value)
    told = [_extremes(scored)] if len(scored) > 1 else []
    return [*told, *_uneven(scored), *_rough(rows)]


def _extremes(scored: "Sequence[ClassScores]") -> str:
    worst, best = scored[0], scored[-1]
    if worst.f1.value == best.f1.value:
        return f"All classes have the same F1, {worst.f1.value:.2f}."
    overlap = " Their intervals overlap, so the order may be chance." if worst.f1.high >= best.f1.low else ""
    return (
        f"Best: {quoted(best.name)} with F1 {number_interval(best.f1, 2)}; worst: {quoted(worst.name)} with "
        f"{number_interval(worst.f1, 2)}.{overlap}"
    )


def _uneven(scored: "Sequence[ClassScores]") -> list[str]:
    """Classes whose precision and recall differ by more than their intervals."""
    both = [row for row in scored if row.precision and row.recall]
    much = [row for row in both if row.precision.high + UNEVEN < row.recall.low]
    little = [row for row in both if row.recall.high + UNEVEN < row.precision.low]
    told = []
    if much:
        told.append(
            f"Seen where they are not (recall above precision by more than {points(UNEVEN, 0)}, intervals allowed "
            f"for): {_with_rates(much)}."
        )
    if little:
        told.append(f"Overlooked (precision above recall by as much): {_with_rates(little)}.")
    return [" ".join(told)] if told else []


def _with_rates(rows: "Sequence[ClassScores]") -> str:
    ordered = sorted(rows, key=lambda row: -abs(row.precision.value - row.recall.value))
    return some([
        f"{quoted(row.name)} (precision {row.precision.value:.2f}, recall {row.recall.value:.2f})"
        for row in ordered
    ])  # fmt: skip


def _rough(rows: "Sequence[ClassScores]") -> list[str]:
    few = [f"{quoted(row.name)} ({row.scenes})" for row in rows if 0 < row.scenes < FEW]
    unseen = [quoted(row.name) for row in rows if not row.scenes and row.f1]
    absent = [quoted(row.name) for row in rows if row.f1 is None]
    told = [f"In fewer than {FEW} scenes, so only rough scores: {some(few, 8)}."] if few else []
    if unseen:
        told.append(f"In no truth, yet seen by the network, so that F1 and IoU are 0: {listed(unseen)}.")
    if absent:
        told.append(f"In neither truth nor prediction, so without a score and in no mean: {listed(absent)}.")
    return told


def borders(bands: "Sequence[Part]") -> list[str]:
    """How much of the error lies at borders, and how much far inside."""
    if not sum(part.wrong for part in bands):
        return ["There are no errors to divide."]
    near, far = bands[: NEAR + 1], bands[FAR + 1 :]
    share, wrong = (sum(getattr(part, key) for part in near) for key in ("share", "wrong_share"))
    inside, inside_wrong = (sum(getattr(part, key) for part in far) for key in ("share", "wrong_share"))
    told = (
        f"The {percent(share)} of the pixels that lie within {BANDS[NEAR]:g} px of a border hold {percent(wrong)} "
        f"of the errors{_times(wrong, share)}. "
        f"Farther than {BANDS[FAR]:g} px from any border lie {percent(inside)} of the pixels and "
        f"{percent(inside_wrong)} of the errors. "
    )
    if wrong > 0.5:
        return [told + "Most of what is wrong is a matter of where exactly one thing ends and the next begins."]
    if inside_wrong > 0.5:
        return [
            told + "Most of what is wrong is no matter of outlines: whole regions are taken for something else."
        ]
    return [told + "Outlines are a part of the problem, but whole regions are taken for something else, too."]


def _times(wrong: float, share: float) -> str:
    return f", {wrong / share:.1f} times their part" if share > 0 else ""


def segments(parts: "Sequence[Part]") -> list[str]:
    """How much of the error lies on small segments, and how the error rate goes with size."""
    if not sum(part.wrong for part in parts):
        return []
    small = parts[: SMALL + 1]
    share, wrong = (sum(getattr(part, key) for part in small) for key in ("share", "wrong_share"))
    filled = [part for part in parts if part.pixels]
    least, largest = filled[0], filled[-1]
    most = max(filled, key=lambda part: part.wrong_share)
    return [
        f"Segments of at most {100 * SEGMENT_SHARES[SMALL]:g} % of the image are {percent(share)} of the pixels "
        f"and {percent(wrong)} of the errors{_times(wrong, share)}. On the smallest ({least.name}) "
        f"{percent(least.error_rate, 0)} of the pixels are wrong, on the largest ({largest.name}) "
        f"{percent(largest.error_rate, 0)}. The group with the largest part of all errors, "
        f"{percent(most.wrong_share)}, is that of {most.name}, which has {percent(most.share)} of the pixels."
    ]


def pairs(found: "Sequence[ClassPair]", names: Sequence[str]) -> list[str]:
    """Which pairs hold most of the errors, whether both ways, and how many it takes for half and for 90 %."""
    if not found:
        return []
    top = found[:TOP]
    told = [
        f"{quoted(names[one.first])} and {quoted(names[one.second])} ({percent(one.share)}{_way(one)})"
        for one in top
    ]
    reached = np.cumsum([one.share for one in found])
    half, most = (int(np.searchsorted(reached, share) + 1) for share in (0.5, 0.9))
    return [
        f"The pairs with most of the wrong pixels: {listed(told)}. It takes {count(half, 'pair')} for half of all "
        f"errors and {min(most, len(found))} of {len(found)} for 90 %."
    ]


def _way(one: "ClassPair") -> str:
    share = one.there / one.pixels
    if share >= ONE_WAY:
        return ", one way only"
    return f", {percent(share, 0)} of it this way" if share >= LEANS else ", both ways"


def trimap(curve: "Trimap") -> list[str]:
    """From the border to the inside: how accuracy and mean IoU grow, and what is left there."""
    first, last = curve.band_mean_iou[0], curve.band_mean_iou[-1]
    if not np.isfinite([first, last]).all():
        return ["There are no pixels close to a border or none far from one, so there is nothing to compare."]
    if curve.accuracy == 1:
        return ["Not one pixel is wrong, be it at a border or far from all of them."]
    step = int(np.nanargmax(np.diff(curve.band_mean_iou)))
    start, stop = (
        (curve.widths[step], curve.widths[step + 1]) if step + 1 < len(curve.widths) else (BANDS[-1], None)
    )
    where = f"from the band up to {start:g} px to that up to {stop:g} px" if stop else f"beyond {start:g} px"
    told = (
        f"In the first pixel along the borders accuracy is {percent(curve.band_accuracy[0])} and mean IoU "
        f"{number(first)}; beyond {BANDS[-1]:g} px {percent(curve.band_accuracy[-1])} and {number(last)}. "
    )
    if last <= first:
        return [f"{told}Mean IoU does not grow with distance: borders are not where this network fails."]
    return [
        f"{told}Mean IoU grows most {where}. Even far from every border {number(1 - last)} is missing from a mean "
        "IoU of 1: that part no sharper outline can win."
    ]
