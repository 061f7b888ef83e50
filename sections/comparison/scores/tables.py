"""Tables and galleries that compare models (chapter 06)."""

from collections.abc import Callable

import numpy as np

from helpers.datasets.types import Splits
from helpers.metrics.classification import Scores
from helpers.metrics.comparison import gain_of
from helpers.show.display import Card, Gallery, Note, Photo, Table
from helpers.show.table import seed_cells
from helpers.show.words import bare_p_value, percent
from sections.comparison.scores.measured import Comparison, hardest_images, patterns


def comparison_table(comparison: Comparison) -> Table:
    """One row a model: accuracy and the means over classes with intervals, and mean ± deviation over seeds."""
    rows, metrics = [], comparison.metrics
    for result in comparison.models.values():
        row = {"Model": result.title} | {
            title: result.evaluation.intervals[name] for name, title in metrics.items()
        }
        for name, title in metrics.items():
            row |= seed_cells(title, [getattr(one.scores, name) for one in result.seeds])
        rows.append(row)
    return Table(
        rows,
        f"Scores on the same {len(comparison.labels):,} test images, with 95 % intervals."
        + (" The best is bold." if len(rows) > 1 else ""),
        formats={title: ".3f" for title in metrics.values()},
        highlight={title: "max" for title in metrics.values()} if len(rows) > 1 else {},
    )


def model_pair_table(comparison: Comparison) -> Table:
    """One row a pair of models: the images that only one gets right, the difference, and the test."""
    rows = [
        {
            "First": comparison.title(pair.a),
            "Second": comparison.title(pair.b),
            "Only first right": pair.only_a,
            "Only second right": pair.only_b,
            "Gain": gain_of(pair),
            **seed_cells("Gain", _gains_by_seed(comparison, pair.a, pair.b, lambda scores: scores.accuracy)),
            "p": bare_p_value(pair.p_value),
            "p, Holm": bare_p_value(pair.p_adjusted),
        }
        for pair in comparison.pairs
    ]
    return Table(
        rows,
        "Exact McNemar tests on the same test images. Gain: accuracy of the second minus that of the first, "
        "with its 95 % interval. Holm: corrected for the number of pairs.",
        formats={"Gain": "+.3f"},
    )


def _gains_by_seed(comparison: Comparison, a: str, b: str, score: Callable[[Scores], float]) -> list[float]:
    """What a score gains from model `a` to model `b`, with each seed."""
    seeds = zip(comparison.models[a].seeds, comparison.models[b].seeds, strict=True)
    return [score(second.scores) - score(first.scores) for first, second in seeds]


def class_change_table(comparison: Comparison, most: int = 12) -> Table | Note:
    """The largest changes in one class's recall between two models, largest first."""
    changed = [row for row in comparison.class_differences if row.difference.value != 0]
    if not changed:
        return Note("There are no two models that find a different share of a class's images.")
    rows = []
    for row in sorted(changed, key=lambda row: -abs(row.difference.value))[:most]:
        seeds = _gains_by_seed(comparison, row.a, row.b, lambda scores, of=row.class_index: scores.recall[of])
        rows.append(
            {
                "Class": comparison.classes[row.class_index],
                "Images": row.support,
                "From": comparison.title(row.a),
                "To": comparison.title(row.b),
                "Recall before": row.recall_a,
                "Recall after": row.recall_b,
                "Change": -row.difference.value,
                **seed_cells("Change", seeds, 2),
                "p, Holm": bare_p_value(row.p_adjusted),
            }
        )
    return Table(
        rows,
        f"The {len(rows)} largest of {len(changed):,} changes in recall. The p-value is corrected for "
        f"{len(comparison.class_differences):,} tests (Holm).",
        formats={"*": ".2f", "Images": ",d", "Change": "+.2f"},
    )


def pattern_table(comparison: Comparison, most: int = 12) -> Table:
    """Which models are right together, and on how many images."""
    found = patterns(comparison)
    rows = [
        {one.title: "right" if name in right else "wrong" for name, one in comparison.models.items()}
        | {"Images": images, "Share": images / len(comparison.labels)}
        for right, images in found[:most]
    ]
    left_out = f" The {most} most frequent of {len(found)}." if len(found) > most else ""
    return Table(rows, f"Who is right together.{left_out}", formats={"Share": percent}, row_names=False)


def hardest_gallery(comparison: Comparison, splits: Splits, most: int = 12) -> Gallery | Note:
    """Test images that no model gets right, with what each says; a note where there is none."""
    rows = hardest_images(comparison)
    if not len(rows):
        return Note("There is no test image that every model gets wrong.")
    shown = f"{most} of {len(rows):,}" if len(rows) > most else f"All {len(rows):,}"
    return Gallery(
        [_hard_card(comparison, splits, int(row)) for row in rows[:most]],
        f"{shown} test images that no model gets right, the surest wrong answers first. Below each image its "
        "label and what each model says, in brackets with which probability.",
    )


def _hard_card(comparison: Comparison, splits: Splits, row: int) -> Card:
    index, truth = int(comparison.index[row]), comparison.classes[comparison.labels[row]]
    said = [
        f"{title}: {comparison.classes[of.predictions[row]]} ({percent(float(of.confidence[row]), 0)})"
        for title, of in ((one.title, one.outputs) for one in comparison.models.values())
    ]
    lines = [f"Label: {truth}", *said, splits.files[index]]
    return Card([Photo(np.array(splits.images[index]), f"An image labelled {truth}", "\n".join(lines))])
