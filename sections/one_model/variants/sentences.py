"""Readings of variants of one network (chapter 02)."""

from helpers.metrics.comparison import SIGNIFICANT
from helpers.show.words import in_words, listed, number, percent, points
from sections.one_model.learning.sentences import setting
from sections.one_model.variants.measured import ComparedVariant, Variants

WORDS = {
    "batch_norm": "batch normalisation",
    "l2": "L2 penalty",
    "hidden": "dense units",
    "blocks": "blocks (filters, pooling)",
    "convolutions": "convolutions in a block",
    "augment": "augmentation",
    "lr": "learning rate",
}
RANKED_BY = (("over_epochs", "val_accuracy"), ("kept", "val_accuracy"), ("test_over_seeds", "accuracy"))


def differences_text(variant: ComparedVariant) -> str:
    """All differences of a variant from the base, such as "dropout 0.3 → 0.1", in the words of a page."""
    told = [
        f"{WORDS.get(key, key.replace('_', ' '))} {setting(old)} → {setting(new)}"
        for key, old, new in variant.differences
    ]
    return "; ".join(told) or "nothing"


def effects(found: Variants) -> list[str]:
    """Which settings change test accuracy by more than chance explains, and which effects cannot be told apart."""
    base = found.base.title
    surely = [
        f"{one.title} ({points(one.gain.value)} {'more' if one.gain.value > 0 else 'less'})"
        for one in found.others
        if one.p_value < SIGNIFICANT
    ]
    told = [f"No variant's test accuracy differs from that of {base} by more than chance explains."]
    if surely:
        rest = "" if len(surely) == len(found.others) else " What the others change could be chance."
        told = [f"Another test accuracy than {base} by more than chance explains: {listed(surely)}.{rest}"]
    several = [variant.title for variant in found.others if len(variant.differences) > 1]
    if several:
        told.append(
            f"{listed(several)} {'differs' if len(several) == 1 else 'differ'} from {base} in more than one "
            "setting: an effect cannot be put down to one of them."
        )
    return told


def means_over_epochs(found: Variants) -> list[str]:
    """How far a mean over epochs is from what the kept weights score, and whether it ranks the variants alike."""
    spread, kept = (getattr(found.base, group)["val_accuracy"] for group in ("over_epochs", "kept"))
    if spread.n < 2:
        return []
    ranked = [
        max(found.models.values(), key=lambda one: getattr(one, group)[name].mean).title
        for group, name in RANKED_BY
    ]
    alike = (
        f"{ranked[0]} comes first by the mean over epochs, the kept weights and the test alike."
        if len(set(ranked)) == 1
        else f"By the mean over epochs {ranked[0]} comes first, with the kept weights {ranked[1]}, on the test "
        f"images {ranked[2]}."
    )
    return [
        f"The validation accuracy of {found.base.title} is {percent(spread.mean)} ± "
        f"{number(100 * spread.std, 1)} over its epochs, but {percent(kept.mean)} with the weights that are "
        f"kept: a mean over epochs counts the beginning of a training as much as its end. {alike}"
    ]


def setting_or_seed(found: Variants) -> str:
    """How the differences compare with what another seed changes."""
    if found.num_seeds < 2:
        return (
            "Each variant was trained once. How much of a difference is the setting and how much the random "
            "numbers at the start, one training cannot tell: ./run_all.sh --seeds 3 trains each three times."
        )
    spreads = [variant.test_over_seeds["accuracy"] for variant in found.models.values()]
    noise, means = max(spread.std for spread in spreads), [spread.mean for spread in spreads]
    reach = max(means) - min(means)
    return (
        f"Over {in_words(found.num_seeds)} seeds the mean test accuracies of the variants lie {points(reach)} "
        f"apart, {'more' if reach > 2 * noise else 'no more'} than twice the largest standard deviation between "
        f"the seeds of one variant ({points(noise)})."
    )
