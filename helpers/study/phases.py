"""The phases of a training: one after the other, each with keys of its own where the recipe names some."""

from dataclasses import dataclass

from helpers.study.recipe import Phase, Recipe

TITLES = {"head": "the head alone", "all": "the whole network"}


@dataclass(frozen=True)
class Stage:
    """One phase, resolved. `number` counts from 1, `first` is how many epochs go before it."""

    number: int
    title: str
    first: int
    recipe: Recipe

    @property
    def last(self) -> int:
        """The last epoch of the phase, counted from 1 over the whole training."""
        return self.first + self.recipe.epochs

    @property
    def epochs(self) -> str:
        """Its epochs in words: "epochs 4 to 10"."""
        return f"epoch {self.last}" if self.recipe.epochs == 1 else f"epochs {self.first + 1} to {self.last}"


def stages_of(recipe: Recipe) -> list[Stage]:
    """The phases of a recipe, at least one; a key that a phase leaves out is the recipe's. 0 epochs are one."""
    if not recipe.epochs:
        return [Stage(1, TITLES[recipe.trainable], 0, recipe.model_copy(update={"phases": []}))]
    stages: list[Stage] = []
    for number, phase in enumerate(recipe.phases or [Phase(epochs=recipe.epochs)], 1):
        given = {key: value for key, value in phase if value is not None and key != "title"}
        resolved = recipe.model_copy(update=given | {"phases": []})
        first = stages[-1].last if stages else 0
        stages.append(Stage(number, phase.title or TITLES[resolved.trainable], first, resolved))
    return stages


def total_epochs(recipe: Recipe) -> int:
    """Epochs of all phases together."""
    return stages_of(recipe)[-1].last
