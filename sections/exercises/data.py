"""Chapter 01: the numbers of the colours, and a split that tears nothing apart."""

from collections.abc import Callable

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from helpers.datasets.types import Splits
from helpers.show.words import percent
from sections.exercises.checking import exercise, expect

SOME = 100  # training images that are enough to try a function on


@exercise
def colour_statistics(answer: Callable, splits: Splits) -> None:
    """Mean and standard deviation of each colour, 0 to 1, over all batches of a loader."""
    draw = torch.Generator().manual_seed(0)
    light = torch.tensor([40, 90, 140, 190, 240]).view(5, 1, 1, 1)  # five images, from dark to bright
    five = (light + torch.randint(-30, 16, (5, 3, 8, 8), generator=draw)).to(torch.uint8)
    own = splits.part("train").gather(np.arange(min(SOME, len(splits.train))))[0]
    for images, size, on in ((five, 2, "five small images"), (own, 32, "this study's images")):
        parts = [part / 255 for part in images.split(size)]
        values = images / 255
        mean = values.mean((0, 2, 3))
        wrapped = (images * images).float().mean((0, 2, 3)) / 255**2 - mean**2
        loader = DataLoader(TensorDataset(images, torch.zeros(len(images), dtype=torch.long)), batch_size=size)
        expect(answer(loader), (mean, values.std((0, 2, 3))), {
            "the numbers are those of pixels from 0 to 255: divide by 255":
                (255 * mean, 255 * values.std((0, 2, 3))),
            "squares of uint8 start again at 0 above 255: make decimal numbers of the images first":
                (mean, wrapped.sqrt()),
            "you took the mean over batches, and the last is smaller than the others: add up sums and counts":
                (_mean(parts, torch.mean), _mean(parts, torch.std)),
            "the spread within batches leaves out that batches differ: add up x and x², take the root last":
                (mean, _mean(parts, torch.std)),
            "you gave the variance: its root is the standard deviation": (mean, values.var((0, 2, 3))),
            "one number came for all colours: three are asked for, so keep the axis of the colours":
                (values.mean(), values.std()),
        }, on=on, within=2e-3)  # fmt: skip


def _mean(parts: list[torch.Tensor], what: Callable) -> torch.Tensor:
    return torch.stack([what(part, (0, 2, 3)) for part in parts]).mean(0)


@exercise
def split_by_group(answer: Callable, splits: Splits) -> None:
    """Positions of the rest and of a part of about a given share, where no group lies in both."""
    unequal = np.random.default_rng(0).permutation(np.repeat(np.arange(12), np.arange(1, 13)))
    for groups, share, on in ((unequal, 0.4, "12 groups of 1 to 12 images"), (splits.groups, 0.2, "this study")):
        found = answer(groups.copy(), share, 0)
        assert found is not None, "nothing comes back: its last line must be a return"
        assert len(found) == 2, "two arrays must come back: the positions of the rest, and those of the part"
        rest, part = (np.asarray(one).ravel() for one in found)
        assert rest.dtype.kind in "iu", "positions are whole numbers: np.flatnonzero makes them of a mask"
        both = np.intersect1d(rest, part)
        assert not len(both), f"on {on}, {len(both)} images are in both parts"
        every = np.sort(np.concatenate([rest, part]))
        assert len(every) == len(groups) and (every == np.arange(len(groups))).all(), (
            f"on {on}, {len(groups)} images must be dealt out, each once, and {len(every)} were: "
            "are these positions of images, or names of groups?"
        )
        torn = np.intersect1d(groups[rest], groups[part])
        assert not len(torn), f"on {on}, {len(torn)} groups are torn apart: deal out groups, not images"
        size, largest = len(part) / len(groups), np.bincount(groups - groups.min()).max() / len(groups)
        assert abs(size - share) <= largest + 0.02, (
            f"on {on}, {percent(share, 0)} of the images were asked for, and {percent(size, 0)} came: is it the "
            "other part, "
            "or were groups counted instead of images?"
        )
        again, *others = (np.sort(answer(groups.copy(), share, seed)[1]) for seed in (0, 1, 2, 3))
        assert np.array_equal(again, np.sort(part)), (
            "two calls with the same seed differ: draw from np.random.default_rng(seed) alone"
        )
        assert groups is not unequal or not all(np.array_equal(again, other) for other in others), (
            "another seed gives the same split: the groups must come in random order"
        )
