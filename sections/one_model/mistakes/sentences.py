"""What a model's mistakes have in common, and how far the rules of `causes` can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.metrics.comparison import holm
from helpers.metrics.tables import fisher_exact
from helpers.show.words import count, in_words, listed, p_value, percent, quoted, sentence
from sections.one_model.mistakes.causes import DATA_RULES, LOOKS, RULES, CauseRule, causes, named

if TYPE_CHECKING:
    from sections.one_model.mistakes.measured import Evidence, Mistake


@dataclass(frozen=True)
class RuleCount:
    """How many mistakes and how many correctly classified images a rule holds for."""

    rule: CauseRule
    among_wrong: int
    wrong: int
    among_right: int
    right: int
    p_value: float  # Fisher's exact test that it holds equally often, Holm-adjusted over all rules

    @property
    def telling(self) -> bool:
        """It holds for mistakes more often, and not by chance."""
        return self.p_value < 0.05 and self.among_wrong * self.right > self.among_right * self.wrong


def count_rules(evidence: "Evidence") -> list[RuleCount]:
    """Each rule about looks and surroundings over the whole test set, mistakes against right predictions.

    Rules about neighbours' labels and confidence are left out: a right prediction has no class that it was
    wrongly taken for. Empty where the model made no mistake, or nothing but mistakes.
    """
    wrong = [evidence.facts(position) for position in evidence.wrong]
    right = [evidence.facts(position) for position in evidence.right]
    if not wrong or not right:
        return []
    rules = [rule for rule in RULES if rule.name in LOOKS]
    held = [(sum(map(rule.holds, wrong)), sum(map(rule.holds, right))) for rule in rules]
    tests = [fisher_exact(a, len(wrong), b, len(right)) for a, b in held]
    return [
        RuleCount(rule, a, len(wrong), b, len(right), float(p))
        for rule, (a, b), p in zip(rules, held, holm(tests), strict=True)
    ]


def rule_rows(counts: Sequence[RuleCount]) -> list[dict[str, Any]]:
    """Rows of a table: how often each rule holds among mistakes and among right predictions."""
    return [
        {
            "CauseRule": sentence(one.rule.name),
            "Holds for mistakes": one.among_wrong / one.wrong,
            "Holds for right predictions": one.among_right / one.right,
            "p (Fisher, Holm)": one.p_value,
        }
        for one in counts
    ]


def trust(counts: Sequence[RuleCount]) -> list[str]:
    """Which of the rules are more than coincidence on this test set."""
    if not counts:
        return ["There are no two groups to compare, right and wrong predictions, so the rules cannot be checked."]
    telling = [one for one in counts if one.telling]
    if not telling:
        return [
            "None of these rules holds for mistakes more often than for right predictions by more than chance "
            "would explain: where a card names one of them, take it as an observation, not as the cause."
        ]
    told = [
        f"{quoted(one.rule.name)} ({percent(one.among_wrong / one.wrong, 0)} against "
        f"{percent(one.among_right / one.right, 0)}, {p_value(one.p_value)})"
        for one in telling
    ]
    rest = len(counts) - len(telling)
    others = f" The other {in_words(rest)} hold about as often where the model is right." if rest else ""
    return [f"More often among the mistakes than among right predictions: {listed(told)}.{others}"]


def how_many(evidence: "Evidence", per_class: int = 3) -> list[str]:
    """How many mistakes there are, and for which classes fewer than `per_class` can be shown."""
    wrong, total = len(evidence.wrong), len(evidence.outputs.labels)
    if not wrong:
        return [f"All {count(total, 'test image')} were classified correctly: there is no mistake to look at."]
    told = [f"{count(wrong, 'test image')} of {total:,} {'was' if wrong == 1 else 'were'} misclassified."]
    labels = evidence.outputs.labels[evidence.wrong]
    per_label = np.bincount(labels, minlength=len(evidence.splits.classes))
    fewer = [
        f"{quoted(name)} ({in_words(int(n)) if n else 'none'})"
        for name, n in zip(evidence.splits.classes, per_label, strict=True)
        if n < per_class
    ]
    if fewer:
        told.append(f"Fewer than {in_words(per_class)} mistakes, so fewer to show: {listed(fewer)}.")
    if evidence.searched < len(evidence.splits.train):
        told.append(
            f"Their nearest neighbours are those among {evidence.searched:,} of the "
            f"{len(evidence.splits.train):,} training images, of every class the same share."
        )
    return [" ".join(told)]


def doubtful_labels(evidence: "Evidence") -> list[int]:
    """Positions of the test images whose label the first two rules call in question."""
    data_rules = [rule for rule in RULES if rule.name in DATA_RULES]
    return [
        int(position)
        for position in evidence.wrong
        if any(rule.holds(evidence.facts(position)) for rule in data_rules)
    ]


def doubts(evidence: "Evidence") -> list[str]:
    """Which test labels should be looked at; on drawn data also how many of them were planted as wrong."""
    positions = doubtful_labels(evidence)
    files = [evidence.splits.files[int(evidence.outputs.index[position])] for position in positions]
    if not files:
        told = "No given label of the test set is called in doubt by the rules."
    else:
        more = f" and {count(len(files) - 5, 'other')}" if len(files) > 5 else ""
        noun = "label of the test set is" if len(files) == 1 else "labels of the test set are"
        shown = ", ".join(quoted(name) for name in files[:5])
        told = f"{sentence(in_words(len(files)))} {noun} in doubt: {shown}{more}."
    return [told + _planted(evidence, files)]


def _planted(evidence: "Evidence", files: Sequence[str]) -> str:
    """How the doubts fare against the wrong labels that the sample planted; nothing for real data."""
    if not evidence.splits.manifest:
        return ""
    test_files = {evidence.splits.files[index] for index in evidence.splits.test}
    planted = test_files & {entry["file"] for entry in evidence.splits.manifest["wrong_labels"]}
    hits = len(planted & set(files))
    return (
        f" The drawn sample has {count(len(planted), 'wrong label')} planted in its test set: "
        f"{in_words(hits) if hits else 'none'} of them {'are' if hits > 1 else 'is'} among the doubts."
    )


def shown_causes(mistakes: "Sequence[Mistake]") -> list[str]:
    """What the cards together say: the causes named most often."""
    names = [rule.name for mistake in mistakes for rule in named(mistake.facts)]
    unexplained = sum(not causes(mistake.facts) for mistake in mistakes)
    if not mistakes:
        return []
    often = sorted(set(names), key=lambda name: (-names.count(name), name))[:3]
    told = listed([f"{quoted(name)} ({names.count(name)})" for name in often]) if often else "none"
    rest = f" For {in_words(unexplained)} of them nothing stands out." if unexplained else ""
    return [f"Named most often on the {count(len(mistakes), 'card')} above: {told}.{rest}"]
