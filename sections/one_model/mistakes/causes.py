"""Why was this image misclassified? Arguments from measured facts, by rules with stated thresholds.

A rule that holds is an observation, not a proof: `sentences`, beside this, counts how often each holds for images
that the model got right.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.show.words import in_words, none_or, percent, quoted, sentence

if TYPE_CHECKING:
    from sections.one_model.mistakes.measured import Facts

LOW, HIGH = 5, 95  # percentiles: more unusual than 19 of 20 images
AGREE = 0.8  # share of the nearest neighbours that counts as one voice
SURE = 0.7  # probability from which a prediction against the label counts as confident
CLOSE = 0.1  # difference of two probabilities up to which the decision was a close call
RARE = 0.05  # share of a class: a mistake that the model seldom makes in this class
MIXED = 0.3  # share of the neighbours that each of two classes needs for the image to lie between them
SMALL = 0.8  # of the median shorter side of the training images
LEANS = 0.6  # share of the neighbours with the predicted label: the image lies in that class's region
SCATTERED = 0.3  # share of the neighbours that no class exceeds where the image lies in nobody's region
MOST_CAUSES = 2  # named for one image: more would be a list, not an argument


@dataclass(frozen=True)
class CauseRule:
    """One possible cause: when it is assumed, the evidence in words, and what can be done.

    `evidence` and `workaround` are templates for `phrases`.
    """

    name: str
    when: str
    holds: "Callable[[Facts], bool]"
    evidence: str
    workaround: str


def _agree(votes: int, facts: "Facts") -> bool:
    return votes >= AGREE * facts.neighbours


def _label_in_doubt(f: "Facts") -> bool:
    voices = _agree(f.votes_predicted, f) and f.votes_truth == 0
    return voices and f.confidence >= SURE and f.pair_share <= RARE


# In the order in which they are preferred: what questions the data comes before what questions the model.
RULES = (
    CauseRule(
        "near-duplicate with another label",
        "a near-duplicate in the training set has a label other than this image's",
        lambda f: any(label != f.truth for label in f.duplicate_labels),
        "a near-duplicate in the training set is labelled {other}, this image {truth}: one of the labels is wrong",
        "compare the two files and correct the label that is wrong",
    ),
    CauseRule(
        "label in doubt",
        f"confidence of at least {percent(SURE, 0)}; {percent(AGREE, 0)} of the nearest training images have the "
        f"predicted label and none the given one; at most {percent(RARE, 0)} of the class meet this mistake",
        _label_in_doubt,
        "{votes_predicted} nearest training images are labelled {predicted} and none {truth}, the model is "
        "{confidence} sure, and it seldom mixes up these two classes: the given label is in doubt",
        "look at the file; if it shows {predicted}, correct the label",
    ),
    CauseRule(
        "near-duplicate not learnt",
        "a near-duplicate in the training set has the same label",
        lambda f: f.truth in f.duplicate_labels,
        "the training set holds a near-duplicate with the label {truth}, and still the model fails",
        "train longer or with more capacity: not even its training images are learnt",
    ),
    CauseRule(
        "dark",
        f"darker than {HIGH} % of the training images",
        lambda f: f.brightness <= LOW,
        "the image is darker than {above_brightness} of the training images",
        "vary the brightness in training (augmentation “brightness” or “jitter”), or add dark images",
    ),
    CauseRule(
        "bright",
        f"brighter than {HIGH} % of the training images",
        lambda f: f.brightness >= HIGH,
        "the image is brighter than {below_brightness} of the training images",
        "vary the brightness in training (augmentation “brightness” or “jitter”), or add bright images",
    ),
    CauseRule(
        "flat",
        f"less contrast than {HIGH} % of the training images",
        lambda f: f.contrast <= LOW,
        "the contrast is lower than in {above_contrast} of the training images",
        "vary the contrast in training (augmentation “contrast” or “jitter”), or stretch it beforehand",
    ),
    CauseRule(
        "blurred",
        f"less sharp than {HIGH} % of the training images",
        lambda f: f.sharpness <= LOW,
        "the image is less sharp than {above_sharpness} of the training images",
        "blur some training images (augmentation “blur”), or feed larger images",
    ),
    CauseRule(
        "busy or noisy",
        f"more fine detail than {HIGH} % of the training images",
        lambda f: f.sharpness >= HIGH,
        "there is more fine detail, be it texture or noise, than in {below_sharpness} of the training images",
        "train with noise (augmentation “noise”), or feed larger images so that the detail resolves",
    ),
    CauseRule(
        "nearly grey",
        f"less colourful than {HIGH} % of the training images",
        lambda f: f.colourfulness <= LOW,
        "the image is less colourful than {above_colourfulness} of the training images",
        "take colour away in training now and then (augmentation “saturation” or “jitter”)",
    ),
    CauseRule(
        "enlarged",
        f"the file is smaller than what the network sees and than {percent(SMALL, 0)} of the ordinary file",
        lambda f: f.shorter_side < min(f.input_side, SMALL * f.ordinary_side),
        "the file has only {shorter_side} px on its shorter side and was enlarged to {input_side} px",
        "find the image in a better resolution, or train at a smaller size",
    ),
    CauseRule(
        "unlike the training images",
        f"farther from its nearest training image than {HIGH} % of the correctly classified test images",
        lambda f: f.distance_rank >= HIGH,
        "no training image is near: {distance_rank} of the correctly classified test images have a nearer one",
        "add training images of {truth} that resemble it, or widen the training set by augmentation",
    ),
    CauseRule(
        "looks at the frame",
        f"more activation in the outer eighth of the image than in {HIGH} % of the correct cases",
        lambda f: f.framed_rank >= HIGH,
        "{framed} of the activation lies in the outer eighth of the image, more than in {framed_rank} of the "
        "correct cases: the model may have judged the surroundings",
        "crop closer to the object, or train with random crops (augmentation “crop”) and more backgrounds",
    ),
    CauseRule(
        "looks at one spot",
        f"a smaller activated region than in {HIGH} % of the correct cases",
        lambda f: f.activated_rank <= LOW,
        "the activated region covers only {activated} of the image, less than in {above_activated_rank} of the "
        "correct cases: one detail decided",
        "hide parts of the training images (augmentation “erasing”), so that one detail is not enough",
    ),
    CauseRule(
        "looks everywhere",
        f"a larger activated region than in {HIGH} % of the correct cases",
        lambda f: f.activated_rank >= HIGH,
        "the activated region covers {activated} of the image, more than in {activated_rank} of the correct "
        "cases: no single part decided",
        "crop closer to the object, or feed larger images",
    ),
    CauseRule(
        "the features know better",
        f"{percent(AGREE, 0)} of the nearest training images have the true label",
        lambda f: _agree(f.votes_truth, f),
        "{votes_truth} nearest training images have the true label {truth}: the features are right, only the "
        "last layer is not",
        "let the nearest neighbours vote as well, or regularise the last layer (weight decay, label smoothing)",
    ),
    CauseRule(
        "close call",
        f"the true class has at most {100 * CLOSE:.0f} percentage points less than the predicted one",
        lambda f: f.confidence - f.truth_probability <= CLOSE,
        "it was a close call: {confidence} for {predicted}, {truth_probability} for {truth}",
        "average several models, or several views of the image (test-time augmentation)",
    ),
    CauseRule(
        "between two classes",
        f"{percent(MIXED, 0)} of the nearest training images have the true label, as many the predicted one",
        lambda f: min(f.votes_truth, f.votes_predicted) >= MIXED * f.neighbours,
        "among the {neighbours} nearest training images {count_truth} are labelled {truth} and {count_predicted} "
        "{predicted}: it lies where the two classes mix",
        "more training images of {truth} and {predicted}, larger images, or stronger features",
    ),
    CauseRule(
        "nowhere at home",
        f"no class has more than {percent(SCATTERED, 0)} of the nearest training images",
        lambda f: f.votes_most <= SCATTERED * f.neighbours,
        "its {neighbours} nearest training images belong to many classes, none with more than {votes_most} of "
        "them: the features do not place this image anywhere",
        "stronger features, larger images, or more training images of {truth}",
    ),
    CauseRule(
        "looks like the other class",
        f"{percent(LEANS, 0)} of the nearest training images have the predicted label, fewer than "
        f"{percent(MIXED, 0)} the true one",
        lambda f: f.votes_predicted >= LEANS * f.neighbours and f.votes_truth < MIXED * f.neighbours,
        "{votes_predicted} nearest training images are labelled {predicted}: to this network it is one of them",
        "add training images of {truth} that resemble {predicted}, or use stronger features (a larger or "
        "pretrained network)",
    ),
)
DATA_RULES = ("near-duplicate with another label", "label in doubt")  # they question the data, not the model
LOOKS = (  # rules that can be asked of any image, right or wrong
    "dark", "bright", "flat", "blurred", "busy or noisy", "nearly grey", "enlarged", "unlike the training images",
)  # fmt: skip


def phrases(f: "Facts") -> dict[str, str | int]:
    """What the templates of the rules may name."""
    ranks = ("brightness", "contrast", "sharpness", "colourfulness")
    return {
        "truth": quoted(f.truth),
        "predicted": quoted(f.predicted),
        "other": quoted(next((label for label in f.duplicate_labels if label != f.truth), "")),
        **{
            name: percent(getattr(f, name), 0)
            for name in ("confidence", "truth_probability", "activated", "framed")
        },
        **{f"below_{name}": _per_cent(getattr(f, name)) for name in ranks},
        **{f"above_{name}": _per_cent(100 - getattr(f, name)) for name in (*ranks, "activated_rank")},
        **{name: _per_cent(getattr(f, name)) for name in ("distance_rank", "activated_rank", "framed_rank")},
        **{name: getattr(f, name) for name in ("shorter_side", "input_side", "neighbours", "votes_most")},
        "count_truth": none_or(f.votes_truth),
        "count_predicted": none_or(f.votes_predicted),
        "votes_truth": _of(f.votes_truth, f.neighbours),
        "votes_predicted": _of(f.votes_predicted, f.neighbours),
    }


def _per_cent(rank: float) -> str:
    """A percentile as text; 99.6 is not yet all of them."""
    return "all" if rank == 100 else f"{rank:.1f} %" if 99 < rank < 100 else f"{rank:.0f} %"


def _of(votes: int, neighbours: int) -> str:
    return f"all {neighbours}" if votes == neighbours else f"{in_words(votes)} of the {neighbours}"


def causes(facts: "Facts") -> list[CauseRule]:
    """The rules that hold for an image, in the order of `RULES`."""
    return [rule for rule in RULES if rule.holds(facts)]


def named(facts: "Facts") -> list[CauseRule]:
    """The causes that a card names: the first few, and nothing about the model where the data are in question."""
    found = causes(facts)
    return found[: 1 if found and found[0].name in DATA_RULES else MOST_CAUSES]


def explain(facts: "Facts") -> str:
    """A likely cause and a workaround for one mistake, argued from what was measured of it."""
    found, told = named(facts), phrases(facts)
    if not found:
        return _nothing_stands_out(facts)
    evidence = " ".join(f"{sentence(rule.evidence.format(**told))}." for rule in found)
    workarounds = dict.fromkeys(rule.workaround.format(**told) for rule in found)
    return f"{evidence} Worth trying: {'; or '.join(workarounds)}."


def _nothing_stands_out(f: "Facts") -> str:
    return (
        "Nothing that was measured stands out. Among the training images the ranks of its brightness, contrast "
        f"and sharpness are {f.brightness:.0f}, {f.contrast:.0f} and {f.sharpness:.0f}; of the {f.neighbours} "
        f"nearest ones {none_or(f.votes_truth)} {'is' if f.votes_truth < 2 else 'are'} labelled "
        f"{quoted(f.truth)} and {none_or(f.votes_predicted)} {quoted(f.predicted)}. Look at the image yourself: "
        "what would have told you?"
    )


def rule_table() -> list[dict[str, str]]:
    """The rules with their thresholds, for a table."""
    return [{"Likely cause": sentence(rule.name), "Assumed when": rule.when} for rule in RULES]
