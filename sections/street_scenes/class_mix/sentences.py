"""What two sets of scenes have in common, and what not (chapter 07)."""

from collections.abc import Sequence

import numpy as np

from helpers.show.words import count, in_words, listed, percent, quoted, sentence
from sections.street_scenes.class_mix.measured import ClassMix, most_different, total_variation


def class_mix(home: ClassMix, target: ClassMix) -> list[str]:
    """How unevenly the classes are spread, how the two sets differ, and what is missing."""
    return [_uneven(target), _difference(home, target), *_missing(home, target), _crowded(home, target)]


def _uneven(mix: ClassMix) -> str:
    order = np.argsort(-mix.shares, kind="stable")
    needed = int(np.searchsorted(np.cumsum(mix.shares[order]), 0.9) + 1)
    rare = int(((mix.shares > 0) & (mix.shares < 0.01)).sum())
    read = (
        f"In {mix.title}, {needed} of {len(mix.classes)} classes make up 90 % of the labelled pixels; "
        f"{quoted(mix.classes[order[0]])} alone has {percent(mix.shares[order[0]])}."
    )
    if rare:
        read += (
            f" {sentence(in_words(rare))} {'class has' if rare == 1 else 'classes have'} less than 1 % each: "
            "for the mean IoU they count as much as the others, for pixel accuracy hardly at all."
        )
    return read


def _difference(home: ClassMix, target: ClassMix) -> str:
    more, less = most_different(home, target)
    read = (
        f"To turn the class mix of {home.title} into that of {target.title}, at least "
        f"{percent(total_variation(home, target))} of the pixels would have to change class."
    )
    if more:
        read += f" Relatively more frequent in {target.title}: {listed(_ratios(more, target, home))}."
    if less:
        read += f" More frequent in {home.title}: {listed(_ratios(less, home, target))}."
    return read


def _ratios(chosen: Sequence[int], one: ClassMix, other: ClassMix) -> list[str]:
    return [f"{quoted(one.classes[c])} ({one.shares[c] / other.shares[c]:.1f} times)" for c in chosen]


def _missing(home: ClassMix, target: ClassMix) -> list[str]:
    nowhere = [name for name in home.absent if name in target.absent]
    said = [f"Neither set has a pixel of {_named(nowhere)} in these scenes."] if nowhere else []
    for mix in (home, target):
        if only_here := [name for name in mix.absent if name not in nowhere]:
            said.append(f"{mix.title} has no pixel of {_named(only_here)} in these scenes.")
    return said


def _named(names: Sequence[str]) -> str:
    return listed([quoted(name) for name in names], "or")


def _crowded(home: ClassMix, target: ClassMix) -> str:
    return (
        f"A typical scene has {home.classes_per_scene:.0f} classes in {home.title} and "
        f"{target.classes_per_scene:.0f} in {target.title}; {percent(home.ignored_share)} and "
        f"{percent(target.ignored_share)} of the pixels are not counted."
    )


def sampling(chosen: ClassMix, whole: ClassMix, sequences: int, all_sequences: int) -> list[str]:
    """How the evaluated scenes were chosen, and how well they stand for the rest."""
    share = len(chosen) / len(whole)
    lost = [name for name in whole.classes if name in chosen.absent and name not in whole.absent]
    read = (
        f"{len(chosen):,} of {len(whole):,} scenes ({percent(share)}) were chosen, from {sequences} of "
        f"{all_sequences} sequences. Their class mix differs from that of all scenes by "
        f"{percent(total_variation(chosen, whole), 2)} of the pixels."
    )
    if lost:
        read += f" {listed([quoted(name) for name in lost])} {'occurs' if len(lost) == 1 else 'occur'} only "
        "in scenes that were not chosen."
    return [read]


def labels(mixes: Sequence[ClassMix], most: int = 2) -> list[str]:
    """Sizes of the labels, and what in the label files draws nothing."""
    return [_sizes(mix) for mix in mixes] + [
        f"In the labels of {mix.title}, {count(len(mix.remarks), 'entry draws', 'entries draw')} nothing, for "
        f"instance: {'; '.join(mix.remarks[:most])}."
        for mix in mixes
        if mix.remarks
    ]


def _sizes(mix: ClassMix) -> str:
    distinct, counts = np.unique(mix.sizes, axis=0, return_counts=True)
    width, height = distinct[counts.argmax()]
    named = f"{width} × {height} pixels"
    if len(distinct) == 1:
        return f"All scenes of {mix.title} have {named}, {width / height:.2f} times as wide as high."
    share = percent(counts.max() / counts.sum(), 0)
    return f"The scenes of {mix.title} come in {len(distinct)} sizes; {share} have {named}."
