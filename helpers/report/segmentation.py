"""Tables and galleries of chapter 07: the two sets, the classes, the scores, the scenes that went wrong."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

import numpy as np

from helpers.datasets.segmentation.types import IGNORE, SegmentationSet
from helpers.metrics.intervals import Interval
from helpers.plots.picture import Picture
from helpers.plots.segmentation import class_ious, total_scores
from helpers.readings.failures import correlation, likely_reasons
from helpers.readings.segmentation import change, changed
from helpers.report.display import Note, Table
from helpers.report.scenes import SceneCard, SceneGallery, result_photos, truth_photos
from helpers.segmentation.class_mix import ClassMix, telling_scenes
from helpers.segmentation.failures import MEASURES, Failure, Failures
from helpers.segmentation.results import TOTALS, Results, mean_of

MOST_LISTED = 12  # sequences named one by one
LOWEST = 4  # classes named on a card
SceneOf = Callable[[int], tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]


def sets_table(home: SegmentationSet, target: SegmentationSet, target_whole: SegmentationSet) -> Table:
    """Where the two sets are from, under which licence, and what of them is used."""
    facts = [_set_facts(home, len(home)), _set_facts(target, len(target_whole))]
    return Table([{"": name, "Home": facts[0][name], "Target": facts[1][name]} for name in facts[0]])


def _set_facts(scenes: SegmentationSet, whole: int) -> dict[str, str]:
    info = scenes.info
    return {
        "Set": f"{info.title}: a drawn stand-in" if scenes.is_sample else info.title,
        "Publisher": info.home,
        "Licence of the real set": info.licence,
        "How to get it": info.how_to_get,
        "Part": scenes.part,
        "Scenes": f"{len(scenes):,}" if len(scenes) == whole else f"{len(scenes):,} of {whole:,}",
        "Sequences or cities": str(sequences(scenes)),
        "Its own classes": str(len(scenes.native)),
        "Fingerprint": scenes.fingerprint,
    }


def loaded_table(home: SegmentationSet, target: SegmentationSet) -> Table:
    """What the loader hands on: the first scene of each set as arrays."""
    rows = []
    for scenes in (home, target):
        image, label = scenes.read_image(0), scenes.read_label(0)
        values = np.unique(label).tolist()
        rows.append(
            {
                "Image": scenes.scenes[0].image,
                "Label": scenes.scenes[0].label,
                "Image array": f"{' × '.join(map(str, image.shape))}, {image.dtype}",
                "Label array": f"{' × '.join(map(str, label.shape))}, {label.dtype}",
                "Values in the label": ", ".join(map(str, values)),
            }
        )
    return Table(
        rows,
        f"The first scene of each set as it is loaded: {IGNORE} is not counted, the other values are numbers of "
        "shared classes.",
    )


def shared_class_table(home: SegmentationSet, target: SegmentationSet) -> Table:
    """For each shared class the publishers' classes that count as it; a star marks a debatable one."""
    names = [*home.classes, None]
    sets = {"Home": home, "Target": target}
    rows = []
    for shared in names:
        row = {"Shared class": shared or "not counted"}
        row |= {f"{place}: {one.name}": _counted_as(one, shared) for place, one in sets.items()}
        rows.append(row | {"Remark": _remarks(sets.values(), shared)})
    return Table(
        rows,
        "Which classes of each set count as which shared class, by name. A star marks what is debatable: the "
        "scores are given with and without it.",
    )


def uncounted_table(home: SegmentationSet, home_mix: ClassMix, target: SegmentationSet, mix: ClassMix) -> Table:
    """What is labelled but has no place in the shared list: its share of all pixels, largest first, and why."""
    rows = [row for scenes, one in ((home, home_mix), (target, mix)) for row in _uncounted(scenes, one)]
    rows.sort(key=lambda row: -row["Pixels"])
    return Table(
        rows,
        "What is in these scenes but not counted, as a share of all their pixels.",
        {"Pixels": ".2%", "Scenes": ".0%"},
    )


def _uncounted(scenes: SegmentationSet, mix: ClassMix) -> list[dict[str, object]]:
    whole = max(1, int(mix.pixels.sum() + mix.ignored.sum()))
    return [
        {
            "Class": one.name,
            "Set": mix.title,
            "Pixels": pixels.sum() / whole,
            "Scenes": (pixels > 0).mean(),
            "Remark": one.remark,
        }
        for one, pixels in zip(scenes.native, mix.native.T, strict=True)
        if one.shared is None and pixels.any()
    ]


def _counted_as(scenes: SegmentationSet, shared: str | None) -> str:
    found = [one.name + ("*" if one.debatable else "") for one in scenes.native if one.shared == shared]
    return ", ".join(found) or "–"


def _remarks(sets: Sequence[SegmentationSet], shared: str | None) -> str:
    told = [
        f"{one.name}: {one.remark}"
        for scenes in sets
        for one in scenes.native
        if one.shared == shared and one.remark and one.debatable
    ]
    return "; ".join(dict.fromkeys(told))


def mix_table(home: ClassMix, target: ClassMix) -> Table:
    """Pixels and scenes of each class in both sets, in per cent."""
    rows = [
        {
            "Class": name,
            f"{home.title}, pixels": home.shares[c],
            f"{target.title}, pixels": target.shares[c],
            f"{home.title}, scenes": home.containing[c],
            f"{target.title}, scenes": target.containing[c],
        }
        for c, name in enumerate(home.classes)
    ]
    shares = {name: ".2%" if name.endswith("pixels") else ".0%" for name in rows[0] if name != "Class"}
    return Table(rows, "Share of the labelled pixels, and of the scenes with at least one pixel.", shares)


def examples(scenes: SegmentationSet, mix: ClassMix, most: int) -> SceneGallery:
    """Scenes that show as many classes as possible between them: image, mask, overlay."""
    cards = [_example(scenes, position) for position in telling_scenes(mix.pixels, most)]
    return SceneGallery(cards, f"{mix.title}: scenes that show as many classes as possible between them.")


def _example(scenes: SegmentationSet, position: int) -> SceneCard:
    scene = scenes.scenes[position]
    name = PurePosixPath(scene.image).name
    photos = truth_photos(scenes.read_image(position), scenes.read_label(position), scenes.colours, name)
    return SceneCard(photos, f"{scene.sequence}/{name}")


def sequences(scenes: SegmentationSet) -> int:
    """How many sequences (drives, or cities) the scenes are from."""
    return len({scene.sequence for scene in scenes.scenes})


def sequence_table(target: SegmentationSet, whole: SegmentationSet) -> Table:
    """How many scenes of each sequence are evaluated; the largest sequences where there are many."""
    chosen = Counter(scene.sequence for scene in target.scenes)
    there = Counter(scene.sequence for scene in whole.scenes)
    names = sorted(there, key=lambda name: (-there[name], name))
    rows = [_sequence(name, chosen[name], there[name]) for name in names[:MOST_LISTED]]
    if rest := names[MOST_LISTED:]:
        rows.append(
            _sequence(f"{len(rest)} more", *(sum(kind[name] for name in rest) for kind in (chosen, there)))
        )
    rows.append(_sequence("all", len(target), len(whole)))
    return Table(rows, "Scenes of each sequence that are evaluated.", {"Share": ".0%"})


def _sequence(name: str, chosen: int, there: int) -> dict[str, object]:
    return {"Sequence": name, "Evaluated": chosen, "Labelled scenes": there, "Share": chosen / there}


def total_table(results: Results) -> Table:
    """Each total score at the labels' own size with its interval, at the network's size, and without debatable "
    "rows."""
    size = f"At {results.evaluation.size} × {results.evaluation.size}"
    rows = [
        {
            "Score": title,
            "Own resolution": results.intervals[name],
            size: getattr(results.network_scores, name),
            "Difference": getattr(results.network_scores, name) - getattr(results.scores, name),
            "Without debatable": getattr(results.strict_scores, name),
        }
        for name, title in TOTALS.items()
    ]
    rows.append({"Score": "Mean average precision (mAP)", size: results.mean_average_precision})
    return Table(
        rows,
        f"Scores of {results.title} over all {len(results.evaluation):,} scenes, with 95 % intervals in brackets. "
        "Average precision is counted at the size that the network sees.",
        {"*": ".3f", "Difference": change},
    )


def class_table(results: Results) -> Table:
    """One row a class: every score, and its share of the pixels."""
    scores = results.scores
    truth = scores.truth_pixels / scores.truth_pixels.sum()
    rows = [
        {
            "Class": name,
            "Pixels": truth[c],
            "IoU": results.intervals["iou"][c],
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
    rows = [
        {
            "Class": name,
            "Own resolution": own[c],
            size: network[c],
            "Change": network[c] - own[c],
            "Without debatable": strict[c],
            "Change ": strict[c] - own[c] if results.evaluation.debatable.any() else np.nan,
        }
        for c, name in enumerate(results.classes)
    ]
    return Table(rows, "IoU counted in three ways.", {"*": ".3f", "Change": change, "Change ": change})


def measure_table(failures: Failures) -> Table:
    """What was measured of each scene, its range, and its correlation with scene IoU."""
    found = {one.measure.key: one for one in failures.correlations}
    rows = []
    for measure in MEASURES:
        if measure.key not in failures.values:
            continue
        low, middle, high = np.quantile(failures.values[measure.key][failures.scored], [0.05, 0.5, 0.95])
        row = {"Measured": measure.title, "How": measure.meaning, "5 %": low, "Median": middle, "95 %": high}
        one = found.get(measure.key)
        rows.append(row | {"ρ": one.rho if one else None, "p (Holm)": one.p if one else None})
    return Table(
        rows,
        "Measurements of the scenes: the middle nine tenths of their values, and Spearman's rank correlation "
        "with the mean IoU of the scene, with its 95 % interval.",
        {"ρ": correlation, "p (Holm)": ".3f"},
    )


def failure_gallery(failures: Failures, most: int, scene_of: SceneOf, colours: np.ndarray) -> SceneGallery:
    """The scenes with the lowest mean IoU: image, truth, prediction, errors, confidence, and likely reasons."""
    cards = [_failure_card(one, failures, scene_of, colours) for one in failures.worst(most)]
    return SceneGallery(
        cards,
        "Errors: orange is wrong, pale is right, dark grey is not counted. Confidence: the probability of the "
        "predicted class, from dark blue (0) to yellow (1).",
    )


def _failure_card(one: Failure, failures: Failures, scene_of: SceneOf, colours: np.ndarray) -> SceneCard:
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
