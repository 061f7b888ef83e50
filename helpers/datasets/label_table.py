"""Labels in a table beside the images: which column names the files, which the class, perhaps part and group."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from helpers.base.paths import display_path, printable
from helpers.datasets.decode import SUFFIXES
from helpers.datasets.layout import PART_WORDS, hidden, part_of
from helpers.datasets.types import DataError

if TYPE_CHECKING:
    import pandas as pd

TABLES = (".csv", ".tsv", ".parquet")
LABEL_NAMES = {
    *("label", "labels", "class", "class_name", "classname", "category", "target", "species", "breed"),
    *("diagnosis", "dx"),
}
PART_NAMES = {"split", "part", "set", "subset", "partition"}
GROUP_NAMES = {"group", "group_id", "patient", "patient_id", "subject", "subject_id", "scene", "scene_id"}
NAMED = 0.5  # of a table's rows must name a file that is there, or it is about something else


@dataclass(frozen=True)
class Columns:
    """Names of the columns; None is guessed."""

    image: str | None = None
    label: str | None = None
    part: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class LabelledFile:
    """An image that a table names: POSIX path relative to the root, its class, and its part and group if told."""

    path: str
    label: str
    part: str | None
    group: str | None


@dataclass(frozen=True)
class LabelTable:
    """What a table says of the images below a folder."""

    path: Path
    files: list[LabelledFile]
    unlabelled: list[str]  # files that have no label in it, or that it does not name
    told: str  # a sentence: how the columns were understood

    def says_the_folders(self) -> bool:
        """Whether each image's class is the name of a folder that it lies in, so that both say the same."""
        return all(file.label in PurePosixPath(file.path).parts[:-1] for file in self.files)


def tables_in(folder: Path) -> list[Path]:
    """Tables directly in a folder, sorted; what is to be handed in at a competition is none."""
    found = [path for path in folder.iterdir() if path.suffix.lower() in TABLES and not hidden(path.name)]
    return sorted(path for path in found if "submission" not in path.stem.lower())


def find_table(root: Path, folders: Sequence[Path]) -> LabelTable | None:
    """The table in one of some folders that names images below `root`; None where none does.

    Tables for several parts, such as train.csv and test.csv, are taken together. Raises DataError where it cannot
    be told which of several is meant, or which column holds the classes.
    """
    paths = list(dict.fromkeys(path for folder in folders for path in tables_in(folder)))
    if not paths:
        return None
    names = _Names(image_files(root))
    frames = {path: frame for path in paths if (frame := _frame(path)) is not None}
    about = [path for path, frame in frames.items() if _image_column(frame, names)[0]]
    parts = [part_of(path.with_suffix("")) for path in about]
    if len(about) > 1 and (None in parts or len(set(parts)) < len(parts)):
        raise DataError(
            f"{', '.join(path.name for path in about)} in {display_path(about[0].parent)} all name images: say "
            "which holds the labels, as labels: labels.csv in the study file"
        )
    found = [_understood(path, frames[path], names, Columns(), alone=len(about) == 1) for path in about]
    return _together(found, names) if found else None


def named_table(root: Path, path: Path, columns: Columns) -> LabelTable:
    """A table that the study names. Raises DataError if it names no image below `root`, or lacks a column."""
    if (frame := _frame(path)) is None:
        raise DataError(f"{display_path(path)} cannot be read as a table: give a CSV, TSV or Parquet file")
    for key, name in vars(columns).items():
        if name is not None and name not in frame.columns:
            raise DataError(
                f"{display_path(path)} has no column '{name}' ({key}), only {', '.join(frame.columns)}"
            )
    names = _Names(image_files(root))
    return _together([_understood(path, frame, names, columns)], names)


def image_files(root: Path) -> list[str]:
    """POSIX paths, relative to the root, of all files below that are images by their names."""
    found = []
    for folder, inner, files in os.walk(root):
        inner[:] = sorted(name for name in inner if not hidden(name))
        wanted = [name for name in sorted(files) if Path(name).suffix.lower() in SUFFIXES and not hidden(name)]
        found += [Path(os.path.relpath(Path(folder, name), root)).as_posix() for name in wanted]
    return found


class _Names:
    """Files by the ways that people write them: the path, the end of it, the name without folders or suffix."""

    def __init__(self, files: Sequence[str]):
        self.files = files
        self.ways: list[tuple[Callable[[str], str], dict[str, str]]] = []
        for way in (str, lambda text: PurePosixPath(text).name, lambda text: PurePosixPath(text).stem):
            keys = [way(path) for path in files]
            times = Counter(keys)
            self.ways.append((way, {key: path for key, path in zip(keys, files, strict=True) if times[key] == 1}))

    def find(self, text: str) -> str | None:
        """The file that a text names, if it names one only."""
        text = text.strip().replace("\\", "/").removeprefix("./")
        for way, known in self.ways:
            if (path := known.get(way(text))) or (path := known.get(text)):
                return path
        return None


def _frame(path: Path) -> "pd.DataFrame | None":
    """All cells as texts; None for what is no table."""
    import pandas as pd

    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path).astype(str)
        separator = "\t" if path.suffix.lower() == ".tsv" else None  # None: found out
        frame = pd.read_csv(
            path, sep=separator, engine="python", dtype=str, keep_default_na=False, encoding="utf-8-sig"
        )
    except ImportError as error:
        raise DataError(f"{display_path(path)}: to read Parquet, install pyarrow ({error})") from None
    except Exception:  # whatever the parsers trip over
        return None
    frame.columns = [str(name).strip() for name in frame.columns]
    return frame if len(frame) and len(set(frame.columns)) == len(frame.columns) else None


def _image_column(frame: "pd.DataFrame", names: _Names) -> tuple[str | None, list[str | None]]:
    """The column that names most files, and the file of each row; None where no column names enough."""
    best: tuple[str | None, list[str | None]] = (None, [])
    most = NAMED * len(frame)
    for column in frame.columns:
        found = [names.find(text) for text in frame[column]]
        if (count := sum(path is not None for path in found)) >= max(1, most) and count > most - (best[0] is None):
            best, most = (column, found), count
    return best


def _understood(
    path: Path, frame: "pd.DataFrame", names: _Names, asked: Columns, alone: bool = True
) -> LabelTable:
    if asked.image:
        image, found = asked.image, [names.find(text) for text in frame[asked.image]]
    else:
        image, found = _image_column(frame, names)
    if image is None or not any(found):
        raise DataError(
            f"{display_path(path)} names no image that is there: its columns are {', '.join(frame.columns)}"
        )
    others = [name for name in frame.columns if name != image]
    part = asked.part or next((name for name in others if _is_part(name, frame[name])), None)
    group = asked.group or next((name for name in others if name.lower() in GROUP_NAMES), None)
    label, values = _labels(path, frame, [name for name in others if name not in (part, group)], asked.label)
    own = None if alone else part_of(path.with_suffix(""))
    files, unlabelled = {}, []
    for row, (file, value) in enumerate(zip(found, values, strict=True)):
        file = (
            file or frame[image].iloc[row].strip()
        )  # one that is not there is told with those that cannot be read
        if not value:
            unlabelled.append(file)
            continue
        which = _part(path, frame[part].iloc[row]) if part else own
        one = LabelledFile(file, value, which, frame[group].iloc[row] if group else None)
        if files.setdefault(file, one).label != value:
            raise DataError(f"{display_path(path)}: {file} has two labels, '{files[file].label}' and '{value}'")
    roles = {f"“{image}”": "the file", label: "the class", f"“{part}”" if part else "": "the part",
             f"“{group}”" if group else "": "the group"}  # fmt: skip
    told = ", ".join(f"{name} names {what}" for name, what in roles.items() if name)
    return LabelTable(path, list(files.values()), unlabelled, f"Labels are those of {path.name}: {told}.")


def _labels(path: Path, frame: "pd.DataFrame", columns: Sequence[str], asked: str | None) -> tuple[str, list[str]]:
    """How the class is told, in words, and the class of each row, '' where there is none."""
    few = [name for name in columns if 2 <= frame[name].nunique() <= max(2, len(frame) // 2)]
    called = [name for name in columns if name.lower() in LABEL_NAMES]
    flags = [name for name in columns if set(frame[name]) <= {"0", "1", "0.0", "1.0"}]
    chosen = asked or (called[0] if len(called) == 1 else None)
    if not chosen and len(flags) > 1 and all(row == 1 for row in frame[flags].astype(float).sum(axis=1)):
        values = frame[flags].astype(float).idxmax(axis=1).tolist()
        return f"one of {', '.join(f'“{name}”' for name in flags[:4])}{'…' * (len(flags) > 4)}", values
    if not chosen and len(few) == 1:
        chosen = few[0]
    if not chosen:
        raise DataError(
            f"which column of {display_path(path)} holds the classes: {', '.join(columns) or 'there is none'}? "
            f"Say labels: {{file: {path.name}, label: COLUMN}} in the study file"
        )
    return f"“{chosen}”", [text.strip() for text in frame[chosen]]


def _is_part(name: str, values: Sequence[str]) -> bool:
    return name.lower() in PART_NAMES and all(value.strip().casefold() in PART_WORDS for value in set(values))


def _part(path: Path, text: str) -> str:
    if (part := PART_WORDS.get(text.strip().casefold())) is None:
        raise DataError(f"{display_path(path)}: '{printable(text)}' is no part: use train, val and test")
    return part


def _together(found: Sequence[LabelTable], names: _Names) -> LabelTable:
    """Several tables as one, and with what none of them names. Parts that none tells are those of the folders."""
    files = [file for table in found for file in table.files]
    twice = [name for name, times in Counter(file.path for file in files).items() if times > 1]
    if twice:
        raise DataError(f"{' and '.join(table.path.name for table in found)} both name {twice[0]}: leave one out")
    if all(file.part is None for file in files):
        folders = [_folder_part(file.path) for file in files]
        if "train" in folders and None not in folders and len(set(folders)) > 1:
            files = [LabelledFile(file.path, file.label, part, file.group)
                     for file, part in zip(files, folders, strict=True)]  # fmt: skip
    named = {file.path for file in files}
    unlabelled = [name for name in names.files if name not in named]
    told = " ".join(table.told for table in found)
    return LabelTable(found[0].path, files, unlabelled, told)


def _folder_part(path: str) -> str | None:
    folders = PurePosixPath(path).parts[:-1]
    return next((part for folder in folders if (part := part_of(Path(folder)))), None)
