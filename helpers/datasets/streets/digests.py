"""What the files of a set hold, by content, remembered so that an unchanged file is read once on a machine."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from helpers.base.paths import display_path
from helpers.datasets.cache import cache_dir, held
from helpers.datasets.decode import ORIENTATION_TAG, PNG, UnreadableImage, decode
from helpers.datasets.memory import FileMemory, State
from helpers.datasets.reading import content_digest
from helpers.datasets.streets.polygons import image_size, load_json
from helpers.datasets.types import DataError

ENDS = 1 << 17  # bytes at either end of a large PNG


class FileFacts(NamedTuple):
    """A digest of a file's content, and the width and height of what it shows."""

    digest: str
    width: int
    height: int


def file_facts(root: Path, names: Sequence[str]) -> list[FileFacts]:
    """Digest and size of each file. Raises DataError, naming the file, for one that has no readable header."""
    return [FileFacts(*facts) for facts in learnt("streets", root, names, _facts)]


def file_digests(root: Path, names: Sequence[str]) -> list[str]:
    """Digest of each file, whatever it holds. Raises DataError, naming the file, for one that cannot be read."""
    return learnt("files", root, names, _digest)


def learnt(kind: str, root: Path, names: Sequence[str], look: Callable[[Path], Any]) -> list[Any]:
    """What `look` says of each file, as JSON has it, from the index `kind` of a set's files where it is unchanged.

    Raises DataError, naming the file, for one that cannot be looked at.
    """
    index = cache_dir() / f"{kind}-{content_digest(str(root.resolve()))}.json"
    with held(index, "what is known of the scenes"):
        memory = FileMemory(index)
        states = {name: state_of_file(root / name) for name in names}
        found = memory.learn(root, states, look, "looking at scenes: %d of %d files")
        memory.keep()
    return list(found)


def state_of_file(path: Path) -> State:
    """Its length and its time of change. Raises DataError, naming it, where it cannot be looked at."""
    try:
        state = path.stat()
    except OSError as error:
        raise DataError(f"{display_path(path)} cannot be read ({error.strerror}): restore the file") from error
    return [state.st_size, state.st_ctime_ns]


def _facts(path: Path) -> FileFacts:
    if path.suffix.lower() == ".json":
        return FileFacts(_digest(path), *image_size(path, load_json(path)))
    try:
        with path.open("rb") as file, Image.open(file) as image:
            turned = image.format == "JPEG" and image.getexif().get(ORIENTATION_TAG, 1) >= 5
            width, height = image.size[::-1] if turned else image.size
    except Exception as error:  # Pillow raises whatever its parsing trips over
        width, height = _decoded_size(path, error)
    return FileFacts(_digest(path), width, height)


def _decoded_size(path: Path, reason: Exception) -> tuple[int, int]:
    """Of what Pillow alone cannot open: photographs of telephones, images of many bands."""
    try:
        return decode(path.read_bytes()).size
    except (UnreadableImage, OSError):
        raise DataError(f"{display_path(path)} is no readable image ({reason}): restore it") from reason


def _digest(path: Path) -> str:
    """Digest of all bytes; of a large PNG, both ends: the last bytes hold checksums of all its pixels."""
    with path.open("rb") as file:
        start = file.read(ENDS)
        size = file.seek(0, io.SEEK_END)
        if not start.startswith(PNG) or size <= 2 * ENDS:
            file.seek(0)
            return content_digest(file.read())
        file.seek(-ENDS, io.SEEK_END)
        return content_digest(str(size).encode() + start + file.read())
