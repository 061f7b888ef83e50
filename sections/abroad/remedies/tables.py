"""Tables and galleries of remedies that need no labels (chapter 09)."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from helpers.metrics.segmentation import mean_ious
from helpers.show.display import Note, Photo, Table
from helpers.show.picture import Picture
from helpers.show.scene_cards import SceneCard, SceneGallery
from helpers.show.scenes import overlay, shrunk
from sections.abroad.drop import pictures as plots
from sections.abroad.drop.measured import Shift
from sections.abroad.drop.tables import SIGNED, share_text
from sections.abroad.trials import Outcome, Remedies

if TYPE_CHECKING:
    from helpers.segmentation.streets import Streets


def remedy_table(shift: Shift, outcomes: Sequence[Outcome]) -> Table:
    """Each remedy with its mean IoU, the paired difference, and the share of the drop that it wins back."""
    rows = [{"Remedy": "none", "Mean IoU": shift.target_mean}]
    rows += [
        {"Remedy": one.title, "Mean IoU": one.mean_iou, "Gain": one.gain, "Share of the drop": one.share}
        for one in outcomes
    ]
    return Table(
        rows,
        f"The same {len(shift.target):,} scenes of {shift.target_title} with each remedy. Gain: paired difference "
        f"with its 95 % interval. At home the mean IoU is {shift.home_mean.value:.3f}.",
        {"*": ".3f", "Gain": SIGNED, "Share of the drop": share_text},
    )


def remedy_pictures(shift: Shift, outcomes: Sequence[Outcome]) -> list[Picture]:
    """Scores between target and home, and, where there is a drop, the share of it that is won back."""
    pictures = [plots.remedies(shift, outcomes)]
    return [*pictures, plots.won_back(outcomes)] if shift.is_clear else pictures


def gain_table(shift: Shift, outcomes: Sequence[Outcome]) -> Table:
    """IoU of each common class without any remedy, and what each changes."""
    iou = {row.name: row.target for row in shift.class_drops}
    rows = [
        {"Class": shift.classes[c], "IoU as it is": iou[shift.classes[c]].value}
        | {one.short: float(one.class_gains[c]) for one in outcomes}
        for c in shift.common
    ]
    return Table(
        rows, "IoU of each common class in the target, and what each remedy adds to it or takes away.",
        {"*": "+.2f", "IoU as it is": ".2f"},
    )  # fmt: skip


def colour_examples(streets: "Streets", remedies: Remedies, most: int = 2) -> SceneGallery | Note:
    """A home scene, target scenes as they are and in home's colours."""
    from sections.abroad.remedies.measured import recolour

    if remedies.table is None:
        return Note("There are no unlabelled scenes to take colours from.")
    home = shrunk(streets.home.read_image(len(streets.home) // 2))
    cards = []
    for position in _evenly(len(streets.target), most):
        name, image = _name(streets, position), shrunk(streets.target.read_image(position))
        photos = [
            Photo(image, f"Scene {name}", streets.target.info.title),
            Photo(recolour(image, remedies.table), f"Scene {name} in home's colours", "in home's colours"),
            Photo(home, f"A scene of {streets.home.info.title}", streets.home.info.title),
        ]
        cards.append(SceneCard(photos, name))
    return SceneGallery(
        cards, "Target scenes before and after their colours are moved to home's, and a home scene."
    )


def before_after(streets: "Streets", shift: Shift, remedies: Remedies, outcome: Outcome) -> SceneGallery:
    """The scenes that a remedy helps most, changes as the median, and harms most: truth, before and after."""
    before, after = (mean_ious(one.matrices) for one in (shift.target, outcome.evaluation))
    order = np.argsort(before - after, kind="stable")
    order = order[~np.isnan((before - after)[order])]
    chosen = {"helped most": order[0], "in the middle": order[len(order) // 2], "helped least": order[-1]}
    cards = [
        _changed(streets, remedies[outcome.key].predictor, int(position), what, before[position], after[position])
        for what, position in chosen.items()
    ]
    return SceneGallery(cards, f"“{outcome.title}”: of {len(order)} scenes the one it helps most, the middle one, "
                        "and the one it helps least or harms most.")  # fmt: skip


def _changed(
    streets: "Streets", predictor: object, position: int, what: str, before: float, after: float
) -> SceneCard:
    from helpers.segmentation.evaluation import predict_scene

    scenes, name = streets.target, _name(streets, position)
    image, label, first, _ = streets.scene("target", position)
    second = predict_scene(predictor, scenes, position, streets.spec.size)[2]
    image = shrunk(image)
    photos = [Photo(image, f"Scene {name}", "image")]
    for mask, title in ((label, "truth"), (first, "before"), (second, "after")):
        laid = overlay(image, shrunk(mask), scenes.colours)
        photos.append(Photo(laid, f"{name}: {title}, laid over the image", title))
    return SceneCard(photos, f"{name}: {what}", {"Mean IoU before": f"{before:.3f}", "after": f"{after:.3f}"})


def _evenly(total: int, most: int) -> list[int]:
    """Up to so many positions, spread over the set."""
    return sorted({(2 * place + 1) * total // (2 * most) for place in range(most)})


def _name(streets: "Streets", position: int) -> str:
    return PurePosixPath(streets.target.scenes[position].image).name
