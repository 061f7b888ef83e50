"""Parts told by lists of names, as ImageSets/Segmentation/train.txt of PASCAL VOC and train.txt of others."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from helpers.base.paths import display_path
from helpers.datasets.layout import PART_WORDS
from helpers.datasets.masks.pairs import NAMED, Found
from helpers.datasets.masks.roles import role_of
from helpers.datasets.types import DataError

BOTH = "trainval"  # of VOC: training and validation in one list


def with_lists(root: Path, files: Sequence[str], found: Found) -> Found:
    """The pairs with the parts that lists of names tell, where the folders tell none.

    Raises DataError for an image in two parts.
    """
    lists = _lists(files)
    if any(pair.part for pair in found.pairs) or not lists:
        return found
    frames = {pair.frame: number for number, pair in enumerate(found.pairs)}
    parts, unknown = {}, []
    for part, path in lists.items():
        for name in _names(root / path):
            number = frames.get(role_of(name).frame)
            if number is None:
                unknown.append(name)
            elif parts.setdefault(number, part) != part:
                raise DataError(f"{path}: {name} is in {lists[parts[number]]} as well: keep it in one part")
    if not parts:
        return found
    pairs = tuple(replace(pair, part=parts.get(number)) for number, pair in enumerate(found.pairs))
    told = [f"The parts are those of {', '.join(lists.values())}."]
    if unknown:
        more = f" and {len(unknown) - NAMED:,} more" if len(unknown) > NAMED else ""
        told.append(f"Named there and not in place: {', '.join(unknown[:NAMED])}{more}.")
    return Found(pairs, (*found.remarks, *told))


def _lists(files: Sequence[str]) -> dict[str, str]:
    """Part → its list; of several folders with lists the one for segmentation, else the shallowest."""
    by_folder: dict[str, dict[str, str]] = defaultdict(dict)
    for path in map(PurePosixPath, files):
        part = BOTH if path.stem.casefold() == BOTH else PART_WORDS.get(path.stem.casefold())
        if part and path.suffix.lower() in (".txt", ".lst"):
            by_folder[path.parent.as_posix()][part] = path.as_posix()
    if not by_folder:
        return {}
    chosen = by_folder[min(by_folder, key=lambda one: ("segmentation" not in one.casefold(), one.count("/"), one))]
    both = chosen.pop(BOTH, None)
    if both and "train" not in chosen:
        chosen["train"] = both
    return dict(sorted(chosen.items()))


def _names(path: Path) -> list[str]:
    """The first word of each line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{display_path(path)} cannot be read as a list of names ({error}): correct it") from error
    return [line.split()[0] for line in lines if line.strip()]
