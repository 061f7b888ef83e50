"""Tables of one network at home and abroad (chapter 09)."""

from collections.abc import Sequence

from helpers.segmentation.resampling import what_is_drawn
from helpers.show.display import Table
from helpers.show.table import seed_cells
from helpers.show.words import count
from sections.abroad.drop.measured import Shift
from sections.errors.composition.measured import by_segment

SIGNED = "+.3f"


def home_target_table(shift: Shift, seeds: Sequence[Shift] = ()) -> Table:
    """Mean IoU and pixel accuracy at home and abroad, with the drop, and over `seeds` its mean ± sd."""
    published = shift.published
    scores = {
        "Mean IoU, common classes": (shift.home_mean, shift.target_mean, shift.drop),
        "Mean IoU, each set's classes": (*published, published[0].value - published[1].value),
        "Pixel accuracy": shift.accuracies,
    }
    names = ("Score", shift.home_title, shift.target_title, "Drop")
    rows = [dict(zip(names, (title, *found), strict=True)) for title, found in scores.items()]
    rows[0] |= seed_cells("Drop", [one.drop.value for one in seeds])
    return Table(
        rows,
        f"One network on {count(len(shift.home), 'scene')} of {shift.home_title} and {len(shift.target):,} of "
        f"{shift.target_title}, with 95 % intervals in brackets, over {what_is_drawn(shift.home)} and "
        f"{what_is_drawn(shift.target)}. Drop: home minus target. Common classes: the {len(shift.common)} in the "
        "truth of both sets; each set's classes: those in its truth or prediction.",
        {"*": ".3f", "Drop": SIGNED},
    )


def network_drop_table(shifts: Sequence[tuple[str, Shift]]) -> Table:
    """Mean IoU of every network of the study at home and abroad."""
    rows = [
        {"Network": title, "Home": one.home_mean, "Target": one.target_mean, "Drop": one.drop}
        for title, one in shifts
    ]
    return Table(
        rows, "Mean IoU over the common classes.", {"*": ".3f", "Drop": SIGNED}, highlight={"Drop": "min"}
    )


def class_drop_table(shift: Shift) -> Table:
    """The drop of each class with its interval, and how many scenes of both sets show the class."""
    rows = [
        {
            "Class": row.name,
            "Drop": row.drop,
            "Learnt at home": "yes" if row.learnt else "no",
            "Scenes, home": row.scenes[0],
            "Scenes, target": row.scenes[1],
        }
        for row in shift.class_drops
    ]
    return Table(
        rows, "Drop of each class's IoU with its 95 % interval, and scenes that show it.", {"Drop": "+.2f"}
    )


def region_size_table(shift: Shift) -> Table:
    """Share of the pixels, and of them that is wrong, by size of the region."""
    rows = [
        {
            "Region": home.name,
            "Pixels, home": home.share,
            "Pixels, target": target.share,
            "Wrong, home": home.error_rate,
            "Wrong, target": target.error_rate,
        }
        for home, target in zip(by_segment(shift.home), by_segment(shift.target), strict=True)
    ]
    return Table(rows, "Connected regions of one class, by their share of the image's area.", {"*": ".1%"})
