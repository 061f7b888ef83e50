"""What chapter 01 shows of a data set: tables of facts, pairs of duplicates side by side, the report's cover."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from helpers.base.headless import results_dir
from helpers.base.paths import write_atomic
from helpers.datasets.types import Splits
from helpers.show.display import Card, Gallery, Photo, Table
from helpers.show.words import written
from sections.data.detection import Detection
from sections.data.measured import PART_TITLES, DuplicatePair, parts_of_images
from sections.data.pictures import contact_sheet

MOST_LISTED = 30  # files named one by one
COVER_COLUMNS, COVER_ROWS = 10, 3


def facts_table(splits: Splits) -> Table:
    """Where the set is from, its licence, what is in it, and the fingerprint that results name."""
    info = splits.info
    rows = {
        "Set": f"{info.title}: a drawn stand-in" if splits.is_sample else info.title,
        "Home": info.home,
        "Licence": "drawn by this project, MIT like its code" if splits.is_sample else info.licence,
        "Licence of the real set": info.licence if splits.is_sample else "",
        "To be cited as": info.citation,
        "How to get it": info.how_to_get,
        "Classes": _classes(splits),
        "Images": len(splits.files),
        "Scenes": len(np.unique(splits.scenes)) if splits.scenes is not None else "",
        "Unreadable files": len(splits.unreadable),
        "Left aside": len(splits.ignored),
        "Seen by the networks as": " × ".join(map(str, splits.images.shape[1:3])) + " pixels, RGB, 8 bits",
        "Fingerprint": splits.fingerprint,
    }
    return Table([{"": name, "What we know": text} for name, text in rows.items() if text != ""])


def _classes(splits: Splits) -> int | str:
    """How many there are, and of which of the data set's own each is made, where they are not the same."""
    if splits.classes == splits.original_classes:
        return len(splits.classes)
    taken = {name: [] for name in splits.classes}
    for number, name in enumerate(splits.original_classes):
        taken[splits.classes[splits.labels[splits.original_labels == number][0]]].append(name)
    made = "; ".join(f"{name}: {', '.join(own)}" for name, own in taken.items())
    return f"{len(splits.classes)}, made of the set's own {len(splits.original_classes)}. {made}"


def unreadable_table(splits: Splits) -> Table | list[str]:
    """The files that could not be decoded, each with the reason; nothing where there are none."""
    return _listed([{"File": bad.path, "Reason": bad.reason} for bad in splits.unreadable], "Files left out")


def left_aside_table(splits: Splits) -> Table | list[str]:
    """What lies beside the images and is not used, each with the reason; nothing where there is none."""
    parted = [name.rpartition(" (") for name in splits.ignored]
    return _listed([{"File or folder": name, "Reason": why[:-1]} for name, _, why in parted], "Left aside")


def _listed(rows: list[dict[str, str]], caption: str) -> Table | list[str]:
    rest = len(rows) - MOST_LISTED
    more = f" {rest:,} more {'is' if rest == 1 else 'are'} not listed." if rest > 0 else ""
    return Table(rows[:MOST_LISTED], f"{caption}.{more}") if rows else []


def counts_table(counts: np.ndarray, classes: Sequence[str]) -> Table:
    """Images of each class in every part; counts: (3, C)."""
    named = zip([*classes, "all classes"], np.vstack([counts.T, counts.sum(1)]).tolist(), strict=True)
    rows = [
        {"Class": name, **dict(zip(PART_TITLES.values(), row, strict=True)), "all": sum(row)}
        for name, row in named
    ]
    return Table(rows, "Images of each class in every part.", {"*": ",d"})


def finds_table(found: Mapping[str, Detection]) -> Table | list[str]:
    """Precision and recall of each search; nothing where it is not known what was planted."""
    rows = [
        {
            "Search for": what,
            "planted": len(score.hits) + len(score.missed),
            "found": len(score.hits) + len(score.false_alarms),
            "precision": score.precision,
            "recall": score.recall,
        }
        for what, score in found.items()
    ]
    caption = (
        "What the sample planted and what was found, with 95 % intervals. Wrong labels are found here only where "
        "the image lies in another class as well; the others are left for a trained network to point at."
    )
    return Table(rows, caption, {"precision": ".2f", "recall": ".2f"}) if rows else []


def pair_gallery(
    splits: Splits, pairs: Sequence[DuplicatePair], most: int = 6, caption: str = ""
) -> Gallery | list[str]:
    """The pairs as pictures side by side, with what is known of them; at most `most`, spread over the list."""
    if not pairs:
        return []
    chosen = np.unique(np.linspace(0, len(pairs) - 1, min(most, len(pairs))).round().astype(int))
    parts = parts_of_images(splits)
    shown = f"{len(chosen):,} of {len(pairs):,} pairs, the most alike first."
    return Gallery([_pair_card(splits, pairs[place], parts) for place in chosen], f"{caption} {shown}".strip())


def _pair_card(splits: Splits, pair: DuplicatePair, parts: np.ndarray) -> Card:
    both = (pair.i, pair.j)
    names = [splits.original_classes[splits.original_labels[i]] for i in both]
    photos = [
        Photo(np.array(splits.images[i]), f"An image labelled {name}", splits.files[i])
        for i, name in zip(both, names, strict=True)
    ]
    facts = {
        "labelled": " and ".join(dict.fromkeys(names)),
        "used for": " and ".join(dict.fromkeys(PART_TITLES[parts[i]] for i in both)),
        "distance": "an exact copy" if pair.exact else written(max(pair.distance, 0.001), ".3f"),
        **({"one is": pair.how} if pair.how else {}),
    }
    return Card(photos, facts=facts)


def write_cover(splits: Splits) -> Path:
    """A sheet of training images drawn at random, for the index of all studies: `cover.webp`."""
    order = np.random.default_rng(1).permutation(splits.train)[: COVER_COLUMNS * COVER_ROWS]
    images = splits.images[np.sort(order)]
    sheet = contact_sheet(
        [images[start : start + COVER_COLUMNS] for start in range(0, len(images), COVER_COLUMNS)]
    )
    _, data = cv2.imencode(".webp", sheet[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, 80])
    path = results_dir() / splits.name / "cover.webp"
    write_atomic(path, data.tobytes())
    return path
