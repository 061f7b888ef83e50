"""Batches: the right images with the right labels, in an order that only seed and epoch decide."""

import threading

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from helpers.datasets.loader import ImagePart, _ahead, batches, epoch_order


@pytest.fixture
def part(tmp_path) -> ImagePart:
    images = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 3), dtype=np.uint8)
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    index = np.arange(1, 20, 2)
    return ImagePart(mapped, np.arange(20), [f"{i}.jpg" for i in range(20)], index)


def test_part_speaks_of_its_own_images(part):
    assert len(part) == 10
    assert part.files[2] == "5.jpg"
    image, label = part[2]
    assert label == 5 and type(label) is int
    assert image.shape == (3, 8, 8) and image.dtype == torch.uint8
    assert np.array_equal(image.permute(1, 2, 0), part.source[5])
    assert np.array_equal(part.images, part.source[1::2])


def test_torch_data_loader_takes_it(part):
    images, labels = next(iter(DataLoader(part, batch_size=4, num_workers=0)))
    assert images.shape == (4, 3, 8, 8)
    assert labels.tolist() == [1, 3, 5, 7]


def test_batches_hold_every_image_once_with_its_label(part):
    seen = []
    for images, labels in batches(part, 4, shuffle=True, seed=1, epoch=2):
        for image, label in zip(images, labels, strict=True):
            assert np.array_equal(image.permute(1, 2, 0), part.source[label])
        seen += labels.tolist()
    assert sorted(seen) == list(range(1, 20, 2))


def test_order_depends_on_seed_and_epoch_alone(part):
    def labels(**how):
        return torch.cat([y for _, y in batches(part, 3, shuffle=True, **how)]).tolist()

    assert labels(seed=1, epoch=5) == labels(seed=1, epoch=5)
    assert labels(seed=1, epoch=5) != labels(seed=1, epoch=6) != labels(seed=2, epoch=6)
    assert np.array_equal(np.sort(epoch_order(10, 1, 5)), np.arange(10))


def test_batches_are_equal_to_the_data_loader(part):
    ours = list(batches(part, 4))
    theirs = list(DataLoader(part, batch_size=4))
    assert len(ours) == len(theirs) == 3
    for (x, y), (u, v) in zip(ours, theirs, strict=True):
        assert torch.equal(x, u) and torch.equal(y, v)


@pytest.mark.parametrize(("drop", "sizes"), [(False, [4, 4, 2]), (True, [4, 4])])
def test_last_batch(part, drop, sizes):
    assert [len(y) for _, y in batches(part, 4, drop_last=drop)] == sizes


def test_an_order_may_be_given(part):
    assert [y.tolist() for _, y in batches(part, 2, order=np.array([9, 0, 0]))] == [[19, 1], [1]]


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_memory_format(part, memory_format):
    images, _ = next(iter(batches(part, 4, memory_format=memory_format)))
    assert images.is_contiguous(memory_format=memory_format)


def test_working_ahead_keeps_order_and_passes_errors():
    assert list(_ahead(lambda n: n * n, list(range(50)))) == [n * n for n in range(50)]
    with pytest.raises(ZeroDivisionError):
        list(_ahead(lambda n: 1 // n, [1, 0, 1]))


def test_leaving_early_ends_the_thread():
    before = threading.active_count()
    ahead = _ahead(lambda n: n, list(range(1000)))
    next(ahead)
    ahead.close()
    assert threading.active_count() <= before
