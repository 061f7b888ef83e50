"""Where things lie on disk, and how they are written so that a kill leaves no half file."""

import json
import math
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, BinaryIO

ROOT = Path(__file__).resolve().parents[2]
STUDIES = ROOT / "studies"
DEVICE = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)
# Control characters, line and paragraph separators, changes of the direction of writing, half characters.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def our_packages(root: Path = ROOT) -> Iterator[Path]:
    """The folders of the project that hold its code."""
    yield from (
        path for path in sorted(root.iterdir()) if (path / "__init__.py").is_file() and path.name != "tests"
    )


def our_sources(*packages: str) -> list[Path]:
    """The Python files of the project, or of these packages of it."""
    folders = (path for path in our_packages() if not packages or path.name in packages)
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def data_dir() -> Path:
    """Real data, samples and caches: `data/`, or IMAGE_COURSE_DATA."""
    return _place("DATA", "data")


def runs_dir() -> Path:
    """Trained models and their outputs: `runs/`, or IMAGE_COURSE_RUNS."""
    return _place("RUNS", "runs")


def reports_dir() -> Path:
    """Rendered pages and result files: `reports/`, or IMAGE_COURSE_REPORTS."""
    return _place("REPORTS", "reports")


def made_dir() -> Path:
    """Where what is made of data is kept: beside them, or with the runs where `data_dir()` is read-only."""
    place = data_dir()
    while not place.exists():
        place = place.parent
    return data_dir() if os.access(place, os.W_OK) else runs_dir()


def weights_file(name: str) -> Path:
    """Where a file of weights lies, or is to be put where it does not yet."""
    there = data_dir() / "weights" / name
    return there if there.exists() else made_dir() / "weights" / name


def _place(variable: str, default: str) -> Path:
    return Path(os.environ.get(f"IMAGE_COURSE_{variable}", ROOT / default)).absolute()


def check_model_names(names: Iterable[str], key: str = "models") -> None:
    """Raises ValueError where models, or what else stands below `key`, cannot have these names: they are folders,
    on any system."""
    known: dict[str, str] = {}
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{,99}", name):
            raise ValueError(f"{key}.{name}: a {key[:-1]}'s name is up to 100 letters, digits, '-' and '_'")
        if DEVICE.fullmatch(name):
            raise ValueError(f"{key}.{name}: Windows has a device of this name, and no folder can be called so")
        if (other := known.setdefault(name.lower(), name)) != name:
            raise ValueError(f"{key}.{name}: for macOS and Windows it is the same name as '{other}'")


def display_path(path: Path | str) -> str:
    """The path as a page may show it: relative to the project, else its last two parts, and no user's name."""
    path, user = Path(path).absolute(), os.path.basename(os.path.expanduser("~"))
    if path.is_relative_to(ROOT):
        return printable(path.relative_to(ROOT).as_posix())
    return printable(Path(*("~" if part == user else part for part in path.parts[-2:])).as_posix())


def printable(text: str) -> str:
    """The text with what would steer a terminal, break a line or is no character written as escapes."""
    return UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write to a temporary file beside `path`, then rename: readers see the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = content.encode() if isinstance(content, str) else content
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)
        move_over(Path(temporary), path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def move_over(source: Path, target: Path, patience: float = 2.0) -> None:
    """Rename, over what is there. Windows refuses for as long as somebody has the target open: then again."""
    deadline = time.monotonic() + patience
    while True:
        try:
            source.replace(target)
            return
        except PermissionError:
            if os.name != "nt" or time.monotonic() > deadline:
                raise
        time.sleep(0.05)


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write that is `path` once it is complete; for one writer at a time, which may be killed."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        yield file
    move_over(temporary, path)


def write_json(path: Path, value: Any) -> None:
    """Write JSON with sorted keys; arrays become lists, NaN and infinities become null."""
    write_atomic(path, json.dumps(plain(value), indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def plain(value: Any) -> Any:
    """As JSON can hold it: arrays as lists, dataclasses by their fields, keys as text, no NaN and infinities."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: plain(vars(value)[field.name]) for field in fields(value)}
    np = sys.modules.get("numpy")  # before the set-up there is none; where nobody imported it, nothing is an array
    if np and isinstance(value, np.ndarray):
        return plain(value.tolist())
    if np and isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
