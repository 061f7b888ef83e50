"""Whether masks have the size of their images."""

from collections.abc import Sequence
from pathlib import Path

from helpers.datasets.masks.pairs import Pair
from helpers.datasets.masks.survey import MaskFacts
from helpers.datasets.streets.digests import file_facts
from helpers.datasets.types import DataError


def refuse_other_sizes(root: Path, pairs: Sequence[Pair], facts: Sequence[MaskFacts]) -> None:
    """Raises DataError where a mask has another size than its image."""
    images = file_facts(root, [pair.image for pair in pairs])
    for pair, image, mask in zip(pairs, images, facts, strict=True):
        if (image.width, image.height) != mask.size:
            raise DataError(
                f"{pair.image} has {image.width} × {image.height} pixels, its mask {pair.label} {mask.size[0]} × "
                f"{mask.size[1]}: give both in one size"
            )
