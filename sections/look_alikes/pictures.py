"""How often each model mixes up classes that look alike (chapter 06)."""

from helpers.show.names import plain_text, wrapped
from helpers.show.picture import Picture
from helpers.show.rows import dotted_rows
from helpers.show.words import percent
from sections.look_alikes.measured import OverModels


def mixed_up_dots(found: OverModels) -> Picture:
    """For each pair of classes a mark a model: share of their images taken for the other, with its interval."""
    pairs = [[found.classes[label] for label in pair] for pair in found.rates]
    shares = {title: [rates[name].both for rates in found.rates.values()] for name, title in found.titles.items()}
    names = [plain_text(" /\n".join(wrapped(name, lines=1) for name in pair)) for pair in pairs]
    figure, axes = dotted_rows(names, [*shares.items()], "images of both classes taken for the other, %")
    axes.set_xlim(left=0)
    told = [
        f"{first} and {second} " + ", ".join(f"{title} {percent(values[place].value)}"
                                             for title, values in shares.items())
        for place, (first, second) in enumerate(pairs)
    ]  # fmt: skip
    return Picture(
        figure,
        alt="Dots with intervals: share of the images of two classes that is taken for the other. "
        f"{'; '.join(told)}.",
        caption="Bars are 95 % intervals (Wilson).",
    )
