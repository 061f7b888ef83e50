"""Whether the confidence of a pixel is worth anything, in words (chapter 08)."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers.show.words import listed, number, percent, points, quoted

if TYPE_CHECKING:
    from sections.errors.analysis import Analysis
    from sections.errors.confidence.measured import Confidence, Coverage

CALIBRATED = 0.02  # calibration error up to which confidences can be taken at their word
SURE = 0.9  # confidence from which a prediction counts as sure
KEPT = 0.8  # share of the pixels kept in the example
WORTH = (0.6, 0.8)  # chance of ranking right above wrong: below the first hardly, above the second much
MOST_TOLD = 3


def calibration(analysis: "Analysis") -> list[str]:
    """Too sure or not sure enough, by how much, and how many of the sure pixels are wrong."""
    whole = analysis.overall
    if not whole.pixels:
        return ["No pixel was predicted, so there is nothing to say about confidence."]
    return [f"{_direction(whole)} {_error(whole)}", _sure_mistakes(analysis)]


def _direction(whole: "Confidence") -> str:
    sure, right = percent(whole.confidence), percent(whole.accuracy)
    told = f"On average the network is {sure} sure of a pixel and {right} right"
    if abs(whole.gap) <= CALIBRATED:
        return f"{told}: overall neither too sure nor too timid."
    side = "too sure of itself" if whole.gap > 0 else "less sure than it could be"
    return f"{told}: it is {side} by {points(whole.gap)}."


def _error(whole: "Confidence") -> str:
    told = f"The expected calibration error is {number(whole.calibration_error)}"
    if whole.calibration_error <= CALIBRATED:
        return f"{told}: a confidence can be taken at its word."
    return f"{told}: so far apart are confidence and accuracy, averaged over the bins."


def _sure_mistakes(analysis: "Analysis") -> str:
    wrong, right = analysis.found.confidence_bins.sum(0)
    first = round(SURE * wrong.size)
    pixels, mistakes = int((wrong + right)[first:].sum()), int(wrong[first:].sum())
    if not pixels:
        return f"No pixel reaches a confidence of {percent(SURE, 0)}."
    share, all_wrong = percent(pixels / int((wrong + right).sum()), 0), int(wrong.sum())
    errors = percent(mistakes / pixels)
    told = f"{share} of the pixels have a confidence of at least {percent(SURE, 0)}; {errors} of them are wrong"
    if not all_wrong:
        return f"{told}."
    missed = percent(mistakes / all_wrong, 0)
    return f"{told}. That is {missed} of all errors, which no threshold below {percent(SURE, 0)} would find."


def classes(rows: "Sequence[Confidence]") -> list[str]:
    """The predicted classes whose confidence promises most too much, and those that promise too little."""
    seen = [row for row in rows if row.pixels]
    bold = sorted((row for row in seen if row.gap > CALIBRATED), key=lambda row: -row.gap)
    timid = sorted((row for row in seen if row.gap < -CALIBRATED), key=lambda row: row.gap)
    told = []
    if bold:
        told.append(f"Most overconfident where it says {_with_gaps(bold)}.")
    if timid:
        told.append(f"More often right than it says for {_with_gaps(timid)}.")
    if not told:
        told.append(f"No class is more than {points(CALIBRATED, 0)} too sure or too timid.")
    never = [quoted(row.name) for row in rows if not row.pixels]
    return [" ".join([*told, *([f"Never predicted: {listed(never)}."] if never else [])])]


def _with_gaps(rows: "Sequence[Confidence]") -> str:
    return listed([
        f"{quoted(row.name)} ({percent(row.confidence, 0)} sure, {percent(row.accuracy, 0)} right)"
        for row in rows[:MOST_TOLD]
    ])  # fmt: skip


def worth(whole: "Confidence", curve: "Coverage") -> list[str]:
    """Whether errors can be told by low confidence, and what setting the least certain pixels aside brings."""
    if math.isnan(whole.error_ranking):
        return ["All pixels are right, or all wrong: there are no errors to tell by confidence."]
    kept = curve.at(KEPT)
    perfect = min(1.0, whole.accuracy / kept.share)
    verdict = _verdict(whole.error_ranking)
    return [
        "Of a right and a wrong pixel picked at random, the right one is the surer in "
        f"{percent(whole.error_ranking, 0)} of the cases (a coin would reach 50 %): as a sign of errors the "
        f"confidence is {verdict}. Setting aside the least certain {percent(1 - kept.share, 0)} of the pixels, "
        f"those below a confidence of {kept.threshold:.2f}, raises accuracy from {percent(whole.accuracy)} to "
        f"{percent(kept.accuracy)}; a confidence that knew every error would reach {percent(perfect)}."
    ]


def _verdict(ranking: float) -> str:
    if ranking < WORTH[0]:
        return "worth hardly anything here"
    return "worth a lot here" if ranking >= WORTH[1] else "worth something here, though not enough to rely on"
