"""What the errors of a segmenter are made of, in words (chapter 08)."""

from collections.abc import Sequence

import numpy as np

from helpers.segmentation.observed import BOUNDARY_BANDS, SMALL_GROUPS
from helpers.segmentation.types import BANDS, SEGMENT_SHARES, SegmenterEvaluation
from helpers.show.words import count, number, percent, points, quoted, some, written
from sections.errors.composition.measured import ClassPair, ClassScores, Part, Trimap

FEWEST_SEEN = 10  # scenes with a class: below this its scores are rough
UNEVEN = 0.15  # difference of precision and recall that is worth a word
INSIDE = 5  # bands from this one on, beyond BANDS[4] pixels from a border, lie inside
ONE_WAY = 0.75  # share of a pair's pixels in one direction from which it is said to be mostly that


def mostly_another(found: SegmenterEvaluation, set_title: str) -> list[str]:
    """How much is wrong, and classes for which another answer is more frequent than the right one."""
    matrix, names = found.matrix, found.classes
    total, wrong = int(matrix.sum()), int(matrix.sum() - np.trace(matrix))
    pixels = (
        f"{written(total / 1e6, ',.1f')} million labelled pixels"
        if total >= 1e6
        else count(total, "labelled pixel")
    )
    if not wrong:
        return [f"Not one of {pixels} is wrong: everything lies on the diagonal."]
    told = f"Of {pixels} in {count(len(found), 'scene')} of {set_title}, {percent(wrong / total)} are wrong."
    others = [
        f"{quoted(names[c])} for {quoted(names[row.argmax()])} ({percent(row.max() / row.sum(), 0)}, right "
        f"{percent(row[c] / row.sum(), 0)})"
        for c, row in sorted(enumerate(matrix), key=lambda one: -one[1].sum())
        if row.max() > row[c]
    ]
    return [f"{told} More often taken for one other class than recognised: {some(others)}." if others else told]


def uneven_classes(rows: Sequence[ClassScores]) -> list[str]:
    """Classes whose precision and recall differ by more than their intervals, and those with few scenes."""
    both = [row for row in rows if row.precision and row.recall]
    both.sort(key=lambda row: -abs(row.precision.value - row.recall.value))
    much = [quoted(row.name) for row in both if row.precision.high + UNEVEN < row.recall.low]
    little = [quoted(row.name) for row in both if row.recall.high + UNEVEN < row.precision.low]
    few = [f"{quoted(row.name)} ({row.scenes})" for row in rows if 0 < row.scenes < FEWEST_SEEN]
    told = [
        f"Seen where they are not: {some(much)} (recall above precision by more than {points(UNEVEN, 0)}, "
        "intervals allowed for)." if much else "",
        f"Overlooked: {some(little)} (precision above recall by more than {points(UNEVEN, 0)}, intervals allowed "
        "for)." if little else "",
        f"In fewer than {FEWEST_SEEN} scenes, so only rough scores: {some(few, 8)}." if few else "",
    ]  # fmt: skip
    return [" ".join(filter(None, told))] if any(told) else []


def borders(bands: Sequence[Part]) -> list[str]:
    """How much of the error lies at borders, and how much far inside."""
    if not any(part.wrong for part in bands):
        return ["There are no errors to divide."]
    near, far = bands[:BOUNDARY_BANDS], bands[INSIDE:]
    inside = sum(part.wrong_share for part in far)
    if sum(part.wrong_share for part in near) > 0.5:
        verdict = "Most of what is wrong lies at outlines, or on things so small that they are all outline."
    elif inside > 0.5:
        verdict = "Most of what is wrong is no matter of outlines: it lies well inside regions."
    else:
        verdict = "Neither the outlines nor the inside of regions have most of what is wrong."
    return [
        f"{_part_of_errors(near, f'Pixels within {BANDS[BOUNDARY_BANDS - 1]:g} px of a border')}; farther than "
        f"{BANDS[INSIDE - 1]:g} px from any lie {percent(inside)} of the errors. {verdict}"
    ]


def small_segments(parts: Sequence[Part]) -> list[str]:
    """How much of the error lies on small segments; nothing where nothing is wrong."""
    limit = f"Segments of at most {100 * SEGMENT_SHARES[SMALL_GROUPS - 1]:g} % of the image"
    if not any(part.wrong for part in parts):
        return []
    small = parts[:SMALL_GROUPS]
    share = sum(part.wrong_share for part in small)
    verdict = f"most of what is wrong lies on {'these' if share > 0.5 else 'larger ones'}"
    if share == 0.5:
        verdict = "half of what is wrong lies on these, half on larger ones"
    return [f"{_part_of_errors(small, limit)}: {verdict}."]


def _part_of_errors(parts: Sequence[Part], name: str) -> str:
    share, wrong = (sum(getattr(part, key) for part in parts) for key in ("share", "wrong_share"))
    times = (
        f", {number(wrong / share, 1)} times their part" if share > 0 and number(wrong / share, 1) != "1.0" else ""
    )
    return f"{name} are {percent(share)} of all and hold {percent(wrong)} of the errors{times}"


def few_pairs(found: Sequence[ClassPair], most: int = 5) -> list[str]:
    """How many pairs it takes for half of the errors and for 90 %, and which of the first go mostly one way."""
    if not found:
        return []
    reached = np.cumsum([one.share for one in found])
    half, ninety = (min(int(np.searchsorted(reached, share) + 1), len(found)) for share in (0.5, 0.9))
    if len(found) == 1:
        return [f"All errors are between {quoted(found[0].first)} and {quoted(found[0].second)}."]
    told = (
        f"It takes {count(half, 'pair')} of classes for half of all errors and {ninety} of {len(found)} for 90 %."
    )
    one_way = [
        f"{quoted(one.first)} for {quoted(one.second)}"
        for one in found[:most]
        if one.there >= ONE_WAY * (one.there + one.back)
    ]
    return [f"{told} Mostly one way: {some(one_way, most)}." if one_way else f"{told} The largest go both ways."]


def missing_far_from_borders(curve: Trimap) -> list[str]:
    """What mean IoU lacks even far from every border."""
    first, last = curve.band_mean_iou[0], curve.band_mean_iou[-1]
    if curve.accuracy == 1:
        return ["Not one pixel is wrong, be it at a border or far from all of them."]
    if not curve.classes:
        return ["No class has true pixels at every distance from borders, so there is nothing to compare."]
    told = (
        f"In the first pixel along borders mean IoU is {number(first)}, beyond {BANDS[-1]:g} px {number(last)}, "
        f"over the same {count(len(curve.classes), 'class', 'classes')}."
    )
    if last <= first:
        return [f"{told} It is no higher far from borders: sharper outlines are not what is missing first."]
    if last == 1:
        return [f"{told} Far from every border nothing is wrong."]
    return [
        f"{told} Even far from every border {number(1 - last)} is missing from a mean IoU of 1: that part no "
        "sharper outline can win."
    ]
