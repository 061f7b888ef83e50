"""Which scenes train, which validate and which test, where a folder does not say."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from helpers.datasets.grouping import scene_numbers
from helpers.datasets.masks.meaning import Meaning
from helpers.datasets.masks.pairs import NAMED, Pair, parts_told
from helpers.datasets.masks.survey import MaskFacts
from helpers.datasets.streets.types import IGNORE, Scene
from helpers.datasets.types import PARTS, DataError, SplitShares

FRAME = re.compile(r"(.*?\w)[-_. ]*(\d{4,})")  # a film and the number of a frame


def class_pixels(facts: Sequence[MaskFacts], meaning: Meaning) -> np.ndarray:
    """(N, C + 1) int64: the pixels of each class in each mask, and in the last column those that count nowhere."""
    pixels = np.zeros((len(facts), len(meaning.classes) + 1), np.int64)
    for row, one in enumerate(facts):
        for value in one.values:
            position = meaning.table[value.colour if meaning.by_colour else value.number]
            pixels[row, -1 if position == IGNORE else position] += value.pixels
    return pixels


def into_parts(
    pairs: Sequence[Pair], pixels: np.ndarray, group_by: str | None, shares: SplitShares
) -> tuple[dict[str, tuple[Scene, ...]], list[str]]:
    """The scenes of each part, as the folder has them or else drawn, and sentences on that.

    pixels: as `class_pixels` gives them. Raises DataError for scenes too few for the parts.
    """
    given = parts_told(pairs)
    part_of_pair = [pair.part for pair in pairs]
    if "train" not in given:  # what is in no part is to be learnt from
        part_of_pair = [part or "train" for part in part_of_pair]
    sequences, told = sequences_of(pairs, group_by)
    remarks = [told] if told else []
    train = [i for i, part in enumerate(part_of_pair) if part == "train"]
    missing = [part for part in ("val", "test") if part not in given]
    if train and missing:
        own = [sequences[i] for i in train]
        if len(set(own)) <= len(missing):
            own, remark = _each_on_its_own([pairs[i] for i in train], own, missing, group_by)
            remarks.append(remark)
        drawn = draw_parts(pixels[train, :-1] > 0, own, ("train", *missing), shares, getattr(shares, "seed", 0))
        for i, part, sequence in zip(train, drawn, own, strict=True):
            part_of_pair[i], sequences[i] = part, sequence
        remarks.append(_drawn(given, missing, part_of_pair))
    aside = [pair.image for pair, part in zip(pairs, part_of_pair, strict=True) if part is None]
    if aside:
        more = f" and {len(aside) - NAMED:,} more" if len(aside) > NAMED else ""
        remarks.append(f"In no part, and left aside: {', '.join(aside[:NAMED])}{more}.")
    if not train:
        remarks.append(
            "There is no part to train on: a network can be looked at on this set, and learns nothing from it."
        )
    scenes = [Scene(pair.image, pair.label, sequence) for pair, sequence in zip(pairs, sequences, strict=True)]
    parts = {
        part: tuple(scene for scene, own in zip(scenes, part_of_pair, strict=True) if own == part)
        for part in PARTS
    }
    return {part: of_part for part, of_part in parts.items() if of_part}, remarks


def _each_on_its_own(
    pairs: Sequence[Pair], sequences: Sequence[str], missing: Sequence[str], group_by: str | None
) -> tuple[list[str], str]:
    """Where there are too few scenes for the parts. Raises DataError where the study says what a scene is."""
    count, needed = len(set(sequences)), len(missing) + 1
    if group_by or len(pairs) < needed:
        what = f"group_by finds {count}" if group_by else f"there are {len(pairs)} images with masks"
        raise DataError(
            f"{what} where the parts {', '.join(('train', *missing))} need at least {needed}: add images"
            + (", or let group_by tell more scenes apart" if group_by else "")
        )
    return [pair.image.rpartition(".")[0] for pair in pairs], (
        f"Folders and names tell {count} scene{'s' * (count != 1)} alone, so each image counts as a scene of its "
        "own. Where neighbouring images show the same, scores are too good: say group_by in the study file."
    )


def _drawn(given: Sequence[str], missing: Sequence[str], parts: Sequence[str | None]) -> str:
    times = Counter(parts)
    sizes = ", ".join(f"{times[part]:,} for {part}" for part in ("train", *missing) if times[part])
    where = "The folder has no parts" if not given else f"The folder has no part {' and no part '.join(missing)}"
    how = "whole scenes, so that each class is in every part as far as that goes"
    return f"{where}: images are drawn{'' if not given else ' from train'}, {how}: {sizes}."


def sequences_of(pairs: Sequence[Pair], group_by: str | None) -> tuple[list[str], str]:
    """What each pair belongs to, and a sentence on how that was told, '' where each is on its own.

    By the study's pattern; else by folders; else by what names with a frame's number begin with. Raises DataError
    for a pattern that occurs in no file name.
    """
    own = [pair.image.rpartition(".")[0] for pair in pairs]
    if group_by:
        labels = np.zeros(len(pairs), np.int64)
        numbers = scene_numbers([pair.image for pair in pairs], labels, group_by)
        return [own[number] for number in numbers.tolist()], "Scenes are told by group_by."
    folders = [pair.folder for pair in pairs]
    if len(set(folders)) > 1:
        count = len(set(folders))
        return folders, f"The images of a folder are taken for one scene: {count:,} scenes."
    films = [match[1] if (match := FRAME.fullmatch(pair.frame)) else pair.frame for pair in pairs]
    times = Counter(films)
    if 1 < len(times) < len(pairs):
        first = next(i for i, film in enumerate(films) if times[film] > 1)
        return films, (
            f"Images whose names differ in their last number alone are taken for frames of one scene, as all that "
            f"begin with {films[first]}: {len(times):,} scenes."
        )
    return own, ""


def draw_parts(
    presence: np.ndarray, sequences: Sequence[str], wanted: Sequence[str], shares: SplitShares, seed: int
) -> list[str]:
    """A part for each image: no sequence in two, every part with about its share, and with that of each class.

    presence: (N, C) bool, which classes an image has. wanted: parts to fill, train among them; each gets at least
    one sequence where there are so many. Sechidis et al., "On the stratification of multi-label data", 2011: the
    rarest class is dealt out first, always to the part that lacks most of it, and to each part once if it can be.
    """
    names = list(dict.fromkeys(sequences))
    place = {name: number for number, name in enumerate(names)}
    group = np.array([place[name] for name in sequences])
    counts = np.zeros((len(names), presence.shape[1] + 1))  # of images in the last column
    np.add.at(counts, group, np.column_stack([presence, np.ones(len(group))]))
    numbers = [number for number, part in enumerate(PARTS) if part in wanted]
    fractions = np.array([getattr(shares, part) if part in wanted else 0.0 for part in PARTS])
    target = np.outer(fractions / fractions.sum(), counts.sum(0))
    placed, part_of_group = np.zeros_like(target), np.full(len(names), -1)
    order, having = np.random.default_rng(seed).permutation(len(names)), (counts > 0).sum(0)
    for _ in names:
        rarest = _rarest(having)
        open_ones = order[(part_of_group[order] < 0) & (counts[order, rarest] > 0)]
        chosen = open_ones[np.argmax(counts[open_ones, -1])]  # large ones while there is room
        lacking, allowed = target - placed, _allowed(numbers, placed, having, (-1, rarest))
        part = max(allowed, key=lambda one, need=lacking, of=rarest: (need[one, of], need[one, -1], -one))
        part_of_group[chosen] = part
        placed[part] += counts[chosen]
        having = having - (counts[chosen] > 0)
    return [PARTS[part_of_group[number]] for number in group]


def _rarest(having: np.ndarray) -> int:
    """The class that fewest groups have, by their numbers (C + 1,), or -1, the images, where none has any."""
    classes = having[:-1]
    return int(np.argmin(np.where(classes > 0, classes, np.inf))) if classes.any() else -1


def _allowed(numbers: Sequence[int], placed: np.ndarray, having: np.ndarray, columns: Sequence[int]) -> list[int]:
    """The parts that a group may go to: those that lack images or its class, before there are too few groups."""
    for column in columns:
        without = [number for number in numbers if not placed[number, column]]
        if having[column] <= len(without):
            return without
    return list(numbers)
