"""What is odd about a set's masks as a whole: pixels that count nowhere, classes without pixels or in one part."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.datasets.streets.ignored import ignored_remark
from helpers.datasets.streets.types import Scene


def odd_about(
    classes: Sequence[str], pixels: np.ndarray, labels: Sequence[str], parts: Mapping[str, Sequence[Scene]]
) -> list[str]:
    """Sentences. pixels: (N, C + 1), of each class in each mask `labels`, those that count nowhere at the end."""
    found = []
    if (ignored := ignored_remark(pixels[:, -1].sum() / pixels.sum())) is not None:
        found.append(ignored)
    row_of = {label: row for row, label in enumerate(labels)}
    by_part = {part: pixels[[row_of[scene.label] for scene in scenes]].sum(0) for part, scenes in parts.items()}
    for number, name in enumerate(classes):
        having = [part for part, counts in by_part.items() if counts[number]]
        if not having:
            found.append(f"Class “{name}” has no pixel in any mask: no network can learn it, and it has no score.")
        elif "train" in by_part and "train" not in having:
            found.append(
                f"Class “{name}” has pixels in {' and '.join(having)} alone, none in train: it cannot be learnt."
            )
        elif missing := [part for part in by_part if part not in having]:
            lacks = "it has no score there" if "test" in missing else "the epoch is chosen without it"
            found.append(f"Class “{name}” has no pixels in {' and '.join(missing)}: {lacks}.")
    return found
