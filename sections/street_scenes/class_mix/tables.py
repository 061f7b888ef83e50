"""Tables and galleries of the two sets of street scenes, before any network has seen them (chapter 07)."""

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

import numpy as np

from helpers.datasets.streets.types import IGNORE, SegmentationSet
from helpers.show.display import Table
from helpers.show.scene_cards import SceneCard, SceneGallery, truth_photos
from helpers.show.words import sentence
from sections.street_scenes.class_mix.measured import ClassMix, telling_scenes

MOST_LISTED = 12  # sequences named one by one


def sets_table(home: SegmentationSet, target: SegmentationSet, target_whole: SegmentationSet) -> Table:
    """Where the two sets are from, under which licence, and what of them is used."""
    return Table(_beside(_set_facts(home, len(home)), _set_facts(target, len(target_whole))))


def _beside(home: dict[str, str], target: dict[str, str]) -> list[dict[str, str]]:
    return [{"": name, "Home": fact, "Target": target[name]} for name, fact in home.items()]


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
    return Table(
        _beside(_loaded(home), _loaded(target)),
        f"The first scene of each set as it is loaded: {IGNORE} is not counted, the other values are numbers of "
        "shared classes.",
    )


def _loaded(scenes: SegmentationSet) -> dict[str, str]:
    image, label = scenes.read_image(0), scenes.read_label(0)
    return {
        "Image file": PurePosixPath(scenes.scenes[0].image).name,
        "Label file": PurePosixPath(scenes.scenes[0].label).name,
        "Image": f"{' × '.join(map(str, image.shape))}, {image.dtype}",
        "Label": f"{' × '.join(map(str, label.shape))}, {label.dtype}",
        "Values in the label": ", ".join(map(str, np.unique(label).tolist())),
    }


def shared_class_table(home: SegmentationSet, target: SegmentationSet) -> Table:
    """For each shared class the publishers' classes that count as it; a star marks a debatable one."""
    sets = {"Home": home, "Target": target}
    rows = [
        {"Shared class": shared or "not counted"}
        | {f"{place}: {one.name}": _counted_as(one, shared) for place, one in sets.items()}
        for shared in (*home.classes, None)
    ]
    return Table(
        rows, f"Which classes of each set count as which shared class, by name. {_debatable(sets.values())}"
    )


def _counted_as(scenes: SegmentationSet, shared: str | None) -> str:
    found = [one.name + ("*" if one.debatable else "") for one in scenes.native if one.shared == shared]
    return ", ".join(found) or "–"


def _debatable(sets: Iterable[SegmentationSet]) -> str:
    found = [one for scenes in sets for one in scenes.native if one.debatable]
    if not found:
        return "No assignment is debatable."
    told = dict.fromkeys(f"{one.name}: {one.remark}" if one.remark else one.name for one in found)
    return f"A star marks what is debatable ({'; '.join(told)}): the scores are given with and without it."


def uncounted_table(home: SegmentationSet, home_mix: ClassMix, target: SegmentationSet, mix: ClassMix) -> Table:
    """What is labelled but has no place in the shared list: its share of all pixels, largest first, and why."""
    rows = [row for scenes, one in ((home, home_mix), (target, mix)) for row in _uncounted(scenes, one)]
    rows.sort(key=lambda row: -row["Pixels"])
    return Table(
        rows,
        "What is in these scenes but not counted, as a share of all their pixels.",
        {"Pixels": ".2%"},
    )


def _uncounted(scenes: SegmentationSet, mix: ClassMix) -> list[dict[str, object]]:
    whole = max(1, int(mix.pixels.sum() + mix.ignored.sum()))
    return [
        {"Class": f"{one.name} ({mix.title})", "Pixels": pixels.sum() / whole, "Remark": one.remark}
        for one, pixels in zip(scenes.native, mix.native.T, strict=True)
        if one.shared is None and pixels.any()
    ]


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
    chosen = telling_scenes(mix.pixels, most, [scene.sequence for scene in scenes.scenes])
    cards = [_example(scenes, position) for position in chosen]
    return SceneGallery(
        cards, sentence(f"{mix.title}: scenes that show as many classes as possible between them.")
    )


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
