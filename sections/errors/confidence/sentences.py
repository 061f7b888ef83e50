"""Whether the confidence of a pixel is worth anything, in words (chapter 08)."""

import math

from helpers.segmentation.types import SegmenterEvaluation
from helpers.show.words import number, percent
from sections.errors.confidence.measured import Confidence, Coverage

SURE_OF_IT = 0.9  # confidence from which a prediction counts as sure
KEPT_SHARE = 0.8  # of the pixels, in the example
NEAR_COIN, RELIABLE = 0.6, 0.8  # chance of ranking right above wrong: worth hardly anything below, a lot above


def sure_pixels(found: SegmenterEvaluation) -> str:
    """How many of the sure pixels are wrong, and how much of all errors that is."""
    wrong, right = found.confidence_bins.sum(0)
    first, limit = round(SURE_OF_IT * wrong.size), percent(SURE_OF_IT, 0)
    pixels, mistakes, errors = int((wrong + right)[first:].sum()), int(wrong[first:].sum()), int(wrong.sum())
    if not pixels:
        return f"No pixel reaches a confidence of {limit}."
    told = (
        f"{percent(pixels / (wrong + right).sum(), 0)} of the pixels have a confidence of at least {limit}; "
        f"{percent(mistakes / pixels)} of them are wrong."
    )
    missed = (
        f" That is {percent(mistakes / max(1, errors), 0)} of all errors, which no threshold below {limit} finds."
    )
    return told + (missed if errors else "")


def worth(whole: Confidence, coverage: Coverage) -> list[str]:
    """Whether errors can be told by low confidence, and what setting the least certain pixels aside brings."""
    kept = coverage.at(KEPT_SHARE)
    if math.isnan(whole.error_ranking):
        return ["All pixels are right, or all wrong: there are no errors to tell by confidence."]
    verdict = "worth something here, though not enough to rely on"
    if whole.error_ranking < NEAR_COIN:
        verdict = "worth hardly anything here"
    elif whole.error_ranking >= RELIABLE:
        verdict = "worth a lot here"
    told = (
        "Of a right and a wrong pixel picked at random, the right one is the surer in "
        f"{percent(whole.error_ranking, 0)} of the cases (a coin would reach 50 %): as a sign of errors the "
        f"confidence is {verdict}."
    )
    if kept.share == 1:
        return [f"{told} So many pixels share the lowest confidence that no few of them can be set aside."]
    before, after = percent(whole.accuracy), percent(kept.accuracy)
    return [
        f"{told} Setting aside the least certain {percent(1 - kept.share, 0)} of the pixels, those below a "
        f"confidence of {number(kept.threshold, 2)}, at the size that the network sees, "
        f"{f'takes accuracy from {before} to {after}' if before != after else f'leaves accuracy at {before}'}; a "
        f"confidence that knew every error would reach {percent(min(1.0, whole.accuracy / kept.share))}."
    ]
