"""Scenes and what a network makes of them: masks in the classes' colours, overlays, errors, confidence."""

from collections.abc import Sequence
from pathlib import PurePosixPath

import cv2
import matplotlib
import numpy as np

from helpers.datasets.streets.types import IGNORE
from helpers.show.names import short
from helpers.show.picture import Picture
from helpers.show.style import CLASS_COLOURS, new_figure

PANEL = 480  # pixels: width of a scene on a page
UNLABELLED = (0, 0, 0)  # as in Cityscapes' own pictures
RIGHT, WRONG, NOT_COUNTED = (232, 236, 241), (213, 94, 0), (90, 97, 110)
CONFIDENCE = "cividis"
COLUMNS, LEGEND_WIDTH = 3, 4.6  # of a legend; inches, so that its names can be read on a phone

HOME, TARGET = CLASS_COLOURS[0], CLASS_COLOURS[1]
LINE = 0.27  # inches a class takes in a list of classes


def scene_name(sequence: str, file: str) -> str:
    """A scene as every page calls it, sequence and file: drives number their frames alike. One that is a sequence
    by itself is called by its file alone."""
    path = PurePosixPath(file)
    return path.name if PurePosixPath(sequence).name == path.stem else f"{sequence}/{path.name}"


def colour_mask(label: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8: each pixel of `label` (H, W) in its class's colour, black where it is ignored.

    colours: (C, 3) uint8 RGB.
    """
    table = np.zeros((256, 3), np.uint8)
    table[: len(colours)] = colours
    table[IGNORE] = UNLABELLED
    return table[label]


def overlay(image: np.ndarray, label: np.ndarray, colours: np.ndarray, opacity: float = 0.55) -> np.ndarray:
    """(H, W, 3) uint8: the image with its mask laid over it; ignored pixels show the image as it is."""
    mixed = cv2.addWeighted(image, 1 - opacity, colour_mask(label, colours), opacity, 0)
    return np.where((label == IGNORE)[..., None], image, mixed)


def error_map(label: np.ndarray, prediction: np.ndarray, image: np.ndarray | None = None) -> np.ndarray:
    """(H, W, 3) uint8: pale where the prediction is right, orange where wrong, dark grey where nothing counts.

    With `image` (H, W, 3) its light and shade show through, so that one sees what the errors lie on.
    """
    kind = np.where(label == IGNORE, 2, (label != prediction).astype(np.uint8))
    flat = np.array([RIGHT, WRONG, NOT_COUNTED], np.uint8)[kind]
    if image is None:
        return flat
    light = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return cv2.addWeighted(flat, 0.7, light, 0.3, 0)


def confidence_map(confidence: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8: probability of the predicted class, from dark blue (0) to yellow (1)."""
    table = np.rint(255 * matplotlib.colormaps[CONFIDENCE](np.arange(256))[:, :3]).astype(np.uint8)
    return table[np.rint(255 * np.clip(np.nan_to_num(confidence), 0, 1)).astype(np.uint8)]


def shrunk(pixels: np.ndarray, width: int = PANEL) -> np.ndarray:
    """The array (H, W) or (H, W, 3) no wider than `width`; averaged if it is a picture, else nearest."""
    if pixels.shape[1] <= width:
        return pixels
    size = (width, max(1, round(pixels.shape[0] * width / pixels.shape[1])))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if pixels.ndim == 3 else cv2.INTER_NEAREST)


def legend(classes: Sequence[str], colours: np.ndarray) -> Picture:
    """The colour of each class, for all masks of a page."""
    from matplotlib.patches import Patch

    patches = [
        Patch(facecolor=np.asarray(colour) / 255, edgecolor="#00000055", label=short(name, 16))
        for name, colour in zip(classes, colours, strict=True)
    ]
    patches.append(Patch(facecolor=np.array(UNLABELLED) / 255, label="not counted"))
    columns = min(COLUMNS, len(patches))
    figure = new_figure(LEGEND_WIDTH, 0.15 + 0.25 * -(-len(patches) // columns))
    figure.legend(handles=patches, loc="center", ncols=columns, columnspacing=1.2, handlelength=1.3)
    return Picture(figure, f"Legend: a colour for each of the classes {', '.join(classes)}; black is not counted.")


def class_names(names: Sequence[str]) -> list[str]:
    """Names as they fit beside the rows of a picture."""
    return [short(name, 18) for name in names]
