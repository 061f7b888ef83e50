"""Tables and galleries of maps that are made patch by patch (chapters 07 and 08)."""

from collections.abc import Sequence

import cv2
import numpy as np
import pandas as pd

from helpers.segmentation.patches.large import ClassMap
from helpers.segmentation.patches.patches import Patches
from helpers.segmentation.types import BANDS
from helpers.show.display import Note, Photo, Table
from helpers.show.scene_cards import SceneCard, SceneGallery
from helpers.show.scenes import confidence_map, overlay, shrunk
from helpers.show.words import percent
from sections.patches.cutting.measured import WayToCut
from sections.street_scenes.class_mix.measured import ClassMix
from sections.street_scenes.class_mix.tables import sequences

OUTLINES = ((213, 94, 0), (0, 114, 178), (240, 228, 66), (204, 121, 167))  # of neighbouring patches
LARGE = 720  # pixels: width of a large image on a page
PERCENT = "\N{NO-BREAK SPACE}%"


def mosaics_table(part: Patches) -> Table:
    """What the mosaics are made of."""
    spec, splits = part.spec, part.splits
    facts = {
        "Tiles of": f"{splits.info.title}: a drawn stand-in" if splits.is_sample else splits.info.title,
        "Mosaics": f"{len(part.home)} of {spec.mosaic_size} × {spec.mosaic_size} pixels, {spec.regions} regions",
        "Test tiles": f"{len(splits.test):,}, each {spec.patch} × {spec.patch} pixels in a mosaic",
        "Sheets": f"{sequences(part.home)} that have no tile in common",
        "A patch": f"{spec.patch} × {spec.patch} pixels, every {spec.stride} pixels",
        "Classes": ", ".join(part.classes),
        "Fingerprint": part.home.fingerprint,
    }
    return Table([{"": name, "Here": text} for name, text in facts.items()])


def mosaic_mix_table(mix: ClassMix) -> Table:
    """Pixels and mosaics of each class."""
    rows = pd.DataFrame({"Class": mix.classes, "Pixels": mix.shares, "Mosaics": mix.containing})
    caption = "Share of the pixels, and of the mosaics with at least one pixel."
    return Table(rows, caption, {"Pixels": ".1%", "Mosaics": ".0%"})


def cutting_card(part: Patches, position: int = 0) -> SceneGallery:
    """How a mosaic becomes a map: patches on it, the map without overlap, and the map of averaged votes."""
    spec, image = part.spec, part.home.read_image(position)
    coarse, fine = (part.predictor(stride=stride).map_of(image)[0] for stride in (spec.patch, spec.stride))
    shown = {
        "neighbouring patches": outlined(image, spec.patch, spec.stride),
        "map without overlap": overlay(image, coarse, part.home.colours),
        f"map of averaged votes, stride {spec.stride}": overlay(image, fine, part.home.colours),
    }
    photos = [Photo(shrunk(picture), f"A mosaic: {what}", what) for what, picture in shown.items()]
    return SceneGallery([SceneCard(photos, "From patches to a map")])


def outlined(image: np.ndarray, patch: int, stride: int) -> np.ndarray:
    """(H, W, 3) uint8: the image with the outlines of four neighbouring patches in its middle."""
    drawn = image.copy()
    top, left = ((side - patch - stride) // (2 * stride) * stride for side in image.shape[:2])
    corners = [(top, left), (top, left + stride), (top + stride, left), (top + stride, left + stride)]
    for (y, x), colour in zip(corners, OUTLINES, strict=True):
        cv2.rectangle(drawn, (x, y), (x + patch - 1, y + patch - 1), colour, thickness=3)
    return drawn


def settings_table(settings: Sequence[WayToCut]) -> Table:
    """Each way of cutting, its cost and its scores."""
    rows = [
        {
            "Patch": one.patch, "Stride": one.stride, "Patches a mosaic": one.patches, "Mean IoU": one.mean_iou,
            "Difference": one.difference, "Pixel accuracy": one.pixel_accuracy,
        }
        for one in settings
    ]  # fmt: skip
    return Table(
        rows,
        "The first row is how the study cuts. Difference: mean IoU minus that of the first row on the same "
        "mosaics, with its paired 95 % interval. All patches are resized to what the network was trained with.",
        {"*": ".3f", "Patch": "d", "Stride": "d", "Patches a mosaic": ",d", "Difference": "+.3f"},
        row_names=False,
    )


def large_gallery(maps: Sequence[ClassMap], part: Patches) -> SceneGallery | Note:
    """Large images without a known truth: image, map and confidence, and how much of it is what."""
    if not maps:
        return Note(
            "There are no large images of your own yet: put some (JPEG, PNG, TIFF …) into "
            f"{part.large_folder.parent.name}/{part.large_folder.name}, and they are mapped here."
        )
    return SceneGallery(
        [large_card(one, part) for one in maps],
        "Nobody has labelled these, so there is no score. Confidence: mean probability of the chosen class, from "
        "dark blue (0) to yellow (1).",
    )


def large_card(one: ClassMap, part: Patches) -> SceneCard:
    """A large image, its map and the confidence, and how much of it is what."""
    image, prediction = shrunk(one.image, LARGE), shrunk(one.prediction, LARGE)
    photos = [
        Photo(image, f"Large image {one.name}", "image"),
        Photo(overlay(image, prediction, part.home.colours), f"Class map laid over {one.name}", "map"),
        Photo(confidence_map(shrunk(one.confidence, LARGE)), f"Confidence map of {one.name}", "confidence"),
    ]
    shares, sureness = one.shares(len(part.classes)), one.sureness(len(part.classes))
    facts = {
        name: f"{percent(share)} of the image, {percent(sure, 0)} sure".replace(" %", PERCENT)
        for name, share, sure in zip(part.classes, shares, sureness, strict=True)
        if share
    }
    height, width = one.image.shape[:2]
    return SceneCard(photos, f"{one.name}: {width:,} × {height:,} pixels, {one.patches:,} patches", facts)


def inside_table(rows: pd.DataFrame) -> Table:
    """Each class near borders and inside, and what it is taken for inside (`near_and_inside`)."""
    names = {
        "name": "Class",
        "near": "Right near borders",
        "inside": "Right inside",
        "errors_inside": "Errors inside",
        "mistaken_for": "Inside taken for",
        "mistaken": "In",
    }
    return Table(
        rows.rename(columns=names),
        f"Share of a class's pixels that are right up to {BANDS[-1]:g} pixels from a border, and farther inside; "
        "the share of its errors that lie inside; the class it is most often taken for there, and in what share.",
        {"*": ".1%"},
    )
