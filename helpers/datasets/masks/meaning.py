"""What the values of a set's masks mean: by a legend, by the study, or by what the values alone tell."""

import colorsys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from PIL import ImageColor

from helpers.base.errors import did_you_mean
from helpers.datasets.masks.legend import STATED, Entry, Legend
from helpers.datasets.masks.survey import MaskFacts, ValueCount
from helpers.datasets.streets.masks import values_with_counts
from helpers.datasets.streets.types import IGNORE
from helpers.datasets.types import DataError

VOID = 255  # the number that counts nowhere, unless it is said or seen to be a class
VOC_BORDER = 0xE0E0C0  # the colour that PASCAL VOC draws around objects
BACKGROUND = "background"
MOST_GUESSED = 64  # values that nobody named and that may still be classes
MOST_CLASSES = 254
DARK = (40, 40, 40)


@dataclass(frozen=True)
class Meaning:
    """The classes in the order of their positions, and the position of each number or colour, or IGNORE.

    colours: (C, 3) uint8 RGB. by_colour: whether the table's keys are colours 0xRRGGBB instead of numbers.
    """

    classes: tuple[str, ...]
    colours: np.ndarray
    by_colour: bool
    table: dict[int, int]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """The values of all masks of a set together."""

    facts: Sequence[MaskFacts]

    @cached_property
    def has_colours(self) -> bool:
        """Whether a mask holds colours without numbers."""
        return any(value.number is None for one in self.facts for value in one.values)

    def totals(self, by_colour: bool) -> Counter[int]:
        """Pixels of each number or colour."""
        total: Counter[int] = Counter()
        for one in self.facts:
            for value in one.values:
                if (key := _key(value, by_colour)) is not None:
                    total[key] += value.pixels
        return total

    def palette(self) -> dict[int, int]:
        """The colour in which each number is shown, where a palette says one and all say the same."""
        shown = {(value.number, value.colour) for one in self.facts if one.has_colours for value in one.values
                 if value.number is not None}  # fmt: skip
        times = Counter(number for number, _ in shown)
        return {number: colour for number, colour in shown if times[number] == 1}


@dataclass
class _Draft:
    """A meaning that is being made."""

    names: dict[int, str]  # key → class
    void: set[int]
    by_colour: bool
    shown: dict[int, int] = field(default_factory=dict)  # key → colour
    called: dict[int, str] = field(default_factory=dict)  # key that counts nowhere → its name, if it has one
    remarks: list[str] = field(default_factory=list)


def meaning_of(
    facts: Sequence[MaskFacts], legend: Legend | None, void: Sequence[int | str], foreground: str
) -> Meaning:
    """What the values of these masks mean.

    legend: names that a file or the study gives, None where nobody does. void: numbers, '#rrggbb' or names of
    classes that count nowhere. foreground: what the second of two classes is called where nobody names it.
    Raises DataError for values that nobody named, naming the file, and for fewer than two classes.
    """
    seen = Seen(facts)
    _refuse_photographs(seen)
    draft = _guessed(seen, void, foreground) if legend is None else _by_legend(seen, legend, void)
    _refuse_unnamed(seen, draft, legend)
    _drop_named(draft, [name for name in void if isinstance(name, str) and not name.startswith("#")])
    return _finished(seen, draft)


def _key(value: ValueCount, by_colour: bool) -> int | None:
    return value.colour if by_colour else value.number


def _refuse_photographs(seen: Seen) -> None:
    for one in seen.facts:
        if one.more:
            raise DataError(
                f"{one.path} holds {len(one.values) + one.more:,} different values, too many for classes: it "
                "seems to be a photograph, or a mask that was smoothed or saved as JPEG before; make it again, "
                "resized by the nearest pixel and saved as PNG"
            )


def _by_legend(seen: Seen, legend: Legend, void: Sequence[int | str]) -> _Draft:
    """By numbers or by colours, whichever the masks and the legend both have."""
    ways = [_named_draft(seen, legend, void, by_colour) for by_colour in (False, True)]
    ways = [draft for draft in ways if draft is not None]
    whole = [draft for draft in ways if not _unnamed(seen, draft)]
    if len(whole) == 2 and _differ(seen, *whole):
        raise DataError(
            f"{seen.facts[0].path} and the other masks can be read by their numbers and by their colours, which "
            f"say different classes of {legend.source}: save the masks as grey images of class numbers"
        )
    if not ways:
        raise DataError(
            f"{_first_coloured(seen)} is a colour image, and {legend.source} names no colours: add them, as "
            f"{STATED} with '#rrggbb': NAME"
        )
    if whole:
        return whole[0]
    return ways[-1] if seen.has_colours else ways[0]


def _named_draft(seen: Seen, legend: Legend, void: Sequence[int | str], by_colour: bool) -> _Draft | None:
    """By the legend's numbers or colours; None where it has none, or a mask has none."""
    entries = [entry for entry in legend.entries if entry.key(by_colour) is not None]
    if not entries or (not by_colour and seen.has_colours):
        return None
    draft = _Draft({}, _void_keys(void, by_colour), by_colour)
    for entry in entries:
        _add(draft, entry, legend)
    if not by_colour and legend.in_order:
        _stretch_binary(seen, draft)
    if not by_colour and VOID not in draft.names:
        draft.void.add(VOID)
    if by_colour and VOC_BORDER not in draft.names:
        draft.void.add(VOC_BORDER)
    return draft


def _add(draft: _Draft, entry: Entry, legend: Legend) -> None:
    key = entry.key(draft.by_colour)
    if entry.is_void or key in draft.void:
        draft.void.add(key)
        draft.called[key] = entry.name
        return
    if draft.names.setdefault(key, entry.name) != entry.name:
        raise DataError(
            f"{legend.source} gives {_written(key, draft.by_colour)} to two classes, '{draft.names[key]}' and "
            f"'{entry.name}': keep one"
        )
    if entry.colour is not None:
        draft.shown[key] = entry.colour


def _drop_named(draft: _Draft, names: Sequence[str]) -> None:
    """Classes that a study has count nowhere. Raises DataError for one that is none."""
    for name in names:
        keys = [key for key, own in draft.names.items() if own == name]
        if not keys and name not in draft.called.values():
            known = list(dict.fromkeys(draft.names.values()))
            raise DataError(
                f"void: '{name}' is none of the classes{did_you_mean(name, known)}; they are {', '.join(known)}"
            )
        for key in keys:
            draft.void.add(key)
            draft.called[key] = draft.names.pop(key)


def _stretch_binary(seen: Seen, draft: _Draft) -> None:
    """Two names in order, and nothing but 0 and 255 in the masks: 255 is the second."""
    values = set(seen.totals(by_colour=False))
    if VOID in values and values <= {0, VOID} and set(draft.names) == {0, 1} and VOID not in draft.void:
        draft.names[VOID] = draft.names.pop(1)
        draft.shown.update({VOID: draft.shown.pop(1)} if 1 in draft.shown else {})
        draft.remarks.append(f"The masks hold 0 and 255 alone: 255 is “{draft.names[VOID]}”.")


def _void_keys(void: Sequence[int | str], by_colour: bool) -> set[int]:
    numbers = {int(value) for value in void if isinstance(value, int)}
    colours = {int(value[1:], 16) for value in void if isinstance(value, str) and value.startswith("#")}
    return colours if by_colour else numbers


def _guessed(seen: Seen, void: Sequence[int | str], foreground: str) -> _Draft:
    by_colour = seen.has_colours
    totals, out = seen.totals(by_colour), _void_keys(void, by_colour)
    values = sorted(set(totals) - out)
    if by_colour:
        out |= {VOC_BORDER} & set(values)
        names = {value: colour_name(value) for value in values if value not in out}
        told = (
            f"Nobody names the colours of the masks: a class is called by its colour. Name them with {STATED}, as "
            f"'{_hex(max(names, default=0))}': NAME, or in a file classes.csv with the columns name, r, g and b."
        )
        return _Draft(names, out, True, {value: value for value in names}, remarks=[told])
    if len(values) == 2 and values[0] == 0 and values[1] in (1, 255):
        names = {0: BACKGROUND, values[1]: foreground}
        told = f"The masks hold 0 and {values[1]}: “{BACKGROUND}” and “{foreground}”. Name them with {STATED}."
        return _Draft(names, out, False, remarks=[told])
    if VOID in values and max([value for value in values if value != VOID], default=VOID) < MOST_GUESSED:
        out.add(VOID)
    names = {value: f"class {value}" for value in values if value not in out}
    told = (
        f"Nobody names the classes of the masks: they are called by their numbers. Name them with {STATED}, or in "
        "a file classes.txt with one name a line."
    )
    return _Draft(names, out, False, remarks=[told])


def _unnamed(seen: Seen, draft: _Draft) -> set[int]:
    return set(seen.totals(draft.by_colour)) - draft.void - set(draft.names)


def _differ(seen: Seen, numbers: _Draft, colours: _Draft) -> bool:
    return any(
        numbers.names.get(value.number) != colours.names.get(value.colour)
        for one in seen.facts for value in one.values
    )  # fmt: skip


def _refuse_unnamed(seen: Seen, draft: _Draft, legend: Legend | None) -> None:
    if legend is None:
        if len(draft.names) > MOST_GUESSED:
            one = max(seen.facts, key=lambda facts: len(facts.values))
            raise DataError(
                f"{one.path} holds {_found(one.values, draft.by_colour)}, and all masks {len(draft.names):,} "
                f"values that nobody names: if they are classes, name them with {STATED}; else the masks hold "
                "objects or were smoothed, so make them again, resized by the nearest pixel and saved as PNG"
            )
        return
    unnamed = _unnamed(seen, draft)
    holding = [one for one in seen.facts if any(_key(value, draft.by_colour) in unnamed for value in one.values)]
    if not holding:
        return
    odd = [value for value in holding[0].values if _key(value, draft.by_colour) in unnamed]
    raise DataError(
        f"{holding[0].path} holds {_found(odd, draft.by_colour)}, which {legend.source} does not name "
        f"({len(holding):,} of {len(seen.facts):,} masks hold such values): {_cure(unnamed, draft, legend)}"
    )


def _cure(unnamed: set[int], draft: _Draft, legend: Legend) -> str:
    if legend.in_order and not draft.by_colour and unnamed == {len(draft.names)}:
        return (
            f"if the numbers begin with 1, write them, as classes: {{1: {draft.names[0]}, …}}; else name it, or "
            f"say void: [{len(draft.names)}]"
        )
    one = _written(min(unnamed), draft.by_colour)
    return f"name them there, correct the mask, or say void: [{one}] where they count nowhere"


def _found(values: Sequence[ValueCount], by_colour: bool) -> str:
    keys = [_written(_key(value, by_colour), by_colour) for value in values]
    return values_with_counts(keys, [value.pixels for value in values])


def _first_coloured(seen: Seen) -> str:
    return next(one.path for one in seen.facts if any(value.number is None for value in one.values))


def _written(key: int, by_colour: bool) -> str:
    return f"'{_hex(key)}'" if by_colour else str(key)


def _hex(colour: int) -> str:
    return f"#{colour:06x}"


def colour_name(colour: int) -> str:
    """'red' for 0xFF0000, '#fe0000' for a colour without a name."""
    named = (name for name in sorted(ImageColor.colormap) if ImageColor.getrgb(name)[:3] == _rgb(colour))
    return next(named, _hex(colour))


def _finished(seen: Seen, draft: _Draft) -> Meaning:
    keys = list(draft.names) if draft.by_colour else sorted(draft.names)
    classes = tuple(dict.fromkeys(draft.names[key] for key in keys))
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise DataError(
            f"the masks, such as {seen.facts[0].path}, hold {len(classes)} class{'es' * (len(classes) != 1)} "
            f"({', '.join(classes[:3])}): {'at least two' if len(classes) < 2 else f'at most {MOST_CLASSES}'} are "
            "needed"
        )
    table = {key: IGNORE for key in draft.void} | {key: classes.index(name) for key, name in draft.names.items()}
    shown = (seen.palette() if not draft.by_colour else {}) | draft.shown
    by_class = {draft.names[key]: shown[key] for key in reversed(keys) if key in shown}
    colours = [_rgb(by_class[name]) if name in by_class else _made_up(i, name) for i, name in enumerate(classes)]
    remarks = (*draft.remarks, *_told_of_void(seen, draft), *_told_of_joined(draft))
    return Meaning(classes, np.array(colours, np.uint8), draft.by_colour, table, remarks)


def _told_of_void(seen: Seen, draft: _Draft) -> list[str]:
    totals = seen.totals(draft.by_colour)
    there = sorted(key for key in draft.void if totals[key])
    if not there:
        return []
    names = [f"“{draft.called[key]}”" if key in draft.called else _shown(key, draft.by_colour) for key in there]
    share = 100 * sum(totals[key] for key in there) / totals.total()
    names = list(dict.fromkeys(names))
    told = "count nowhere, neither in training nor in scores"
    return [f"Pixels of {' and of '.join(names)} {told}: {share:.3g} % of all."]


def _told_of_joined(draft: _Draft) -> list[str]:
    keys: dict[str, list[str]] = {}
    for key, name in draft.names.items():
        keys.setdefault(name, []).append(_shown(key, draft.by_colour))
    return [f"{' and '.join(own)} are one class, “{name}”." for name, own in keys.items() if len(own) > 1]


def _shown(key: int, by_colour: bool) -> str:
    return colour_name(key) if by_colour else str(key)


def _rgb(colour: int) -> tuple[int, int, int]:
    return colour >> 16, colour >> 8 & 255, colour & 255


def _made_up(position: int, name: str) -> tuple[int, ...]:
    """Colours that lie far from each other around the circle of hues."""
    if name == BACKGROUND:
        return DARK
    return tuple(round(255 * part) for part in colorsys.hsv_to_rgb(position * 0.618034 % 1, 0.65, 0.9))
