"""Verdicts on the choice between two classes (chapter 06)."""

from helpers.metrics.comparison import SIGNIFICANT
from helpers.show.words import count, listed, number, p_value, percent, points, quoted, share_interval
from sections.comparison.thresholds.measured import TwoClasses, TwoClassModel
from sections.comparison.thresholds.tables import threshold_text


def balanced_cut(found: TwoClasses) -> list[str]:
    """Whether the threshold chosen on validation helps on the test set: the best model, and all on average."""
    model = found.best
    old, new = model.cuts["default"], model.cuts["balanced"]
    if new.log_odds == old.log_odds:
        told = f"For {model.title} no threshold has a better macro F1 on validation than 0.5: it stays."
    else:
        told = (
            f"For {model.title} macro F1 on validation is best with a threshold of "
            f"{threshold_text(new.probability)} instead of 0.5. On the test images {_change(model)}."
        )
    return [f"{told} {_promised_and_kept(found)}"]


def _change(model: TwoClassModel) -> str:
    if model.p_value >= SIGNIFICANT:
        return f"the change in accuracy could be chance ({p_value(model.p_value)})"
    side = "more" if model.gain.value > 0 else "fewer"
    told = f"that is {points(model.gain.value)} {side} images right, more than chance explains"
    return f"{told} ({p_value(model.p_value)})"


def _promised_and_kept(found: TwoClasses) -> str:
    models = list(found.models.values())
    gains = {
        part: sum(getattr(model.cuts["balanced"], part).macro_f1 - getattr(model.cuts["default"], part).macro_f1
                  for model in models) / len(models)
        for part in ("val", "test")
    }  # fmt: skip
    telling = [model for model in models if model.p_value < SIGNIFICANT]
    verdicts = {
        "more": [model.title for model in telling if model.gain.value > 0],
        "less": [model.title for model in telling if model.gain.value < 0],
    }
    told = [f"{how} accurate beyond chance: {listed(titles)}" for how, titles in verdicts.items() if titles]
    over = f"On average over {count(len(models), 'model')} the" if len(models) > 1 else "The"
    return (
        f"{over} chosen threshold adds {number(gains['val'], 4)} to macro F1 on validation, where it was chosen, "
        f"and {number(gains['test'], 4)} on the test images; "
        f"{'; '.join(told) or 'no accuracy changes by more than chance explains'}."
    )


def wanted_precision(found: TwoClasses) -> list[str]:
    """What it costs the best model to be as precise as asked for, and whether the test set keeps the promise."""
    goal = percent(found.wanted_precision)
    without = [model.title for model in found.models.values() if "precise" not in model.cuts]
    told = [] if found.best.title in without else [_price(found, found.best)]
    if without:
        told.append(f"No threshold reaches a precision of {goal} on the validation images of {listed(without)}.")
    return told


def _price(found: TwoClasses, model: TwoClassModel) -> str:
    cut, old, positive = model.cuts["precise"], model.cuts["default"], quoted(found.positive)
    missed = int(cut.test_matrix[1, 0])
    if cut.precision.contains(found.wanted_precision):
        kept = "the promise is kept, as far as this test set can tell"
    else:
        is_better = cut.precision.value > found.wanted_precision
        kept = "better than asked for" if is_better else "the promise is not kept"
    return (
        f"To be right in {percent(found.wanted_precision)} of the cases in which it says {positive}, "
        f"{model.title} needs a threshold of {threshold_text(cut.probability)}, judging by the validation "
        f"images. On the test images its precision is then {share_interval(cut.precision)}: {kept}. Its recall is "
        f"{percent(cut.test.recall[1])}, against {percent(old.test.recall[1])} at 0.5: "
        f"{count(missed, 'test image')} of {positive} {'is' if missed == 1 else 'are'} missed."
    )
