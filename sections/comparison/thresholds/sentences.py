"""Readings of the choice between two classes (chapter 06)."""

from helpers.metrics.comparison import SIGNIFICANT
from helpers.show.words import (
    count,
    in_words,
    listed,
    number,
    number_interval,
    p_value,
    percent,
    points,
    quoted,
    share_interval,
)
from sections.comparison.thresholds.measured import Cut, TwoClasses, TwoClassModel


def ranking(found: TwoClasses) -> list[str]:
    """What the best area under the ROC curve means, and whether others come within its interval."""
    best = found.best
    area = best.ranking["roc_area"]
    told = (
        f"{best.title} ranks best, with an area under the ROC curve of {number_interval(area, 4)}: a random image "
        f"of {quoted(found.positive)} gets a higher score than one of {quoted(found.negative)} with a probability "
        f"of {percent(area.value, 2)}."
    )
    close = [model.title for model in found.models.values() if model is not best and _reaches(model, area.low)]
    return [told + (f" Within that interval as well: {listed(close)}." if close else "")]


def _reaches(model: TwoClassModel, bound: float) -> bool:
    return model.ranking["roc_area"].value >= bound


def moving(found: TwoClasses) -> list[str]:
    """What the threshold chosen on validation brings on the test set: for the best model, and over all."""
    told = [_moved(found, found.best)]
    if len(found.models) > 1:
        told += [_all_models(found)]
    return told


def _moved(found: TwoClasses, model: TwoClassModel) -> str:
    old, new = model.cuts["default"], model.cuts["balanced"]
    if new.log_odds == old.log_odds:
        return f"For {model.title} no threshold has a better macro F1 on validation than 0.5: it stays."
    threshold = threshold_text(new.probability)
    return (
        f"For {model.title} macro F1 on validation is best with a threshold of {threshold} instead of 0.5: "
        f"it {_from_to(old.val.macro_f1, new.val.macro_f1, 3)}, as it must where the threshold is chosen. "
        f"On the test images it {_from_to(old.test.macro_f1, new.test.macro_f1, 3)}; precision of "
        f"{quoted(found.positive)} {_from_to(old.test.precision[1], new.test.precision[1])}, recall "
        f"{_from_to(old.test.recall[1], new.test.recall[1])}. {_verdict(model)}"
    )


def _from_to(old: float, new: float, digits: int = 0) -> str:
    """ "rises from 0.912 to 0.918" with `digits`, else in per cent."""
    before, after = (number(v, digits) if digits else percent(v) for v in (old, new))
    if before == after:
        return f"stays at {before}"
    return f"{'rises' if new > old else 'falls'} from {before} to {after}"


def _verdict(model: TwoClassModel) -> str:
    if model.p_value >= SIGNIFICANT:
        return f"The change in accuracy could be chance ({p_value(model.p_value)})."
    side = "more" if model.gain.value > 0 else "fewer"
    return (
        f"That is {points(model.gain.value)} {side} images right, more than chance explains "
        f"({p_value(model.p_value)})."
    )


def _all_models(found: TwoClasses) -> str:
    models = list(found.models.values())
    promised = [model.cuts["balanced"].val.macro_f1 - model.cuts["default"].val.macro_f1 for model in models]
    kept = [model.cuts["balanced"].test.macro_f1 - model.cuts["default"].test.macro_f1 for model in models]
    better = [model.title for model in models if model.p_value < SIGNIFICANT and model.gain.value > 0]
    worse = [model.title for model in models if model.p_value < SIGNIFICANT and model.gain.value < 0]
    verdicts = {"more": better, "less": worse}
    told = [f"{how} accurate beyond chance: {listed(titles)}" for how, titles in verdicts.items() if titles]
    said = "; ".join(told) or "for none of them accuracy changes by more than chance explains"
    return (
        f"On average over the {in_words(len(models))} models the chosen threshold adds "
        f"{number(sum(promised) / len(models), 4)} to macro F1 on validation, where it was chosen, and "
        f"{number(sum(kept) / len(models), 4)} on the test images; {said}."
    )


def wanted(found: TwoClasses) -> list[str]:
    """What it costs the best model to be as precise as asked for, and whether the test set keeps the promise."""
    goal, best = percent(found.wanted_precision), found.best
    without = [model.title for model in found.models.values() if "precise" not in model.cuts]
    told = [] if best.title in without else [_price(found, best, best.cuts["precise"])]
    if without:
        told.append(f"No threshold reaches a precision of {goal} on the validation images of {listed(without)}.")
    return told


def _price(found: TwoClasses, model: TwoClassModel, cut: Cut) -> str:
    goal, missed = percent(found.wanted_precision), int(cut.test_matrix[1, 0])
    old = model.cuts["default"]
    needs = (
        f"needs a threshold of {threshold_text(cut.probability)}"
        if cut.log_odds != old.log_odds
        else "can keep 0.5"
    )
    return (
        f"To be right in {goal} of the cases in which it says {quoted(found.positive)}, {model.title} {needs}, "
        "judging by the validation images. On the test images its precision is then "
        f"{share_interval(cut.precision)}: {_kept(cut, found.wanted_precision)}. "
        f"Recall {_from_to(old.test.recall[1], cut.test.recall[1])}: "
        f"{count(missed, 'test image')} of {quoted(found.positive)} {'is' if missed == 1 else 'are'} missed."
    )


def _kept(cut: Cut, goal: float) -> str:
    if cut.precision.contains(goal):
        return "the promise is kept, as far as this test set can tell"
    return "better than asked for" if cut.precision.value > goal else "the promise is not kept"


def threshold_text(probability: float) -> str:
    """Three decimals; two digits of the distance from 0 or 1 where it is close to that."""
    closeness = min(probability, 1 - probability)
    digits = next((d for d in range(3, 8) if closeness >= 5 * 10**-d), 8)
    return f"{probability:.{digits}f}"
