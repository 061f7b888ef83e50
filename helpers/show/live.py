"""Curves that grow in the notebook while a model trains."""

from helpers.show.picture import Picture
from helpers.show.style import TRAIN, VALIDATION, new_figure, quiet_grid

LINES = (("train", "training", TRAIN, "o"), ("val", "validation", VALIDATION, "s"))


class LiveCurves:
    """Called after each epoch with its measurements; redraws loss and accuracy in place."""

    def __init__(self, title: str):
        self.title, self.rows, self.handle = title, [], None

    def __call__(self, row: dict[str, float]) -> None:
        from IPython.display import HTML, display

        from helpers.show.display import to_html

        self.rows.append(row)
        shown = HTML(to_html(self.picture()))
        if self.handle is None:
            self.handle = display(shown, display_id=True)
        else:
            self.handle.update(shown)

    def picture(self) -> Picture:
        """Loss and accuracy of the epochs so far; the axis is as long as the whole training."""
        figure = new_figure(height=2.8)
        for axes, measure in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
            for key, name, colour, marker in LINES:
                values = [row[f"{key}_{measure}"] for row in self.rows]
                axes.plot([row["epoch"] for row in self.rows], values, color=colour, marker=marker, label=name)
            axes.set(title=measure.capitalize(), xlabel="epoch", xlim=(0.5, self.rows[-1]["epochs"] + 0.5))
            quiet_grid(axes)
        axes.legend()
        last = self.rows[-1]
        progress = f"{self.title}: epoch {last['epoch']:.0f} of {last['epochs']:.0f}"
        return Picture(figure, f"{progress}, validation loss {last['val_loss']:.3f}", f"{progress}.")
