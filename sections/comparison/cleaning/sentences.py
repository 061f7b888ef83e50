"""What was left out of training, whether rightly, and whether that helped (chapter 06)."""

from typing import TYPE_CHECKING

import numpy as np

from helpers.metrics.comparison import SIGNIFICANT, PairResult, gain_of
from helpers.show.words import (
    count,
    in_words,
    listed,
    number,
    p_value,
    percent,
    points,
    points_bounds,
    quoted,
    sentence,
    share_interval,
)

if TYPE_CHECKING:
    from sections.comparison.cleaning.measured import Cleaned, Planted


def left_out(cleaned: "Cleaned") -> list[str]:
    """How good the judges are, how many images they made suspicious, and in which classes."""
    found = cleaned.suspects
    images, gone = len(found.index), int(found.left_out.sum())
    right = float((found.suggested == found.labels).mean())
    doubted, vague = int(found.mislabelled.sum()), int(found.unsure.sum())
    told = (
        f"Judges that had not seen an image agree with the label of {percent(right)} of the {images:,} training "
        f"images. {cleaned.run.title} was trained without {count(gone, 'image')}, {percent(gone / images)}: of "
        f"{doubted:,} the label is not believed, and {vague:,} could be anything."
    )
    return [told + _most_in(cleaned)] if gone else [told]


def _most_in(cleaned: "Cleaned") -> str:
    found, classes = cleaned.suspects, cleaned.splits.classes
    totals = np.bincount(found.labels, minlength=len(classes))
    shares = np.bincount(found.labels[found.left_out], minlength=len(classes)) / totals.clip(1)
    most, least = int(np.argmax(shares)), int(np.argmin(shares))
    if shares[most] == shares[least]:
        return ""
    return (
        f" Most of them lie in {quoted(classes[most])} ({percent(shares[most])} of its images), fewest in "
        f"{quoted(classes[least])} ({percent(shares[least])})."
    )


def moves(cleaned: "Cleaned", most: int = 3) -> list[str]:
    """Which labels the judges would give instead, most frequent first."""
    found, classes = cleaned.suspects, cleaned.splits.classes
    pairs = np.stack([found.labels, found.suggested], axis=1)[found.mislabelled]
    if not len(pairs):
        return ["No label of a training image is disbelieved."]
    kinds, amounts = np.unique(pairs, axis=0, return_counts=True)
    order = np.argsort(-amounts, kind="stable")[:most]
    told = [
        f"{quoted(classes[kinds[i, 0]])} that should be {quoted(classes[kinds[i, 1]])} ({amounts[i]})"
        for i in order
    ]
    return [f"Disbelieved most often: {listed(told)}."]


def search(cleaned: "Cleaned") -> list[str]:
    """Precision and recall against the wrong labels that the sample planted; nothing for images of the world."""
    planted = cleaned.planted
    if planted is None:
        return []
    if not planted.planted:
        return ["The drawn sample has no wrong label among its training images, so there was nothing to find."]
    return [f"{_recall(planted)} {_precision(planted)}"]


def _recall(planted: "Planted") -> str:
    told = (
        f"The drawn sample has {count(planted.planted, 'wrong label')} planted among its training images, and "
        f"{in_words(planted.found)} of them {'was' if planted.found == 1 else 'were'} found: recall "
        f"{share_interval(planted.recall)}."
    )
    if planted.among_unsure:
        told += f" {sentence(in_words(planted.among_unsure))} more left with the images that could be anything."
    return told


def _precision(planted: "Planted") -> str:
    if not planted.doubted:
        return "Not one label was doubted."
    told = f"Of the {count(planted.doubted, 'doubted label')} {planted.found} are wrong: precision "
    told += f"{share_interval(planted.precision)}; doubting at random would reach {percent(planted.by_chance)}."
    false_alarms = planted.doubted - planted.found
    return told + (f" The other {in_words(false_alarms)} are good images that were lost." if false_alarms else "")


def effect(cleaned: "Cleaned") -> list[str]:
    """Whether training without the suspicious images helped on the test set, plainly."""
    if cleaned.gain is None:
        return [
            f"The study has no model that differs from {cleaned.run.title} in cleaning only, so what cleaning "
            "brought cannot be said."
        ]
    told = [_effect(cleaned, cleaned.gain, "On the test set, which was left as it is,")]
    if cleaned.true_gain is not None:
        wrong = count(cleaned.wrong_test_labels, "wrong label")
        told.append(
            f"The test set itself has {wrong} planted. Judged by what the images really show, "
            + _effect(cleaned, cleaned.true_gain, "")
        )
    return told + _seeds(cleaned)


def _effect(cleaned: "Cleaned", pair: PairResult, where: str) -> str:
    gain = gain_of(pair)
    uncleaned = cleaned.uncleaned.title
    change = f"{points(gain.value)} {'more' if gain.value > 0 else 'fewer'} images right than {uncleaned}"
    change = change if gain.value else f"exactly as many images right as {uncleaned}"
    return (
        f"{where} {cleaned.run.title} gets {change} (95 % interval of the difference {points_bounds(gain)} "
        f"points), {p_value(pair.p_value)} by the exact McNemar test: {_verdict(pair, gain.value)}."
    ).strip()


def _verdict(pair: PairResult, gain: float) -> str:
    if pair.p_value >= SIGNIFICANT:
        return "leaving out suspicious images neither helped nor hurt by more than chance explains"
    return f"leaving out suspicious images {'helped' if gain > 0 else 'hurt'}"


def _seeds(cleaned: "Cleaned") -> list[str]:
    spread = cleaned.over_seeds
    if spread is None or spread.n < 2:
        return []
    return [
        f"Over {in_words(spread.n)} seeds accuracy changes by {number(100 * spread.mean, 1)} ± "
        f"{100 * spread.std:.1f} percentage points (mean ± standard deviation)."
    ]
