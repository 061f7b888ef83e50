"""Is what lies on disk what was written? Checksums, so that a damaged file is never taken for a good one."""

import io
import json
import logging
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from helpers.base.paths import display_path, plain, write_json

log = logging.getLogger("helpers")
CHECKSUM, FOLDER = "checksum", "checksums.json"
PASSING = ("checkpoint.", ".")  # how files begin that belong to no finished folder


def seal(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The same, as JSON can hold it, with a checksum of everything in it."""
    facts = plain(facts)
    return facts | {CHECKSUM: _checksum(facts)}


def unseal(text: str, required: bool = True) -> dict[str, Any]:
    """What was sealed, from its JSON; what never was passes where that is not `required`. Raises ValueError."""
    facts = json.loads(text)
    told = facts.pop(CHECKSUM, None) if isinstance(facts, dict) else None
    if told != _checksum(facts) and (required or told is not None):
        raise ValueError("its content is not what was written")
    return facts


def read_sealed(path: Path) -> dict[str, Any]:
    """What was sealed in a file; nothing where there is none, or it is damaged: then it is made again."""
    try:
        return unseal(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _checksum(facts: Any) -> int:
    return zlib.crc32(json.dumps(facts, sort_keys=True).encode())


def seal_folder(folder: Path) -> None:
    """Note the checksum of every file in a folder, which is finished and will not change any more."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    sums = {name: _checksum_of(path) for name, path in files.items() if not name.startswith((*PASSING, FOLDER))}
    write_json(folder / FOLDER, seal(sums))


def kept_folder(folder: Path) -> bool:
    """Whether a folder was sealed. One in which a file changed or went since then is removed, which is logged."""
    if not (folder / FOLDER).exists():
        return False
    try:
        for name, told in unseal((folder / FOLDER).read_text(encoding="utf-8")).items():
            if _checksum_of(folder / name) != told:
                raise ValueError(f"{name} is not what was written")
    except (OSError, ValueError) as error:
        log.warning("%s is damaged (%s) and is made again", display_path(folder), error)
        shutil.rmtree(folder)
        return False
    return True


def _checksum_of(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            checksum = zlib.crc32(block, checksum)
    return checksum


def check_zip(path: Path) -> None:
    """Raises ValueError for a zip, such as PyTorch's files, in which a file is not what was written."""
    with zipfile.ZipFile(path) as file:
        sums_are_kept = any(entry.CRC for entry in file.infolist())  # PyTorch can be told to leave them out
        if sums_are_kept and (name := file.testzip()):
            raise ValueError(f"'{name}' in it is not what was written")


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz file, each read whole, so that its checksum counts. Raises nearly anything."""
    with zipfile.ZipFile(path) as file:
        parts = {name.removesuffix(".npy"): io.BytesIO(file.read(name)) for name in file.namelist()}
    return {name: np.load(part, allow_pickle=False) for name, part in parts.items()}


def kept_arrays(path: Path) -> dict[str, np.ndarray] | None:
    """The arrays of an .npz file; None where it is to be made: it is not there, or damaged, which is logged."""
    if not path.exists():
        return None
    try:
        return read_arrays(path) or None
    except Exception as error:  # a damaged file can raise nearly anything, and all of it means: make it again
        log.warning("%s is cut short or damaged (%s); it is made again", display_path(path), error)
        return None
