"""A table and galleries of classes that look alike (chapter 03)."""

from helpers.show.display import Gallery, Table
from sections.look_alikes.measured import LookAlikes
from sections.one_model.mistakes.measured import Evidence
from sections.one_model.mistakes.pictures import mistake_gallery


def direction_table(found: LookAlikes) -> Table:
    """A row for each direction: images of the class, how many were taken for the other, and which share."""
    rows = []
    for one in found.pairs:
        (first, second), mixed = one.names, one.mix_up
        for truth, predicted, images, taken, share in (
            (first, second, mixed.first_images, mixed.there_count, mixed.there),
            (second, first, mixed.second_images, mixed.back_count, mixed.back),
        ):
            rows.append(
                {"Truth": truth, "Taken for": predicted, "Images": images, "Mixed up": taken, "Share": share}
            )
    return Table(rows, "Look-alikes on the test set, with 95 % intervals in brackets.", {"Share": ".3f"})


def pair_galleries(evidence: Evidence, found: LookAlikes, most: int = 4) -> list[Gallery]:
    """For each pair its mistakes with the largest loss, with activation maps; nothing for a pair without any."""
    galleries = []
    for one in found.pairs:
        mistakes = len(one.positions)
        shown = f"{most} of {mistakes}" if mistakes > most else f"All {mistakes}"
        caption = (
            f"{one.names[0]} and {one.names[1]}: {shown} test images taken for the other one, the largest loss "
            "first. Middle: where the evidence for the wrong class lies."
        )
        if mistakes:
            galleries.append(mistake_gallery(evidence.mistakes(one.positions[:most]), caption))
    return galleries
