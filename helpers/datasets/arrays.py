"""Sets whose images come in a few large files: SVHN's MATLAB files and CIFAR-10's batches.

Their images get names as if they were files in folders, the file's name and the position in it:
`train_32x32.mat/000123`. Nothing that such a file says is executed. Numpy is imported where it is used: what lies
in a folder is asked before the set-up, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from helpers.base.paths import display_path
from helpers.datasets.types import DataError

if TYPE_CHECKING:
    import numpy as np

DIGITS = tuple("0123456789")
THINGS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SIDE = 32
MOST_IMAGES = 1_000_000  # in one file; a header that promises more is damaged
ROW = 1 + 3 * SIDE * SIDE  # bytes of one image in CIFAR-10's binary version: label, then red, green and blue


# Labels (n,) int64, and what gives images (n, 32, 32, 3) uint8 RGB.
Read = tuple["np.ndarray", Callable[[], "np.ndarray"]]


@dataclass(frozen=True)
class ArrayFormat:
    """One way to pack images: which files make it up, and how to read one of them."""

    classes: tuple[str, ...]
    parts: dict[str, str]  # file → 'train' or 'test'; all are needed
    read: Callable[[Path], Read]


@dataclass(frozen=True)
class Container:
    """One file of a format."""

    path: Path
    part: str
    format: ArrayFormat

    def labels(self) -> np.ndarray:
        """(n,) int64 class numbers. Raises DataError for a file that is damaged or holds something else."""
        with _explained(self.path):
            return self.format.read(self.path)[0]


def containers(folder: Path) -> list[Container]:
    """The files of one of the formats that lie in a folder; none where there is no such file."""
    for form in FORMATS:
        found = [
            Container(folder / name, part, form) for name, part in form.parts.items() if _is_file(folder / name)
        ]
        if found:
            return found
    return []


def classes_of(folder: Path) -> tuple[str, ...] | None:
    """The classes of the images packed in a folder's files; None where there are none."""
    found = containers(folder)
    return found[0].format.classes if found else None


def check_complete(found: list[Container]) -> None:
    """Raises DataError naming the first file that is missing beside those found."""
    there = {container.path.name for container in found}
    missing = [name for name in found[0].format.parts if name not in there]
    if missing:
        folder = display_path(found[0].path.parent)
        raise DataError(
            f"{missing[0]} is missing in {folder}, where {sorted(there)[0]} lies: put it there as well"
        )


def virtual_name(container: Container, position: int) -> str:
    """The name of one image: the file's, and the position in it."""
    return f"{container.path.name}/{position:06d}"


def is_packed(path: Path) -> bool:
    """Whether a path names one image in a file of many."""
    return path.parent.name in _FORMAT_OF and path.name.isdigit()


def packed_image(path: Path) -> np.ndarray:
    """(32, 32, 3) uint8: one image by its name. The file it lies in stays in memory until another is asked for."""
    with _one_at_a_time:
        return _images(path.parent)[int(path.name)]


@lru_cache(maxsize=1)
def _images(path: Path) -> np.ndarray:
    import numpy as np

    with _explained(path):
        return np.ascontiguousarray(_FORMAT_OF[path.name].read(path)[1]())


def release() -> None:
    """Forget the file that is kept in memory."""
    _images.cache_clear()


_one_at_a_time = Lock()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except DataError as error:
        raise DataError(f"{display_path(path)} {error}") from None
    except OSError as error:
        raise DataError(f"{display_path(path)} cannot be read ({error.strerror or error})") from None
    except Exception as error:  # readers raise whatever their parsing trips over
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{display_path(path)} is damaged or cut short ({reason}): fetch it again") from None


def _read_mat(path: Path) -> Read:
    """Labels are 1 to 10, where 10 is the digit 0; column vectors of any type of number."""
    import numpy as np
    from scipy.io import loadmat

    count = _promised(path)
    labels = loadmat(path, variable_names=["y"])["y"].reshape(-1).astype(np.int64)
    if len(labels) != count or labels.min() < 0 or labels.max() > 10:
        raise DataError("holds labels y that do not fit its images X: it is not SVHN's format 2")
    return labels % 10, lambda: loadmat(path, variable_names=["X"])["X"].transpose(3, 0, 1, 2)


def _promised(path: Path) -> int:
    """How many images the header of a MATLAB file promises."""
    from scipy.io import whosmat

    with path.open("rb") as file:
        if file.read(19) == b"MATLAB 7.3 MAT-file":
            raise DataError("is in MATLAB's format v7.3 (HDF5): save it in format v7, as it was published")
    found = {name: (shape, kind) for name, shape, kind in whosmat(path)}
    shape, kind = found.get("X", ((), ""))
    if "y" not in found or kind != "uint8" or shape[:3] != (SIDE, SIDE, 3) or len(shape) != 4:
        raise DataError(
            "does not hold images X (32 × 32 × 3 × N, uint8) and labels y: it is cut short, or not SVHN's format 2"
        )
    labels = math.prod(found["y"][0])
    if not 0 < shape[3] <= MOST_IMAGES or labels > MOST_IMAGES:
        raise DataError(f"promises {shape[3]} images and {labels} labels: fetch it again")
    return shape[3]


def _read_batch(path: Path) -> Read:
    import numpy as np

    from helpers.datasets.plain_pickle import load_plain

    batch = load_plain(path)
    data, labels = batch.get("data"), np.array(batch.get("labels", []))
    if not isinstance(data, np.ndarray) or data.ndim != 2 or data.shape[1] != ROW - 1 or data.dtype != np.uint8:
        raise DataError(f"holds no images (N × {ROW - 1}, uint8): it is not a batch of CIFAR-10")
    if labels.ndim != 1 or labels.dtype.kind != "i" or len(labels) != len(data):
        raise DataError("holds labels that do not fit its images: it is not a batch of CIFAR-10")
    return _of_things(labels, data)


def _read_binary(path: Path) -> Read:
    import numpy as np

    size = path.stat().st_size
    if not size or size % ROW:
        raise DataError(f"has {size} bytes, not a multiple of {ROW}: it is cut short or no batch of CIFAR-10")
    rows = np.fromfile(path, np.uint8).reshape(-1, ROW)
    return _of_things(rows[:, 0], rows[:, 1:])


def _of_things(labels: np.ndarray, planes: np.ndarray) -> Read:
    """From labels and (n, 3072) uint8, one colour after the other."""
    if not len(labels) or labels.min() < 0 or labels.max() >= len(THINGS):
        raise DataError(f"holds labels outside 0 to {len(THINGS) - 1}: it is not a batch of CIFAR-10")
    return labels.astype("int64"), lambda: planes.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)


def _batches(ending: str) -> dict[str, str]:
    return {**{f"data_batch_{k}{ending}": "train" for k in range(1, 6)}, f"test_batch{ending}": "test"}


FORMATS = (
    ArrayFormat(DIGITS, {"train_32x32.mat": "train", "test_32x32.mat": "test"}, _read_mat),
    ArrayFormat(THINGS, _batches(""), _read_batch),
    ArrayFormat(THINGS, _batches(".bin"), _read_binary),
)
_FORMAT_OF = {name: form for form in FORMATS for name in form.parts}
