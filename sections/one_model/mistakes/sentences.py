"""What a model's mistakes have in common, and what might help, by the rules of `causes`."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.datasets.planted import wrong_labels
from helpers.metrics.comparison import SIGNIFICANT, holm
from helpers.metrics.tables import fisher_exact
from helpers.show.display import Gallery
from helpers.show.table import Table
from helpers.show.words import (
    bare_p_value,
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
from sections.one_model.mistakes.causes import CAUSE_RULES, CONFLICT, DATA_RULES, IN_DOUBT, CauseRule, Setting
from sections.one_model.mistakes.measured import PART_NAMES, Evidence
from sections.one_model.mistakes.pictures import CAPTION, mistake_gallery

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
        return self.p_value < SIGNIFICANT and self.among_wrong * self.right > self.among_right * self.wrong


def count_rules(evidence: Evidence) -> list[RuleCount]:
    """Each rule over mistakes and right predictions (`Evidence.compared`); empty where one of these is empty."""
    if not len(evidence.wrong) or not len(evidence.right):
        return []
    wrong, right = evidence.compared()
    held = [(sum(map(rule.holds, wrong)), sum(map(rule.holds, right))) for rule in CAUSE_RULES]
    tests = [fisher_exact(a, len(wrong), b, len(right)) for a, b in held]
    return [
        RuleCount(rule, a, len(wrong), b, len(right), float(p))
        for rule, (a, b), p in zip(CAUSE_RULES, held, holm(tests), strict=True)
    ]


def rule_table(evidence: Evidence, counts: Sequence[RuleCount]) -> Table | list[str]:
    """The rules with their thresholds, and how often each holds; nothing where nothing was counted."""
    if not counts:
        return []
    columns = ("Holds for mistakes", "Holds for right predictions", "p (Fisher, Holm)")
    rows = [
        {"Likely cause": sentence(one.rule.name), "Assumed when": one.rule.when}
        | dict(zip(columns, (one.among_wrong / one.wrong, one.among_right / one.right, one.p_value), strict=True))
        for one in counts
    ]
    rows.append({"Likely cause": sentence(IN_DOUBT.name), "Assumed when": IN_DOUBT.when} | dict.fromkeys(columns))
    return Table(
        rows,
        f"How often each rule holds on the {PART_NAMES[evidence.part]} images. The last takes a mistake for "
        "granted, and is not compared.",
        dict(zip(columns, (".1%", ".1%", bare_p_value), strict=True)),
    )


def trust(evidence: Evidence, counts: Sequence[RuleCount]) -> str:
    """Which rules hold for mistakes more often than chance explains, and what is worth trying against these."""
    images, part = len(evidence.outputs.labels), f"{PART_NAMES[evidence.part]} images"
    if not counts:
        share = "every one" if len(evidence.right) else "none"
        return f"Of the {images:,} {part} the network gets {share} right: no rule can be checked by them."
    wrong, right = counts[0].wrong, counts[0].right
    compared = (
        f"Compared were {_some_of(wrong, len(evidence.wrong), 'mistake')} and "
        f"{_some_of(right, len(evidence.right), 'right prediction')} on {images:,} {part}."
    )
    telling = [one for one in counts if one.telling]
    if not telling and len(counts) * fisher_exact(wrong, wrong, 0, right) >= SIGNIFICANT:
        return f"{compared} So few could not show it if a rule held for all mistakes and for nothing else."
    if not telling:
        return (
            f"{compared} None of the {len(counts)} rules holds for mistakes more often than for right predictions "
            "by more than chance explains: these images do not say what to change."
        )
    told = [
        f"{quoted(one.rule.name)} ({percent(one.among_wrong / one.wrong, 0)} against "
        f"{percent(one.among_right / one.right, 0)}, {p_value(one.p_value)})"
        for one in telling
    ]
    return (
        f"{compared} More often among the mistakes, by more than chance: {listed(told)}. Worth trying, and "
        f"judging by validation images again: {_worth_trying(evidence, [one.rule for one in telling])}."
    )


def _worth_trying(evidence: Evidence, rules: Sequence[CauseRule]) -> str:
    """What the model has not got already, and against which of the rules."""
    setting = Setting(evidence.run.spec, evidence.splits.images.shape[1], evidence.ordinary_side)
    against = defaultdict(list)
    for rule in rules:
        against[listed([cure.text for cure in rule.cures if cure.is_new(setting)], "or")].append(quoted(rule.name))
    return "; ".join(f"{new} ({listed(names)})" for new, names in against.items())


def _some_of(compared: int, there: int, noun: str) -> str:
    return count(there, noun) if compared == there else f"{compared:,} of the {count(there, noun)}"


def doubtful_labels(evidence: Evidence) -> list[int]:
    """Positions of the images whose label the rules that question the data call in doubt, largest loss first."""
    every = (
        (int(position), evidence.facts(int(position))) for position in np.argsort(-evidence.loss, kind="stable")
    )
    return [position for position, facts in every if any(rule.holds(facts) for rule in DATA_RULES)]


def doubts(evidence: Evidence) -> str:
    """Which labels should be looked at; on drawn data also how many of these, and of the others, are wrong."""
    positions, part = doubtful_labels(evidence), f"{PART_NAMES[evidence.part]} images"
    images = f"{len(evidence.outputs.labels):,} {part}"
    told = f"No label of the {images} is in doubt by the rules."
    if positions:
        files = [quoted(evidence.splits.files[int(evidence.outputs.index[position])]) for position in positions]
        told = (
            f"Of the labels of the {images} {len(files):,} {'is' if len(files) == 1 else 'are'} in doubt: "
            f"{some(files, MOST_DOUBTS)}."
        )
    wrong = wrong_labels(evidence.splits)
    if wrong is None:
        return told
    planted = wrong[evidence.outputs.index]
    fared = _fared(len(positions), int(planted[positions].sum()), planted)
    return f"{told} By the plan of these drawn images {fared}."


def _fared(doubted: int, justified: int, planted: np.ndarray) -> str:
    """How doubts compare with what is known to be wrong."""
    wrong = int(planted.sum())
    escaped = (
        "no label among them is wrong" if not wrong
        else "no wrong label among them escaped" if wrong == justified
        else "the one wrong label among them escaped" if wrong == 1
        else f"{'both' if wrong == 2 else f'all {wrong:,}'} wrong labels among them escaped" if not justified
        else f"{in_words(wrong - justified)} of the {wrong:,} wrong labels among them escaped"
    )  # fmt: skip
    if not doubted:
        return escaped
    if doubted == 1:
        return f"the doubt is {'justified' if justified else 'unfounded'}, and {escaped}"
    verb = "are" if justified > 1 else "is"
    return f"{none_or(justified)} of the {doubted:,} doubts {verb} justified, and {escaped}"


def doubt_gallery(evidence: Evidence, most: int = 6) -> Gallery | list[str]:
    """The images whose label is in doubt, those with the largest loss first; nothing where there are none."""
    shown = doubtful_labels(evidence)[:most]
    caption = (
        f"{sentence(PART_NAMES[evidence.part])} images with a label in doubt: what does each show? "
        f"The rules: {IN_DOUBT.when}; or {CONFLICT.when}. {CAPTION}"
    )
    return mistake_gallery(evidence.mistakes(shown), caption)


def rule_results(evidence: Evidence, counts: Sequence[RuleCount]) -> dict[str, Any]:
    """What a chapter keeps as JSON: the rules as they were counted, and every label in doubt."""
    doubted = evidence.outputs.index[doubtful_labels(evidence)]
    return {
        "part": evidence.part,
        "images": len(evidence.outputs.labels),
        "counts": [vars(one) | {"rule": one.rule.name, "telling": one.telling} for one in counts],
        "doubts": [evidence.splits.files[index] for index in doubted],
    }


def top_losses(evidence: Evidence, most: int) -> str:
    """How much of the whole loss of the test set the largest losses make."""
    chosen = evidence.wrong[:most]
    if not len(chosen):
        return "No test image was misclassified, so no loss is worth a look."
    part, images = evidence.loss[chosen].sum() / evidence.loss.sum(), len(chosen) / len(evidence.loss)
    first, last = (number(nats, 2) for nats in evidence.loss[chosen[[0, -1]]])
    return (
        f"Of the whole loss of the test set {percent(part, 0)} comes from the {count(len(chosen), 'image')} with "
        f"the largest loss, {percent(images)} of the images: {f'{first} to {last}' if first != last else first} "
        f"nats, where the mean of all is {number(evidence.loss.mean(), 2)}."
    )
