"""Tables and galleries of a segmenter's scores, and of the scenes that went wrong (chapter 07)."""

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

import numpy as np

from helpers.metrics.intervals import Interval
from helpers.metrics.segmentation import segmentation_scores
from helpers.segmentation.types import SegmenterEvaluation
from helpers.show.display import Note, Table
from helpers.show.picture import Picture
from helpers.show.scene_cards import SceneCard, SceneGallery, result_photos
from helpers.show.table import seed_cells
from helpers.show.words import bare_p_value, change, changed
from sections.street_scenes.failures.measured import MEASURES, FailedScene, Failures
from sections.street_scenes.failures.sentences import correlation, likely_reasons
from sections.street_scenes.scores.measured import TOTALS, Results
from sections.street_scenes.scores.pictures import class_ious, total_scores
from sections.street_scenes.scores.scene_gap import mean_of

MOST_LISTED = 12  # sequences named one by one
LOWEST = 4  # classes named on a card
SceneOf = Callable[[int], tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]


def total_table(results: Results, seeds: Sequence[SegmenterEvaluation] = ()) -> Table:
    """Each total score at the labels' own size with its interval; where they differ from that also at the
    network's size, and without debatable rows. `seeds`: the same of every seed, for mean ± standard deviation."""
    size = f"At {results.evaluation.size} × {results.evaluation.size}"
    over = [segmentation_scores(one.matrix) for one in seeds]
    rows = []
    for name, title in TOTALS.items():
        row = {"Score": title, "Own resolution": results.intervals[name]}
        row |= seed_cells("Own resolution", [getattr(scores, name) for scores in over])
        if results.is_resized:
            network = getattr(results.network_scores, name)
            row |= {size: network, "Difference": network - getattr(results.scores, name)}
        if results.evaluation.debatable.any():
            row["Without debatable"] = getattr(results.strict_scores, name)
        rows.append(row)
    place = size if results.is_resized else "Own resolution"
    rows.append({"Score": "Mean average precision (mAP)", place: results.mean_average_precision})
    return Table(
        rows,
        f"Scores of {results.title} over all {len(results.evaluation):,} scenes, with 95 % intervals in brackets."
        + (" Average precision is counted at the size that the network sees." if results.is_resized else ""),
        {"*": ".3f", "Difference": change},
    )


def class_table(results: Results, seeds: Sequence[SegmenterEvaluation] = ()) -> Table:
    """One row a class: every score, and its share of the pixels; with several seeds also the spread of its IoU."""
    scores = results.scores
    over = [segmentation_scores(one.matrix).iou for one in seeds]
    truth = scores.truth_pixels / scores.truth_pixels.sum()
    rows = [
        {
            "Class": name,
            "Pixels": truth[c],
            "IoU": results.intervals["iou"][c],
            **seed_cells("IoU", [ious[c] for ious in over], 2),
            "Dice": scores.dice[c],
            "Precision": scores.precision[c],
            "Recall": scores.recall[c],
            "AP": results.average_precision[c],
            "Mean IoU of scenes": mean_of(results.scene_ious[:, c]),
        }
        for c, name in enumerate(results.classes)
    ]
    rows.append(
        {
            "Class": "mean",
            "IoU": results.intervals["mean_iou"],
            "Dice": scores.mean_dice,
            "Precision": scores.mean_precision,
            "Recall": scores.mean_recall,
            "AP": results.mean_average_precision,
        }
    )
    return Table(rows, f"{results.title}, class by class.", {"*": ".2f", "Pixels": ".2%"})


def change_table(results: Results) -> Table:
    """IoU of each class at the labels' own size, at the network's, and without debatable rows."""
    own, network, strict = results.scores.iou, results.network_scores.iou, results.strict_scores.iou
    size = f"{results.evaluation.size} × {results.evaluation.size}"
    rows = []
    for c, name in enumerate(results.classes):
        row = {"Class": name, "Own resolution": own[c], size: network[c], "Change": network[c] - own[c]}
        if results.evaluation.debatable.any():
            row |= {"Without debatable": strict[c], "Change ": strict[c] - own[c]}
        rows.append(row)
    return Table(
        rows, "IoU of each class, counted in different ways.", {"*": ".3f", "Change": change, "Change ": change}
    )


def measure_tables(failures: Failures) -> list[Table]:
    """What was measured of each scene, its range, its correlation with scene IoU; how, in a table of its own."""
    found = {one.measure.key: one for one in failures.correlations}
    known = [measure for measure in MEASURES if measure.key in failures.values]
    rows = []
    for measure in known:
        low, middle, high = np.quantile(failures.values[measure.key][failures.scored], [0.05, 0.5, 0.95])
        row = {"Measured": measure.title, "5 %": low, "Median": middle, "95 %": high}
        one = found.get(measure.key)
        rows.append(row | {"ρ": one.rho if one else None, "p (Holm)": one.p if one else None})
    numbers = Table(
        rows,
        "Measurements of the scenes: the middle nine tenths of their values, and Spearman's rank correlation "
        "with the mean IoU of the scene, with its 95 % interval.",
        {"ρ": correlation, "p (Holm)": bare_p_value},
    )
    meanings = [{"Measured": one.title, "How": one.meaning} for one in known]
    return [numbers, Table(meanings, "How each is measured, on the scene as the network sees it.")]


def failure_gallery(failures: Failures, most: int, scene_of: SceneOf, colours: np.ndarray) -> SceneGallery:
    """The scenes with the lowest mean IoU: image, truth, prediction, errors, confidence, and likely reasons."""
    cards = [_failure_card(one, failures, scene_of, colours) for one in failures.worst(most)]
    return SceneGallery(
        cards,
        "Errors: orange is wrong, pale is right, dark grey is not counted. Confidence: the probability of the "
        "predicted class, from dark blue (0) to yellow (1).",
    )


def _failure_card(one: FailedScene, failures: Failures, scene_of: SceneOf, colours: np.ndarray) -> SceneCard:
    name = PurePosixPath(one.file).name
    lowest = [f"{key} {value:.2f}" for key, value in list(one.ious.items())[:LOWEST]]
    titles = {measure.key: measure.title for measure in MEASURES}
    extreme = sorted(one.ranks, key=lambda key: -abs(one.ranks[key] - 50))[:LOWEST]
    facts = {
        "Lowest class IoU": ", ".join(lowest),
        "Most unusual": ", ".join(f"{titles[key]} (rank {one.ranks[key]:.0f})" for key in extreme),
    }
    photos = result_photos(*scene_of(one.position), colours, name)
    return SceneCard(
        photos,
        f"Mean IoU {one.iou:.3f} · {one.sequence}/{name}",
        facts,
        likely_reasons(one, failures.correlations),
    )


def model_items(
    models: Sequence[Results], differences: Sequence[Interval], facts: Sequence[dict]
) -> list[Picture | Table | Note]:
    """Several networks side by side, in total and by class; a note where the study has one only."""
    if len(models) < 2:
        return [
            Note("This study names one network. A second one under `segmentation.models` would be compared here.")
        ]
    return [model_table(models, differences, facts), total_scores(models, TOTALS), class_ious(models)]


def model_table(models: Sequence[Results], differences: Sequence[Interval], facts: Sequence[dict]) -> Table:
    """Several networks on the same scenes, with the paired difference of mean IoU to the first."""
    rows = [
        {
            "Network": model.title,
            "Parameters": one.get("parameters"),
            "Mean IoU": model.intervals["mean_iou"],
            "Difference": changed(difference) if difference else None,
            "Pixel accuracy": model.intervals["pixel_accuracy"],
            "mAP": model.mean_average_precision,
        }
        for model, one, difference in zip(models, facts, [None, *differences], strict=True)
    ]
    return Table(
        rows,
        "The same scenes for all. Difference: mean IoU minus that of the first, with its paired 95 % interval.",
        {"*": ".3f", "Parameters": ",d"},
    )
