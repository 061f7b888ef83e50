"""Files that say what the values of masks mean, as labelling programs and publishers write them."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from helpers.base.paths import display_path, printable
from helpers.datasets.layout import SUFFIXES, loose_key
from helpers.datasets.types import DataError

FILES = (  # best first: those that give colours before those that give names alone
    "classes.csv", "class_dict.csv", "_classes.csv", "label_colors.txt", "label_colors.csv", "labelmap.txt",
    "classes.json", "label_map.json", "labels.json", "id2label.json", "classes.txt", "class_names.txt",
    "labels.txt", "names.txt", "data.yaml", "data.yml", "dataset.yaml",
)  # fmt: skip
STATED = "“classes” in the study file"
VOID_NAMES = {"void", "unlabelled", "unlabeled", "ignore", "ignored", "ignorelabel", "unlabeledpixel", "outofroi"}
NAME_COLUMNS = ("name", "class", "label", "classname", "category", "labelname")
NUMBER_COLUMNS = ("id", "index", "number", "value", "pixelvalue", "classid", "labelid", "classindex")
COLOUR_COLUMNS = ("colour", "color", "hex", "rgb", "colorrgb")
LINES = {  # how a line of a text file may give a class
    "colour first": re.compile(r"(?P<r>\d+)[\s,]+(?P<g>\d+)[\s,]+(?P<b>\d+)[\s,:]+(?P<name>\S.*?)"),
    "colour last": re.compile(r"(?P<name>\S.*?)[\s,:]+(?P<r>\d+)[\s,]+(?P<g>\d+)[\s,]+(?P<b>\d+)(?:::?.*)?"),
    "number first": re.compile(r"(?P<number>\d+)(?:\s*[:,;=\t]\s*|\s+)(?P<name>\S.*?)"),
    "number last": re.compile(r"(?P<name>\S.*?)\s*[:,;=\t]\s*(?P<number>\d+)"),
    "names": re.compile(r"(?P<name>\S.*?)"),
}


@dataclass(frozen=True)
class Entry:
    """A class of a legend: its name, the number and the colour 0xRRGGBB that stand for it, if they are given."""

    name: str
    number: int | None = None
    colour: int | None = None

    @property
    def is_void(self) -> bool:
        """Whether the name says that such pixels count nowhere."""
        return is_void_name(self.name)

    def key(self, by_colour: bool) -> int | None:
        """Its colour or its number."""
        return self.colour if by_colour else self.number


@dataclass(frozen=True)
class Legend:
    """The classes of a set. `source`: where they come from; `in_order`: numbers are those of the order given."""

    entries: tuple[Entry, ...]
    source: str
    in_order: bool


def is_void_name(name: str) -> bool:
    """Whether a name means that nothing is said of the pixel."""
    return loose_key(name) in VOID_NAMES


def stated_legend(classes: Sequence[str] | Mapping[int | str, str]) -> Legend:
    """What a study says: names in the order of their numbers, or a name for each number or '#rrggbb'.

    Raises DataError for a key that is neither.
    """
    if not isinstance(classes, Mapping):
        names = ("background", *classes) if len(classes) == 1 else tuple(classes)
        return Legend(_in_order(Entry(str(name)) for name in names), STATED, in_order=True)
    return Legend(tuple(_stated(key, str(name)) for key, name in classes.items()), STATED, in_order=False)


def _stated(key: int | str, name: str) -> Entry:
    text = str(key).strip()
    if re.fullmatch(r"-?\d+", text):
        return Entry(name, number=int(text))
    if re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        return Entry(name, colour=int(text[1:], 16))
    raise DataError(f"classes: '{text}' is neither the number of a class nor a colour such as '#ff0000'")


def _in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Numbered from 0; what is called __ignore__ has no number, as for labelme."""
    numbered, number = [], 0
    for entry in entries:
        if entry.name == "__ignore__":
            numbered.append(replace(entry, name="ignore"))
            continue
        name = "background" if entry.name == "_background_" else entry.name
        numbered.append(replace(entry, name=name, number=number))
        number += 1
    return tuple(numbered)


def legend_files(files: Sequence[str]) -> list[str]:
    """Those of some files (POSIX paths) that are lists of classes by their names."""
    return [path for path in files if Path(path).name.lower() in FILES]


def find_legend(root: Path, files: Sequence[str]) -> Legend | None:
    """The legend among the files of a set (POSIX paths), None where there is none.

    Raises DataError where it cannot be read, or where two of one name say different things.
    """
    named = legend_files(files)
    for name in FILES:
        read = {path: _read(root / path, path) for path in sorted(named) if Path(path).name.lower() == name}
        legends = {path: legend for path, legend in read.items() if legend is not None}
        if len({legend.entries for legend in legends.values()}) > 1:
            raise DataError(f"{' and '.join([*legends][:2])} name different classes: keep one of them")
        if legends:
            return next(iter(legends.values()))
    return None


def _read(path: Path, shown: str) -> Legend | None:
    """The legend in a file; None for one that speaks of something else: of files, or of no names at all."""
    suffix = path.suffix.lower()
    try:
        text = path.read_text(encoding="utf-8-sig")
        if suffix == ".csv":
            entries = _from_table(path)
        elif suffix == ".txt":
            entries = _from_lines(text)
        else:
            entries = _from_json(json.loads(text) if suffix == ".json" else _from_yaml(text))
    except DataError:
        raise
    except Exception as error:  # whatever the parsers trip over
        raise DataError(f"{display_path(path)} is no list of classes ({error}): correct it") from error
    entries = [replace(entry, name=printable(entry.name.strip())) for entry in entries]
    if not entries or all(Path(entry.name).suffix.lower() in SUFFIXES for entry in entries):
        return None
    if not all(entry.name for entry in entries):
        raise DataError(f"{display_path(path)} has a class without a name: add it")
    in_order = all(entry.number is None for entry in entries)
    return Legend(_in_order(entries) if in_order else tuple(entries), shown, in_order)


def _from_yaml(text: str) -> Any:
    """What stands below `names`, as YOLO's files have it; such a file has many other keys."""
    import yaml

    content = yaml.safe_load(text)
    return content["names"] if isinstance(content, dict) and "names" in content else []


def _from_table(path: Path) -> list[Entry]:
    """A table with a header: a column of names, perhaps one of numbers, colours as r, g, b or in one column."""
    import pandas as pd

    frame = pd.read_csv(path, sep=None, engine="python", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    frame.columns = [re.sub(r"\W|_", "", str(column)).casefold() for column in frame.columns]
    column = {
        what: next((name for name in names if name in frame.columns), None)
        for what, names in (("name", NAME_COLUMNS), ("number", NUMBER_COLUMNS), ("colour", COLOUR_COLUMNS))
    }
    channels = next((three for three in (list("rgb"), ["red", "green", "blue"]) if set(three) <= {*frame}), None)
    if column["name"] is None:
        raise DataError(
            f"{display_path(path)} has no column of names, only {', '.join(frame.columns)}: call one 'name'"
        )
    return [
        Entry(
            row[column["name"]].strip(),
            int(row[column["number"]]) if column["number"] else None,
            _colour([row[one] for one in channels] if channels else row[column["colour"]])
            if channels or column["colour"] else None,
        )
        for row in frame.to_dict("records")
    ]  # fmt: skip


def _from_lines(text: str) -> list[Entry]:
    """One class a line, all written in one way; what begins with # is a remark."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for pattern in LINES.values():
        matches = [pattern.fullmatch(line) for line in lines]
        if all(matches):
            return [_of_line(match.groupdict()) for match in matches]
    return []


def _of_line(found: dict[str, str]) -> Entry:
    colour = _colour([found[one] for one in "rgb"]) if "r" in found else None
    return Entry(found["name"], int(found["number"]) if "number" in found else None, colour)


def _from_json(content: Any) -> list[Entry]:
    """A list of names or of objects, or names by number, or numbers by name; perhaps below a key that says so."""
    if isinstance(content, dict):
        inner = next((content[key] for key in ("classes", "names", "categories", "labels", "items")
                      if isinstance(content.get(key), list | dict)), content)  # fmt: skip
        if isinstance(inner, dict):
            return [_pair(key, value) for key, value in inner.items() if isinstance(value, str | int | list)]
        content = inner
    return [Entry(str(one)) if not isinstance(one, dict) else _object(one) for one in content]


def _pair(key: str, value: Any) -> Entry:
    if re.fullmatch(r"\d+", str(key)):
        return Entry(str(value), number=int(key))
    if isinstance(value, int):
        return Entry(str(key), number=value)
    if str(key).startswith("#"):
        return Entry(str(value), colour=_colour(key))
    return Entry(str(key), colour=_colour(value))


def _object(one: dict[str, Any]) -> Entry:
    own = {loose_key(str(key)): value for key, value in one.items()}
    name = next(own[key] for key in NAME_COLUMNS if key in own)
    number = next((int(own[key]) for key in NUMBER_COLUMNS if own.get(key) is not None), None)
    colour = next((_colour(own[key]) for key in COLOUR_COLUMNS if own.get(key)), None)
    return Entry(str(name), number, colour)


def _colour(written: Any) -> int:
    """0xRRGGBB of '#ff0000', '255 0 0' or [255, 0, 0]. Raises ValueError for anything else."""
    text = (
        " ".join(map(str, written)) if isinstance(written, Sequence) and not isinstance(written, str) else written
    )
    if match := re.fullmatch(r"#?([0-9a-fA-F]{6})", text.strip()):
        return int(match[1], 16)
    red, green, blue = (int(float(part)) for part in re.findall(r"[\d.]+", text))
    if max(red, green, blue) > 255:
        raise ValueError(f"{text} is no colour")
    return red << 16 | green << 8 | blue
