"""Readings of original classes that were taken together (chapter 06)."""

from collections import Counter

import numpy as np

from helpers.metrics.comparison import SIGNIFICANT
from helpers.show.words import listed, p_value, percent, quoted, share_interval
from sections.comparison.original_classes.measured import (
    Likeness,
    OriginalClasses,
    OriginalErrors,
    Resemblance,
    likenesses,
)

FEWEST = 5  # mistakes on an original class: below this it is not said what they look like


def confused(found: OriginalClasses) -> list[str]:
    """Which original classes the most accurate model takes for another group, and which of them stand out."""
    if not found.hardest:
        return [f"{found.best.title} takes no test image for another group."]
    told = listed([_share(found, one) for one in found.hardest[:3]])
    sentences = [f"Most often taken for another group by {found.best.title}: {told}.", _standing_out(found)]
    return sentences + ([_all_models(found)] if len(found.models) > 1 else [])


def _share(found: OriginalClasses, one: OriginalErrors) -> str:
    name = quoted(found.originals[one.original])
    return f"{name} for {quoted(found.taken_for(one.original))}, {share_interval(one.share)}"


def _standing_out(found: OriginalClasses) -> str:
    unlike = [one for one in found.best.errors if one.p_value < SIGNIFICANT]
    groups = {"Harder": [one for one in unlike if one.is_harder], "Easier": [o for o in unlike if not o.is_harder]}
    told = [
        f"{how} than the rest of its group, beyond chance: {_named(found, e)}." for how, e in groups.items() if e
    ]
    return (
        " ".join(told)
        or "By itself, none of them differs from the rest of its group by more than chance explains."
    )


def _named(found: OriginalClasses, errors: list[OriginalErrors]) -> str:
    by_share = sorted(errors, key=lambda one: -one.share.value)
    return listed([f"{quoted(found.originals[one.original])} ({p_value(one.p_value)})" for one in by_share])


def _all_models(found: OriginalClasses) -> str:
    hardest = Counter(int(np.nanargmax(row)) for row in found.shares if np.nanmax(row) > 0)
    if not hardest:
        return "No model takes any test image for another group."
    told = [f"{quoted(found.originals[o])} ({n} of {len(found.models)})" for o, n in hardest.most_common()]
    return f"The original class most often taken wrongly, by how many models: {listed(told)}."


def looks_like(found: OriginalClasses, looks: Resemblance) -> list[str]:
    """What the mistakes on the hardest original classes lie nearest to in the group they are taken for."""
    pairs = [one for one in likenesses(looks) if one.total >= FEWEST]
    firsts = {one.original: one for one in reversed(pairs)}  # the most frequent pair of each original class
    told = sorted(firsts.values(), key=lambda one: -one.total)[:3]
    if not told:
        return [f"{looks.title} makes fewer than {FEWEST} mistakes on each original class: too few to say more."]
    some = f"The nearest were looked for among {looks.searched:,} of {looks.available:,} training images."
    return [_likeness(found, looks, one) for one in told] + [some] * (looks.searched < looks.available)


def _likeness(found: OriginalClasses, looks: Resemblance, one: Likeness) -> str:
    name, like = quoted(found.originals[one.original]), quoted(found.originals[one.like])
    beyond = "more than" if one.share.low > one.expected else "no more than chance explains above"
    return (
        f"Of the {one.total} images of {name} that {looks.title} takes for another group, {one.count} "
        f"{'is' if one.count == 1 else 'are'} nearest, in that group, to a training image of {like}: "
        f"{share_interval(one.share)}, {beyond} the {percent(one.expected, 0)} that {like} makes up of the "
        "group's training images."
    )
