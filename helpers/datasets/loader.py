"""From decoded images to batches: a Dataset as PyTorch's loaders know it, and a direct way for training."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import torch
from torch.utils.data import Dataset

Loaded = TypeVar("Loaded")


class ImagePart(Dataset):
    """One part of a data set. `part[i]` is (uint8 tensor (3, S, S), class number), as DataLoader likes it."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, files: list[str], index: np.ndarray):
        self.source = images  # all images of the set, on disk
        self.index = np.asarray(index, dtype=np.int64)  # (n,) which of them belong to this part
        self.labels = np.asarray(labels)[self.index]  # (n,) int64
        self.files = [files[i] for i in self.index]

    def __repr__(self) -> str:
        return f"ImagePart({len(self)} images {tuple(self.source.shape[1:])} uint8, and their labels)"

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, i: int) -> tuple[torch.Tensor, int]:
        image = torch.from_numpy(np.array(self.source[self.index[i]]))
        return image.permute(2, 0, 1), int(self.labels[i])

    @property
    def images(self) -> np.ndarray:
        """(n, S, S, 3) uint8, read into memory: meant for parts that fit there."""
        return self.source[self.index]

    def gather(self, positions: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """Images (b, 3, S, S) uint8, in channels-last memory as they lie on disk, and labels (b,) int64."""
        images = torch.from_numpy(self.source[self.index[positions]])
        return images.permute(0, 3, 1, 2), torch.from_numpy(self.labels[positions])


def epoch_order(count: int, seed: int, epoch: int) -> np.ndarray:
    """The order of the images in an epoch: from seed and epoch alone: a continued run sees the same."""
    return np.random.default_rng([seed, epoch]).permutation(count)


def batches(
    part: ImagePart,
    batch_size: int,
    *,
    shuffle: bool = False,
    seed: int = 0,
    epoch: int = 0,
    order: np.ndarray | None = None,
    device: torch.device | str = "cpu",
    memory_format: torch.memory_format = torch.contiguous_format,
    drop_last: bool = False,
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Batches of (images (b, 3, S, S) uint8, labels (b,) int64) on `device`.

    order: positions within the part; otherwise shuffled by (seed, epoch), or as they come.
    Whole batches are cut from the array on disk and moved at once; towards a GPU a thread works ahead.
    """
    if order is None:
        order = epoch_order(len(part), seed, epoch) if shuffle else np.arange(len(part))
    stop = len(order) - len(order) % batch_size if drop_last else len(order)
    cuts = [order[start : start + batch_size] for start in range(0, stop, batch_size)]
    device = torch.device(device)

    def load(positions: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        images, labels = part.gather(positions)
        images = images.contiguous(memory_format=memory_format)
        if device.type == "cuda":
            images, labels = images.pin_memory(), labels.pin_memory()
        return images, labels

    is_pinned = device.type == "cuda"  # else the copy may be used before it is there: pytorch/issues/139550
    for images, labels in _ahead(load, cuts) if is_pinned else map(load, cuts):
        yield images.to(device, non_blocking=is_pinned), labels.to(device, non_blocking=is_pinned)


def _ahead(load: Callable[[np.ndarray], Loaded], cuts: list[np.ndarray], depth: int = 2) -> Iterator[Loaded]:
    """Results of `load` in order, made by a thread up to `depth` ahead, which ends when the loop is left."""
    with ThreadPoolExecutor(1, "batches") as pool:
        ready: deque[Future] = deque()
        for positions in cuts:
            ready.append(pool.submit(load, positions))
            if len(ready) > depth:
                yield ready.popleft().result()
        while ready:
            yield ready.popleft().result()
