"""Tables and galleries of the sets of labelled scenes, before any network has seen them (chapter 07)."""

from collections.abc import Sequence

import numpy as np

from helpers.datasets.streets.types import SegmentationSet
from helpers.segmentation.streets import Streets
from helpers.show.display import Photo, Table
from helpers.show.scene_cards import SceneCard, SceneGallery
from helpers.show.scenes import colour_mask, overlay, scene_name, shrunk
from helpers.show.words import sentence
from sections.street_scenes.class_mix.measured import ClassMix, telling_scenes


def sets_table(streets: Streets) -> Table:
    """Where the sets are from, under which licence, and what of them is used; a column for each set."""
    target = _set_facts(streets.target, len(streets.target_whole))
    if not streets.spec.is_abroad:
        facts = target | {"Part": _parts_of(streets)}
        return Table([{"": name, "The set": fact} for name, fact in facts.items() if fact])
    home = _set_facts(streets.home, len(streets.home))
    rows = [{"": name, "Home": fact, "Target": target[name]} for name, fact in home.items()]
    return Table([row for row in rows if row["Home"] or row["Target"]])


def _set_facts(scenes: SegmentationSet, whole: int) -> dict[str, str]:
    info = scenes.info
    return {
        "Set": f"{info.title}: a drawn stand-in" if scenes.is_sample else info.title,
        "Publisher": info.home,
        "Licence of the real set": info.licence if info.home else "",
        "How to get it": info.how_to_get if info.home else "",
        "Part": scenes.part,
        "Scenes that are looked at": f"{len(scenes):,}"
        if len(scenes) == whole
        else f"{len(scenes):,} of {whole:,}",
        "Sequences": str(sequences(scenes)),
        "Its own classes": str(len(scenes.native)),
        "Fingerprint": scenes.fingerprint,
    }


def _parts_of(streets: Streets) -> str:
    """How large each part of the one set is, and what it is used for."""
    own = streets.part_sizes
    uses = {streets.target_part: "scored"}
    if streets.spec.training_set(streets.names[0]):
        uses = {"train": "learnt from", "val": "chooses the epoch"} | uses
    told = [f"{part} {count:,}" + (f" ({uses[part]})" if part in uses else "") for part, count in own.items()]
    return ", ".join(told)


def shared_class_table(home: SegmentationSet, target: SegmentationSet) -> Table:
    """For each shared class the publishers' classes that count as it; a star marks a debatable one."""
    sets = {f"Home: {home.name}": home, f"Target: {target.name}": target}
    rows = [
        {"Shared class": shared or "not counted"}
        | {title: _counted_as(scenes, shared) for title, scenes in sets.items()}
        for shared in (*home.classes, None)
    ]
    debatable = [one for scenes in sets.values() for one in scenes.native if one.debatable]
    told = "; ".join(dict.fromkeys(f"{one.name}: {one.remark}" if one.remark else one.name for one in debatable))
    star = f"A star marks what is debatable ({told}): the scores are given with and without it."
    return Table(
        rows,
        "Which classes of each set count as which shared class, by name. "
        + (star if debatable else "No assignment is debatable."),
    )


def _counted_as(scenes: SegmentationSet, shared: str | None) -> str:
    found = [one.name + ("*" if one.debatable else "") for one in scenes.native if one.shared == shared]
    return ", ".join(found) or "–"


def class_table(mixes: Sequence[ClassMix]) -> Table:
    """Of each class its share of the labelled pixels and of the scenes."""
    rows = []
    for c, name in enumerate(mixes[0].classes):
        row = {"Class": name}
        for mix in mixes:
            row |= {f"Pixels, {mix.title}": mix.shares[c], f"Scenes, {mix.title}": mix.containing[c]}
        rows.append(row)
    shown = {
        f"{kind}, {mix.title}": ".2%" if kind == "Pixels" else ".0%"
        for mix in mixes
        for kind in ("Pixels", "Scenes")
    }
    return Table(rows, "Share of the labelled pixels, and of the scenes that show the class at all.", shown)


def uncounted_table(sets: Sequence[SegmentationSet], mixes: Sequence[ClassMix]) -> Table | list:
    """What is labelled but has no place in the shared list: its share of all pixels, largest first, and why;
    nothing where all of it has one."""
    rows = [
        {"Class": f"{one.name} ({of.title})", "Pixels": pixels.sum() / whole, "Remark": one.remark}
        for scenes, of in zip(sets, mixes, strict=True)
        for whole in [of.pixels.sum() + of.ignored.sum()]
        for one, pixels in zip(scenes.native, of.native.T, strict=True)
        if one.shared is None and pixels.any()
    ]
    if not rows:
        return []
    rows.sort(key=lambda row: -row["Pixels"])
    return Table(
        rows, "What is in these scenes but not counted, as a share of all their pixels.", {"Pixels": ".2%"}
    )


def example_scenes(scenes: SegmentationSet, mix: ClassMix, most: int) -> SceneGallery:
    """Scenes that show as many classes as possible between them: image, mask, overlay."""
    chosen = telling_scenes(mix.pixels, most, [scene.sequence for scene in scenes.scenes])
    return SceneGallery(
        [_example(scenes, position) for position in chosen],
        sentence(f"{mix.title}: scenes that show as many classes as possible between them."),
    )


def _example(scenes: SegmentationSet, position: int) -> SceneCard:
    scene = scenes.scenes[position]
    name = scene_name(scene.sequence, scene.image)
    photos = truth_photos(scenes.read_image(position), scenes.read_label(position), scenes.colours, name)
    return SceneCard(photos, name)


def sequences(scenes: SegmentationSet) -> int:
    """How many sequences (drives, or cities) the scenes are from."""
    return len({scene.sequence for scene in scenes.scenes})


def truth_photos(image: np.ndarray, label: np.ndarray, colours: np.ndarray, name: str) -> list[Photo]:
    """An image, its mask, and the one over the other. `name` says which scene it is."""
    image, label = shrunk(image), shrunk(label)
    return [
        Photo(image, f"Scene {name}", "image"),
        Photo(colour_mask(label, colours), f"Mask of {name}, a colour for each class", "mask (truth)"),
        Photo(overlay(image, label, colours), f"Scene {name} with its mask laid over it", "overlay"),
    ]
