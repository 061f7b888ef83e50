"""The table, pictures and galleries of remedies that need no labels (chapter 09)."""

from collections.abc import Sequence

import numpy as np

from helpers.metrics.segmentation import mean_ious
from helpers.segmentation.evaluation import predict_scene
from helpers.segmentation.resampling import what_is_drawn
from helpers.segmentation.streets import Streets
from helpers.show.display import Note, Photo, Table
from helpers.show.matrix import heat_map, name_cells
from helpers.show.picture import Picture
from helpers.show.scene_cards import SceneCard, SceneGallery
from helpers.show.scenes import LINE, class_names, overlay, scene_name, shrunk
from helpers.show.style import DIVERGING, WIDTH, new_axes
from helpers.show.table import interval_text
from helpers.show.words import change, count, listed, number, quoted
from sections.abroad.drop.measured import Shift
from sections.abroad.drop.tables import SIGNED
from sections.abroad.trials import Outcome, Remedies
from sections.abroad.variants import recolour


def remedy_gain_table(shift: Shift, outcomes: Sequence[Outcome]) -> Table:
    """Each remedy with its mean IoU, the paired difference, and the share of the drop that it wins back."""
    rows = [{"Remedy": "none", "Mean IoU": shift.target_mean}]
    rows += [
        {"Remedy": one.title, "Mean IoU": one.mean_iou, "Gain": one.gain, "Share of the drop": one.share}
        for one in outcomes
    ]
    return Table(
        rows,
        f"{count(len(shift.target), 'scene')} of {shift.target_title}, the same with each remedy, and the same "
        f"classes. Gain: paired difference with its 95 % interval over {what_is_drawn(shift.target)}. At home the "
        f"mean IoU is {number(shift.home_mean.value)}.",
        {"*": ".3f", "Gain": SIGNED, "Share of the drop": ".0%"},
    )


def class_gain_map(shift: Shift, outcomes: Sequence[Outcome]) -> Picture:
    """What each remedy adds to the IoU of each common class, or takes away."""
    shown = sorted(shift.common, key=lambda c: shift.classes[c] in shift.unlearnt)
    unlearnt = [shift.classes[c] for c in shown if shift.classes[c] in shift.unlearnt]
    gains = np.array([one.class_gains[shown] for one in outcomes]).T
    classes, remedies = [shift.classes[c] for c in shown], [one.remedy.short for one in outcomes]
    figure, axes = new_axes(WIDTH, 0.9 + LINE * len(classes))
    texts = [[interval_text(gain, None, None, "+.2f") for gain in row] for row in gains]
    heat_map(axes, gains / max(0.01, np.abs(gains).max()), texts, colours=DIVERGING, lowest=-1)
    name_cells(axes, class_names(classes), remedies)
    told = "; ".join(f"{name} {', '.join(row)}" for name, row in zip(classes, texts, strict=True))
    return Picture(
        figure, f"Change of each class's IoU with {', '.join(remedies)}: {told}.",
        "Change of each common class's IoU in the target. Blue: better with the remedy; orange: worse."
        + (f" Not learnt even at home, hence no test of a remedy: {listed(unlearnt)}." if unlearnt else ""),
    )  # fmt: skip


def colour_examples(streets: Streets, remedies: Remedies) -> SceneGallery | Note:
    """Two target scenes as they are and in home's colours, and a home scene."""
    if remedies.table is None:
        return Note("There are no unlabelled scenes to take colours from.")
    home = shrunk(streets.home.read_image(len(streets.home) // 2))
    cards = []
    for position in sorted({len(streets.target) // 4, 3 * len(streets.target) // 4}):
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


def most_changed_scenes(streets: Streets, shift: Shift, outcome: Outcome) -> SceneGallery:
    """The scenes with the highest, the middle and the lowest change of their mean IoU: before and after."""
    before, after = (mean_ious(one.matrices) for one in (shift.target, outcome.evaluation))
    order = np.argsort(before - after, kind="stable")
    order = order[~np.isnan((before - after)[order])]
    ranked = {"the highest": order[0], "the middle one": order[len(order) // 2], "the lowest": order[-1]}
    chosen = {position: what for what, position in reversed(ranked.items())}  # few scenes are shown once
    cards = []
    for position, what in sorted(chosen.items(), key=lambda one: [*ranked].index(one[1])):
        facts = {"Mean IoU before": number(before[position]), "after": number(after[position])}
        title = f"{_name(streets, position)}: {change(after[position] - before[position])}, {what}"
        cards.append(SceneCard(_photos(streets, outcome, int(position)), title, facts))
    return SceneGallery(
        cards,
        f"{quoted(outcome.title)}: of {count(len(order), 'scene')}, those with the highest, the middle and the "
        "lowest change of their mean IoU, which is over the classes in a scene's truth or prediction, as in "
        "chapter 07.",
    )


def _photos(streets: Streets, outcome: Outcome, position: int) -> list[Photo]:
    name, scenes = _name(streets, position), streets.target
    image, label, before, _ = streets.scene("target", position)
    after = predict_scene(outcome.remedy.predictor, scenes, position, streets.spec.size)[2]
    image = shrunk(image)
    masks = {"truth": label, "before": before, "after": after}
    return [
        Photo(image, f"Scene {name}", "image"),
        *(Photo(overlay(image, shrunk(mask), scenes.colours), f"{name}: {what}, laid over the image", what)
          for what, mask in masks.items()),
    ]  # fmt: skip


def _name(streets: Streets, position: int) -> str:
    scene = streets.target.scenes[position]
    return scene_name(scene.sequence, scene.image)
