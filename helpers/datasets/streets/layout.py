"""How publishers lay out street scenes on disk, and how an image finds its label."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from helpers.base.paths import display_path
from helpers.datasets.layout import readable_subfolders
from helpers.datasets.types import PARTS, DataError

LEVELS_DEEP = 4  # how far below the folder of a set its tree may lie, and below a part its files
IMAGES, LABELS = "leftImg8bit", "gtFine"  # the two halves of a tree
NAMED = 3  # files that a message names
Key = tuple[str, str]  # sequence and frame


@dataclass(frozen=True)
class SetLayout:
    """Where a set keeps images and labels, and how their files are named.

    image_name, label_name: patterns with a group `frame`; that of labels may have a group `kind`.
    kinds: the kinds of label files that can be read, best first; `lowered` names are compared.
    """

    image_name: re.Pattern[str]
    label_name: re.Pattern[str]
    kinds: tuple[str, ...]
    beside: bool = False  # train/ and trainannot/ in one folder, instead of leftImg8bit/train/ and gtFine/train/

    def image_folders(self, root: Path, part: str) -> list[Path]:
        """Folders with the images of a part."""
        if self.beside:
            return [folder.with_name(part) for folder in self.label_folders(root, part)]
        return _named(root, part, inside=IMAGES)

    def label_folders(self, root: Path, part: str) -> list[Path]:
        """Folders with the labels of a part."""
        if self.beside:
            return [path for path in _named(root, f"{part}annot") if path.with_name(part).is_dir()]
        return _named(root, part, inside=LABELS)

    def kind_of(self, name: str) -> str | None:
        """Which kind of label a file is, None for one that is not read."""
        match = self.label_name.fullmatch(name)
        kind = (match.groupdict().get("kind") or self.kinds[0]) if match else ""
        return next((known for known in self.kinds if known.lower() == kind.lower()), None)


@dataclass
class PartFiles:
    """The files of a part: image and labels by kind of each frame, all relative to the root."""

    images: dict[Key, Path] = field(default_factory=dict)
    labels: dict[Key, dict[str, Path]] = field(default_factory=lambda: defaultdict(dict))


def find_root(layout: SetLayout, folder: Path) -> Path | None:
    """The folder that holds every tree of a set, at `folder` or a few levels below; None where there is none."""
    pairs = [(layout.image_folders(folder, part), layout.label_folders(folder, part)) for part in PARTS]
    folders = [place for images, labels in pairs if images and labels for place in (*images, *labels)]
    trees = [place.parent if layout.beside else place.parent.parent for place in folders]
    if not trees:
        return None
    return next(parent for parent in [trees[0], *trees[0].parents] if all(t.is_relative_to(parent) for t in trees))


def find_files(layout: SetLayout, root: Path, part: str) -> PartFiles:
    """Images and labels of a part. Raises DataError where two files claim one frame."""
    found = PartFiles()
    for folder in layout.image_folders(root, part):
        for path in _files(folder):
            match = layout.image_name.fullmatch(path.name)
            if match:
                _add(found.images, _key(layout, folder, path, match["frame"]), path, root)
    for folder in layout.label_folders(root, part):
        for path in _files(folder):
            kind = layout.kind_of(path.name)
            if kind:
                frame = layout.label_name.fullmatch(path.name)["frame"]
                _add(found.labels[_key(layout, folder, path, frame)], kind, path, root)
    return found


def _add(files: dict, key, path: Path, root: Path) -> None:
    if key in files:
        raise DataError(
            f"{files[key].as_posix()} and {path.relative_to(root).as_posix()} are both there for one scene: "
            "remove one of them"
        )
    files[key] = path.relative_to(root)


def _key(layout: SetLayout, folder: Path, path: Path, frame: str) -> Key:
    """A scene's sequence is its folder, or what its name begins with where all lie in one folder."""
    inside = path.parent.relative_to(folder).as_posix()
    return (frame.split("_")[0] if inside == "." else inside), frame


def refuse_unpaired(found: PartFiles, root: Path, part: str) -> None:
    """Raises DataError for a part without images, for images without a label and labels without an image."""
    if not found.images:
        raise DataError(f"there are no images of the part '{part}' in {display_path(root)}: unpack the set again")
    lonely = sorted(path for key, path in found.images.items() if not found.labels.get(key))
    if lonely:
        raise DataError(_lonely(lonely, "no label", part) + "add the labels, or take the images away")
    missing = [key for key in found.labels if key not in found.images]
    labels = sorted(path for key in missing for path in list(found.labels[key].values())[:1])
    if labels:
        raise DataError(_lonely(labels, "no image", part) + "add the images, or take the labels away")


def _lonely(paths: Sequence[Path], lacks: str, part: str) -> str:
    names = ", ".join(path.as_posix() for path in paths[:NAMED])
    more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
    return f"{len(paths)} of the part '{part}' ha{'s' if len(paths) == 1 else 've'} {lacks} ({names}{more}): "


def empty_folders(layout: SetLayout, root: Path, part: str) -> list[str]:
    """Sequences of a part without a single image, relative to the root."""
    folders = [child for top in layout.image_folders(root, part) for child in readable_subfolders(top)]
    return [child.relative_to(root).as_posix() for child in folders if not any(True for _ in _files(child))]


def _named(root: Path, name: str, inside: str | None = None) -> list[Path]:
    """Folders of a name, the shallowest first; `inside`: only those directly below a folder of that name."""
    level, found = [root], []
    for _ in range(LEVELS_DEEP + 1):
        places = [folder / name for folder in level if inside in (None, folder.name)]
        found += [place for place in places if place.is_dir()]
        above = [folder for folder in level if folder.name not in (IMAGES, LABELS)]
        level = [child for folder in above for child in readable_subfolders(folder)]
    return found


def _files(folder: Path, levels: int = LEVELS_DEEP) -> Iterator[Path]:
    """Files at any depth, through links too, except hidden ones."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_file():
            yield path
        elif levels and path.is_dir():
            yield from _files(path, levels - 1)
