"""Readings of variants of one network (chapter 02)."""

from collections.abc import Callable
from typing import Any

from helpers.metrics.comparison import SIGNIFICANT
from helpers.show.words import count, in_words, listed, p_value, percent, points, points_bounds
from sections.one_model.variants.measured import ComparedVariant, Difference, Variants

WORDS = {
    "batch_norm": "batch normalisation",
    "l2": "L2 penalty",
    "hidden": "dense units",
    "blocks": "blocks (filters, pooling)",
    "convolutions": "convolutions in a block",
    "augment": "augmentation",
    "lr": "learning rate",
}


def difference_text(difference: Difference) -> str:
    """ "dropout 0.3 → 0.1", in the words of a page."""
    key, old, new = difference
    return f"{WORDS.get(key, key.replace('_', ' '))} {_plain(old)} → {_plain(new)}"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(strength)}" for name, strength in value.items()) or "none"
    if isinstance(value, (list, tuple)):
        return ", ".join("×".join(map(str, one)) if isinstance(one, (list, tuple)) else str(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else "none" if value is None else str(value)


def differences_text(variant: ComparedVariant) -> str:
    """All differences of a variant from the base."""
    return "; ".join(map(difference_text, variant.differences)) or "nothing"


def effects(found: Variants) -> list[str]:
    """What each setting changes in test accuracy against the base, and whether that could be chance."""
    base = found.models[found.base]
    told = [_effect(found, variant) for variant in found.others]
    several = [variant.title for variant in found.others if len(variant.differences) > 1]
    if several:
        told.append(
            f"{listed(several)} {'differs' if len(several) == 1 else 'differ'} from {base.title} in more than one "
            "setting: an effect cannot be put down to one of them."
        )
    return told


def _effect(found: Variants, variant: ComparedVariant) -> str:
    base, gain = found.models[found.base], variant.gain
    size = f"{'gains' if gain.value > 0 else 'loses'} {points(gain.value)} of test accuracy against {base.title}"
    if gain.value == 0:
        size = f"gets exactly as many test images right as {base.title}"
    chance = "more than chance explains" if variant.p_value < SIGNIFICANT else "which could be chance"
    same = "the same recipe" if not variant.differences else differences_text(variant)
    return (
        f"{variant.title} ({same}) {size} (95 % interval {points_bounds(gain)} points), "
        f"{chance} ({p_value(variant.p_value)})."
    )


def means_over_epochs(found: Variants) -> list[str]:
    """How far a mean over epochs is from what the kept weights score, and whether it ranks the variants alike."""
    variants = list(found.models.values())
    furthest = max(variants, key=lambda one: abs(_distance(one)))
    mean, kept = furthest.over_epochs["val_accuracy"], furthest.kept["val_accuracy"]
    told = (
        f"The validation accuracy of {furthest.title} is {percent(mean.mean)} ± {100 * mean.std:.1f} over its "
        f"{count(furthest.epochs, 'epoch')}, but {percent(kept.mean)} with the weights that are kept: a mean over "
        "epochs counts the beginning of a training as much as its end."
    )
    return [told, *([_rankings(variants)] if len(variants) > 1 else [])]


def _distance(variant: ComparedVariant) -> float:
    return variant.kept["val_accuracy"].mean - variant.over_epochs["val_accuracy"].mean


def _rankings(variants: list[ComparedVariant]) -> str:
    over_epochs = _first(variants, lambda one: one.over_epochs["val_accuracy"].mean)
    kept = _first(variants, lambda one: one.kept["val_accuracy"].mean)
    tested = _first(variants, lambda one: one.test_over_seeds["accuracy"].mean)
    if over_epochs == kept == tested:
        return f"By all three, the mean over epochs, the kept weights and the test images, {kept} comes first."
    return (
        f"Highest validation accuracy by the mean over epochs: {over_epochs}; with the kept weights: {kept}. "
        f"Highest accuracy on the test images: {tested}."
    )


def _first(variants: list[ComparedVariant], value: Callable[[ComparedVariant], float]) -> str:
    return max(variants, key=value).title


def seeds(found: Variants) -> list[str]:
    """How the differences compare with what another seed changes."""
    if found.num_seeds < 2:
        return [
            "Each variant was trained once. How much of a difference is the setting and how much the random "
            "numbers at the start, one training cannot tell: ./run_all.sh --seeds 3 trains each three times."
        ]
    spreads = [variant.test_over_seeds["accuracy"] for variant in found.models.values()]
    noise = max(spread.std for spread in spreads)
    reach = max(spread.mean for spread in spreads) - min(spread.mean for spread in spreads)
    verdict = "more than" if reach > 2 * noise else "no more than"
    return [
        f"Over {in_words(found.num_seeds)} seeds the mean test accuracies of the variants lie {points(reach)} "
        f"apart; another seed alone changes a variant's by a standard deviation of up to {points(noise)}. The "
        f"variants differ by {verdict} twice that."
    ]
