"""Why was this image misclassified? Arguments from measured facts, by rules with stated thresholds.

A rule that holds is an observation, not a proof: `sentences`, beside this, counts how often each holds for images
that the model got right.
"""

from collections.abc import Callable
from dataclasses import dataclass

from helpers.show.words import in_words, none_or, number, percent, quoted, sentence
from sections.one_model.mistakes.measured import Facts

LOW, HIGH = 5, 95  # percentiles: more unusual than 19 of 20 images
AGREE = 0.8  # share of the nearest neighbours that counts as one voice
CONFIDENT = 0.7  # probability from which a prediction against the label counts as confident
CLOSE = 0.1  # difference of two probabilities up to which the decision was a close call
RARE_MISTAKE = 0.05  # share of a class: a mistake that the model seldom makes in this class
MIXED = 0.3  # share of the neighbours that each of two classes needs for the image to lie between them
SMALL_FILE = 0.8  # of the median shorter side of the training images
LEANS = 0.6  # share of the neighbours with the predicted label: the image lies in that class's region
SCATTERED = 0.3  # share of the neighbours that no class exceeds where the image lies in nobody's region
MOST_CAUSES = 2  # named for one image: more would be a list, not an argument


@dataclass(frozen=True)
class CauseRule:
    """One possible cause: when it is assumed, the evidence in words, and what can be done.

    `workaround` may name {truth} and {predicted}.
    """

    name: str
    when: str
    holds: Callable[[Facts], bool]
    evidence: Callable[[Facts], str]
    workaround: str


def _agree(votes: int, facts: Facts) -> bool:
    return votes >= AGREE * facts.neighbours


def _label_in_doubt(f: Facts) -> bool:
    voices = _agree(f.votes_predicted, f) and f.votes_truth == 0
    return voices and f.confidence >= CONFIDENT and f.pair_share <= RARE_MISTAKE


def _unusual(name: str, fact: str, end: int, than: str, workaround: str) -> CauseRule:
    """A rule about the rank of a fact among the training images: at the low or at the high `end`."""

    def beyond(f: Facts) -> float:
        return getattr(f, fact) if end == HIGH else 100 - getattr(f, fact)

    return CauseRule(
        name,
        f"the image {than} {HIGH} % of the training images",
        lambda f: beyond(f) >= HIGH,
        lambda f: f"the image {than} {_per_cent(beyond(f))} of the training images",
        workaround,
    )


def _other_label(f: Facts) -> str:
    return next(label for label in f.duplicate_labels if label != f.truth)


# In the order in which they are preferred: what questions the data comes before what questions the model.
CAUSE_RULES = (
    CauseRule(
        "near-duplicate with another label",
        "a near-duplicate in the training set has a label other than this image's",
        lambda f: any(label != f.truth for label in f.duplicate_labels),
        lambda f: (
            f"a near-duplicate in the training set is labelled {quoted(_other_label(f))}, this image "
            f"{quoted(f.truth)}: one of the labels is wrong"
        ),
        "compare the two files and correct the label that is wrong",
    ),
    CauseRule(
        "label in doubt",
        f"confidence of at least {percent(CONFIDENT, 0)}; {percent(AGREE, 0)} of the nearest training images "
        f"have the predicted label and none the given one; at most {percent(RARE_MISTAKE, 0)} of the class meet "
        "this mistake",
        _label_in_doubt,
        lambda f: (
            f"{_of(f.votes_predicted, f.neighbours)} nearest training images are labelled "
            f"{quoted(f.predicted)} and none {quoted(f.truth)}, the model is {percent(f.confidence, 0)} sure, and "
            "it seldom mixes up these two classes: the given label is in doubt"
        ),
        "look at the file; if it shows {predicted}, correct the label",
    ),
    CauseRule(
        "near-duplicate not learnt",
        "a near-duplicate in the training set has the same label",
        lambda f: f.truth in f.duplicate_labels,
        lambda f: (
            f"the training set holds a near-duplicate with the label {quoted(f.truth)}, and still the model fails"
        ),
        "train longer or with more capacity: not even its training images are learnt",
    ),
    _unusual("dark", "brightness", LOW, "is darker than",
             "vary the brightness in training (augmentation “brightness” or “jitter”), or add dark images"),
    _unusual("bright", "brightness", HIGH, "is brighter than",
             "vary the brightness in training (augmentation “brightness” or “jitter”), or add bright images"),
    _unusual("flat", "contrast", LOW, "has less contrast than",
             "vary the contrast in training (augmentation “contrast” or “jitter”), or stretch it beforehand"),
    _unusual("blurred", "sharpness", LOW, "is less sharp than",
             "blur some training images (augmentation “blur”), or feed larger images"),
    _unusual("busy or noisy", "sharpness", HIGH, "has more fine detail, be it texture or noise, than",
             "train with noise (augmentation “noise”), or feed larger images so that the detail resolves"),
    _unusual("nearly grey", "colourfulness", LOW, "is less colourful than",
             "take colour away in training now and then (augmentation “saturation” or “jitter”)"),
    CauseRule(
        "enlarged",
        f"the file is smaller than what the network sees and than {percent(SMALL_FILE, 0)} of the ordinary file",
        lambda f: f.shorter_side < min(f.input_side, SMALL_FILE * f.ordinary_side),
        lambda f: (
            f"the file has only {f.shorter_side} px on its shorter side and was enlarged to {f.input_side} px"
        ),
        "find the image in a better resolution, or train at a smaller size",
    ),
    CauseRule(
        "unlike the training images",
        f"farther from its nearest training image than {HIGH} % of the correctly classified test images",
        lambda f: f.distance_rank >= HIGH,
        lambda f: (
            f"no training image is near: {_per_cent(f.distance_rank)} of the correctly classified test "
            "images have a nearer one"
        ),
        "add training images of {truth} that resemble it",
    ),
    CauseRule(
        "looks at the frame",
        f"more activation in the outer eighth of the image than in {HIGH} % of the correct cases",
        lambda f: f.framed_rank >= HIGH,
        lambda f: (
            f"{percent(f.framed, 0)} of the activation lies in the outer eighth of the image, more than "
            f"in {_per_cent(f.framed_rank)} of the correct cases: the model may have judged the surroundings"
        ),
        "crop closer to the object, or train with random crops (augmentation “crop”) and more backgrounds",
    ),
    CauseRule(
        "looks at one spot",
        f"a smaller activated region than in {HIGH} % of the correct cases",
        lambda f: f.activated_rank <= LOW,
        lambda f: (
            f"the activated region covers only {percent(f.activated, 0)} of the image, less than in "
            f"{_per_cent(100 - f.activated_rank)} of the correct cases: one detail decided"
        ),
        "hide parts of the training images (augmentation “erasing”), so that one detail is not enough",
    ),
    CauseRule(
        "looks everywhere",
        f"a larger activated region than in {HIGH} % of the correct cases",
        lambda f: f.activated_rank >= HIGH,
        lambda f: (
            f"the activated region covers {percent(f.activated, 0)} of the image, more than in "
            f"{_per_cent(f.activated_rank)} of the correct cases: no single part decided"
        ),
        "crop closer to the object, or feed larger images",
    ),
    CauseRule(
        "the features know better",
        f"{percent(AGREE, 0)} of the nearest training images have the true label",
        lambda f: _agree(f.votes_truth, f),
        lambda f: (
            f"{_of(f.votes_truth, f.neighbours)} nearest training images have the true label "
            f"{quoted(f.truth)}: the features are right, only the last layer is not"
        ),
        "let the nearest neighbours vote as well, or regularise the last layer (weight decay, label smoothing)",
    ),
    CauseRule(
        "close call",
        f"the true class has at most {number(100 * CLOSE, 0)} percentage points less than the predicted one",
        lambda f: f.confidence - f.truth_probability <= CLOSE,
        lambda f: (
            f"it was a close call: {percent(f.confidence, 0)} for {quoted(f.predicted)}, "
            f"{percent(f.truth_probability, 0)} for {quoted(f.truth)}"
        ),
        "average several models, or several views of the image (test-time augmentation)",
    ),
    CauseRule(
        "between two classes",
        f"{percent(MIXED, 0)} of the nearest training images have the true label, as many the predicted one",
        lambda f: min(f.votes_truth, f.votes_predicted) >= MIXED * f.neighbours,
        lambda f: (
            f"among the {f.neighbours} nearest training images {none_or(f.votes_truth)} are labelled "
            f"{quoted(f.truth)} and {none_or(f.votes_predicted)} {quoted(f.predicted)}: it lies where the two "
            "classes mix"
        ),
        "more training images of {truth} and {predicted}, larger images, or stronger features",
    ),
    CauseRule(
        "nowhere at home",
        f"no class has more than {percent(SCATTERED, 0)} of the nearest training images",
        lambda f: f.votes_most <= SCATTERED * f.neighbours,
        lambda f: (
            f"its {f.neighbours} nearest training images belong to many classes, none with more than "
            f"{f.votes_most} of them: the features do not place this image anywhere"
        ),
        "stronger features, larger images, or more training images of {truth}",
    ),
    CauseRule(
        "looks like the other class",
        f"{percent(LEANS, 0)} of the nearest training images have the predicted label, fewer than "
        f"{percent(MIXED, 0)} the true one",
        lambda f: f.votes_predicted >= LEANS * f.neighbours and f.votes_truth < MIXED * f.neighbours,
        lambda f: (
            f"{_of(f.votes_predicted, f.neighbours)} nearest training images are labelled "
            f"{quoted(f.predicted)}: to this network it is one of them"
        ),
        "add training images of {truth} that resemble {predicted}, or use stronger features",
    ),
)  # fmt: skip
DATA_RULES = ("near-duplicate with another label", "label in doubt")  # they question the data, not the model
COMPARED = (  # rules that can be asked of any image, right or wrong
    "dark", "bright", "flat", "blurred", "busy or noisy", "nearly grey", "enlarged", "unlike the training images",
)  # fmt: skip


def _per_cent(rank: float) -> str:
    """A percentile as text; 99.6 is not yet all of them."""
    return "all" if rank == 100 else f"{number(rank, 1)} %" if 99 < rank < 100 else f"{number(rank, 0)} %"


def _of(votes: int, neighbours: int) -> str:
    return f"all {neighbours}" if votes == neighbours else f"{in_words(votes)} of the {neighbours}"


def causes(facts: Facts) -> list[CauseRule]:
    """The rules that hold for an image, in the order of `CAUSE_RULES`."""
    return [rule for rule in CAUSE_RULES if rule.holds(facts)]


def named(facts: Facts) -> list[CauseRule]:
    """The causes that a card names: the first few, and nothing about the model where the data are in question."""
    found = causes(facts)
    return found[: 1 if found and found[0].name in DATA_RULES else MOST_CAUSES]


def argue(facts: Facts) -> str:
    """A likely cause and a workaround for one mistake, argued from what was measured of it."""
    found, labels = named(facts), {"truth": quoted(facts.truth), "predicted": quoted(facts.predicted)}
    if not found:
        return "Nothing that was measured stands out. Look at the image yourself: what would have told you?"
    evidence = " ".join(f"{sentence(rule.evidence(facts))}." for rule in found)
    workarounds = dict.fromkeys(rule.workaround.format(**labels) for rule in found)
    return f"{evidence} Worth trying: {'; or '.join(workarounds)}."
