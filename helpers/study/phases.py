"""The phases of a training: one after the other, each with keys of its own where the recipe names some."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from helpers.study.recipe import Phase, Recipe

TITLES = {"head": "the head alone", "all": "the whole network"}


@dataclass(frozen=True)
class Stage:
    """One phase, resolved. `number` counts from 1, `first` is how many epochs go before it.

    `took` is how many epochs it took: as many as the recipe asks for, unless it is over and ended early.
    """

    number: int
    title: str
    first: int
    took: int
    recipe: Recipe

    @property
    def last(self) -> int:
        """The last epoch of the phase, counted from 1 over the whole training."""
        return self.first + self.took

    @property
    def epochs(self) -> str:
        """Its epochs in words: "epochs 4 to 10"."""
        return f"epoch {self.last}" if self.took == 1 else f"epochs {self.first + 1} to {self.last}"


def stages_of(recipe: Recipe, phase_of_epoch: Iterable[float] = ()) -> list[Stage]:
    """The phases of a recipe, at least one; a key that a phase leaves out is the recipe's.

    phase_of_epoch: of a training that is over, the phase of each epoch (`phase` in its history).
    """
    if not recipe.epochs:  # 0 epochs are one stage
        return [Stage(1, TITLES[recipe.trainable], 0, 0, recipe.model_copy(update={"phases": []}))]
    stages: list[Stage] = []
    took = Counter(phase_of_epoch)
    for number, phase in enumerate(recipe.phases or [Phase(epochs=recipe.epochs)], 1):
        given = {key: value for key, value in phase if value is not None and key != "title"}
        resolved = recipe.model_copy(update=given | {"phases": []})
        first = stages[-1].last if stages else 0
        title = phase.title or TITLES[resolved.trainable]
        stages.append(Stage(number, title, first, took.get(number, resolved.epochs), resolved))
    return stages


def total_epochs(recipe: Recipe) -> int:
    """Epochs of all phases together, if none ends early."""
    return stages_of(recipe)[-1].last
