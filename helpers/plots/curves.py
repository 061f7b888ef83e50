"""Training told by its curves: loss and accuracy after each epoch."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from helpers.plots.picture import Picture
from helpers.plots.style import MUTED, TRAIN, VALIDATION, new_figure, quiet_grid

if TYPE_CHECKING:
    from helpers.runs import Run

# key of the history, what it is, colour, line, marker
CURVES = (
    ("train", "training, as trained on", TRAIN, ":", None),
    ("train_eval", "training, without augmentation", TRAIN, "-", "o"),
    ("val", "validation", VALIDATION, "-", "s"),
)


def learning_curves(run: "Run") -> Picture:
    """Loss and accuracy by epoch: training as trained on, training images as they are, validation.

    A vertical line marks the epoch of the lowest validation loss, whose weights are kept.
    """
    figure = new_figure(height=3.9)
    loss, accuracy = figure.subplots(1, 2)
    _draw(loss, run, "loss", "Loss", "cross-entropy (nats)")
    _draw(accuracy, run, "accuracy", "Accuracy", "share of images right")
    figure.legend(*loss.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return Picture(figure, _alt(run), _caption(run))


def _draw(axes: Axes, run: "Run", measure: str, title: str, unit: str) -> None:
    epochs = run.history["epoch"]
    for key, name, colour, line, marker in CURVES:
        values = run.history[f"{key}_{measure}"]
        axes.plot(epochs, values, line, color=colour, marker=marker, label=name)
    _mark_best(axes, run.best_epoch, label=f"best epoch: {run.best_epoch}")
    axes.set(title=title, xlabel="epoch", ylabel=unit)
    _whole_epochs(axes, len(epochs))
    quiet_grid(axes)


def _mark_best(axes: Axes, epoch: int, label: str) -> None:
    axes.axvline(epoch, color=MUTED, linewidth=1.2, linestyle="--", zorder=0, label=label)


def _whole_epochs(axes: Axes, epochs: int) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    axes.set_xlim(0.6, max(epochs, 2) + 0.4)


def _caption(run: "Run") -> str:
    augmented = " (augmented images, while the weights still move)" if run.spec.augment else ""
    return (
        f"{run.title}, seed {run.seed}. Dotted: running mean over the epoch on what the network was trained "
        f"on{augmented}. Solid: measured after the epoch, on as many training images as there are validation "
        "images, and on the validation images. The weights of the best epoch are kept."
    )


def _alt(run: "Run") -> str:
    history, best = run.history, run.best_epoch - 1
    return (
        f"Curves of loss and accuracy of {run.title} over {len(history['epoch'])} epochs. "
        f"Training loss goes from {history['train_eval_loss'][0]:.2f} to {history['train_eval_loss'][-1]:.2f}, "
        f"validation loss from {history['val_loss'][0]:.2f} to {history['val_loss'][-1]:.2f}, "
        f"lowest at {history['val_loss'][best]:.2f} after epoch {run.best_epoch}. "
        f"Validation accuracy ends at {100 * history['val_accuracy'][-1]:.0f} %."
    )


def compared_curves(before: "Run", after: "Run") -> Picture:
    """Two trainings on common axes: loss of each on training images as they are and on validation images.

    The filled area between the two lines is the gap that overfitting opens.
    """
    figure = new_figure(height=3.8)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, run in zip(panels, (before, after), strict=True):
        _draw_gap(axes, run)
    panels[0].set_ylabel("cross-entropy (nats)")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    alt = " ".join(_gap_words(run) for run in (before, after))
    caption = (
        "The same scale on both sides. The shaded area is the gap between validation and training loss, "
        "both measured on images without augmentation."
    )
    return Picture(figure, f"Training and validation loss of two models side by side. {alt}", caption)


def _draw_gap(axes: Axes, run: "Run") -> None:
    epochs, train, val = (run.history[key] for key in ("epoch", "train_eval_loss", "val_loss"))
    axes.plot(epochs, train, "-", color=TRAIN, marker="o", label="training, without augmentation")
    axes.plot(epochs, val, "-", color=VALIDATION, marker="s", label="validation")
    axes.fill_between(epochs, train, val, color=VALIDATION, alpha=0.15, linewidth=0, label="gap")
    _mark_best(axes, run.best_epoch, label="best epoch")
    axes.set_title("with augmentation" if run.spec.augment else "without augmentation", fontsize=11)
    axes.set(xlabel="epoch")
    _whole_epochs(axes, len(epochs))
    quiet_grid(axes)


def _gap_words(run: "Run") -> str:
    gap = run.history["val_loss"][-1] - run.history["train_eval_loss"][-1]
    lowest = f"the lowest validation loss is after epoch {run.best_epoch}"
    return f"{run.title}: the gap is {gap:.2f} after the last epoch, {lowest}."


def range_test(run: "Run") -> Picture | None:
    """Loss against learning rate in the range test, and the rate it suggests; None where none was made."""
    if run.lr_finder is None:
        return None
    rates, loss = np.asarray(run.lr_finder["lr"], float), np.asarray(run.lr_finder["loss"], float)
    suggestion = run.lr_finder["suggestion"]
    figure = new_figure(height=3.2)
    axes = figure.subplots()
    axes.semilogx(rates, loss, color=TRAIN)
    axes.axvline(suggestion, color=MUTED, linewidth=1.2, linestyle="--", label=f"suggestion: {suggestion:.2g}")
    axes.set(title="Learning-rate range test", xlabel="learning rate", ylabel="loss, smoothed (nats)")
    axes.legend()
    quiet_grid(axes)
    alt = f"Loss against learning rate from {rates[0]:.0e} to {rates[-1]:.0e}; suggested rate {suggestion:.2g}."
    return Picture(figure, alt, "The rate grows with every batch; the suggestion is where the loss falls fastest.")
