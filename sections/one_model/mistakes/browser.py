"""Browsing mistakes: choose a model, a true and a predicted class, and an order. On a page, a static gallery."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from helpers.base.headless import headless
from helpers.datasets.grouping import first_of_each
from helpers.metrics.classification import image_log_loss
from helpers.metrics.distances import centroids, distances_to_own
from helpers.show.display import Card, Gallery, Photo, show
from helpers.show.words import count, number, percent
from sections.one_model.mistakes.measured import Evidence, gather
from sections.one_model.mistakes.pictures import CAPTION, card

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

    def explained(self, positions: np.ndarray) -> Gallery:
        """The same with the evidence for each prediction and the nearest training image beside it."""
        return Gallery([card(mistake) for mistake in self._evidence.mistakes(positions)], CAPTION)

    @cached_property
    def _evidence(self) -> Evidence:
        return gather(self.run, self.splits)

    def _card(self, position: int) -> Card:
        outputs, classes = self.outputs, self.splits.classes
        truth, predicted = classes[outputs.labels[position]], classes[outputs.predictions[position]]
        index = int(outputs.index[position])
        name = PurePosixPath(self.splits.files[index]).name
        lines = [
            f"{truth} → {predicted} ({percent(float(outputs.confidence[position]), 0)})",
            f"loss {number(self.loss[position], 2)}, distance {number(self.distance[position], 2)}",
            name,
        ]
        image = np.array(self.splits.images[index])
        return Card([Photo(image, f"{truth} taken for {predicted}, {name}", "\n".join(lines))])


def browse_mistakes(runs: "Mapping[str, Run]", splits: "Splits", per_page: int = PER_PAGE) -> None:
    """Show the mistakes of some runs, by title: with controls in JupyterLab, as a static gallery on a page."""
    mistakes = {title: BrowsedMistakes(run, splits) for title, run in runs.items()}
    if not headless():
        Browser(mistakes, per_page).show()
        return
    for title, one in mistakes.items():
        chosen = one.choose()
        chosen = first_of_each(chosen, splits.duplicate_groups[one.outputs.index[chosen]])[:per_page]
        caption = (
            f"{title}: {len(chosen)} of its {len(one.wrong)} mistakes, the largest losses, of near-duplicates one."
        )
        if not len(chosen):
            caption = f"{title} made no mistake on the test set."
        show(one.gallery(chosen, caption))


class Browser:
    """Menus for model, true class, predicted class and order; a gallery in pages below them.

    The gallery is an output like any other, not a part of the menus: a saved notebook, and an editor without
    widgets, still show the pictures that were seen last.
    """

    def __init__(self, mistakes: Mapping[str, BrowsedMistakes], per_page: int = PER_PAGE):
        import ipywidgets as widgets

        def menu(options, name: str, width: str):
            return widgets.Dropdown(options=options, description=name, layout={"width": width})

        self.mistakes, self.per_page, self.handle = mistakes, per_page, None
        self.model = menu(list(mistakes), "Model", "20rem")
        self.truth, self.predicted = menu([ANY], "Truth", "16rem"), menu([ANY], "Predicted", "16rem")
        self.order = menu(ORDERS, "Sort by", "24rem")
        self.evidence = widgets.Checkbox(
            description="with Grad-CAM and the nearest training image", indent=False, layout={"width": "22rem"}
        )
        self.back, self.on = (
            widgets.Button(description=text, layout={"width": "6rem"}) for text in ("previous", "next")
        )
        self.page = widgets.BoundedIntText(value=1, min=1, max=1, description="Page", layout={"width": "9rem"})
        self.status = widgets.HTML()
        menus = [self.model, self.truth, self.predicted, self.order, self.evidence]
        turning = [self.back, self.page, self.on, self.status]
        rows = [widgets.HBox(menus[len(mistakes) == 1 :]), widgets.HBox(turning)]  # one model needs no menu
        for row in rows:
            row.layout.flex_flow = "row wrap"
        self.box = widgets.VBox(rows)
        for control in (*menus, self.page):
            control.observe(self._renew, "value")
        self.back.on_click(lambda _: self._turn(-1))
        self.on.on_click(lambda _: self._turn(1))
        self._renew()

    def show(self) -> None:
        """Display the menus, and the gallery below them."""
        from IPython.display import display

        display(self.box)
        self.handle = display(self.shown, display_id=True)

    def _turn(self, pages: int) -> None:
        self.page.value = min(max(1, self.page.value + pages), self.page.max)

    def _renew(self, change=None) -> None:
        """Offer the classes that occur, and draw; whatever changes but the page leads back to the first page."""
        chosen = self.mistakes[self.model.value]
        _offer(self.truth, chosen.options()[0])
        _offer(self.predicted, chosen.options(self.truth.value)[1])
        positions = chosen.choose(self.truth.value, self.predicted.value, self.order.value)
        self.page.max = max(1, -(-len(positions) // self.per_page))
        if change and change["owner"] not in (self.page, self.evidence):
            self.page.value = 1
        self.back.disabled, self.on.disabled = self.page.value == 1, self.page.value == self.page.max
        start = (self.page.value - 1) * self.per_page
        few = positions[start : start + self.per_page]
        found = f"of {self.page.max}: {count(len(positions), 'mistake')}, {start + 1} to {start + len(few)} shown"
        self.status.value = found if len(few) else "No mistakes here."
        self.shown = chosen.explained(few) if self.evidence.value else chosen.gallery(few)
        if self.handle:
            self.handle.update(self.shown)


def _offer(menu, options: list[str]) -> None:
    """New options for a menu; what was chosen stays chosen where it still occurs."""
    if list(menu.options) != options:
        kept = menu.value if menu.value in options else ANY
        menu.options, menu.value = options, kept
