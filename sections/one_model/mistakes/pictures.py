"""A gallery of mistakes: the image, where the model looked, its nearest training image, and facts."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

import matplotlib
import numpy as np

from helpers.show.display import Card, Gallery, Photo
from helpers.show.style import HEAT
from helpers.show.words import number, percent, quoted, sentence
from sections.one_model.mistakes.measured import MOST_COMPARED, MOST_SEARCHED, PART_NAMES, Mistake

CAPTION = (
    "Left: the image as the network sees it. Middle: where the evidence for the prediction lies (Grad-CAM, bright "
    f"is more). Right: the nearest training image in the network's feature space; of more than {MOST_SEARCHED:,}, "
    "so many are searched, of every class the same share. Ranks are percentiles: of looks among the training "
    f"images, of activation and distance among up to {MOST_COMPARED} right predictions on the same part; 50 is "
    "ordinary, below 5 or above 95 unusual."
)


def mistake_gallery(mistakes: Sequence[Mistake], caption: str = CAPTION) -> Gallery | list[str]:
    """One card a mistake, in the order given; nothing where there are none."""
    return Gallery([card(mistake) for mistake in mistakes], caption) if mistakes else []


def card(mistake: Mistake) -> Card:
    """One mistake with its three images and its facts."""
    facts, part = mistake.facts, f"{PART_NAMES[mistake.part]} image"
    map_alt = f"The same image, bright where the evidence for {facts.predicted} lies"
    photos = [
        Photo(mistake.image, f"{sentence(part)} of {facts.truth}, {mistake.file}", part),
        Photo(with_heat(mistake.image, mistake.heat), map_alt, "evidence"),
        Photo(
            mistake.neighbour_image,
            f"Nearest training image, labelled {mistake.neighbour_label}, {mistake.neighbour_file}",
            f"nearest: {mistake.neighbour_label}",
        ),
    ]
    title = f"{facts.truth} → {facts.predicted} ({percent(facts.confidence, 0)})"
    return Card(photos, title, _listed_facts(mistake))


def with_heat(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """The image (S, S, 3) uint8, darkened and glowing where `heat` (S, S), 0 to 1, is high."""
    colours = matplotlib.colormaps[HEAT](np.clip(heat, 0, 1))[..., :3]
    weight = 0.35 + 0.4 * np.clip(heat, 0, 1)[..., None]
    return np.rint(255 * ((1 - weight) * image / 255 + weight * colours)).astype(np.uint8)


def _listed_facts(mistake: Mistake) -> dict[str, str]:
    f = mistake.facts
    return {
        "Truth": f"{f.truth} ({percent(f.truth_probability, 0)})",
        "Prediction": f"{f.predicted} ({percent(f.confidence, 0)})",
        "Brightness, contrast, sharpness, colour": f"ranks {number(f.brightness, 0)}, {number(f.contrast, 0)}, "
        f"{number(f.sharpness, 0)}, {number(f.colourfulness, 0)}",
        "Activation": f"over {percent(f.activated, 0)} of the image (rank {number(f.activated_rank, 0)}), "
        f"{percent(f.framed, 0)} of it in the outer eighth (rank {number(f.framed_rank, 0)})",
        "Nearest training images": f"{_tally(mistake.neighbour_labels)}; distance rank "
        f"{number(f.distance_rank, 0)}",
        **({"Near-duplicates in training": _tally(f.duplicate_labels)} if f.duplicate_labels else {}),
        "File": PurePosixPath(mistake.file).name,
    }


def _tally(labels: Sequence[str], most: int = 3) -> str:
    """ "“dog” (6), “roe deer” (3), other (1)": in quotation marks, since a class may be called "6"."""
    counted = Counter(labels).most_common()
    told = [f"{quoted(label)} ({amount})" for label, amount in counted[:most]]
    rest = sum(amount for _, amount in counted[most:])
    return ", ".join([*told, f"other ({rest})"] if rest else told)
