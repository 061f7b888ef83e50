"""Tables and galleries of maps under other cameras (chapter 09)."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from helpers.segmentation.patches.large import ClassMap
from helpers.segmentation.patches.patches import Patches
from helpers.segmentation.resampling import what_is_drawn
from helpers.show.display import Photo, Table
from helpers.show.scene_cards import SceneCard, SceneGallery
from helpers.show.scenes import overlay, shrunk
from helpers.show.table import seed_cells
from sections.patches.cameras.elsewhere import TilesNamed
from sections.patches.cameras.measured import Travels
from sections.patches.cameras.simulated import CAMERAS, SeenBy, seen_by
from sections.patches.cutting.tables import large_card


def views(part: Patches, position: int = 0) -> SceneGallery:
    """One mosaic as every camera would show it."""
    image = part.home.read_image(position)
    shown = [("at home", image), *((one.title.lower(), seen_by(image, one)) for one in CAMERAS)]
    photos = [Photo(shrunk(_same_size(picture, image)), f"A mosaic, {title}", title) for title, picture in shown]
    return SceneGallery([SceneCard(photos)], f"Mosaic {position + 1} as each camera would show it.")


def _same_size(picture: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Smaller pictures stay smaller, on white: so much less of them is left."""
    room = np.full_like(image, 255)
    room[: picture.shape[0], : picture.shape[1]] = picture
    return room


def camera_table() -> Table:
    """What each simulated camera changes."""
    return Table([{"Camera": one.title, "Changes": one.what} for one in CAMERAS], "At a strength of 1.")


def camera_drop_table(travels: Travels, seeds: Sequence[Travels] = ()) -> Table:
    """One row a camera: scores of the model as it is, and the drop from home; with several seeds over these."""
    rows = [
        {"Camera": one.camera.title, "Mean IoU": one.plain.interval, "Pixel accuracy": one.plain.accuracy}
        for one in travels.stops
    ]
    for number, (row, trip) in enumerate(zip(rows[1:], travels.trips, strict=True)):
        drops = [one.home.plain.mean_iou - one.trips[number].plain.mean_iou for one in seeds]
        row |= {"Drop": travels.drop(trip)} | seed_cells("Drop", drops)
    caption = (
        f"{travels.titles[0]} on the same mosaics. Drop: mean IoU at home minus that under the camera. In "
        f"brackets 95 % intervals over {what_is_drawn(travels.home.plain.evaluation)}; those of the drop are "
        "paired."
    )
    return Table(rows, caption, {"*": ".3f"})


def camera_remedy_table(travels: Travels, seeds: Sequence[Travels] = ()) -> Table:
    """One row a camera: what the other training wins, and which share of the drop that is."""
    rows = [
        {"Camera": trip.camera.title, "Gain": trip.gain}
        | seed_cells("Gain", [one.stops[number].gain.value for one in seeds])
        | {"Of the drop": travels.won_back(trip)}
        for number, trip in enumerate(travels.stops)
    ]
    caption = (
        f"Gain: mean IoU of {travels.titles[1]} minus that of {travels.titles[0]}. Of the drop: gain divided by "
        "what the latter loses; a dash where it could be chance."
    )
    return Table(rows, caption, {"Gain": "+.3f", "Of the drop": ".0%"})


def maps_by_both(part: Patches, travels: Travels, position: int = 0) -> SceneGallery:
    """A mosaic under all changes together: truth, and the map of either model."""
    image, camera = part.home.read_image(position), travels.trips[-1].camera
    batch = torch.tensor(image).permute(2, 0, 1)[None]
    masks = {"truth": part.home.read_label(position)}
    for what, name in (("as it is", part.names[0]), ("other training", part.remedy)):
        masks[what] = SeenBy(part.predictor(name), camera)(batch)[0].argmax(dim=0).cpu().numpy().astype(np.uint8)
    photos = [
        Photo(shrunk(_same_size(seen_by(image, camera), image)), "The mosaic as the camera shows it", "seen"),
        *(Photo(overlay(shrunk(image), shrunk(mask), part.home.colours), f"Map of the mosaic: {what}", what)
          for what, mask in masks.items()),
    ]  # fmt: skip
    title = f"{camera.title}: mosaic {position + 1}"
    return SceneGallery([SceneCard(photos, title)], "Maps are laid over the mosaic as it is at home.")


def tiles_table(tiles: Sequence[TilesNamed]) -> list[Table]:
    """One row a place and model: tiles named rightly, and each class's recall; nothing without tiles."""
    if not tiles:
        return []
    rows = [
        {"Place": one.place, "Model": one.model, "Tiles": int(one.matrix.sum()), "Accuracy": one.accuracy}
        | {f"Recall, {name}": float(recall) for name, recall in zip(one.classes, one.recalls, strict=True)}
        for one in tiles
    ]
    return [Table(rows, "Tiles of other cameras, with 95 % intervals (Wilson).", {"*": ".3f", "Tiles": ",d"})]


def maps_gallery(maps: Mapping[str, Sequence[ClassMap]], part: Patches) -> list[SceneGallery]:
    """The large images of every other camera, mapped; without a score, since nobody knows their truth."""
    return [
        SceneGallery([large_card(one, part) for one in found], f"{place}: large images without a known truth.")
        for place, found in maps.items()
        if found
    ]
