"""A data set without files: noise for images, with the classes, parts and near-duplicates that a test asks for."""

from pathlib import Path

import numpy as np

from helpers.datasets.types import DataSetInfo, Duplicates, Splits, Unreadable

INFO = DataSetInfo("Toys", "https://example.org/<toys>", "CC0", "Ask for it.", "")


def made_up_splits(
    labels: list[int],
    train: list[int],
    val: list[int],
    test: list[int],
    *,
    groups: list[int] | None = None,
    duplicates: Duplicates | None = None,
    classes: tuple[str, ...] = ("cat", "dog"),
    manifest: dict | None = None,
    **more,
) -> Splits:
    """Images 8 × 8, file `<class>/<number>.jpg`; every image is its own group unless told otherwise."""
    count = len(labels)
    return Splits(
        name="toys",
        classes=classes,
        info=INFO,
        is_sample=manifest is not None,
        root=Path("toys"),
        fingerprint="abc",
        files=[f"{classes[label]}/{number}.jpg" for number, label in enumerate(labels)],
        labels=np.array(labels, dtype=np.int64),
        sizes=np.full((count, 2), 8, dtype=np.int32),
        images=np.random.default_rng(0).integers(0, 256, (count, 8, 8, 3), dtype=np.uint8),
        groups=np.array(groups if groups is not None else range(count), dtype=np.int64),
        unreadable=more.pop("unreadable", []),
        ignored=more.pop("ignored", []),
        duplicates=duplicates or Duplicates(),
        train=np.array(train),
        val=np.array(val),
        test=np.array(test),
        manifest=manifest,
        **more,
    )


def unreadable(path: str) -> Unreadable:
    return Unreadable(path, "the file is empty (0 bytes)")
