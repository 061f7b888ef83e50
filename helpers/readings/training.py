"""What the learning curves of a run say."""

from typing import TYPE_CHECKING

from helpers.metrics.overfitting import RISE, UNFITTED, Fit, Verdict, analyse
from helpers.readings.words import count, number, percent, points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from helpers.models.summary import Layer
    from helpers.runs import Run

SMALL_GAP = 0.02  # of accuracy: below this a gap is not worth a sentence on its own


def overfitting(run: "Run") -> list[str]:
    """Whether a run overfits, from which epoch on and by how much; then the gap at the kept weights."""
    fit = analyse(run.history, len(run.classes))
    return [f"{_verdict(run.title, fit)} {_kept(fit)}", _gap(fit)]


def _verdict(title: str, fit: Fit) -> str:
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


def _kept(fit: Fit) -> str:
    later = fit.epochs - fit.best_epoch
    if later == 0:
        return "The weights of that epoch are the ones kept."
    return f"The weights of epoch {fit.best_epoch} are kept, so the {count(later, 'later epoch')} did no harm."


def _gap(fit: Fit) -> str:
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
        return f"{at_best} (gap of the losses {number(best.loss)})."
    return (
        f"{at_best} (gap of the losses {number(best.loss)}); after the last epoch the difference is "
        f"{points(end.accuracy)} (losses: {number(end.loss)})."
    )


def network(layers: "Sequence[Layer]", title: str, images: int) -> list[str]:
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
