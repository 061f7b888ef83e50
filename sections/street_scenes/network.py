"""What is known of a segmenter: its size, where its weights come from, how its training went (chapter 07)."""

from typing import TYPE_CHECKING

from helpers.show.picture import Picture
from helpers.show.style import MUTED, TRAIN, VALIDATION, new_figure, quiet_grid
from helpers.show.words import count, number, percent, short_number, short_title

if TYPE_CHECKING:
    from helpers.training.segmenters.runs import SegmenterRun

STILL = 0.02  # rise of mean IoU within the last quarter from which more epochs are worth trying


def network(run: "SegmenterRun") -> list[str]:
    """Size, cost and weights of a network."""
    facts = run.summary
    size = facts["image_size"]
    return [
        f"{run.title} has {short_number(facts['parameters'])} parameters and spends "
        f"{short_number(facts['multiply_adds'])} multiply-adds on a scene of {size} × {size} pixels, "
        f"{facts['multiply_adds'] / size**2:,.0f} for each pixel. {_weights(run)}"
    ]


def _weights(run: "SegmenterRun") -> str:
    facts = run.summary
    if not run.history:
        return f"It was not trained here: it comes with {facts['weights']}."
    return (
        f"It was trained here, beginning with {facts['weights']}, on {facts['training_scenes']:,} scenes of "
        f"{short_title(facts['training_set'])}; the epoch was chosen on {facts['selection']}, none of which is "
        "scored below."
    )


def training(run: "SegmenterRun") -> list[str]:
    """Which epoch was kept, and whether more would help; nothing for ready weights."""
    if not run.history:
        return []
    iou, epochs = run.history["val_mean_iou"], len(run.history["epoch"])
    best = run.best_epoch
    read = (
        f"The mean IoU on the validation scenes is highest, {number(float(iou[best - 1]))}, after epoch {best} of "
        f"{epochs}; pixel accuracy is then {percent(float(run.history['val_accuracy'][best - 1]))}."
    )
    late = float(iou.max() - iou[: max(1, epochs - max(1, epochs // 4))].max())
    if epochs > 1 and late > STILL:
        read += f" It still rose by {number(late)} in the last quarter of the epochs: longer training may help."
    elif best < epochs:
        read += f" The {count(epochs - best, 'later epoch')} did not better it."
    return [read]


def training_curves(run: "SegmenterRun") -> Picture | list[str]:
    """Loss, and on validation scenes pixel accuracy and mean IoU, by epoch; nothing for ready weights."""
    if not run.history:
        return []
    history, epochs = run.history, run.history["epoch"]
    figure = new_figure(height=3.6)
    loss, score = figure.subplots(1, 2)
    loss.plot(epochs, history["train_loss"], ":", color=TRAIN, label="training crops, on the way")
    loss.plot(epochs, history["val_loss"], "-s", color=VALIDATION, label="validation scenes")
    loss.set(title="Loss", ylabel="cross-entropy (nats)")
    score.plot(epochs, history["val_accuracy"], "--^", color=VALIDATION, label="validation, pixel accuracy")
    score.plot(epochs, history["val_mean_iou"], "-o", color=VALIDATION, label="validation, mean IoU")
    score.set(title="Scores", ylabel="score", ylim=(0, 1))
    for axes in (loss, score):
        axes.axvline(run.best_epoch, color=MUTED, linewidth=1.2, linestyle="--", zorder=0)
        axes.set_xlabel("epoch")
        axes.xaxis.get_major_locator().set_params(integer=True, nbins=6)
        quiet_grid(axes)
    handles = [*loss.get_legend_handles_labels()[0], *score.get_legend_handles_labels()[0]]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    best = run.best_epoch - 1
    return Picture(
        figure,
        f"Curves of {run.title} over {len(epochs)} epochs. Training loss goes from "
        f"{history['train_loss'][0]:.2f} to {history['train_loss'][-1]:.2f}, validation loss from "
        f"{history['val_loss'][0]:.2f} to {history['val_loss'][-1]:.2f}; validation mean IoU is highest with "
        f"{history['val_mean_iou'][best]:.2f} after epoch {run.best_epoch}.",
        f"{run.title}, seed {run.seed}. The training loss is measured on augmented crops while the weights still "
        "move. The vertical line marks the epoch whose weights are kept: the highest mean IoU on the validation "
        "scenes.",
    )
