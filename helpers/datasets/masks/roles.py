"""What a file of a labelled set is by its name and its folders: image or mask, of which part, of which scene."""

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from helpers.datasets.layout import IMAGE_FOLDERS, MASK_FOLDERS, PART_WORDS, SUFFIXES, loose_key, part_of

KINDS = ("instances", "shown", "mask", "image")  # where several are told, the first of these
FOLDER_WORDS = {
    "instances": {"instance", "instances", "inst", "segmentationobject", "panoptic"},
    "shown": {"color", "colors", "colour", "colours", "overlay", "overlays", "visualization", "labelcolors"},
    "mask": MASK_FOLDERS | {
        *("annot", "annots", "anno", "annos", "ann", "anns", "seg", "segs", "gts", "gtcoarse", "truth", "target"),
        *("segmentationclassraw", "segmentationclasspng", "targets", "semantic", "labeled", "labelled"),
        *("labeledapproved", "labelcolors"),
    },
    "image": IMAGE_FOLDERS | {
        *("input", "inputs", "rgb", "original", "originals", "orig", "raw", "frames", "photo", "picture", "views"),
    },
}  # fmt: skip
ALL_OF_FOLDERS = frozenset().union(*FOLDER_WORDS.values())
TRAIN_IDS = {"labeltrainids", "labelcstrainids", "trainids"}
FILE_WORDS = {  # fewer: names of files speak of what is to be seen as well
    "instances": {"instance", "instances", "inst", "instanceids", "labelinstanceids"},
    "shown": {"color", "colors", "colour", "labelcolors"},
    "mask": {
        *("mask", "masks", "label", "labels", "gt", "seg", "segmentation", "annotation", "annot", "labelids", "l"),
        *("gtfine", "gtcoarse", "groundtruth", "polygons", "labelcolors"), *TRAIN_IDS,
    },
    "image": {"image", "img", "leftimg8bit", "sat", "rgb", "photo"},
}  # fmt: skip
ALL_OF_FILES = frozenset().union(*FILE_WORDS.values())
LONG = sorted(word for word in FOLDER_WORDS["mask"] | FILE_WORDS["mask"] if len(word) > 2)
HINT = re.compile(rf"{'|'.join(LONG)}|(?<![a-z])(?:gt|l)(?![a-z])")  # in the path of any mask, and of others
JOINED = re.compile(rf"({'|'.join(sorted(PART_WORDS, key=len, reverse=True))})(\D+)", re.IGNORECASE)
LAST_WORD, FIRST_WORD = (
    re.compile(r"(.*[^-_.\s])[-_.\s]+([A-Za-z]+8bit|[A-Za-z]+)"),
    re.compile(r"([A-Za-z]+)[-_.\s]+(.+)"),
)
WORD_AND_NUMBER = re.compile(r"([A-Za-z]+)(\d.*)")


@dataclass(frozen=True)
class Role:
    """What a file is.

    kind: 'image', 'mask', 'instances' (objects, no classes) or 'shown' (a mask's classes in colours, to look at).
    words: those at the ends of its name that told it. folder, frame: what its folders and its name say beside.
    """

    path: str
    kind: str
    part: str | None
    folder: str
    frame: str
    words: frozenset[str]


def role_of(path: str, kind: str | None = None) -> Role:
    """The role of a file by its POSIX path below the set's root; `kind`, where that is known otherwise."""
    *folders, name = path.split("/")
    told = [_folder(folder) for folder in folders]
    frame, words = _frame(name)
    of_folders = {one for kinds, _, _ in told for one in kinds}
    # A letter says less than a folder: images/leaf_l.png is the left one.
    kinds = of_folders | _kinds(FILE_WORDS, words - {"l"} if of_folders == {"image"} else words)
    if "mask" not in kinds:
        kinds.discard("shown")  # photographs in colour
    best = next((one for one in KINDS if one in kinds), "image")
    part = next((part for _, part, _ in told if part), None)
    return Role(path, kind or best, part, "/".join(rest for _, _, rest in told if rest), frame, words)


def _kinds(known: Mapping[str, set[str]], words: Collection[str]) -> set[str]:
    return {kind for kind, of_kind in known.items() if of_kind & set(words)}


@cache
def _folder(name: str) -> tuple[set[str], str | None, str]:
    """What a folder's name tells: the kinds of its files, their part, and what it says beside."""
    words = _words(name)
    rest = [word for word in words if word not in ALL_OF_FOLDERS and part_of(Path(word)) is None]
    return _kinds(FOLDER_WORDS, words), part_of(Path(" ".join(words))), " ".join(rest)


def _words(name: str) -> list[str]:
    """'train_masks' and 'trainannot' are two words each, 'leftImg8bit' is one."""
    joined = JOINED.fullmatch(name)
    if loose_key(name) in ALL_OF_FOLDERS:
        return [loose_key(name)]
    if joined and loose_key(joined[2]) in ALL_OF_FOLDERS:
        return [joined[1].casefold(), loose_key(joined[2])]
    return [word.casefold() for word in re.findall(r"[^-_.\s]+", name)]


def _frame(name: str) -> tuple[str, frozenset[str]]:
    """A file's name without suffixes and without the words at its ends that tell its kind; these words."""
    words = set()
    while True:
        (stem, suffix), match = os.path.splitext(name), LAST_WORD.fullmatch(name)
        if suffix.lower() in SUFFIXES or suffix.lower() == ".json":
            name = stem
        elif match and match[2].casefold() in ALL_OF_FILES:
            name = match[1]
            words.add(match[2].casefold())
        else:
            break
    match = FIRST_WORD.fullmatch(name) or WORD_AND_NUMBER.fullmatch(name)
    if match and match[1].casefold() in ALL_OF_FILES:
        name = match[2]
        words.add(match[1].casefold())
    return name, frozenset(words)
