"""Browsing mistakes: choose a model, a true and a predicted class, and an order. On a page, a static gallery."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from helpers.base.headless import headless
from helpers.metrics.classification import image_log_loss
from helpers.metrics.distances import centroids, distances_to_own
from helpers.show.display import Gallery, show, to_html
from helpers.show.words import count, percent

if TYPE_CHECKING:
    from helpers.datasets.types import Splits
    from helpers.training.runs import Run

ANY = "any"
PER_PAGE = 12
ORDERS = {"loss, largest first": "loss", "distance to the true class, largest first": "distance"}


@dataclass(frozen=True)
class BrowsedMistakes:
    """The misclassified test images of one run, with their loss and distance to the true class's centroid."""

    run: "Run"
    splits: "Splits"

    @cached_property
    def outputs(self):
        return self.run.outputs("test")

    @cached_property
    def wrong(self) -> np.ndarray:
        """Positions of the misclassified images in the test part (w,)."""
        return np.flatnonzero(~self.outputs.correct)

    @cached_property
    def loss(self) -> np.ndarray:
        """Cross-entropy of each test image (n,)."""
        return image_log_loss(self.outputs.probabilities, self.outputs.labels)

    @cached_property
    def distance(self) -> np.ndarray:
        """Euclidean distance of each test image to the centroid of its true class (n,)."""
        train = self.run.outputs("train")
        centres = centroids(train.features, train.labels, len(self.splits.classes))
        return distances_to_own(self.outputs.features, self.outputs.labels, centres)

    def choose(self, truth: str = ANY, predicted: str = ANY, order: str = "loss") -> np.ndarray:
        """Positions of the mistakes between two classes (or `any`), the largest loss or distance first."""
        chosen = self.wrong
        for name, numbers in ((truth, self.outputs.labels), (predicted, self.outputs.predictions)):
            if name != ANY:
                chosen = chosen[numbers[chosen] == self.splits.classes.index(name)]
        return chosen[np.argsort(-getattr(self, order)[chosen], kind="stable")]

    def options(self, truth: str = ANY) -> tuple[list[str], list[str]]:
        """True classes that occur among the mistakes, and predicted ones that occur for `truth`."""
        classes = self.splits.classes
        truths = np.unique(self.outputs.labels[self.wrong])
        predicted = np.unique(self.outputs.predictions[self.choose(truth)])
        return [ANY, *(classes[i] for i in truths)], [ANY, *(classes[i] for i in predicted)]

    def gallery(self, positions: np.ndarray, caption: str = "") -> Gallery:
        """The test images at these positions with truth, prediction, loss and distance."""
        return Gallery([self._card(position) for position in positions], caption)

    def _card(self, position: int) -> tuple[np.ndarray, str, list[str]]:
        outputs, classes = self.outputs, self.splits.classes
        truth, predicted = classes[outputs.labels[position]], classes[outputs.predictions[position]]
        index = int(outputs.index[position])
        name = PurePosixPath(self.splits.files[index]).name
        lines = [
            f"{truth} → {predicted} ({percent(float(outputs.confidence[position]), 0)})",
            f"loss {self.loss[position]:.2f}, distance {self.distance[position]:.2f}",
            name,
        ]
        return np.array(self.splits.images[index]), f"{truth} taken for {predicted}, {name}", lines


def browse_mistakes(runs: "Mapping[str, Run]", splits: "Splits", per_page: int = PER_PAGE) -> None:
    """Show the mistakes of some runs, by title: with controls in JupyterLab, as a static gallery on a page."""
    mistakes = {title: BrowsedMistakes(run, splits) for title, run in runs.items()}
    if headless():
        for title, one in mistakes.items():
            show(one.gallery(one.choose()[:per_page], _caption(title, one, per_page)))
        return
    from IPython.display import display

    display(Browser(mistakes, per_page).box)


def _caption(title: str, mistakes: BrowsedMistakes, per_page: int) -> str:
    shown, total = min(per_page, len(mistakes.wrong)), len(mistakes.wrong)
    if not total:
        return f"{title} made no mistake on the test set."
    return f"{title}: the {shown} of its {total} mistakes with the largest loss. In JupyterLab all can be browsed."


class Browser:
    """Menus for model, true class, predicted class and order; a gallery in pages below them."""

    def __init__(self, mistakes: Mapping[str, BrowsedMistakes], per_page: int = PER_PAGE):
        import ipywidgets as widgets

        self.mistakes, self.per_page = mistakes, per_page
        self.model = widgets.Dropdown(options=list(mistakes), description="Model")
        self.truth = widgets.Dropdown(options=[ANY], description="Truth")
        self.predicted = widgets.Dropdown(options=[ANY], description="Predicted")
        self.order = widgets.Dropdown(options=ORDERS, description="Sort by")
        self.page = widgets.BoundedIntText(value=1, min=1, max=1, description="Page")
        self.status, self.pictures = widgets.HTML(), widgets.HTML()
        menus = widgets.HBox([self.model, self.truth, self.predicted, self.order, self.page])
        menus.layout.flex_flow = "row wrap"
        self.box = widgets.VBox([menus, self.status, self.pictures])
        for control, react in (
            (self.model, self._renew_truths), (self.truth, self._renew_predicted),
            (self.predicted, self._first_page), (self.order, self._first_page), (self.page, self._draw),
        ):  # fmt: skip
            control.observe(react, "value")
        self._renew_truths()

    @property
    def chosen(self) -> BrowsedMistakes:
        """The mistakes of the model in the menu."""
        return self.mistakes[self.model.value]

    def _renew_truths(self, _change: object = None) -> None:
        _set_options(self.truth, self.chosen.options()[0])
        self._renew_predicted()

    def _renew_predicted(self, _change: object = None) -> None:
        _set_options(self.predicted, self.chosen.options(self.truth.value)[1])
        self._first_page()

    def _first_page(self, _change: object = None) -> None:
        self.page.max = max(1, -(-len(self._positions()) // self.per_page))
        self.page.value = 1
        self._draw()

    def _positions(self) -> np.ndarray:
        return self.chosen.choose(self.truth.value, self.predicted.value, self.order.value)

    def _draw(self, _change: object = None) -> None:
        positions = self._positions()
        start = (self.page.value - 1) * self.per_page
        few = positions[start : start + self.per_page]
        found = count(len(positions), "mistake")
        self.status.value = (
            f"{found}, {start + 1} to {start + len(few)} shown" if len(few) else "No mistakes here."
        )
        self.pictures.value = to_html(self.chosen.gallery(few)) if len(few) else ""


def _set_options(menu, options: list[str]) -> None:
    """New options for a menu; what was chosen stays chosen where it still occurs."""
    kept = menu.value if menu.value in options else options[0]
    menu.options = options
    menu.value = kept
