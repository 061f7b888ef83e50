"""Curves that grow in the notebook while a model trains."""

from helpers.show.picture import Picture
from helpers.show.style import TRAIN, VALIDATION, new_figure, quiet_grid
from helpers.show.words import number

LINES = (("train", "training, on the way", TRAIN, "o"), ("val", "validation", VALIDATION, "s"))

MEASURES = {"loss": "Loss", "accuracy": "Accuracy", "mean_iou": "Mean IoU"}


class LiveCurves:
    """Called after each epoch with its measurements; redraws the loss and the score in place."""

    def __init__(self, title: str):
        self.title, self.rows, self.handle = title, [], None

    def __call__(self, row: dict[str, float]) -> None:
        from IPython.display import display

        self.rows.append(row)
        if self.handle is None:
            self.handle = display(self.picture(), display_id=True)
        else:
            self.handle.update(self.picture())

    def picture(self) -> Picture:
        """The epochs so far; the axis is as long as the whole training."""
        last = self.rows[-1]
        measures = [measure for measure in MEASURES if f"val_{measure}" in last]
        figure = new_figure(height=2.8)
        for axes, measure in zip(figure.subplots(1, len(measures), squeeze=False)[0], measures, strict=True):
            for key, name, colour, marker in LINES:
                rows = [row for row in self.rows if f"{key}_{measure}" in row]
                epochs, values = [row["epoch"] for row in rows], [row[f"{key}_{measure}"] for row in rows]
                axes.plot(epochs, values, color=colour, marker=marker, label=name if rows else None)
            axes.set(title=MEASURES[measure], xlabel="epoch", xlim=(0.5, last["epochs"] + 0.5))
            quiet_grid(axes)
        figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(LINES))
        progress = f"{self.title}: epoch {number(last['epoch'], 0)} of {number(last['epochs'], 0)}"
        first = self.rows[0]["epoch"]
        gone = f" It went on after epoch {number(first - 1, 0)}." if first > 1 else ""
        return Picture(figure, f"{progress}, validation loss {number(last['val_loss'])}", f"{progress}.{gone}")
