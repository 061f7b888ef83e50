"""What was left out of training, whether rightly, and whether that helped (chapter 06)."""

from helpers.metrics.comparison import SIGNIFICANT, PairResult, gain_of
from helpers.show.words import (
    count,
    in_words,
    number,
    p_value,
    percent,
    points,
    points_bounds,
    sentence,
    share_interval,
)
from sections.comparison.cleaning.measured import Cleaned, Planted


def left_out(cleaned: Cleaned) -> list[str]:
    """How good the judges are, and how many images they made suspicious."""
    found = cleaned.suspects
    images, gone = len(found.index), int(found.left_out.sum())
    right = float((found.suggested == found.labels).mean())
    return [
        f"Judges that had not seen an image agree with the label of {percent(right)} of the {images:,} training "
        f"images. {cleaned.run.title} was trained without {count(gone, 'image')}, {percent(gone / images)}: of "
        f"{int(found.mislabelled.sum()):,} the label is not believed, and {int(found.unsure.sum()):,} could be "
        "anything."
    ]


def search(cleaned: Cleaned) -> list[str]:
    """Precision and recall against the wrong labels that the sample planted; nothing for images of the world."""
    planted = cleaned.planted
    if planted is None:
        return []
    if not planted.planted:
        return ["The drawn sample has no wrong label among its training images, so there was nothing to find."]
    return [f"{_recall(planted)} {_precision(planted)}"]


def _recall(planted: Planted) -> str:
    told = (
        f"The drawn sample has {count(planted.planted, 'wrong label')} planted among its training images, and "
        f"{in_words(planted.found)} of them {'was' if planted.found == 1 else 'were'} found: recall "
        f"{share_interval(planted.recall)}."
    )
    if planted.among_unsure:
        told += f" {sentence(in_words(planted.among_unsure))} more left with the images that could be anything."
    return told


def _precision(planted: Planted) -> str:
    if not planted.doubted:
        return "Not one label was doubted."
    told = f"Of the {count(planted.doubted, 'doubted label')} {planted.found} are wrong: precision "
    told += f"{share_interval(planted.precision)}; doubting at random would reach {percent(planted.by_chance)}."
    false_alarms = planted.doubted - planted.found
    return told + (f" The other {in_words(false_alarms)} are good images that were lost." if false_alarms else "")


def cleaning_effect(cleaned: Cleaned) -> list[str]:
    """Whether training without the suspicious images helped on the test set, plainly."""
    if cleaned.gain is None:
        return [
            f"The study has no model that differs from {cleaned.run.title} in cleaning only, so what cleaning "
            "brought cannot be said."
        ]
    told = [f"On the test set, which was left as it is, {_effect(cleaned, cleaned.gain)}"]
    if cleaned.true_gain is not None:
        wrong = count(cleaned.wrong_test_labels, "wrong label")
        told.append(
            f"The test set itself has {wrong} planted. Judged by what the images really show, "
            + _effect(cleaned, cleaned.true_gain)
        )
    spread = cleaned.over_seeds
    if spread and spread.n > 1:
        told.append(
            f"Over {in_words(spread.n)} seeds accuracy changes by {number(100 * spread.mean, 1)} ± "
            f"{number(100 * spread.std, 1)} percentage points (mean ± standard deviation)."
        )
    return told


def _effect(cleaned: Cleaned, pair: PairResult) -> str:
    gain, uncleaned = gain_of(pair), cleaned.uncleaned.title
    change = f"{points(gain.value)} {'more' if gain.value > 0 else 'fewer'} images right than {uncleaned}"
    change = change if gain.value else f"exactly as many images right as {uncleaned}"
    verdict = f"leaving out suspicious images {'helped' if gain.value > 0 else 'hurt'}"
    if pair.p_value >= SIGNIFICANT:
        verdict = "leaving out suspicious images neither helped nor hurt by more than chance explains"
    return (
        f"{cleaned.run.title} gets {change} (95 % interval of the difference {points_bounds(gain)} points), "
        f"{p_value(pair.p_value)} by the exact McNemar test: {verdict}."
    )
