"""What was measured of the scenes, and the scenes that went wrong (chapter 07)."""

from collections.abc import Callable

import numpy as np

from helpers.metrics.segmentation import class_ious
from helpers.show.display import Photo, Table
from helpers.show.scene_cards import SceneCard, SceneGallery
from helpers.show.scenes import confidence_map, error_map, overlay, scene_name, shrunk
from helpers.show.words import bare_p_value, number
from sections.street_scenes.failures.measured import Failures
from sections.street_scenes.failures.sentences import likely_reasons

LOWEST_CLASSES = 4  # named on a card
SceneOf = Callable[[int], tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]


def measure_table(failures: Failures) -> Table:
    """What was measured of each scene and how, its range, and its correlation with scene IoU."""
    found = {one.measure.key: one for one in failures.correlations}
    rows = []
    for one in failures.measures:
        low, middle, high = failures.scenes[one.key].quantile([0.05, 0.5, 0.95])
        row = {"Measured": one.title, "How": one.meaning, "5 %": low, "Median": middle, "95 %": high}
        tested = found.get(one.key)
        rows.append(row | {"ρ": tested and tested.rho, "p (Holm)": tested and tested.p})
    return Table(
        rows,
        "Measurements of the scenes as the network sees them: the middle nine tenths of their values, and "
        "Spearman's rank correlation with the mean IoU of the scene, with its 95 % interval.",
        {"ρ": ".2f", "p (Holm)": bare_p_value},
    )


def failure_gallery(failures: Failures, most: int, scene_of: SceneOf, colours: np.ndarray) -> SceneGallery:
    """The scenes with the lowest mean IoU: image, truth, prediction, errors, confidence, and likely reasons."""
    return SceneGallery(
        [_card(position, failures, scene_of, colours) for position in failures.scenes.index[:most]],
        "Errors: orange is wrong, pale is right, dark grey is not counted. Confidence: the probability of the "
        "predicted class, from dark blue (0) to yellow (1). Rank: per cent of the scenes with less of it.",
    )


def _card(position: int, failures: Failures, scene_of: SceneOf, colours: np.ndarray) -> SceneCard:
    scene, found = failures.scenes.loc[position], failures.evaluation
    name = scene_name(scene["sequence"], scene["file"])
    ious = class_ious(found.matrices[position][None])[0]
    lowest = [c for c in np.argsort(ious, kind="stable") if not np.isnan(ious[c])][:LOWEST_CLASSES]
    return SceneCard(
        result_photos(*scene_of(position), colours, name),
        f"Mean IoU {number(scene['mean_iou'])} · {name}",
        {"Lowest class IoU": ", ".join(f"{found.classes[c]} {number(ious[c], 2)}" for c in lowest)},
        likely_reasons(failures, position),
    )


def result_photos(
    image: np.ndarray,
    label: np.ndarray,
    prediction: np.ndarray,
    confidence: np.ndarray,
    colours: np.ndarray,
    name: str,
) -> list[Photo]:
    """Image, truth, prediction, errors and confidence of one scene, all at the size of a page."""
    image, label, prediction = shrunk(image), shrunk(label), shrunk(prediction)
    confidence = shrunk(confidence.astype(np.float32))
    return [
        Photo(image, f"Scene {name}", "image"),
        Photo(overlay(image, label, colours), f"Truth laid over {name}", "truth"),
        Photo(overlay(image, prediction, colours), f"Prediction laid over {name}", "prediction"),
        Photo(error_map(label, prediction, image), f"Error map of {name}: wrong pixels are orange", "errors"),
        Photo(confidence_map(confidence), f"Confidence map of {name}: dark is unsure", "confidence"),
    ]
