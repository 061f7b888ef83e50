"""Verdicts on original classes that were taken together (chapter 06)."""

from helpers.metrics.comparison import SIGNIFICANT
from helpers.show.words import listed, p_value, percent, quoted, share_interval
from sections.comparison.original_classes.measured import Likeness, OriginalClasses, Resemblance, likenesses

FEWEST_MISTAKES = 5  # on an original class: below this it is not said what they look like


def standing_out(found: OriginalClasses) -> list[str]:
    """Which original classes the most accurate model finds harder or easier than the rest of their group."""
    if not any(one.wrong for one in found.best.errors):
        return [f"{found.best.title} takes no test image for another group."]
    unlike = [one for one in found.best.errors if one.p_value < SIGNIFICANT]
    told = []
    for how, is_harder in (("Harder", True), ("Easier", False)):
        names = [
            f"{quoted(found.originals[one.original])} ({p_value(one.p_value)})"
            for one in sorted(unlike, key=lambda one: -one.share.value)
            if one.is_harder == is_harder
        ]
        told += [f"{how} than the rest of its group, beyond chance: {listed(names)}."] if names else []
    none = "By itself, none of them differs from the rest of its group by more than chance explains."
    return [f"For {found.best.title}: {' '.join(told)}" if told else none]


def looks_like(found: OriginalClasses, looks: Resemblance) -> list[str]:
    """What the mistakes on the hardest original classes lie nearest to in the group they are taken for."""
    pairs = [one for one in likenesses(looks, found.originals) if one.total >= FEWEST_MISTAKES]
    firsts = {one.original: one for one in reversed(pairs)}  # the most frequent pair of each original class
    told = sorted(firsts.values(), key=lambda one: -one.total)[:3]
    if not told:
        few = f"{looks.title} makes fewer than {FEWEST_MISTAKES} mistakes on each original class"
        return [f"{few}: too few to say more."]
    some = f"The nearest were looked for among {looks.searched:,} of {looks.available:,} training images."
    return [" ".join(map(_likeness, told))] + [some] * (looks.searched < looks.available)


def _likeness(one: Likeness) -> str:
    beyond = "more than" if one.share.low > one.expected else "no more than chance explains above"
    return (
        f"Of the {one.total} mistakes on {quoted(one.original)}, {one.count} {'is' if one.count == 1 else 'are'} "
        f"nearest to a training image of {quoted(one.like)}: {share_interval(one.share)}, {beyond} the "
        f"{percent(one.expected, 0)} that it makes up of the group's training images."
    )
