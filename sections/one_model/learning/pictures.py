"""Training told by its curves: loss and accuracy after each epoch."""

import textwrap

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from helpers.show.picture import Picture
from helpers.show.style import MUTED, TRAIN, VALIDATION, new_figure, plain_numbers, quiet_grid
from helpers.show.words import listed, number, percent, written
from helpers.training.runs import Run
from sections.one_model.learning.sentences import trained_on

TITLE_WIDTH, PHASE_WIDTH = 24, 12  # characters in a line: of a panel's title, of a phase's
# Of a line: key of the history, what it is, colour, style, marker.
ON_THE_WAY = ("train", "training, as trained on", TRAIN, ":", None)
AFTER_EPOCHS = (
    ("train_eval", "training images as they are", TRAIN, "-", "o"),
    ("val", "validation", VALIDATION, "-", "s"),
)


def learning_curves(run: Run) -> Picture | list[str]:
    """Loss and accuracy by epoch: training as trained on, training images as they are, validation.

    A vertical line marks the epoch of the lowest validation loss, whose weights are kept; where training went
    in phases, they are named above and parted by lines. Nothing for a model that is scored as it is.
    """
    if not run.best_epoch:
        return []
    figure = new_figure(height=3.9)
    loss, accuracy = figure.subplots(1, 2)
    _draw_curves(loss, run, "loss", (ON_THE_WAY, *AFTER_EPOCHS))
    _draw_curves(accuracy, run, "accuracy", (ON_THE_WAY, *AFTER_EPOCHS))
    loss.set(title="Loss", ylabel="cross-entropy (nats)")
    accuracy.set(title="Accuracy", ylabel="share of images right")
    figure.legend(*loss.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    caption = (
        f"{run.title}, seed {run.seed}. Dotted: running mean over the epoch on what the network was trained "
        f"on{trained_on(run)}. Solid: measured after the epoch, on as many training images as there are "
        "validation images, and on the validation images. The weights of the best epoch are kept."
        f"{_phases_words(run)}"
    )
    return Picture(figure, f"Curves of loss and accuracy. {_curves_words(run)}{_phases_words(run)}", caption)


def compared_curves(before: Run, after: Run) -> Picture | list[str]:
    """Two trainings on common axes: loss of each on training images as they are and on validation images.

    The filled area between the two lines is the gap that overfitting opens. Nothing where one was not trained.
    """
    if not (before.best_epoch and after.best_epoch):
        return []
    figure = new_figure(height=3.8)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, run in zip(panels, (before, after), strict=True):
        _draw_curves(axes, run, "loss", AFTER_EPOCHS)
        epochs, train, val = (run.history[key] for key in ("epoch", "train_eval_loss", "val_loss"))
        axes.fill_between(epochs, train, val, color=VALIDATION, alpha=0.15, linewidth=0, label="gap")
        axes.set_title("with augmentation" if run.spec.augment else "without augmentation", fontsize=11)
    panels[0].set_ylabel("cross-entropy (nats)")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    alt = f"Training and validation loss side by side. {_curves_words(before)} {_curves_words(after)}"
    caption = "The shaded area is the gap between validation and training loss, both on images as they are."
    return Picture(figure, alt, caption)


def _draw_curves(axes: Axes, run: Run, measure: str, curves: tuple) -> None:
    """Lines over whole epochs, one at the best epoch, and the phases, if there are several, above."""
    for key, name, colour, line, marker in curves:
        values = run.history[f"{key}_{measure}"]
        axes.plot(run.history["epoch"], values, line, color=colour, marker=marker, label=name)
    axes.axvline(run.best_epoch, color=MUTED, linewidth=1.2, linestyle="--", zorder=0, label="best epoch")
    axes.set(xlabel="epoch", xlim=(0.6, max(len(run.history["epoch"]), 2) + 0.4))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    quiet_grid(axes)
    stages = run.stages
    if len(stages) > 1:
        for stage in stages[1:]:
            axes.axvline(stage.first + 0.5, color=MUTED, linewidth=0.8, zorder=0)
        above, middles = axes.secondary_xaxis("top"), [(stage.first + 1 + stage.last) / 2 for stage in stages]
        above.set_xticks(middles, [textwrap.fill(stage.title, PHASE_WIDTH) for stage in stages])
        above.tick_params(length=0, labelsize=8, labelcolor=MUTED)


def _phases_words(run: Run) -> str:
    stages = run.stages
    parts = [f"{stage.title} in {stage.epochs}" for stage in stages]
    return f" Trained in phases: {listed(parts)}." if len(stages) > 1 else ""


def _curves_words(run: Run) -> str:
    train, val = run.history["train_eval_loss"], run.history["val_loss"]
    return (
        f"{run.title}: over {len(val)} epochs training loss goes from {number(train[0], 2)} to "
        f"{number(train[-1], 2)}, "
        f"validation loss from {number(val[0], 2)} to {number(val[-1], 2)}, lowest at "
        f"{number(val[run.best_epoch - 1], 2)} after epoch "
        f"{run.best_epoch}; validation accuracy ends at {percent(run.history['val_accuracy'][-1], 0)}."
    )


def range_test_curves(run: Run) -> Picture | list[str]:
    """Loss against learning rate in each range test of a run, with the suggestion; nothing where there is none."""
    if not run.range_tests:
        return []
    figure = new_figure(height=3.8)
    panels = figure.subplots(1, len(run.range_tests), squeeze=False)[0]
    several = len(run.range_tests) > 1
    told = []
    for axes, test in zip(panels, run.range_tests, strict=True):
        title = f"Phase {test['phase']}: {test['title']}" if several else "Learning-rate range test"
        axes.semilogx(test["lr"], test["loss"], color=TRAIN)
        plain_numbers(axes.xaxis)
        for key, name, line in (("suggestion", "suggestion", "--"), ("limit", "still as low", ":")):
            axes.axvline(
                test[key], color=MUTED, linewidth=1.2, linestyle=line, label=f"{name}: {written(test[key], '.2g')}"
            )
        axes.set(xlabel="learning rate", ylim=(0, 1.6 * test["loss"][0]))
        axes.set_title(textwrap.fill(title, TITLE_WIDTH), fontsize=11)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22))
        quiet_grid(axes)
        told.append(f"{title}: loss against learning rate; suggested rate {written(test['suggestion'], '.2g')}.")
    panels[0].set_ylabel("loss, smoothed (nats)")
    return Picture(
        figure,
        " ".join(told),
        "The rate grows with every batch. The dotted line marks the highest rate at which the loss is within 5 % "
        "of its lowest, the dashed one the suggestion, a tenth of that.",
    )
