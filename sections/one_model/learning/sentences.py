"""What the learning curves of a run say."""

import numpy as np

from helpers.metrics.overfitting import RISE, UNFITTED, FitDiagnosis, Verdict, analyse
from helpers.show.words import count, number, percent, points, rate, sentence
from helpers.study.phases import Stage, stages_of
from helpers.study.recipe import Recipe
from helpers.training.runs import Run

SAME_ACCURACY = 0.0005  # difference of two accuracies that reads 0.0 percentage points


def overfitting(run: Run) -> str:
    """Whether a run overfits, from which epoch on and by how much, and the gap at the kept weights."""
    fit = analyse(run.history, len(run.classes))
    gap = fit.gap_at_best
    accuracy = f"{points(gap.accuracy)} {'higher' if gap.accuracy > 0 else 'lower'} on training than on"
    if abs(gap.accuracy) < SAME_ACCURACY:
        accuracy = "the same on training and"
    return (
        f"{run.title} {_verdict(fit)} With the weights of epoch {fit.best_epoch}, which are kept, accuracy is "
        f"{accuracy} validation images (validation minus training loss: {number(gap.loss)} nats)."
        f"{_accuracy_after_best(run, fit)}"
    )


def _accuracy_after_best(run: "Run", fit: FitDiagnosis) -> str:
    """That accuracy went on rising where the loss did not, if by more than two standard errors of it."""
    before, after = (float(run.history["val_accuracy"][epoch - 1]) for epoch in (fit.best_epoch, fit.epochs))
    images = len(run.outputs("val").labels)
    if after - before <= 2 * (before * (1 - before) / images) ** 0.5:
        return ""
    return (
        f" Accuracy on the validation images went on rising: {percent(after)} after the last epoch, "
        f"{percent(before)} after epoch {fit.best_epoch}. Accuracy counts mistakes; loss also counts how sure the "
        "network is of them, and it is the loss that chooses the epoch here."
    )


def _verdict(fit: FitDiagnosis) -> str:
    when = f"after epoch {fit.best_epoch} of {fit.epochs}"
    lowest = f"validation loss is lowest {when} ({number(fit.lowest_val_loss)})"
    rise = f"{fit.rise_percent:.0f} % higher at the end ({number(fit.final_val_loss)})"
    return {
        Verdict.DIVERGED: "diverged: a loss is no longer a finite number. Lower the learning rate.",
        Verdict.OVERFITS: f"overfits from epoch {fit.overfits_from} on: {lowest} and {rise}, while the training "
        "loss falls further.",
        Verdict.UNDERFITS: f"underfits: {lowest}, and even the training loss is then above "
        f"{percent(UNFITTED, 0)} of what guessing evenly costs. It needs more epochs, a higher learning rate or "
        "more capacity.",
        Verdict.STILL_IMPROVING: f"does not overfit yet: {lowest}, which is the last epoch. Whether more epochs "
        "would lower it further, this training cannot tell.",
        Verdict.SETTLED: f"has settled: {lowest} and {rise}, which is no rise of more than {percent(RISE, 0)}, "
        "so we do not call it overfitting.",
        Verdict.UNCLEAR: f"shows no clear overfitting: {lowest} and {rise}, but not for two epochs in which the "
        "training loss fell further.",
    }[fit.verdict]


def phases(run: Run) -> list[str]:
    """What each phase of a training after the first brought on the validation images."""
    stages, losses = stages_of(run.spec), run.history["val_loss"]
    losses = np.where(np.isfinite(losses), losses, np.inf)
    return [_phase_gain(run, stage, losses) for stage in stages[1:]]


def _phase_gain(run: Run, stage: Stage, losses: np.ndarray) -> str:
    before, after = (
        int(losses[: stage.first].argmin()),
        stage.first + int(losses[stage.first : stage.last].argmin()),
    )
    accuracy = run.history["val_accuracy"]
    return (
        f"Phase {stage.number}, {stage.title} ({stage.epochs}, learning rate {rate(_used_rate(run, stage))}), "
        f"{'lowered' if losses[after] < losses[before] else 'did not lower'} the validation loss: "
        f"{number(losses[before])} at best before it (epoch {before + 1}, {percent(accuracy[before])} right), "
        f"{number(losses[after])} in it (epoch {after + 1}, {percent(accuracy[after])} right)."
    )


def _used_rate(run: Run, stage: Stage) -> float:
    found = [test["suggestion"] for test in run.range_tests if test["phase"] == stage.number]
    return found[0] if stage.recipe.lr == "find" else stage.recipe.lr


def phases_text(spec: Recipe) -> str:
    """The phases of a recipe: "3 epochs of the head alone, then 7 of the whole network"."""
    first, *others = stages_of(spec)
    parts = [f"{count(first.recipe.epochs, 'epoch')} of {first.title}"]
    return ", then ".join(parts + [f"{stage.recipe.epochs} of {stage.title}" for stage in others])


def range_tests(run: Run) -> list[str]:
    """Which rate each range test suggests, and which one was used; nothing where the recipe asked for none."""
    stages, told = stages_of(run.spec), []
    for test in run.range_tests:
        stage = next(one for one in stages if one.number == test["phase"])
        used, before = _used_rate(run, stage), f"before phase {stage.number}, {stage.title}, "
        ratio = used / test["suggestion"]
        judged = "as suggested" if abs(ratio - 1) < 1e-6 else f"{ratio:.2g} times the suggestion"
        told.append(sentence(
            f"{before if len(stages) > 1 else ''}the range test suggests {rate(test['suggestion'])}; training "
            f"used {rate(used)}, {judged}."
        ))  # fmt: skip
    return told
