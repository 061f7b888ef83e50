"""Tables and galleries of classes that look alike (chapters 03 and 06)."""

from typing import TYPE_CHECKING

from helpers.show.display import Gallery, Table
from sections.one_model.mistakes.pictures import mistake_gallery

if TYPE_CHECKING:
    from sections.look_alikes.measured import LookAlikes, OverModels
    from sections.one_model.mistakes.measured import Evidence


def pair_table(found: "LookAlikes") -> Table:
    """A row for each direction: images of the class, how many were taken for the other, and which share."""
    rows = []
    for one in found.pairs:
        (first, second), mixed = one.names, one.mix_up
        rows += [_row(first, second, mixed.first_images, mixed.there_count, mixed.there),
                 _row(second, first, mixed.second_images, mixed.back_count, mixed.back)]  # fmt: skip
    return Table(rows, "Look-alikes on the test set, with 95 % intervals in brackets.", {"Share": ".3f"})


def _row(truth: str, predicted: str, images: int, taken: int, share: object) -> dict[str, object]:
    return {"Truth": truth, "Taken for": predicted, "Images": images, "Mixed up": taken, "Share": share}


def galleries(evidence: "Evidence", found: "LookAlikes", most: int = 4) -> list[Gallery]:
    """For each pair its mistakes with the largest loss, with activation maps; nothing for a pair without any."""
    return [
        mistake_gallery(evidence.mistakes(one.positions[:most]), _caption(one.names, len(one.positions), most))
        for one in found.pairs
        if len(one.positions)
    ]


def _caption(names: tuple[str, str], mistakes: int, most: int) -> str:
    shown = f"{most} of {mistakes}" if mistakes > most else f"All {mistakes}"
    return (
        f"{names[0]} and {names[1]}: {shown} test images taken for the other one, the largest loss first. Middle: "
        "where the evidence for the wrong class lies."
    )


def model_table(found: "OverModels") -> Table:
    """A row for each model, a column for each pair: share of their images that is taken for the other."""
    rows = [
        {"Model": title} | {_pair(found, pair): by_model[name].both for pair, by_model in found.rates.items()}
        for name, title in found.titles.items()
    ]
    columns = {_pair(found, pair): "min" for pair in found.rates}
    return Table(
        rows,
        "Share of the test images of both classes that is taken for the other of the two, with 95 % intervals. "
        + ("The lowest is bold." if len(rows) > 1 else ""),
        {"*": ".3f"},
        highlight=columns if len(rows) > 1 else {},
    )


def _pair(found: "OverModels", pair: tuple[int, int]) -> str:
    return " / ".join(found.classes[label] for label in pair)
