"""A segmenter's training told by its curves (chapter 07)."""

from typing import TYPE_CHECKING

from helpers.show.picture import Picture
from helpers.show.style import MUTED, TRAIN, VALIDATION, new_figure, quiet_grid

if TYPE_CHECKING:
    from helpers.training.segmenters.runs import SegmenterRun


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
