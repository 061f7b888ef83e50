"""Tables and galleries of chapter 09: one network at home and abroad."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from helpers.show.display import Note, Table
from helpers.show.picture import Picture
from helpers.show.table import seed_cells
from helpers.show.words import percent
from sections.abroad.drop import pictures as plots
from sections.abroad.drop.appearance import FeatureDistance, LookDifference
from sections.abroad.drop.matrices import difference, side_by_side
from sections.abroad.drop.measured import Shift, largest_changes
from sections.abroad.drop.reasons import DropReason, SizeGroup

SIGNED = "+.3f"


def score_table(shift: Shift, seeds: Sequence[Shift] = ()) -> Table:
    """Mean IoU and pixel accuracy at home and abroad, with the drop, and over `seeds` its mean ± sd."""
    published = shift.published
    rows = [
        _score(shift, "Mean IoU, common classes", shift.home_mean, shift.target_mean, shift.drop)
        | seed_cells("Drop", [one.drop.value for one in seeds]),
        _score(shift, "Mean IoU, each set's classes", *published, published[0].value - published[1].value),
        _score(shift, "Pixel accuracy", *shift.accuracies),
    ]
    return Table(
        rows,
        f"One network on {len(shift.home):,} scenes of {shift.home_title} and {len(shift.target):,} of "
        f"{shift.target_title}, with 95 % intervals in brackets. Drop: home minus target.",
        {"*": ".3f", "Drop": SIGNED},
    )


def _score(shift: Shift, title: str, home: object, target: object, drop: object) -> dict[str, object]:
    return {"Score": title, shift.home_title: home, shift.target_title: target, "Drop": drop}


def model_table(shifts: Sequence[tuple[str, Shift]]) -> Table | Note:
    """Mean IoU of every network of the study at home and abroad; a note where there is one only."""
    if len(shifts) < 2:
        return Note("The study has one network. Name others under 'segmentation.models' to compare their drops.")
    rows = [
        {"Network": title, "Home": one.home_mean, "Target": one.target_mean, "Drop": one.drop}
        for title, one in shifts
    ]
    return Table(
        rows, "Mean IoU over the common classes.", {"*": ".3f", "Drop": SIGNED}, highlight={"Drop": "min"}
    )


def matrices(shift: Shift) -> list[Picture]:
    """Both confusion matrices side by side, and their difference."""
    return [side_by_side(shift), difference(shift)]


def change_table(shift: Shift, most: int = 12) -> Table:
    """The answers that change most from home to abroad."""
    rows = [
        {
            "Truth": shift.classes[one.truth],
            "Predicted": shift.classes[one.predicted],
            "At home": one.home,
            "Abroad": one.target,
            "Change, points": 100 * one.difference,
        }
        for one in largest_changes(shift, most)
    ]
    return Table(
        rows, "Confusions that change most, as shares of the true class's pixels.",
        {"At home": percent, "Abroad": percent, "Change, points": "+.1f"},
    )  # fmt: skip


def class_table(shift: Shift) -> Table:
    """IoU of each class in both places with intervals, and its share of the pixels."""
    rows = [
        {
            "Class": row.name,
            "IoU, home": row.home,
            "IoU, target": row.target,
            "Drop": row.drop,
            "Pixels, home": row.shares[0] or None,
            "Pixels, target": row.shares[1] or None,
            "Scenes, home": row.scenes[0],
            "Scenes, target": row.scenes[1],
        }
        for row in shift.class_drops
    ]
    return Table(
        rows,
        "IoU of each class with its 95 % interval, the largest drop first; its share of the labelled pixels, and "
        "the scenes that show it. A dash: the set does not show the class.",
        {"*": ".2f", "Drop": "+.2f", "Scenes, home": "d", "Scenes, target": "d"}
        | dict.fromkeys(("Pixels, home", "Pixels, target"), partial(percent, digits=2)),
    )


def look_table(rows: Sequence[LookDifference], titles: tuple[str, str]) -> Table:
    """Colour and light of both sets: mean and standard deviation over scenes."""
    return Table(
        [
            {
                "Measured on each scene": row.title,
                titles[0]: f"{row.means[0]:.3g} ± {row.spreads[0]:.2g}".replace("-", "−"),
                titles[1]: f"{row.means[1]:.3g} ± {row.spreads[1]:.2g}".replace("-", "−"),
                "Difference": row.in_spreads,
                "Outside": row.outside,
            }
            for row in rows
        ],
        "Mean ± standard deviation over the scenes. Difference: of the means, in standard deviations of home's "
        "scenes. Outside: share of the target's scenes beyond the middle 95 % of home's.",
        {"Difference": "+.2f", "Outside": ".0%"},
    )


def distance_table(found: FeatureDistance) -> Table:
    """Fréchet distances next to the yardstick."""
    rows = [{"From half of " + found.names[0] + " to": "its other half", "Distance": found.within, "Times": 1.0}]
    rows += [
        {"From half of " + found.names[0] + " to": name, "Distance": between, "Times": ratio}
        for name, between, ratio in zip(found.names[1:], found.between, found.ratios, strict=True)
    ]
    return Table(
        rows,
        f"Fréchet distance of {found.width} backbone features, {found.scenes} scenes against {found.scenes}, mean "
        "of several random halves. Times: in units of the first row.",
        {"Distance": ".2f", "Times": ".1f"},
    )


def size_table(groups: Sequence[SizeGroup]) -> Table:
    """Share of the pixels, and of them that is wrong, by size of the region."""
    rows = [
        {
            "Region": group.name,
            "Pixels, home": group.home.share,
            "Pixels, target": group.target.share,
            "Wrong, home": group.home.error_rate,
            "Wrong, target": group.target.error_rate,
        }
        for group in groups
    ]
    return Table(rows, "Regions of truth by their share of the image's area.", {"*": ".1%"})


def reason_table(shift: Shift, found: Sequence[DropReason]) -> Table:
    """What is left of the drop when the sets are made alike in each respect by itself."""
    rows = [{"Made alike": "nothing", "Home": shift.home_mean.value, "Target": shift.target_mean.value,
             "Drop": shift.drop.value}]  # fmt: skip
    rows += [
        {"Made alike": one.title, "Home": one.home, "Target": one.target, "Drop": one.drop,
         "Share that goes away": one.explained}
        for one in found
    ]  # fmt: skip
    return Table(
        rows, "Mean IoU over the common classes, and the share of the drop that goes away, with 95 % intervals.",
        {"*": ".3f", "Drop": SIGNED, "Share that goes away": share_text},
    )  # fmt: skip


def reason_picture(shift: Shift, found: Sequence[DropReason]) -> list[Picture]:
    """The shares as bars; nothing where there is no drop to take shares of."""
    return [plots.reasons(found)] if shift.is_clear else []


def share_text(share: object) -> str:
    """ "27 % [24 to 30 %]", or the value alone where there are no bounds."""
    value, low, high = (percent(getattr(share, name), 0) for name in ("value", "low", "high"))
    return value if np.isnan(share.low) else f"{value} [{low.removesuffix(' %')} to {high}]"
