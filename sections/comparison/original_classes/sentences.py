"""Verdicts on original classes that were taken together (chapter 06)."""

from helpers.metrics.comparison import SIGNIFICANT
from helpers.show.words import listed, p_value, quoted
from sections.comparison.original_classes.measured import OriginalClasses


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
            if (one.share.value > one.rest) == is_harder
        ]
        told += [f"{how} than the rest of its group, beyond chance: {listed(names)}."] if names else []
    none = "By itself, none of them differs from the rest of its group by more than chance explains."
    return [f"For {found.best.title}: {' '.join(told)}" if told else none]
