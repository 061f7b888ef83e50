"""Training told by its curves: loss and accuracy after each epoch."""

import textwrap
from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from helpers.show.picture import Picture
from helpers.show.style import MUTED, TRAIN, VALIDATION, new_figure, plain_numbers, quiet_grid
from helpers.show.words import listed
from helpers.study.phases import stages_of

if TYPE_CHECKING:
    from helpers.study.phases import Stage
    from helpers.training.runs import Run

RANGE_TEST_CAPTION = (
    "The rate grows with every batch. The dotted line marks the highest rate at which the loss is within 5 % of "
    "its lowest, the dashed one the suggestion, a tenth of that."
)
TITLE_WIDTH = 24  # characters in a line of a panel's title
PHASE_WIDTH = 12  # characters of a phase's title in a line
# key of the history, what it is, colour, line, marker
CURVES = (
    ("train", "training, as trained on", TRAIN, ":", None),
    ("train_eval", "training, without augmentation", TRAIN, "-", "o"),
    ("val", "validation", VALIDATION, "-", "s"),
)


def learning_curves(run: "Run") -> Picture:
    """Loss and accuracy by epoch: training as trained on, training images as they are, validation.

    A vertical line marks the epoch of the lowest validation loss, whose weights are kept; where training went
    in phases, they are named above and parted by lines.
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
    axes.set(title=title, ylabel=unit)
    _epochs_axis(axes, run, f"best epoch: {run.best_epoch}")


def _epochs_axis(axes: Axes, run: "Run", best: str) -> None:
    """Whole epochs below, with a line at the best one, which the legend calls `best`, and the phases."""
    from matplotlib.ticker import MaxNLocator

    axes.axvline(run.best_epoch, color=MUTED, linewidth=1.2, linestyle="--", zorder=0, label=best)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    axes.set_xlim(0.6, max(len(run.history["epoch"]), 2) + 0.4)
    _mark_phases(axes, stages_of(run.spec))
    quiet_grid(axes)


def _mark_phases(axes: Axes, stages: "list[Stage]") -> None:
    """Titles of the phases above the axes and lines between them; nothing where there is only one."""
    if len(stages) == 1:
        return
    for stage in stages[1:]:
        axes.axvline(stage.first + 0.5, color=MUTED, linewidth=0.8, zorder=0)
    above = axes.secondary_xaxis("top")
    above.set_xticks(
        [(stage.first + 1 + stage.last) / 2 for stage in stages],
        [textwrap.fill(stage.title, PHASE_WIDTH) for stage in stages],
    )
    above.tick_params(length=0, labelsize=8, labelcolor=MUTED)


def _phases_words(stages: "list[Stage]") -> str:
    if len(stages) == 1:
        return ""
    parts = [f"{stage.title} in {stage.epochs}" for stage in stages]
    return f" Trained in phases: {listed(parts)}."


def _caption(run: "Run") -> str:
    augmented = " (augmented images, while the weights still move)" if run.spec.augment else ""
    return (
        f"{run.title}, seed {run.seed}. Dotted: running mean over the epoch on what the network was trained "
        f"on{augmented}. Solid: measured after the epoch, on as many training images as there are validation "
        "images, and on the validation images. The weights of the best epoch are kept."
        f"{_phases_words(stages_of(run.spec))}"
    )


def _alt(run: "Run") -> str:
    history, best = run.history, run.best_epoch - 1
    return (
        f"Curves of loss and accuracy of {run.title} over {len(history['epoch'])} epochs. "
        f"Training loss goes from {history['train_eval_loss'][0]:.2f} to {history['train_eval_loss'][-1]:.2f}, "
        f"validation loss from {history['val_loss'][0]:.2f} to {history['val_loss'][-1]:.2f}, "
        f"lowest at {history['val_loss'][best]:.2f} after epoch {run.best_epoch}. "
        f"Validation accuracy ends at {100 * history['val_accuracy'][-1]:.0f} %."
        f"{_phases_words(stages_of(run.spec))}"
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
    axes.set_title("with augmentation" if run.spec.augment else "without augmentation", fontsize=11)
    _epochs_axis(axes, run, "best epoch")


def _gap_words(run: "Run") -> str:
    gap = run.history["val_loss"][-1] - run.history["train_eval_loss"][-1]
    lowest = f"the lowest validation loss is after epoch {run.best_epoch}"
    return f"{run.title}: the gap is {gap:.2f} after the last epoch, {lowest}."


def range_test(run: "Run") -> Picture | None:
    """Loss against learning rate in each range test of a run, with the suggestion; None where none was made."""
    if not run.range_tests:
        return None
    figure = new_figure(height=3.8)
    panels = figure.subplots(1, len(run.range_tests), squeeze=False)[0]
    for axes, test in zip(panels, run.range_tests, strict=True):
        _draw_range_test(axes, test)
        axes.set_title(textwrap.fill(range_test_title(test, run.range_tests), TITLE_WIDTH), fontsize=11)
    panels[0].set_ylabel("loss, smoothed (nats)")
    alt = " ".join(_range_test_words(test, run.range_tests) for test in run.range_tests)
    return Picture(figure, alt, RANGE_TEST_CAPTION)


def _draw_range_test(axes: Axes, test: dict) -> None:
    axes.semilogx(test["lr"], test["loss"], color=TRAIN)
    plain_numbers(axes.xaxis)
    for key, name, line in (("suggestion", "suggestion", "--"), ("limit", "still as low", ":")):
        axes.axvline(test[key], color=MUTED, linewidth=1.2, linestyle=line, label=f"{name}: {test[key]:.2g}")
    axes.set(xlabel="learning rate", ylim=(0, 1.6 * test["loss"][0]))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22))
    quiet_grid(axes)


def _range_test_words(test: dict, tests: "list[dict]") -> str:
    rates = test["lr"]
    return (
        f"{range_test_title(test, tests)}: loss against learning rate from {rates[0]:.0e} to {rates[-1]:.0e}; "
        f"suggested rate {test['suggestion']:.2g}."
    )


def range_test_title(test: dict, tests: "list[dict]") -> str:
    """What a range test was made for: the phase where there are several."""
    return "Learning-rate range test" if len(tests) == 1 else f"Phase {test['phase']}: {test['title']}"
