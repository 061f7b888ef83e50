"""Tables and galleries of suspicious training images (chapter 06)."""

from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from helpers.show.display import Card, Gallery, Note, Photo, Table
from helpers.show.words import percent
from sections.comparison.cleaning.measured import Cleaned


def left_out_table(cleaned: Cleaned) -> Table:
    """One row a class: training images, those left out and why, and of drawn images how many labels are wrong."""
    found, wrong = cleaned.suspects, cleaned.is_wrong
    columns = {
        "Images": np.ones(len(found.index), dtype=int),
        "Label not believed": found.mislabelled,
        "Could be anything": found.unsure,
    }
    if wrong is not None:
        columns |= {"Planted": wrong, "Planted and found": wrong & found.mislabelled}
    frame = (
        pd.DataFrame(columns).groupby(found.labels).sum().reindex(range(len(cleaned.splits.classes)), fill_value=0)
    )
    frame.insert(0, "Class", cleaned.splits.classes)
    frame["Left out"] = (frame["Label not believed"] + frame["Could be anything"]) / frame["Images"]
    return Table(frame, "Training images of each class that were left out.", {"Left out": percent})


def doubted_gallery(cleaned: Cleaned, most: int = 12) -> Gallery | Note:
    """The training images whose label is believed least, with what the judges say instead."""
    found = cleaned.suspects
    return _gallery(cleaned, np.flatnonzero(found.mislabelled), found.quality, most, "whose label is not believed")


def unsure_gallery(cleaned: Cleaned, most: int = 6) -> Gallery | Note:
    """The training images that could be anything, the vaguest first."""
    found = cleaned.suspects
    return _gallery(cleaned, np.flatnonzero(found.unsure), found.confidence, most, "that could be anything")


def _gallery(cleaned: Cleaned, positions: np.ndarray, order: np.ndarray, most: int, which: str) -> Gallery | Note:
    if not len(positions):
        return Note(f"There is no training image {which}.")
    chosen = positions[np.argsort(order[positions], kind="stable")][:most]
    shown = f"{len(chosen)} of {len(positions):,}" if len(chosen) < len(positions) else f"All {len(positions)}"
    caption = (
        f"{shown} training images {which}. Below each the label given and the class suggested, each with the "
        "probability that judges which had not seen the image give it."
    )
    return Gallery([_card(cleaned, int(position)) for position in chosen], caption)


def _card(cleaned: Cleaned, position: int) -> Card:
    found, splits = cleaned.suspects, cleaned.splits
    index, label, other = (int(one[position]) for one in (found.index, found.labels, found.suggested))
    given = splits.classes[label]
    lines = [f"Given: {given} ({percent(float(found.quality[position]))})"]
    lines.append(f"Suggested: {splits.classes[other]} ({percent(float(found.confidence[position]))})")
    if cleaned.drawn_as is not None:
        wrong = cleaned.is_wrong[position]
        lines.append(f"Drawn as: {splits.classes[cleaned.drawn_as[index]]}" if wrong else "The label is right")
    lines.append(PurePosixPath(splits.files[index]).name)
    return Card([Photo(np.array(splits.images[index]), f"A training image labelled {given}", "\n".join(lines))])
