"""Sets that torchvision knows: any class of `torchvision.datasets` that has one class for each image."""

import inspect
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from operator import index
from pathlib import Path
from typing import Any

from tqdm import tqdm

from helpers.base.errors import did_you_mean
from helpers.base.paths import display_path
from helpers.datasets.hub.fetching import Writer, from_network
from helpers.datasets.layout import SUFFIXES, part_of
from helpers.datasets.sources import About, HubName
from helpers.datasets.types import DataError

TRAIN = ("train", "trainval", "train-standard")  # what `split` may be called; the first that is known is taken
OTHERS = (("val", "valid"), ("test",))
HOME = "https://docs.pytorch.org/vision/stable/datasets.html"


def from_torchvision(name: HubName, folder: Path, downloads: Path) -> About:
    """Fetch a set into `downloads` and write its images into class folders. Raises DataError."""
    kind = _class(name)
    title, home = _told(kind, name)
    by_hand = f", or put what torchvision would have fetched into {display_path(downloads)}/"
    downloads.mkdir(parents=True, exist_ok=True)
    parts = from_network(name, lambda: _parts(name, kind, downloads), home, downloads, by_hand)
    writer, remarks = Writer(folder), []
    for part, images in parts.items():
        try:
            _write_part(writer, part if len(parts) > 1 else "", images)
        except _Unlabelled:
            remarks.append(f"The images that torchvision calls {part} have no labels and are left out.")
    if len({label for _, label in writer.counts}) < 2:
        raise _no_classes(name)
    names = _names(next(iter(parts.values())), max(label for _, label in writer.counts))
    if names is None:
        remarks.append("torchvision tells no names of the classes: they are called by their numbers.")
        names = [str(number) for number in range(max(label for _, label in writer.counts) + 1)]
    licence = "not told by torchvision; see its home page"
    return About(title, home, licence, "", *writer.name_classes(names), tuple(remarks))


class _Unlabelled(Exception):
    """A part whose images have no classes."""


def _class(name: HubName) -> type:
    from torchvision import datasets

    kind = getattr(datasets, name.name, None) if name.name in datasets.__all__ else None
    if kind is None:
        known = [one for one in datasets.__all__ if one[:1].isupper()]
        raise DataError(f"torchvision knows no data set '{name.name}'{did_you_mean(name.name, known)}: see {HOME}")
    if not inspect.isclass(kind) or "root" not in _parameters(kind) or _needed(kind) - {"root", "split"}:
        raise _no_classes(name)
    return kind


def _no_classes(name: HubName | str) -> DataError:
    return DataError(f"{name} has no single class for each image: give a set to classify, such as those at {HOME}")


def _parameters(kind: type) -> dict[str, inspect.Parameter]:
    """What can be given to a class, its bases included where it hands on what it does not know."""
    found: dict[str, inspect.Parameter] = {}
    for one in kind.__mro__[:-1]:
        if "__init__" in vars(one):
            own = inspect.signature(one.__init__).parameters
            found = {**own, **found}
            if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in own.values()):
                break
    return found


def _needed(kind: type) -> set[str]:
    variable = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return {
        key
        for key, one in _parameters(kind).items()
        if key != "self" and one.default is one.empty and one.kind not in variable
    }


def _parts(name: HubName, kind: type, root: Path) -> dict[str, Any]:
    """The data sets of training, validation and test, as far as there are any."""
    known = _parameters(kind)
    given: dict[str, Any] = {"root": str(root), **({"download": True} if "download" in known else {})}
    if "split" in known and ("train" in known or "split" in _needed(kind)):  # EMNIST: one of several sets
        variants = list(getattr(kind, "splits", ()))
        if name.variant not in variants:
            named = ", ".join(f"torchvision:{name.name}:{one}" for one in variants)
            raise DataError(f"torchvision:{name.name} is several sets: ask for one of {named}")
        given["split"] = name.variant
    elif name.variant:
        raise DataError(f"torchvision:{name.name} is one set: leave out ':{name.variant}'")
    if "train" in known:
        return {part: kind(**given, train=part == "train") for part in ("train", "test")}
    if "split" not in known:
        return {"": kind(**given)}
    found = [_first_known(kind, given, words) for words in (TRAIN, *OTHERS)]
    if not found[0]:
        raise _no_classes(name)
    return {part_of(Path(word)) or "train": images for word, images in filter(None, found)}


def _first_known(kind: type, given: dict[str, Any], words: Sequence[str]) -> tuple[str, Any] | None:
    for word in words:
        try:
            return word, kind(**given, split=word)
        except ValueError as error:
            if not str(error).startswith("Unknown value"):  # of torchvision's `verify_str_arg`
                raise
    return None


def _write_part(writer: Writer, part: str, images: Any) -> None:
    for image, label in tqdm(_labelled(images), f"writing {part}".strip(), len(images), leave=False, disable=None):
        if isinstance(image, Path):
            _link(image, writer.add(part, label, image.suffix.lower()))
        elif image.mode == "F":
            image.save(writer.add(part, label, ".tif"))
        else:
            kept = image.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16")
            (image if kept else image.convert("RGB")).save(writer.add(part, label, ".png"))


def _labelled(images: Any) -> Iterator[tuple[Any, int]]:
    """Each image, as the path of its own file where it has one, and the number of its class."""
    files = _files(images)
    for number in range(len(images)):
        image, label = files[number] if files else images[number]
        if label is None:
            raise _Unlabelled
        try:
            yield image, index(label)
        except TypeError:
            raise _no_classes(f"torchvision:{type(images).__name__}") from None


def _files(images: Any) -> list[tuple[Path, Any]] | None:
    """Files and labels of a set whose images lie in files; None where it does not tell them in a known way."""
    pairs = next((vars(images)[key] for key in ("samples", "_samples") if vars(images).get(key)), None)
    if pairs is None:
        files = next((vars(images)[key] for key in ("_image_files", "_images") if vars(images).get(key)), None)
        labels = vars(images).get("_labels")
        pairs = list(zip(files, labels, strict=True)) if files and labels and len(files) == len(labels) else ()
    if len(pairs) != len(images) or not all(isinstance(one[0], (str, os.PathLike)) for one in pairs):
        return None
    found = [(Path(path), label) for path, label in pairs]
    return found if all(path.suffix.lower() in SUFFIXES for path, _ in found) else None


def _link(source: Path, target: Path) -> None:
    """The same file at another place; a copy where the file system has no second names."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _names(images: Any, highest: int) -> list[str] | None:
    """Names of the classes in the order of their numbers; None where the set tells none, or too few."""
    by_number = sorted(getattr(images, "class_to_idx", {}).items(), key=lambda item: item[1])
    told = getattr(images, "classes", None) or getattr(images, "categories", None) or [key for key, _ in by_number]
    names = [str(one) if isinstance(one, str) else ", ".join(map(str, one)) for one in told]
    return names if len(names) > highest else None


def _told(kind: type, name: HubName) -> tuple[str, str]:
    """Title and home page, from the class's own description."""
    linked = re.search(r"`([^`<]+?)\s*<(https?://[^>\s]+)>`_", inspect.getdoc(kind) or "")
    title = linked[1] if linked and len(linked[1].split()) < 8 else kind.__name__
    return title + (f" ({name.variant})" if name.variant else ""), linked[2] if linked else HOME
