"""What a model's mistakes have in common, and how far the rules of `causes` can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpers.datasets.planted import wrong_labels
from helpers.metrics.comparison import holm
from helpers.metrics.tables import fisher_exact
from helpers.show.table import Table
from helpers.show.words import (
    count,
    in_words,
    listed,
    none_or,
    number,
    p_value,
    percent,
    quoted,
    sentence,
    some,
)
from sections.one_model.mistakes.causes import CAUSE_RULES, COMPARED, DATA_RULES, CauseRule
from sections.one_model.mistakes.measured import Evidence

MOST_DOUBTS = 20  # named one by one


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


def count_rules(evidence: Evidence) -> list[RuleCount]:
    """Each rule about looks and surroundings over the whole test set, mistakes against right predictions.

    Rules about neighbours' labels and confidence are left out: a right prediction has no class that it was
    wrongly taken for. Empty where the model made no mistake, or nothing but mistakes.
    """
    wrong = [evidence.facts(position) for position in evidence.wrong]
    right = [evidence.facts(position) for position in evidence.right]
    if not wrong or not right:
        return []
    rules = [rule for rule in CAUSE_RULES if rule.name in COMPARED]
    held = [(sum(map(rule.holds, wrong)), sum(map(rule.holds, right))) for rule in rules]
    tests = [fisher_exact(a, len(wrong), b, len(right)) for a, b in held]
    return [
        RuleCount(rule, a, len(wrong), b, len(right), float(p))
        for rule, (a, b), p in zip(rules, held, holm(tests), strict=True)
    ]


def rule_table(counts: Sequence[RuleCount]) -> Table:
    """The rules with their thresholds, and how often those that can be asked of any image hold."""
    counted = {one.rule.name: one for one in counts}
    rows = []
    for rule in CAUSE_RULES:
        row = {"Likely cause": sentence(rule.name), "Assumed when": rule.when}
        one = counted.get(rule.name)
        row["Holds for mistakes"] = one and one.among_wrong / one.wrong
        row["Holds for right predictions"] = one and one.among_right / one.right
        rows.append(row | {"p (Fisher, Holm)": one and one.p_value})
    shares = {"Holds for mistakes": ".1%", "Holds for right predictions": ".1%", "p (Fisher, Holm)": ".3f"}
    return Table(rows, "The rules, and how often those that can be asked of any image hold.", shares)


def trust(counts: Sequence[RuleCount]) -> str:
    """Which of the rules are more than coincidence on this test set."""
    if not counts:
        return "There are no two groups to compare, right and wrong predictions, so the rules cannot be checked."
    telling = [one for one in counts if one.telling]
    if not telling:
        return (
            "None of the rules that can be asked of any image holds for mistakes more "
            "often than for right predictions by more than chance would explain: where a card names one of them, "
            "take it as an observation, not as the cause."
        )
    told = [
        f"{quoted(one.rule.name)} ({percent(one.among_wrong / one.wrong, 0)} against "
        f"{percent(one.among_right / one.right, 0)}, {p_value(one.p_value)})"
        for one in telling
    ]
    return f"More often among the mistakes than among right predictions, by more than chance: {listed(told)}."


def doubtful_labels(evidence: Evidence) -> list[int]:
    """Positions of the test images whose label the first two rules call in question."""
    data_rules = [rule for rule in CAUSE_RULES if rule.name in DATA_RULES]
    return [
        int(position)
        for position in evidence.wrong
        if any(rule.holds(evidence.facts(position)) for rule in data_rules)
    ]


def doubts(evidence: Evidence) -> str:
    """Which test labels should be looked at; on drawn data also how many of them were planted as wrong."""
    positions = doubtful_labels(evidence)
    told = "No given label of the test set is called in doubt by the rules."
    if positions:
        files = [quoted(evidence.splits.files[int(evidence.outputs.index[position])]) for position in positions]
        noun = "label of the test set is" if len(files) == 1 else "labels of the test set are"
        told = (
            f"{sentence(in_words(len(files)))} {noun} in doubt: {some(files, MOST_DOUBTS)}. Labels that are "
            "corrected only where a model errs raise its score by themselves."
        )
    wrong = wrong_labels(evidence.splits)
    if wrong is None:
        return told
    planted = wrong[evidence.outputs.index]
    hits = int(planted[positions].sum())
    return (
        f"{told} The drawn sample has {count(int(planted.sum()), 'wrong label')} planted in its test set: "
        f"{none_or(hits)} of them {'are' if hits > 1 else 'is'} among the doubts."
    )


def top_losses(evidence: Evidence, most: int) -> str:
    """How much of the whole loss the largest losses make."""
    chosen = evidence.wrong[:most]
    if not len(chosen):
        return "No test image was misclassified, so no loss is worth a look."
    part, images = evidence.loss[chosen].sum() / evidence.loss.sum(), len(chosen) / len(evidence.loss)
    first, last = evidence.loss[chosen[[0, -1]]]
    return (
        f"Of the whole loss of the test set {percent(part, 0)} comes from the {count(len(chosen), 'image')} with "
        f"the largest loss, {percent(images)} of the images: {number(first, 2)} to {number(last, 2)} nats, where "
        "the mean of "
        f"all is {number(evidence.loss.mean(), 2)}."
    )
