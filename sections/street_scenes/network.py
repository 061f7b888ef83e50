"""What is known of a segmenter: its size, where its weights come from, how its training went (chapter 07)."""

from typing import TYPE_CHECKING

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
