"""Tables and galleries that compare models (chapter 06)."""

from collections.abc import Callable, Mapping

import numpy as np

from helpers.datasets.types import Splits
from helpers.metrics.classification import Scores
from helpers.metrics.comparison import ClassDifference, gain_of
from helpers.show.display import Card, Gallery, Note, Photo, Table
from helpers.show.picture import Picture
from helpers.show.table import seed_cells
from helpers.show.words import bare_p_value, percent
from sections.comparison.scores.measured import Comparison, Cost, hardest_images, patterns
from sections.comparison.scores.pictures import pair_differences
from sections.one_model.scores.measured import METRICS

MOST_SPELT = 3  # models whose answers are told one by one below an image
NARROW = "\N{NO-BREAK SPACE}"


def score_table(comparison: Comparison) -> Table:
    """One row a model: accuracy and macro scores with intervals, and mean ± standard deviation over seeds."""
    rows = []
    for result in comparison.models.values():
        row = {"Model": result.title} | {title: result.scores[name] for name, title in METRICS.items()}
        for name, title in METRICS.items():
            row |= seed_cells(title, [getattr(one.scores, name) for one in result.seeds])
        rows.append(row)
    return Table(
        rows,
        f"Scores on the same {len(comparison.labels):,} test images, with 95 % intervals."
        + (" The best is bold." if len(rows) > 1 else ""),
        formats={title: ".3f" for title in METRICS.values()},
        highlight={title: "max" for title in METRICS.values()} if len(rows) > 1 else {},
    )


def pair_items(comparison: Comparison) -> list[Picture | Table]:
    """Picture and table of every pair of models; nothing where there is one model only."""
    return [pair_differences(comparison), pair_table(comparison)] if comparison.pairs else []


def pair_table(comparison: Comparison) -> Table:
    """One row a pair of models: the images that only one gets right, the difference, and the test."""
    rows = [
        {
            "First": comparison.title(pair.a),
            "Second": comparison.title(pair.b),
            "Only first right": pair.only_a,
            "Only second right": pair.only_b,
            "Gain": gain_of(pair),
            **seed_cells("Gain", _gains_by_seed(comparison, pair.a, pair.b, lambda scores: scores.accuracy)),
            "p": _p(pair.p_value),
            "p, Holm": _p(pair.p_adjusted),
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
    largest = sorted(changed, key=lambda row: -abs(row.difference.value))[:most]
    return Table(
        [_change(comparison, row) for row in largest],
        f"The {len(largest)} largest of {len(changed)} changes in recall. The p-value is corrected for "
        f"{len(comparison.class_differences)} tests (Holm).",
        formats={"*": ".2f", "Images": "d", "Change": "+.2f"},
    )


def _change(comparison: Comparison, row: ClassDifference) -> dict[str, object]:
    seeds = _gains_by_seed(comparison, row.a, row.b, lambda scores: scores.recall[row.class_index])
    return {
        "Class": comparison.classes[row.class_index],
        "Images": row.support,
        "From": comparison.title(row.a),
        "To": comparison.title(row.b),
        "Recall before": row.recall_a,
        "Recall after": row.recall_b,
        "Change": -row.difference.value,
        **seed_cells("Change", seeds, 2),
        "p, Holm": _p(row.p_adjusted),
    }


def _p(value: float) -> str:
    return bare_p_value(value).replace(" ", NARROW)


def pattern_table(comparison: Comparison, most: int = 12) -> Table:
    """Which models are right together, and on how many images."""
    found = patterns(comparison)
    marks = {name: comparison.title(name) for name in comparison.models}
    rows = [
        {title: "right" if name in pattern.right else "wrong" for name, title in marks.items()}
        | {"Images": pattern.count, "Share": pattern.count / len(comparison.labels)}
        for pattern in found[:most]
    ]
    left_out = f" The {most} most frequent of {len(found)}." if len(found) > most else ""
    return Table(rows, f"Who is right together.{left_out}", formats={"Share": percent}, row_names=False)


def hardest_gallery(comparison: Comparison, splits: Splits, most: int = 12) -> Gallery | Note:
    """Test images that no model gets right, with what each says; a note where there is none."""
    rows = hardest_images(comparison)
    if not len(rows):
        return Note("There is no test image that every model gets wrong.")
    cards = [_hard_card(comparison, splits, int(row)) for row in rows[:most]]
    shown = f"{len(cards)} of {len(rows)}" if len(rows) > most else f"All {len(rows)}"
    each = "what each model says, in brackets with which probability"
    counted = "how many models say what instead, in brackets with which probability at most"
    caption = (
        f"{shown} test images that no model gets right, the surest wrong answers first. Below each image its "
        f"label and {each if len(comparison.models) <= MOST_SPELT else counted}."
    )
    return Gallery(cards, caption)


def _hard_card(comparison: Comparison, splits: Splits, row: int) -> Card:
    index, truth = int(comparison.index[row]), comparison.classes[comparison.labels[row]]
    said = _said_by_each if len(comparison.models) <= MOST_SPELT else _said_by_how_many
    lines = [f"Label: {truth}", *said(comparison, row), splits.files[index]]
    return Card([Photo(np.array(splits.images[index]), f"An image labelled {truth}", "\n".join(lines))])


def _said_by_each(comparison: Comparison, row: int) -> list[str]:
    return [
        f"{one.title}: {_answer(comparison.classes[one.predictions[row]], one.confidence[row])}"
        for one in comparison.models.values()
    ]


def _said_by_how_many(comparison: Comparison, row: int) -> list[str]:
    """The wrong answers, most frequent first: "7 of 8 models: sea (98 %)"."""
    models = comparison.models.values()
    surest: dict[int, list[float]] = {}
    for one in models:
        surest.setdefault(int(one.predictions[row]), []).append(float(one.confidence[row]))
    often = sorted(surest.items(), key=lambda item: (-len(item[1]), -max(item[1])))
    of = f"of {len(models)} models"
    return [f"{len(found)} {of}: {_answer(comparison.classes[label], max(found))}" for label, found in often]


def _answer(label: str, confidence: float) -> str:
    return f"{label} ({percent(float(confidence), 0).replace(' ', NARROW)})"


def cost_table(comparison: Comparison, costs: Mapping[str, Cost]) -> Table:
    """One row a model: size, work, and what the clock said on this machine."""
    rows = [
        {
            "Model": cost.title,
            "Accuracy": comparison.models[name].scores["accuracy"].value,
            **seed_cells("Accuracy", [one.scores.accuracy for one in comparison.models[name].seeds]),
            "Parameters": cost.parameters,
            "Multiply-adds": cost.multiply_adds,
            "Train, s": cost.train_seconds,
            **seed_cells("Train, s", cost.seconds_by_seed, 0),
            "Train, images/s": cost.train_images_per_second,
            "Test, images/s": cost.test_images_per_second,
        }
        for name, cost in costs.items()
    ]
    formats = {"Accuracy": ".3f", "Parameters": ",d", "Multiply-adds": ",d", "*": ",.0f"}
    return Table(
        rows,
        "Multiply-adds are for one image. Sizes are the same everywhere; s and images/s are this machine's. "
        "Frozen layers see each image once, which counts in s; images/s are then of the layers that learn.",
        formats,
    )
