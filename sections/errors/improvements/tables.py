"""What resolving which confusion, or which group of them, would win (chapter 08)."""

import math
from collections.abc import Sequence
from functools import partial

from helpers.metrics.intervals import Interval
from helpers.show.display import Note, Table
from helpers.show.words import number, percent
from sections.errors.improvements.measured import BORDER, SMALL_AREA, Area, Improvement
from sections.errors.improvements.sentences import CONFUSION_RULES, confusion_rule_of

_whole_percent = partial(percent, digits=0)


def improvement_table(ranked: Sequence[Improvement], most: int) -> Table | Note:
    """The ranked list: what resolving each confusion would bring, where its pixels lie, and which kind it is."""
    if not ranked:
        return Note("There is no confusion left to resolve.")
    rows = [
        {
            "Truth → prediction": one.arrow,
            "Mean IoU won": one.gain,
            "Could be": one.place and "–".join(map(str, dict.fromkeys(one.place))),
            "Errors": one.share,
            "Kind": confusion_rule_of(one).name,
            "Near a border": one.near,
            "Small": one.small,
            "Debatable": one.debatable,
        }
        for one in ranked[:most]
    ]
    shares = dict.fromkeys(("Near a border", "Small", "Debatable"), _whole_percent)
    label = ""
    if any(one.debatable > 0 for one in ranked):
        label = ", and has a debatable label"
    else:
        rows = [{name: value for name, value in row.items() if name != "Debatable"} for row in rows]
    shown = f"The {len(rows)} costliest of {len(ranked)} confusions."
    if len(rows) == len(ranked):
        shown = "The one confusion." if len(rows) == 1 else f"All {len(rows)} confusions, the costliest first."
    return Table(
        rows,
        f"{shown} Mean IoU won, in points of 100, if this "
        "confusion alone were resolved, with its 95 % interval; the places it could take with other scenes; its "
        f"share of the wrong pixels; and what share of its pixels lies within {BORDER}, on segments up to "
        f"{SMALL_AREA}{label}.",
        {"Mean IoU won": in_points, "Errors": percent, **shares},
    )


def in_points(gain: Interval) -> str:
    """ "1.23 [0.80, 1.70]" for a gain of 0.0123; the value alone where it has no bounds."""
    value, low, high = (100 * bound for bound in (gain.value, gain.low, gain.high))
    return number(value, 2) if math.isnan(low) else f"{number(value, 2)} [{number(low, 2)}, {number(high, 2)}]"


def confusion_rule_table(is_abroad: bool = True, is_debatable: bool = True) -> Table:
    """The kinds of confusions, and what could help against each.

    is_abroad: see `what_leads`. is_debatable: whether there are labels whose class can be argued about.
    """
    rows = [
        {
            "Kind": rule.name,
            "Holds if": rule.when if is_abroad else rule.when.removesuffix(" even at home"),
            "What could help": rule.help,
        }
        for rule in CONFUSION_RULES
        if is_debatable or rule.name != "definition"
    ]
    return Table(rows, "The rules, in the order in which they are tried.")


def area_table(areas: Sequence[Area]) -> Table | Note:
    """Groups of errors: their share, and the mean IoU won if all of a group were resolved."""
    if not areas:
        return Note("There are no errors to group.")
    rows = [
        {
            "Grouped by": area.kind,
            "All errors": area.name,
            "Share of errors": area.share,
            "Mean IoU won": area.gain,
        }
        for area in areas
    ]
    has_kinds = any(area.kind == "Kind of thing" for area in areas)
    ways = "Place, size and kind" if has_kinds else "Place and size"
    kinds = "; kinds of things are the coarsest list of shared classes" if has_kinds else ""
    return Table(
        rows,
        f"Whole groups of errors resolved at once, in points of mean IoU. {ways} divide the same errors in "
        f"different ways{kinds}. In brackets 95 % intervals; place and size are counted over all scenes together "
        "and have none.",
        {"Share of errors": percent, "Mean IoU won": in_points},
        row_names=False,
    )
