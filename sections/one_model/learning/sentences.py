"""What the learning curves of a run say."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from helpers.metrics.overfitting import RISE, UNFITTED, FitDiagnosis, Verdict, analyse
from helpers.show.words import count, in_words, listed, number, percent, points, rate, sentence
from helpers.study.phases import stages_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from helpers.models.summary import NetworkLayer
    from helpers.study.phases import Stage
    from helpers.study.recipe import Recipe
    from helpers.training.runs import Run

SMALL_GAP = 0.02  # of accuracy: below this a gap is not worth a sentence on its own


def overfitting(run: "Run") -> list[str]:
    """Whether a run overfits, from which epoch on and by how much; then the gap at the kept weights."""
    fit = analyse(run.history, len(run.classes))
    return [f"{_verdict(run.title, fit)} {_kept(fit)}", _gap(fit)]


def _verdict(title: str, fit: FitDiagnosis) -> str:
    when = f"after epoch {fit.best_epoch} of {fit.epochs}"
    lowest = f"validation loss is lowest {when} ({number(fit.lowest_val_loss)})"
    rise = f"{fit.rise_percent:.0f} % higher at the end ({number(fit.final_val_loss)})"
    if fit.verdict is Verdict.DIVERGED:
        return f"{title} diverged: a loss is no longer a finite number. Lower the learning rate."
    if fit.verdict is Verdict.OVERFITS:
        return (
            f"{title} overfits from epoch {fit.overfits_from} on: {lowest} and {rise}, "
            "while the training loss falls further."
        )
    if fit.verdict is Verdict.UNDERFITS:
        return (
            f"{title} underfits: {lowest}, and even the training loss is then above {percent(UNFITTED, 0)} of "
            "what guessing evenly costs. It needs more epochs, a higher learning rate or more capacity."
        )
    if fit.verdict is Verdict.STILL_IMPROVING:
        return (
            f"{title} does not overfit yet: {lowest}, which is the last epoch; more epochs may lower it further."
        )
    return (
        f"{title} has settled: {lowest} and {rise}, which is no lasting rise of more than {percent(RISE, 0)}, "
        "so we do not call it overfitting."
    )


def _kept(fit: FitDiagnosis) -> str:
    later = fit.epochs - fit.best_epoch
    if later == 0:
        return "The weights of that epoch are the ones kept."
    after = "later epoch" if later == 1 else f"{later} later epochs"
    return f"The weights of epoch {fit.best_epoch} are kept, so the {after} did no harm."


def _gap(fit: FitDiagnosis) -> str:
    best, end = fit.gap_at_best, fit.gap_at_end
    if abs(best.accuracy) < SMALL_GAP:
        at_best = f"With these weights training and validation accuracy differ by only {points(best.accuracy)}"
    else:
        direction = "higher" if best.accuracy > 0 else "lower"
        at_best = (
            f"With these weights accuracy on the training images is {points(best.accuracy)} {direction} "
            "than on the validation images"
        )
    if fit.epochs == fit.best_epoch:
        return f"{at_best} (gap of the losses {number(best.loss)} nats)."
    return (
        f"{at_best} (gap of the losses {number(best.loss)} nats); after the last epoch the difference is "
        f"{points(end.accuracy)} (losses: {number(end.loss)} nats)."
    )


def phases(run: "Run") -> list[str]:
    """What each phase of a training brought on the validation images; nothing where there is only one."""
    stages = stages_of(run.spec)
    if len(stages) == 1:
        return []
    images = len(run.outputs("val").labels)
    bests = [_best_of(run, stage) for stage in stages]
    spans = [f"{stage.title} ({stage.epochs}, {_rate(run, stage)})" for stage in stages]
    first = bests[0]
    beginning = (
        f"Training went in {in_words(len(stages))} phases: {listed(spans, 'then')}. In the first, validation loss "
        f"was {number(first.loss)} at best (epoch {first.epoch}), with {percent(first.accuracy)} of {images:,} "
        "validation images right."
    )
    return [beginning] + [
        _phase_gain(stage, min(bests[:position], key=lambda best: best.loss), bests[position], images)
        for position, stage in enumerate(stages)
        if position
    ]


def phases_text(spec: "Recipe") -> str:
    """The phases of a recipe: "3 epochs of the head alone, then 7 of the whole network"."""
    first, *others = stages_of(spec)
    parts = [f"{count(first.recipe.epochs, 'epoch')} of {first.title}"]
    return ", then ".join(parts + [f"{stage.recipe.epochs} of {stage.title}" for stage in others])


class _Best(NamedTuple):
    epoch: int
    loss: float
    accuracy: float


def _best_of(run: "Run", stage: "Stage") -> _Best:
    """The epoch of a phase with the lowest validation loss, counted over the whole training."""
    losses = run.history["val_loss"][stage.first : stage.last]
    position = stage.first + int(np.argmin(np.where(np.isfinite(losses), losses, np.inf)))
    return _Best(position + 1, *(float(run.history[key][position]) for key in ("val_loss", "val_accuracy")))


def _rate(run: "Run", stage: "Stage") -> str:
    """The learning rate of a phase in words."""
    found = [test["suggestion"] for test in run.range_tests if test["phase"] == stage.number]
    used = found[0] if stage.recipe.lr == "find" else stage.recipe.lr
    return f"learning rate {rate(used)}"


def _phase_gain(stage: "Stage", before: _Best, after: _Best, images: int) -> str:
    change = round((after.accuracy - before.accuracy) * images)
    more = f"{count(abs(change), 'image')} {'more' if change > 0 else 'fewer'}" if change else "as many"
    at_best = f"{number(after.loss)} at best (epoch {after.epoch}), with {more} right, {percent(after.accuracy)}"
    if after.loss < before.loss:
        return f"Phase {stage.number}, {stage.title}, lowered it: {at_best}."
    return (
        f"Phase {stage.number}, {stage.title}, did not lower it: {at_best}. "
        f"The weights of epoch {before.epoch} remain the best."
    )


def range_tests(run: "Run") -> list[str]:
    """Which rate each range test suggests and by what rule, and which one was used."""
    if not run.range_tests:
        return ["The recipe asked for no range test."]
    stages = {stage.number: stage for stage in stages_of(run.spec)}
    return [_range_test(test, stages[test["phase"]], len(stages) > 1) for test in run.range_tests]


def _range_test(test: dict, stage: "Stage", several: bool) -> str:
    suggestion = test["suggestion"]
    used = suggestion if stage.recipe.lr == "find" else stage.recipe.lr
    ratio = used / suggestion
    judged = "as suggested" if abs(ratio - 1) < 1e-6 else f"{ratio:.2g} times the suggestion"
    found = (
        f"the loss keeps within 5 % of its lowest up to a rate of {rate(test['limit'])}. A tenth of that, "
        f"{rate(suggestion)}, is the suggestion; training used {rate(used)}, {judged}."
    )
    return f"Before phase {stage.number}, {stage.title}, {found}" if several else sentence(found)


def network(layers: "Sequence[NetworkLayer]", title: str, images: int) -> list[str]:
    """Size of a network against the number of images (`images`, the training part) it learns from."""
    parameters = sum(layer.parameters for layer in layers)
    heaviest = max(layers, key=lambda layer: layer.parameters)
    busiest = max(layers, key=lambda layer: layer.multiply_adds)
    share = heaviest.parameters / max(1, parameters)
    work = busiest.multiply_adds / max(1, sum(layer.multiply_adds for layer in layers))
    return [
        f"{title} has {parameters:,} parameters, {parameters / images:,.0f} for each of its {images:,} "
        f"training images. {percent(share, 0)} of them sit in “{heaviest.name}”, while “{busiest.name}” does "
        f"{percent(work, 0)} of the arithmetic."
    ]
