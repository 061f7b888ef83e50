"""Images and their masks, found by themselves in a folder, whatever way it is laid out."""

import os
import re
import struct
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from helpers.base.paths import display_path
from helpers.datasets.layout import SUFFIXES, hidden
from helpers.datasets.masks.roles import HINT, TRAIN_IDS, Role, role_of
from helpers.datasets.types import PARTS, DataError

NAMED = 3  # files that a sentence names
DEEPEST = 8  # folders in folders that are looked into
LOOKED_AT = 3  # masks that show whether they are any
JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
ENDS = 1 << 16  # bytes at either end of a JSON file
PHOTOGRAPH, HEADERS = 0.6, 4096  # bytes a pixel that a photograph needs as PNG; bytes of other things in a file
LOSSY = (".jpg", ".jpeg", ".jpe", ".jfif")
ALIKE: tuple[Callable[[Role], tuple], ...] = (  # how an image and its mask are known as one, strictest first
    lambda role: (role.part, role.folder, role.frame),
    lambda role: (role.part, role.frame),
    lambda role: (role.frame,),
)
ROUTE = (
    "put the images in images/ and a mask of the same name for each in masks/, or name their folders in the study "
    "file: images: FOLDER and masks: FOLDER"
)


@dataclass(frozen=True)
class Pair:
    """An image and its mask, as POSIX paths relative to the set's root; its part as the folders tell it."""

    image: str
    label: str
    part: str | None
    folder: str
    frame: str


@dataclass(frozen=True)
class Found:
    """All pairs below a folder, sorted by image, and sentences on how they were found and what has no partner."""

    pairs: tuple[Pair, ...]
    remarks: tuple[str, ...]


def find_pairs(
    root: Path, images: str | None = None, masks: str | None = None, besides: Collection[str] = ()
) -> Found:
    """Images and their masks below a folder.

    images, masks: a subfolder or a pattern such as '*/photo_*.jpg', where names and folders do not tell.
    besides: files that are something else, such as a list of names.
    Raises DataError where no image has a mask, or an image has two.
    """
    roles = [role for role in _roles(root, images, masks) if role.path not in besides]
    pictures = [role for role in roles if role.kind == "image"]
    labels, aside = _labels(roles)
    alike = _strictest(pictures, labels)
    pairs = _paired(pictures, labels, alike)
    if not pairs:
        raise DataError(_none_paired(root, pictures, labels, images, masks))
    both = {alike(role) for role in pictures} & {alike(role) for role in labels}
    _refuse_two([role for role in pictures if alike(role) in both], "image", alike)
    _refuse_two([role for role in labels if alike(role) in both], "mask", alike)
    used = {path for pair in pairs for path in (pair.image, pair.label)}
    remarks = [_told(pairs), *aside]
    remarks += _lonely([role.path for role in pictures if role.path not in used], "image", "mask")
    remarks += _lonely([role.path for role in labels if role.path not in used], "mask", "image")
    return Found(tuple(pairs), tuple(remarks))


def files_below(root: Path) -> list[str]:
    """Sorted POSIX paths of visible files, through links too, relative to the root."""
    found, seen = [], set()
    for folder, inner, files in os.walk(root, followlinks=True):
        below, real = os.path.relpath(folder, root).replace(os.sep, "/"), os.path.realpath(folder)
        is_new = real not in seen and below.count("/") < DEEPEST
        inner[:] = [name for name in inner if is_new and not hidden(name)]
        seen.add(real)
        start = "" if below == "." else f"{below}/"
        found += [f"{start}{name}" for name in files if is_new and not hidden(name)]
    return sorted(found)


def is_image(path: str) -> bool:
    """Whether a file is an image, or a mask, by its name."""
    return os.path.splitext(path)[1].lower() in SUFFIXES


def files_meant(root: Path, key: str, pattern: str | None, files: Sequence[str]) -> list[str]:
    """Those of the files (POSIX paths) that a study means by a subfolder or a pattern; all, where it says nothing.

    Raises DataError where there are none.
    """
    if pattern is None:
        return list(files)
    try:
        inside = pattern.rstrip("/") + "/**/*" if (root / pattern).is_dir() else pattern
        meant = {path.relative_to(root).as_posix() for path in root.glob(inside)}
    except (ValueError, NotImplementedError):  # an absolute pattern, or one that leads out of the folder
        meant = set()
    found = [path for path in files if path in meant]
    if not found:
        raise DataError(
            f"{key}: '{pattern}' is no folder with files in {display_path(root)} and no pattern of files there: "
            "correct it, or leave it out"
        )
    return found


def _roles(root: Path, images: str | None, masks: str | None) -> list[Role]:
    files = [path for path in files_below(root) if is_image(path) or path.lower().endswith(".json")]
    asked = {kind: set(files_meant(root, f"{kind}s", pattern, files))
             for kind, pattern in (("image", images), ("mask", masks)) if pattern is not None}  # fmt: skip
    roles = []
    for path in files:
        kind = next((kind for kind, meant in asked.items() if path in meant), None)
        role = role_of(path, kind)
        if kind is None and role.kind in asked:
            continue  # of its kind others are meant
        roles.append(replace(role, kind="mask") if path.lower().endswith(".json") else role)
    return _beside(roles)


def _beside(roles: Sequence[Role]) -> list[Role]:
    """Where photographs (JPEG) have a PNG or a JSON file of the same name beside them, that is the mask."""
    pictures = [role for role in roles if role.kind == "image"]
    photos = {(role.part, role.folder, role.frame) for role in pictures if role.path.lower().endswith(LOSSY)}
    others = [role for role in pictures if not role.path.lower().endswith(LOSSY)]
    drawn = [role for role in roles if not role.path.lower().endswith(".json")]
    if any(role.kind in ("mask", "shown") for role in drawn) or not photos:
        return list(roles)
    masks = {role.path for role in others if (role.part, role.folder, role.frame) in photos}
    return [replace(role, kind="mask") if role.path in masks else role for role in roles]


def _labels(roles: Sequence[Role]) -> tuple[list[Role], list[str]]:
    """The masks to read, and what is said of others of the same images."""
    ranks = {role.path: rank for role in roles if (rank := _rank(role)) is not None}
    masks = [role for role in roles if role.path in ranks]
    lowest: dict[tuple, int] = {}
    for role in masks:
        lowest[ALIKE[0](role)] = min(ranks[role.path], lowest.get(ALIKE[0](role), ranks[role.path]))
    labels = [role for role in masks if ranks[role.path] == lowest[ALIKE[0](role)]]
    passed = (
        (len(masks) - len(labels), "further mask", "of images that have one already"),
        (sum(role.kind == "instances" for role in roles), "mask", "of objects instead of classes"),
    )
    return labels, [f"Left aside: {n:,} {what}{'s' * (n != 1)} {of}." for n, what, of in passed if n]


def _rank(role: Role) -> int | None:
    """Which of several masks of an image is read: the lowest; None for what is no mask of classes."""
    if role.kind not in ("mask", "shown"):
        return None
    if role.path.lower().endswith(".json"):
        return 3
    return 2 if role.kind == "shown" else 1 if role.words & TRAIN_IDS else 0


def _strictest(pictures: Sequence[Role], labels: Sequence[Role]) -> Callable[[Role], tuple]:
    """The first way to know both as one that finds one image for most masks, else that which finds most pairs.

    Names may be used again in another part, so what is less strict is no better for finding more.
    """
    found = {}
    for key in ALIKE:
        images, masks = Counter(map(key, pictures)), Counter(map(key, labels))
        found[key] = sum(images[one] == count == 1 for one, count in masks.items())
        if 2 * found[key] >= max(1, len(labels)):
            return key
    return max(ALIKE, key=lambda key: (found[key], len(_paired(pictures, labels, key))))


def _paired(pictures: Sequence[Role], labels: Sequence[Role], key: Callable[[Role], tuple]) -> list[Pair]:
    by_key = {key(label): label for label in labels}
    return [
        Pair(role.path, by_key[key(role)].path, role.part or by_key[key(role)].part, role.folder, role.frame)
        for role in pictures
        if key(role) in by_key
    ]


def _refuse_two(roles: Sequence[Role], what: str, key: Callable[[Role], tuple]) -> None:
    first: dict[tuple, Role] = {}
    for role in roles:
        if (other := first.setdefault(key(role), role)) is not role:
            raise DataError(
                f"{other.path} and {role.path} are both the {what} of one scene by their names: remove one of "
                "them, or name the folders in the study file: images: FOLDER and masks: FOLDER"
            )


def _told(pairs: Sequence[Pair]) -> str:
    first = pairs[0]
    images = "1 image has its mask" if len(pairs) == 1 else f"{len(pairs):,} images have their masks"
    return f"{images}, as {first.image} has {first.label}."


def _lonely(paths: Sequence[str], what: str, lacks: str) -> list[str]:
    if not paths:
        return []
    shown = ", ".join(paths[:NAMED]) + (f" and {len(paths) - NAMED:,} more" if len(paths) > NAMED else "")
    have = f"1 {what} has" if len(paths) == 1 else f"{len(paths):,} {what}s have"
    return [f"{have} no {lacks} and {'is' if len(paths) == 1 else 'are'} left aside: {shown}."]


def _none_paired(
    root: Path, pictures: Sequence[Role], labels: Sequence[Role], images: str | None, masks: str | None
) -> str:
    """Why no image has a mask, and the way on."""
    where = display_path(root)
    if not pictures and not labels:
        return f"there are no images and no masks in {where}: {ROUTE}"
    if not labels:
        first = pictures[0].path
        return f"none of the {len(pictures):,} images in {where} (such as {first}) has a mask: {_yolo(root)}"
    if not pictures:
        return f"there are masks in {where} (such as {labels[0].path}) and no images: {ROUTE}"
    return (
        f"none of the {len(pictures):,} images in {where} has a mask of the same name: the first image is "
        f"{pictures[0].path}, the first mask {labels[0].path}; {ROUTE}"
    )


def _yolo(root: Path) -> str:
    """The way on where there are text files in labels/, as YOLO has them."""
    texts = [path for path in files_below(root) if path.endswith(".txt") and "labels/" in path]
    return f"{texts[0]} seems to be YOLO's, which is not read: export masks, or COCO's JSON" if texts else ROUTE


def parts_told(pairs: Sequence[Pair]) -> tuple[str, ...]:
    """The parts that the folders themselves have, in the order train, val, test."""
    return tuple(part for part in PARTS if any(pair.part == part for pair in pairs))


def may_be_masks(files: Sequence[str]) -> bool:
    """Whether some of these files (POSIX paths) can be masks at all; far quicker than to look for pairs."""
    suffixes = {os.path.splitext(path)[1].lower() for path in files}
    both = not suffixes.isdisjoint(LOSSY) and not (suffixes & SUFFIXES).issubset(LOSSY)
    spaceless = re.sub(r"[ _-]", "", "\n".join(files).casefold())
    return both or ".json" in suffixes or bool(HINT.search("\n".join(files).casefold()) or HINT.search(spaceless))


def seem_masks(root: Path, pairs: Sequence[Pair]) -> bool:
    """Whether what was paired by names are masks by the headers of a few files: no JPEG, no photograph as PNG."""
    shown = [pairs[i * (len(pairs) - 1) // max(1, LOOKED_AT - 1)].label for i in range(LOOKED_AT)]
    return bool(pairs) and all(_seems_mask(root / label) for label in shown)


def _seems_mask(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(ENDS)
    if head.startswith(JPEG):
        return False
    if path.suffix.lower() == ".json":
        return b'"shapes"' in head
    if not head.startswith(PNG):
        return True
    width, height = struct.unpack(">II", head[16:24].ljust(8, b"\0"))
    return path.stat().st_size < PHOTOGRAPH * width * height + HEADERS


def seems_coco(path: Path) -> bool:
    """Whether a JSON file holds COCO's masks, by its beginning and its end."""
    with path.open("rb") as file:
        head = file.read(ENDS)
        file.seek(max(0, file.seek(0, os.SEEK_END) - ENDS))
        shown = head + file.read()
    return all(key in shown for key in (b'"segmentation"', b'"image_id"')) and head.lstrip()[:1] == b"{"
