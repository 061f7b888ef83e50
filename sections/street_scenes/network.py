"""What is known of a segmenter: its size, where its weights come from, how its training went (chapter 07)."""

from helpers.show.picture import Picture
from helpers.show.style import MUTED, TRAIN, VALIDATION, new_figure, quiet_grid
from helpers.show.words import count, number, short_number, short_title, written
from helpers.training.segmenters.runs import SegmenterRun

STILL_RISING = 0.02  # of mean IoU within the last quarter: more epochs are worth trying


def what_it_is(run: SegmenterRun) -> list[str]:
    """Size, cost and weights of a network, and whether training that is planned longer may help."""
    facts = run.summary
    size = facts["image_size"]
    told = (
        f"{run.title} has {short_number(facts['parameters'])} parameters and spends "
        f"{short_number(facts['multiply_adds'])} multiply-adds on a scene of {size} × {size} pixels, "
        f"{written(facts['multiply_adds'] / size**2, ',.0f')} for each pixel."
    )
    if not run.history:
        return [f"{told} It was not trained here: it comes with {facts['weights']}."]
    scenes = count(facts["training_scenes"], "scene")
    return [
        f"{told} It was trained here, beginning with {facts['weights']}, on {scenes} "
        f"of {short_title(facts['training_set'])}; the epoch was chosen on {facts['selection']}, none of which is "
        f"scored below.{_still_rising(run)}"
    ]


def _still_rising(run: SegmenterRun) -> str:
    iou = run.history["val_mean_iou"]
    late = float(iou.max() - iou[: max(1, len(iou) - max(1, len(iou) // 4))].max())
    if late <= STILL_RISING:
        return ""
    return (
        f" Mean IoU still rose by {number(late)} in the last quarter of the epochs: training that is planned "
        "longer may help."
    )


def segmenter_curves(run: SegmenterRun) -> Picture | list[str]:
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
    best = history["val_mean_iou"][run.best_epoch - 1]
    return Picture(
        figure,
        f"Curves of {run.title} over {len(epochs)} epochs. Training loss goes from "
        f"{number(history['train_loss'][0], 2)} to {number(history['train_loss'][-1], 2)}, validation loss from "
        f"{number(history['val_loss'][0], 2)} to {number(history['val_loss'][-1], 2)}.",
        f"{run.title}, seed {run.seed}. The training loss is measured on augmented crops while the weights still "
        f"move. The vertical line marks the epoch whose weights are kept, {run.best_epoch}: the highest mean IoU "
        f"on the validation scenes, {number(best, 2)}.",
    )
