"""Files as the publishers of SVHN and CIFAR-10 write them, byte for byte the same each time."""

import io
import struct
from collections.abc import Mapping, Sequence

import numpy as np

MAT_HEADER = b"MATLAB 5.0 MAT-file, Platform: GLNXA64, drawn sample".ljust(116)
BATCHES, BATCH_FOLDER = 5, "cifar-10-batches-py/"


class StreetViewFiles:
    """SVHN, format 2: MATLAB files with X (32, 32, 3, N) and y (N, 1), both uint8; in y, 10 means the digit 0."""

    def containers(self, counts: Mapping[str, int]) -> dict[str, int]:
        """One file for each part."""
        return {f"{part}_32x32.mat": count for part, count in counts.items()}

    def content(self, name: str, number: int, images: np.ndarray, labels: np.ndarray, titles: list[str]) -> bytes:
        """The bytes of one file; its header does not say when it was written, as it usually does."""
        from scipy.io import savemat

        digits = np.where(labels == 0, 10, labels).astype(np.uint8)[:, None]
        buffer = io.BytesIO()
        savemat(buffer, {"X": images.transpose(1, 2, 3, 0), "y": digits}, do_compression=True)
        return MAT_HEADER + buffer.getvalue()[len(MAT_HEADER) :]

    def extras(self, classes: tuple[str, ...], container: int) -> dict[str, bytes]:
        """None."""
        return {}


class PythonBatches:
    """CIFAR-10, "python version": pickled dictionaries of (N, 3072) uint8 (red, green, blue plane) and labels."""

    def containers(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Five batches to train on and one to test on."""
        train = counts["train"]
        sizes = [(train + BATCHES - 1 - number) // BATCHES for number in range(BATCHES)]
        names = [f"{BATCH_FOLDER}data_batch_{number + 1}" for number in range(BATCHES)]
        return dict(zip(names, sizes, strict=True)) | {f"{BATCH_FOLDER}test_batch": counts["test"]}

    def content(self, name: str, number: int, images: np.ndarray, labels: np.ndarray, titles: list[str]) -> bytes:
        """The bytes of one batch."""
        title = "testing batch 1 of 1" if number == BATCHES else f"training batch {number + 1} of {BATCHES}"
        planes = images.transpose(0, 3, 1, 2).reshape(len(images), 3 * 32 * 32)
        return pickled({"batch_label": title, "labels": labels.tolist(), "data": planes, "filenames": titles})

    def extras(self, classes: tuple[str, ...], container: int) -> dict[str, bytes]:
        """The names of the classes."""
        meta = {"num_cases_per_batch": container, "label_names": list(classes), "num_vis": 3072}
        return {f"{BATCH_FOLDER}batches.meta": pickled(meta)}


def pickled(value: Mapping) -> bytes:
    """The value as Python 2 pickled it (protocol 2), when CIFAR-10 was made: its text is bytes to Python 3.

    Knows dictionaries, lists, integers, text and (N, M) uint8 arrays.
    """
    return b"\x80\x02" + _opcodes(value) + b"."


def _opcodes(value: Mapping | Sequence | str | int | np.ndarray) -> bytes:
    if isinstance(value, Mapping):
        return b"}(" + b"".join(_opcodes(key) + _opcodes(item) for key, item in value.items()) + b"u"
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, str):
        return _text(value.encode())
    if isinstance(value, int):
        return b"J" + struct.pack("<i", value)
    return b"](" + b"".join(map(_opcodes, value)) + b"e"


def _text(content: bytes) -> bytes:
    if len(content) < 256:
        return b"U" + bytes([len(content)]) + content
    return b"T" + struct.pack("<i", len(content)) + content


def _array(array: np.ndarray) -> bytes:
    """What a NumPy of that time said of its arrays: how to make an empty one, then its state."""
    number = _opcodes
    empty = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(" + number(0) + b"t" + _text(b"b") + b"tR"
    kind = b"cnumpy\ndtype\n(" + _text(b"u1") + number(0) + number(1) + b"tR"
    kind_state = b"(" + number(3) + _text(b"|") + b"NNN" + number(-1) + number(-1) + number(0) + b"tb"
    shape = b"(" + b"".join(map(number, array.shape)) + b"t"
    return empty + b"(" + number(1) + shape + kind + kind_state + b"\x89" + _text(array.tobytes()) + b"tb"
