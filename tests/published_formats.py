"""Small sets in the formats of their publishers."""

import pickle
from pathlib import Path

import numpy as np
from datasets_pictures import picture
from scipy.io import savemat


def images(count: int, first: int = 0) -> np.ndarray:
    return np.array([picture(first + i, 32, 32) for i in range(count)])


def write_mat(path: Path, pixels: np.ndarray, digits: list[int], **more) -> None:
    """As published: images last axis, column of labels in which 10 is the digit 0."""
    labels = np.array([digit or 10 for digit in digits], np.uint8)[:, None]
    savemat(path, {"X": pixels.transpose(1, 2, 3, 0), "y": labels} | more, do_compression=True)


def house_numbers(folder: Path, train: int = 40, test: int = 20) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_mat(folder / "train_32x32.mat", images(train), [i % 10 for i in range(train)])
    write_mat(folder / "test_32x32.mat", images(test, 500), [i % 10 for i in range(test)])
    return folder


def rows(pixels: np.ndarray) -> np.ndarray:
    """(n, 3072): one colour after the other, as in CIFAR-10."""
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)).reshape(len(pixels), -1)


def write_batch(
    path: Path, pixels: np.ndarray, labels: list[int], protocol: int = 2, more: dict | None = None
) -> None:
    content = {b"batch_label": b"a batch", b"labels": labels, b"data": rows(pixels), b"filenames": [b"x.png"]}
    path.write_bytes(pickle.dumps(content | (more or {}), protocol=protocol))


def write_binary(path: Path, pixels: np.ndarray, labels: list[int]) -> None:
    np.concatenate([np.array(labels, np.uint8)[:, None], rows(pixels)], axis=1).tofile(path)


def batches(folder: Path, write=write_batch, ending: str = "", **how) -> Path:
    """Ten images in each of six batches, one of each class."""
    folder.mkdir(parents=True)
    names = [*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]
    for number, name in enumerate(names):
        write(folder / (name + ending), images(10, 100 * number), list(range(10)), **how)
    return folder
