"""What the scores of single scenes say beside that of the whole set (chapter 07)."""

import numpy as np

from helpers.show.words import NOTICEABLE, change, number, percent, quoted, some
from sections.street_scenes.scores.measured import THRESHOLDS, Results
from sections.street_scenes.scores.scene_gap import SceneGap


def scenes(gap: SceneGap) -> list[str]:
    """Mean IoU of single scenes beside that of the whole set, and what makes the difference."""
    if abs(gap.total) < NOTICEABLE:
        start = (
            f"The mean over scenes, {number(gap.scenes)}, and the score of the whole set, "
            f"{number(gap.data_set)}, are nearly the same, but they need not be: three things pull at them."
        )
    else:
        below = "below" if gap.total < 0 else "above"
        start = (
            f"The mean over scenes, {number(gap.scenes)}, lies {number(abs(gap.total))} {below} the score of the "
            f"whole set, {number(gap.data_set)}. Three things make the difference, and they add up."
        )
    return [start, f"{_size(gap)} {_false_alarms(gap)} {_mix(gap)}"]


def _size(gap: SceneGap) -> str:
    why = (
        f"In {gap.rises} of {gap.compared} classes, scenes that show more of the class segment it better; the "
        "whole set counts each scene by the area of the class in it, the mean over scenes counts all alike"
        if gap.compared
        else "The whole set counts each scene by the area of the class in it, the mean over scenes counts all "
        "alike"
    )
    return f"{why} ({change(gap.size)})."


def _false_alarms(gap: SceneGap) -> str:
    return (
        f"A scene has {number(gap.alarm_scenes, 1)} classes on average that the network sees though they are not "
        f"there, however few pixels: each is an IoU of 0 for the scene and hardly anything for the whole set "
        f"({change(gap.false_alarms)})."
    )


def _mix(gap: SceneGap) -> str:
    return (
        "And a scene's mean is taken over the classes it has: what is in every scene counts in every scene, a "
        f"rare class only where it occurs ({change(gap.mix)})."
    )


def thresholds(results: Results) -> list[str]:
    """How sure one can be to find a class in a scene."""
    half = results.shares_above[THRESHOLDS.index(0.5)]
    known = np.flatnonzero(~np.isnan(half))
    always = [quoted(results.classes[c]) for c in known[half[known] >= 0.9]]
    order = known[np.argsort(half[known], kind="stable")]
    seldom = [quoted(results.classes[c]) for c in order if half[c] < 0.25]
    means = results.scene_means[~np.isnan(results.scene_means)]
    said = [_mean_above_half(means)]
    if always:
        said.append(f"An IoU above 0.5 is reached in nine of ten scenes or more for {some(always)}.")
    if seldom:
        said.append(f"An IoU above 0.5 is reached in fewer than a quarter of the scenes for {some(seldom)}.")
    return said


def _mean_above_half(means: np.ndarray) -> str:
    good = int((means > 0.5).sum())
    share = f" ({percent(good / len(means))})" if good else ""
    return f"The mean IoU exceeds 0.5 in {good or 'none'} of the {len(means):,} scenes{share}."
