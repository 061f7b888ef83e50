"""Which scenes train, which validate and which test, where a folder does not say."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from helpers.datasets.grouping import scene_numbers
from helpers.datasets.masks.meaning import Meaning
from helpers.datasets.masks.pairs import NAMED, Pair, parts_told
from helpers.datasets.masks.survey import MaskFacts
from helpers.datasets.streets.types import IGNORE, Scene
from helpers.datasets.types import PARTS, DataError, SplitShares

FRAME = re.compile(r"(.*?[^\W\d_].*?)[-_. ]*(\d{4,})")  # a film, called by a letter at least, and a frame's number


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
    train = [i for i, part in enumerate(part_of_pair) if part == "train"]
    missing = [part for part in ("val", "test") if part not in given] if train else []
    sequences, remarks = sequences_of(pairs, group_by, *_fewest(missing, shares))
    if missing:
        own = [sequences[i] for i in train]
        _refuse_too_few(len(set(own)), missing, group_by)
        drawn = draw_parts(pixels[train, :-1] > 0, own, ("train", *missing), shares, getattr(shares, "seed", 0))
        for i, part in zip(train, drawn, strict=True):
            part_of_pair[i] = part
        remarks.append(_drawn(given, missing, part_of_pair, whole=len(set(own)) < len(own)))
    aside = [pair.image for pair, part in zip(pairs, part_of_pair, strict=True) if part is None]
    if aside:
        more = f" and {len(aside) - NAMED:,} more" if len(aside) > NAMED else ""
        remarks.append(f"In no part, and left aside: {', '.join(aside[:NAMED])}{more}.")
    if not train:
        remarks.append(
            "There is no part to train on: networks can be scored on this set, and learn nothing from it."
        )
    scenes = [Scene(pair.image, pair.label, sequence) for pair, sequence in zip(pairs, sequences, strict=True)]
    parts = {
        part: tuple(scene for scene, own in zip(scenes, part_of_pair, strict=True) if own == part)
        for part in PARTS
    }
    remarks += _told_of_straddling(parts)
    return {part: of_part for part, of_part in parts.items() if of_part}, remarks


def _told_of_straddling(parts: Mapping[str, Sequence[Scene]]) -> list[str]:
    """Of scenes that the folder itself has in several parts."""
    where: dict[str, set[str]] = {}
    for part, scenes in parts.items():
        for scene in scenes:
            where.setdefault(scene.sequence, set()).add(part)
    count = sum(len(of_scene) > 1 for of_scene in where.values())
    if not count:
        return []
    are = "1 scene has" if count == 1 else f"{count:,} scenes have"
    return [
        f"{are} images in several parts, as the folder has them: where these show the same, scores are too good."
    ]


def _fewest(missing: Sequence[str], shares: SplitShares) -> tuple[int, int]:
    """How many folders, and how many films, there must be for them to be dealt out whole.

    Few folders called by words are rather kinds of images than drives: each part should have some of all kinds.
    """
    if not missing:
        return 2, 2
    wanted = [getattr(shares, part) for part in ("train", *missing)]
    return math.ceil(sum(wanted) / min(wanted) - 1e-6), len(wanted)


def _refuse_too_few(count: int, missing: Sequence[str], group_by: str | None) -> None:
    if count <= len(missing):
        what = f"group_by finds {count} scenes" if group_by else f"there are {count} images with masks to train on"
        cure = "let it tell more scenes apart" if group_by else "add images"
        raise DataError(f"{what}, and {', '.join(('train', *missing))} need one each at least: {cure}")


def _drawn(given: Sequence[str], missing: Sequence[str], parts: Sequence[str | None], whole: bool) -> str:
    times = Counter(parts)
    sizes = ", ".join(f"{times[part]:,} for {part}" for part in ("train", *missing))
    where = "The folder has no parts" if not given else f"The folder has no part {' and no part '.join(missing)}"
    how = f"{', whole scenes,' * whole} so that each class is in every part as far as that goes"
    return f"{where}: images are drawn{' from train' * bool(given)}{how}: {sizes}."


def sequences_of(
    pairs: Sequence[Pair], group_by: str | None, fewest_folders: int, fewest_films: int
) -> tuple[list[str], list[str]]:
    """What each pair belongs to, and sentences on how that was told.

    By the study's pattern; else by folders; else by what names with a frame's number begin with; each on its own
    where there are fewer of these. Raises DataError for a pattern that occurs in no file name.
    """
    own = [pair.image.rpartition(".")[0] for pair in pairs]
    if group_by:
        numbers = scene_numbers([pair.image for pair in pairs], np.zeros(len(pairs), np.int64), group_by)
        return [own[number] for number in numbers.tolist()], ["Scenes are told by group_by."]
    folders = [pair.folder for pair in pairs]
    films = [match[1] if (match := FRAME.fullmatch(pair.frame)) else pair.frame for pair in pairs]
    count, times = len(set(folders)), Counter(films)
    are_numbered = sum(any(map(str.isdigit, name)) for name in set(folders)) > count / 2  # drives, patients
    if count >= (fewest_films if are_numbered else fewest_folders):
        return folders, [f"The images of a folder are taken for one scene: {count:,} scenes."]
    if fewest_films <= len(times) < len(pairs):
        first = max(times, key=lambda film: (times[film], film))
        told = "Images whose names differ in their last number alone are taken for frames of one scene"
        return films, [f"{told}, as the {times[first]:,} that begin with {first}: {len(times):,} scenes."]
    if count == 1 and len(times) == len(pairs):
        return own, []
    return own, [
        "Folders and names tell too few scenes apart for the parts, so each image counts by itself. Where "
        "neighbouring images show the same, scores will be too good: say group_by in the study file."
    ]


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
