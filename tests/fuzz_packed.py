"""Bad files of SVHN and CIFAR-10, many images in one: each is read as it stands, or named with a reason."""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from datasets_pictures import picture, study_of
from fuzz_mutations import mutate
from fuzz_runner import RIGHT, check_message, random_of
from published_formats import batches, house_numbers, write_batch, write_binary
from scipy.io import savemat

from helpers.datasets.types import DataError
from helpers.study.images import load

ROW = 3073


@dataclass(frozen=True)
class Kind:
    """A data set in one of its forms: how a good one is written."""

    data: str
    write: Callable[[Path], Path]


def _plain_mat(folder: Path) -> Path:
    """As published, but not compressed: then nothing in the file tells whether it is whole."""
    folder.mkdir(parents=True)
    for name, count in (("train", 40), ("test", 20)):
        pixels = np.array([picture(7 + i, 32, 32) for i in range(count)])
        labels = np.array([i % 10 or 10 for i in range(count)], np.uint8)[:, None]
        savemat(folder / f"{name}_32x32.mat", {"X": pixels.transpose(1, 2, 3, 0), "y": labels})
    return folder


KINDS = {
    "svhn": Kind("svhn", house_numbers),
    "svhn, not compressed": Kind("svhn", _plain_mat),
    "cifar10": Kind("cifar10", lambda folder: batches(folder, write_batch, protocol=2)),
    "cifar10, binary": Kind("cifar10", lambda folder: batches(folder, write_binary, ".bin")),
    "cifar10, new protocol": Kind("cifar10", lambda folder: batches(folder, write_batch, protocol=4)),
}


@dataclass(frozen=True)
class Prepared:
    """Good sets and what is read of them, by kind."""

    folders: dict[str, Path]
    contents: dict[str, dict[str, tuple[int, bytes]]]


def prepare(folder: Path) -> Prepared:
    """Write one good set of each kind and read it."""
    folders = {name: kind.write(folder / f"good-{number}") for number, (name, kind) in enumerate(KINDS.items())}
    return Prepared(folders, {name: _content(KINDS[name].data, place) for name, place in folders.items()})


def _content(data: str, folder: Path) -> dict[str, tuple[int, bytes]]:
    """Label and pixels of every image, by name."""
    splits = load(study_of(data, data_root=folder))
    assert not splits.unreadable and sum(map(len, (splits.train, splits.val, splits.test))) == len(splits.files)
    names = zip(splits.files, splits.labels, splits.images, strict=True)
    return {name: (int(label), image.tobytes()) for name, label, image in names}


def case(prepared: Prepared, seed: int) -> str:
    """Read one set in which a file is bad as a study does."""
    rng, name = random_of("packed", seed), list(KINDS)[seed % len(KINDS)]
    good = prepared.folders[name]
    folder = good.with_name(f"bad-{seed}")
    shutil.copytree(good, folder)
    try:
        return _spoilt(name, folder, rng, prepared.contents[name])
    finally:
        shutil.rmtree(folder)


def _spoilt(name: str, folder: Path, rng: random.Random, expected: dict[str, tuple[int, bytes]]) -> str:
    path = rng.choice(sorted(folder.iterdir()))
    before = path.read_bytes()
    how, after = mutate(before, rng)
    path.write_bytes(after)
    try:
        found = _content(KINDS[name].data, folder)
    except DataError as error:
        return check_message(str(error), path.name)
    if path.suffix == ".bin":
        expected = expected | _rows(path.name, before, None) | _rows(path.name, after, found)
        expected = {image: value for image, value in expected.items() if value is not None}
        assert found == expected, f"{name}, {how}: other images than its bytes say"
    elif found != expected:
        assert "not compressed" in name or path.suffix != ".mat", f"{name}, {how}: read in spite of its checksums"
        assert found.keys() == expected.keys(), f"{name}, {how}: {len(found)} images instead of {len(expected)}"
        changed = sum(_different(found[image], expected[image]) for image in found)
        allowed = sum(a != b for a, b in zip(before, after, strict=False)) if len(before) == len(after) else 0
        assert changed <= allowed, f"{name}, {how}: {changed} values differ, {allowed} bytes were changed"
    return RIGHT


def _different(one: tuple[int, bytes], other: tuple[int, bytes]) -> int:
    return (one[0] != other[0]) + sum(a != b for a, b in zip(one[1], other[1], strict=True))


def _rows(name: str, data: bytes, wanted: object) -> dict[str, tuple[int, bytes] | None]:
    """The images of a binary batch, read byte by byte; None in place of each where they are not `wanted`."""
    rows = np.frombuffer(data[: len(data) // ROW * ROW], np.uint8).reshape(-1, ROW)
    return {
        f"{name}/{number:06d}": None
        if wanted is None
        else (int(row[0]), np.ascontiguousarray(row[1:].reshape(3, 32, 32).transpose(1, 2, 0)).tobytes())
        for number, row in enumerate(rows)
    }
