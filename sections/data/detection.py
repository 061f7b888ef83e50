"""How well a search did: what it found against what was planted (files, or pairs of duplicates)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.metrics.checks import as_labels
from helpers.metrics.intervals import Interval, f1_wilson, wilson


@dataclass(frozen=True)
class Detection:
    """Score of a search. A share of nothing has value NaN and bounds 0 and 1."""

    precision: Interval  # share of the finds that were planted
    recall: Interval  # share of the planted things that were found
    f1: Interval
    hits: tuple[Hashable, ...]  # found and planted; all three are sorted
    false_alarms: tuple[Hashable, ...]  # found, not planted
    missed: tuple[Hashable, ...]  # planted, not found


def score_found(found: Iterable[Hashable], planted: Iterable[Hashable]) -> Detection:
    """Precision, recall and F1 of `found` against `planted`, with Wilson intervals.

    Both are sets of sortable things: file names, or pairs (i, j) with i < j. Repeats count once. Pairs
    that share a file are not independent, so for pairs the intervals are somewhat too narrow.
    """
    found, planted = set(found), set(planted)
    hits, false_alarms, missed = found & planted, found - planted, planted - found
    return Detection(
        precision=wilson(len(hits), len(found)),
        recall=wilson(len(hits), len(planted)),
        f1=f1_wilson(len(hits), len(false_alarms), len(missed)),
        hits=tuple(sorted(hits)),
        false_alarms=tuple(sorted(false_alarms)),
        missed=tuple(sorted(missed)),
    )


def pairs_of_groups(groups: ArrayLike) -> set[tuple[int, int]]:
    """All pairs (i, j), i < j, of images with the same group number in `groups` (n,) int.

    The number of pairs grows with the square of a group's size.
    """
    groups = as_labels(groups, name="groups")
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    members = [group.tolist() for group in np.split(order, starts) if len(group) > 1]
    return {(i, j) for group in members for place, i in enumerate(group) for j in group[place + 1 :]}
