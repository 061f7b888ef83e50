"""What the learning curves of a run say."""

from typing import Any

import numpy as np

from helpers.datasets.augmentations import mixes
from helpers.metrics.classification import image_log_loss
from helpers.metrics.overfitting import ERRORS, RISE, UNFITTED, FitDiagnosis, Verdict, analyse
from helpers.show.words import count, in_words, listed, number, percent, points, rate, sentence
from helpers.study.phases import Stage, stages_of
from helpers.study.recipe import Recipe
from helpers.training.runs import Run

SPENT = 0.01  # share of its highest at which a learning rate has come down to nothing
SAME_ACCURACY = 0.0005  # difference of two accuracies that reads 0.0 percentage points


def overfitting(run: Run) -> str:
    """Whether a run overfits, from which epoch on and by how much, and the gap at the kept weights."""
    outputs = run.outputs("val")
    losses = image_log_loss(outputs.probabilities, outputs.labels)
    if not len(run.history["epoch"]) or not run.history["epoch"][-1]:
        return _as_it_is(run, len(losses))
    error = float(losses.std(ddof=1)) / len(losses) ** 0.5 if len(losses) > 1 else 0.0
    fit = analyse(run.history, len(run.classes), error)
    gap = fit.gap_at_best
    accuracy = f"{points(gap.accuracy)} {'higher' if gap.accuracy > 0 else 'lower'} on training than on"
    if abs(gap.accuracy) < SAME_ACCURACY:
        accuracy = "the same on training and"
    return (
        f"{run.title} {_verdict(run, fit, len(losses))} With the weights of epoch {fit.best_epoch}, which are "
        f"kept, accuracy is {accuracy} validation images (validation minus training loss: {number(gap.loss)} "
        "nats)."
        f"{_accuracy_after_best(run, fit, len(losses))}{_ended_early(run)}"
    )


def _as_it_is(run: Run, images: int) -> str:
    loss, accuracy = (float(run.history[f"val_{measure}"][-1]) for measure in ("loss", "accuracy"))
    return (
        f"{run.title} is scored as it is: it was not trained here, so it has no learning curves. On the "
        f"{count(images, 'validation image')} its loss is {number(loss)} and its accuracy {percent(accuracy)}."
    )


def _accuracy_after_best(run: Run, fit: FitDiagnosis, images: int) -> str:
    """That accuracy is higher at the end, where the loss is not lower, and whether by more than chance."""
    accuracy = np.asarray(run.history["val_accuracy"], dtype=float)
    before, after = float(accuracy[fit.best_epoch - 1]), float(accuracy[-fit.late :].mean())
    if not after - before >= 1 / images or fit.best_epoch > fit.epochs - fit.late:
        return ""
    surely = after - before > ERRORS * (before * (1 - before) / images) ** 0.5
    when = "after the last epoch" if fit.late == 1 else f"on average over the {_last(fit)}"
    return (
        f" Accuracy on the validation images was higher later: {percent(after)} {when}, {percent(before)} after "
        f"epoch {fit.best_epoch}, which is {'more' if surely else 'no more'} than two standard errors on "
        f"{count(images, 'image')}. Accuracy counts mistakes; loss also counts how sure the network is of them, "
        "and it is the loss that chooses the epoch here."
    )


def _ended_early(run: Run) -> str:
    """Where early stopping has ended a training, or a phase of it, and at which learning rate."""
    ended = [stage for stage in run.stages if stage.took < stage.recipe.epochs]
    if not ended:
        return ""
    patience = run.spec.early_stopping
    told = (
        f"because the validation loss had not fallen below its lowest for {count(patience, 'epoch')}"
        f"{' in a row' if patience > 1 else ''}"
    )
    if len(run.stages) == 1:
        (stage,) = ended
        return f" Training ended after {_of_planned(stage)}, {told}{_rate_left(run)}."
    each = [f"{stage.title} after {_of_planned(stage)}" for stage in ended]
    return f" {'A phase' if len(ended) == 1 else 'Phases'} ended early, {told}: {listed(each)}."


def _of_planned(stage: Stage) -> str:
    return f"{stage.took} of at most {stage.recipe.epochs} epochs"


def _rate_left(run: Run) -> str:
    """That the schedule of a training had not run its course."""
    rates = np.asarray(run.history.get("lr", [1.0]), dtype=float)
    if run.spec.schedule == "constant" or rates[-1] < SPENT * rates.max():
        return ""
    left = percent(rates[-1] / rates.max(), 0)
    return f"; its learning rate, planned for all of them, was then at {left} of its highest"


def trained_on(run: Run) -> str:
    """What the loss on the way is of, in brackets, where it is not of the training images as they are."""
    recipes = [stage.recipe for stage in run.stages]
    mixed = [stage for stage in run.stages if mixes(stage.recipe.augment)]
    told = ["augmented images, while the weights still move"] if any(one.augment for one in recipes) else []
    if mixed:
        where = "" if len(mixed) == len(recipes) else f" in {listed([stage.epochs for stage in mixed])}"
        told.append(
            f"two images mixed in one{where}, with shares of both labels, so that the loss cannot reach 0 and no "
            "accuracy is shown"
        )
    told += {
        "weights": ["every class weighing alike, whatever its size"],
        "sampling": ["every class drawn as often as any other"],
    }.get(run.spec.balance, [])
    return f" ({'; '.join(told)})" if told else ""


def _verdict(run: Run, fit: FitDiagnosis, images: int) -> str:
    val, train = run.history["val_loss"], run.history["train_eval_loss"]
    lowest = (
        f"validation loss is lowest after epoch {fit.best_epoch} of {fit.epochs} ({number(fit.lowest_val_loss)})"
    )
    rise = f"{number(fit.rise_percent, 0)} % higher at the end ({number(fit.final_val_loss)})"
    limit = f"two standard errors on {count(images, 'image')}"
    margin = f"{number(fit.margin)} ({limit if fit.margin > RISE * fit.lowest_val_loss else percent(RISE, 0)})"
    match fit.verdict:
        case Verdict.DIVERGED:
            return "diverged: a loss is no longer a finite number. Lower the learning rate."
        case _ if fit.epochs == 1:
            loss = number(fit.lowest_val_loss)
            return f"was trained for a single epoch, which is no curve: validation loss {loss}."
        case Verdict.OVERFITS:
            return (
                f"overfits from epoch {fit.overfits_from} on: {lowest} and {rise}, by more than {margin}, while "
                "the training loss falls further."
            )
        case Verdict.RECOVERS:
            return (
                f"shows no overfitting that lasts: {lowest}; it rose to {number(val[fit.peak_epoch - 1])} (epoch "
                f"{fit.peak_epoch}) and was on its way back at the end ({number(fit.final_val_loss)}). High "
                "learning rates can do that."
            )
        case Verdict.UNDERFITS:
            return (
                f"underfits: {lowest}, and at the end even the training loss ({number(train[-1])}) is above "
                f"{percent(UNFITTED, 0)} of what guessing evenly costs. What may help: a higher learning rate, "
                "more capacity, more epochs."
            )
        case Verdict.STILL_IMPROVING:
            return (
                f"does not overfit yet: {lowest}, lower than before the {_last(fit)} by more than {margin}. "
                f"{_going_on(run)}"
            )
        case Verdict.SETTLED:
            return _settled(fit, val, train, lowest, rise, margin)
    return (
        f"shows no clear overfitting: {lowest} and {rise}, but not for two epochs in which the training loss fell "
        "further."
    )


def _last(fit: FitDiagnosis) -> str:
    return "last epoch" if fit.late == 1 else f"last {in_words(fit.late)} epochs"


def _settled(fit: FitDiagnosis, val: np.ndarray, train: np.ndarray, lowest: str, rise: str, margin: str) -> str:
    """That the validation loss stands, or that its last fall may be chance; what training loss does meanwhile."""
    if fit.best_epoch > fit.epochs - fit.late:
        before = float(val[: -fit.late].min())
        still = before - fit.lowest_val_loss > RISE * fit.lowest_val_loss
        return (
            f"{'shows no overfitting' if still else 'has levelled off'}: {lowest}, by no more than {margin} lower "
            f"than before the {_last(fit)} ({number(before)})"
            f"{'. Whether it was still falling, so few images cannot tell.' if still else '.'}"
        )
    told = f"has levelled off: {lowest} and {rise}, by no more than {margin}."
    if (end := train[-1]) > (1 - RISE) * (before := train[-1 - fit.late]):
        return told
    return (
        f"{told} Training loss fell from {number(before)} to {number(end)} in the {_last(fit)}: what is still "
        "learnt of the training images does not show on others."
    )


def _going_on(run: Run) -> str:
    """What this training says of a longer one."""
    rates = np.asarray(run.history.get("lr", [1.0]), dtype=float)
    if rates[-1] >= SPENT * rates.max():
        return "Whether more epochs would lower it further, this training cannot tell."
    return "Its learning rate has come down to nothing: more epochs mean another schedule, so another training."


def phases(run: Run) -> list[str]:
    """What each phase of a training after the first brought on the validation images."""
    stages, losses = run.stages, run.history["val_loss"]
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


def setting(value: Any) -> str:
    """The value of a recipe's key, in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {setting(strength)}" for name, strength in value.items()) or "none"
    if isinstance(value, (list, tuple)):
        return ", ".join("×".join(map(str, one)) if isinstance(one, (list, tuple)) else str(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else "none" if value is None else str(value)


def range_tests(run: Run) -> list[str]:
    """Which rate each range test suggests, and which one was used; nothing where the recipe asked for none."""
    stages, told = run.stages, []
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
