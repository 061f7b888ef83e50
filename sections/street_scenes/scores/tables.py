"""Tables of a segmenter's scores: in total, class by class, several networks side by side (chapter 07)."""

from collections.abc import Sequence

from helpers.metrics.intervals import Interval
from helpers.metrics.segmentation import mean_over, segmentation_scores
from helpers.segmentation.resampling import mean_iou_of_shown, what_is_drawn
from helpers.segmentation.types import SegmenterEvaluation
from helpers.show.display import Picture, Table
from helpers.show.table import seed_cells
from helpers.show.words import change, changed, count
from sections.street_scenes.scores.measured import TOTALS, Results
from sections.street_scenes.scores.pictures import iou_by_class


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
        f"Scores of {results.title} over {count(len(results.evaluation), 'scene')}, with 95 % intervals over "
        f"{what_is_drawn(results.evaluation)} in brackets."
        + (" Average precision is counted at the size that the network sees." if results.is_resized else ""),
        {"*": ".3f", "Difference": change},
    )


def scores_by_class(results: Results, seeds: Sequence[SegmenterEvaluation] = ()) -> Table:
    """One row a class: how often it occurs, and every score; with several seeds also the spread of its IoU."""
    truth, intervals = results.evaluation.matrices.sum(2), results.intervals
    over = [segmentation_scores(one.matrix).iou for one in seeds]
    rows = [
        {
            "Class": name,
            "Scenes": int((truth[:, c] > 0).sum()),
            "Pixels": truth[:, c].sum() / truth.sum(),
            "IoU": intervals["iou"][c],
            **seed_cells("IoU", [ious[c] for ious in over], 2),
            "Dice (F1)": intervals["f1"][c],
            "Precision": intervals["precision"][c],
            "Recall": intervals["recall"][c],
            "AP": results.average_precision[c],
            "Mean IoU of scenes": float(mean_over(results.scene_ious[:, c])),
        }
        for c, name in enumerate(results.classes)
    ]
    return Table(
        rows,
        f"{results.title}, class by class, with 95 % intervals over {what_is_drawn(results.evaluation)} in "
        "brackets. Scenes: how many show the class. Pixels: its share of the labels.",
        {"*": ".2f", "Scenes": ",d", "Pixels": ".2%"},
    )


def counted_otherwise(results: Results) -> Table:
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


def networks_side_by_side(
    models: Sequence[Results], differences: Sequence[Interval], facts: Sequence[dict]
) -> list[Table | Picture]:
    """Several networks on the same scenes, in total and by class.

    differences: of the mean IoU of each to that of the first, paired.
    """
    rows = [
        {
            "Network": model.title,
            "Parameters": one.get("parameters"),
            "Mean IoU": mean_iou_of_shown(model.evaluation),
            "Difference": changed(difference) if difference else None,
            "Pixel accuracy": model.intervals["pixel_accuracy"],
            "mAP": model.mean_average_precision,
        }
        for model, one, difference in zip(models, facts, [None, *differences], strict=True)
    ]
    shown = int((models[0].scores.truth_pixels > 0).sum())
    table = Table(
        rows,
        f"The same scenes for all. Mean IoU: over the {count(shown, 'class', 'classes')} in the truth, the same "
        "for all. Difference: mean IoU minus that of the first, with its paired 95 % interval.",
        {"*": ".3f", "Parameters": ",d"},
    )
    return [table, iou_by_class(models)]
