"""How the classes are spread in two sets of scenes, and how well a choice stands for all (chapter 07)."""

from collections.abc import Sequence

import numpy as np

from helpers.segmentation.streets import Streets
from helpers.show.words import count, in_words, listed, percent, quoted, sentence
from sections.street_scenes.class_mix.measured import ClassMix, total_variation


def how_read(streets: Streets) -> list[str]:
    """What was found in folders of one's own, guessed and left aside, a paragraph a set."""
    told = {scenes.info.title: " ".join(scenes.remarks) for scenes in streets.sets.values() if scenes.remarks}
    return [f"In {quoted(title)}: {text}" if len(streets.sets) > 1 else text for title, text in told.items()]


def uncounted_share(mixes: Sequence[ClassMix]) -> list[str]:
    """The share of the pixels that count nowhere, in each set."""
    shares = [mix.ignored.sum() / max(1, mix.ignored.sum() + mix.pixels.sum()) for mix in mixes]
    if not any(shares):
        return ["Every pixel has a class that counts."]
    told = [f"{percent(share, 1)} of the pixels in {mix.title}" for mix, share in zip(mixes, shares, strict=True)]
    return [f"Not counted, neither as right nor as wrong: {listed(told)}."]


def spread(home: ClassMix, target: ClassMix) -> list[str]:
    """How unevenly the target's classes are spread, and by how much the two sets differ."""
    if not target.pixels.any() or not home.pixels.any():
        return []
    order = np.argsort(-target.shares, kind="stable")
    needed = min(int(np.searchsorted(np.cumsum(target.shares[order]), 0.9) + 1), len(order))
    rare = int(((target.shares > 0) & (target.shares < 0.01)).sum())
    told = (
        f"In {target.title}, {needed} of {count(len(target.classes), 'class', 'classes')} "
        f"{'makes' if needed == 1 else 'make'} up 90 % of the labelled pixels; "
        f"{quoted(target.classes[order[0]])} alone has {percent(target.shares[order[0]])}."
    )
    if rare:
        told += (
            f" {sentence(in_words(rare))} {'class has' if rare == 1 else 'classes have'} less than 1 % each: "
            "for the mean IoU they count as much as the others, for pixel accuracy hardly at all."
        )
    if home.title == target.title:
        return [told]
    if not total_variation(home, target):
        return [f"{told} The class mix of {home.title} is the same."]
    return [
        f"{told} To turn the class mix of {home.title} into that of {target.title}, at least "
        f"{percent(total_variation(home, target))} of the pixels would have to change class (half the sum of the "
        "differences)."
    ]


def remarks(mixes: Sequence[ClassMix], most: int = 2) -> list[str]:
    """What in the label files draws nothing; nothing where all of it does."""
    return [
        f"In the labels of {mix.title}, {count(len(mix.remarks), 'entry draws', 'entries draw')} nothing"
        f"{', for instance' if len(mix.remarks) > most else ''}: {'; '.join(mix.remarks[:most])}."
        for mix in mixes
        if mix.remarks
    ]


def sampling(chosen: ClassMix, whole: ClassMix, sequences: int, all_sequences: int) -> list[str]:
    """How the evaluated scenes were chosen, and how well they stand for the rest."""
    if len(chosen) == len(whole):
        every = "The one scene is" if len(whole) == 1 else f"All {len(whole):,} scenes are"
        return [f"{every} evaluated."]
    told = (
        f"Of {len(whole):,} scenes, {count(len(chosen), 'was', 'were')} chosen "
        f"({percent(len(chosen) / len(whole))}), from {sequences} of {count(all_sequences, 'sequence')}. Their "
        f"class mix differs from that of all scenes by {percent(total_variation(chosen, whole), 2)} of the pixels."
    )
    if lost := [quoted(name) for name in chosen.absent if name not in whole.absent]:
        told += f" {listed(lost)} {'occurs' if len(lost) == 1 else 'occur'} only in scenes that were not chosen."
    return [told]
