"""Why are images misclassified? Rules with stated thresholds, and what can be done where one explains mistakes.

A rule that holds for a mistake proves nothing: `sentences`, beside this, counts how often each holds for images
that the model got right.
"""

from collections.abc import Callable
from dataclasses import dataclass

from helpers.datasets.augmentations import INCLUDED
from helpers.show.words import listed, number, percent, quoted
from helpers.study.phases import stages_of
from helpers.study.recipe import ModelSpec
from sections.one_model.mistakes.measured import Facts

LOW, HIGH = 5, 95  # percentiles: more unusual than 19 of 20 images
AGREE = 0.8  # share of the nearest neighbours that counts as one voice
CONFIDENT = 0.7  # probability from which a prediction against the label counts as confident
CLOSE = 0.1  # difference of two probabilities up to which the decision was a close call
RARE_MISTAKE = 0.05  # share of a class: a mistake that the model seldom makes in this class
MIXED = 0.3  # share of the neighbours that each of two classes needs for the image to lie between them
SMALL_FILE = 0.8  # of the median shorter side of the training images
LEANS = 0.6  # share of the neighbours with another label: the image lies in that class's region
SCATTERED = 0.3  # share of the neighbours that no class exceeds where the image lies in nobody's region


@dataclass(frozen=True)
class Setting:
    """What a model has already: its recipe, and images of `input_side` out of files of `ordinary_side` pixels."""

    spec: ModelSpec
    input_side: int
    ordinary_side: float

    def augments(self, *names: str) -> bool:
        """Whether one of these augmentations does anything in a phase of the training."""
        strengths = [one for stage in stages_of(self.spec) for one in stage.recipe.augment.items()]
        used = {name for name, strength in strengths if strength != (1 if name == "crop" else 0)}
        used |= {one for name in used for one in INCLUDED.get(name, ())}
        return not used.isdisjoint(names)


@dataclass(frozen=True)
class Cure:
    """Something to try, and whether it is new to a model with its setting."""

    text: str
    is_new: Callable[[Setting], bool] = lambda setting: True


@dataclass(frozen=True)
class CauseRule:
    """One possible cause: when it is assumed, and what can be done."""

    name: str
    when: str
    holds: Callable[[Facts], bool]
    cures: tuple[Cure, ...]


def _augment(text: str, *names: str) -> Cure:
    told = f"{text} (augmentation {listed([quoted(name) for name in names], 'or')})"
    return Cure(told, lambda setting: not setting.augments(*names))


LARGER = Cure("feed larger images", lambda setting: setting.input_side < setting.ordinary_side)
STRONGER = (
    Cure("begin with pretrained weights", lambda setting: not setting.spec.pretrained),
    Cure("take a larger network"),
)
MORE = Cure("add training images like these")


def _label_in_doubt(f: Facts) -> bool:
    voices = f.votes_predicted >= AGREE * f.neighbours and f.votes_truth == 0
    return f.predicted != f.truth and voices and f.confidence >= CONFIDENT and f.pair_share <= RARE_MISTAKE


def _unusual(name: str, fact: str, end: int, than: str, *cures: Cure) -> CauseRule:
    """A rule about the rank of a fact among the training images: at the low or at the high `end`."""
    return CauseRule(
        name,
        f"the image {than} {HIGH} % of the training images",
        lambda f: getattr(f, fact) >= HIGH if end == HIGH else getattr(f, fact) <= LOW,
        cures,
    )


VARY_LIGHT = _augment("vary the brightness in training", "brightness", "jitter")
ORDINARY = f"{HIGH} % of the right predictions"
CONFLICT = CauseRule(
    "near-duplicate with another label",
    "a near-duplicate in the training set has a label other than this image's",
    lambda f: any(label != f.truth for label in f.duplicate_labels),
    (Cure("compare the two files, and correct the label that is wrong"),),
)
IN_DOUBT = CauseRule(
    "label in doubt",
    f"confidence of at least {percent(CONFIDENT, 0)} against the label; {percent(AGREE, 0)} of the nearest "
    "training images have the predicted label and none the given one; at most "
    f"{percent(RARE_MISTAKE, 0)} of the class meet this mistake",
    _label_in_doubt,
    (Cure("look at the file, and correct its label if it shows the predicted class"),),
)
DATA_RULES = (CONFLICT, IN_DOUBT)  # they question the data, not the model; the second holds for mistakes alone
CAUSE_RULES = (
    CONFLICT,
    CauseRule(
        "near-duplicate not learnt",
        "a near-duplicate in the training set has the same label",
        lambda f: f.truth in f.duplicate_labels,
        (Cure("train longer"), *STRONGER),
    ),
    _unusual("dark", "brightness", LOW, "is darker than", VARY_LIGHT, MORE),
    _unusual("bright", "brightness", HIGH, "is brighter than", VARY_LIGHT, MORE),
    _unusual("flat", "contrast", LOW, "has less contrast than",
             _augment("vary the contrast in training", "contrast", "jitter"), Cure("stretch it beforehand")),
    _unusual("blurred", "sharpness", LOW, "is less sharp than",
             _augment("blur some training images", "blur"), LARGER, MORE),
    _unusual("busy or noisy", "sharpness", HIGH, "has more fine detail, be it texture or noise, than",
             _augment("train with noise", "noise"), LARGER, MORE),
    _unusual("nearly grey", "colourfulness", LOW, "is less colourful than",
             _augment("take colour away in training now and then", "saturation", "jitter"), MORE),
    CauseRule(
        "enlarged",
        f"the file is smaller than what the network sees and than {percent(SMALL_FILE, 0)} of the ordinary file",
        lambda f: f.shorter_side < min(f.input_side, SMALL_FILE * f.ordinary_side),
        (Cure("find these images in a better resolution"), Cure("train at a smaller size")),
    ),
    CauseRule(
        "unlike the training images",
        f"farther from its nearest training image than {ORDINARY}",
        lambda f: f.distance_rank >= HIGH,
        (MORE,),
    ),
    CauseRule(
        "looks at the frame",
        f"more of the activation lies in the outer eighth of the image than in {ORDINARY}",
        lambda f: f.framed_rank >= HIGH,
        (_augment("train with random crops", "crop"), Cure("cut the files closer to the object")),
    ),
    CauseRule(
        "looks at one spot",
        f"a smaller activated region than in {ORDINARY}",
        lambda f: f.activated_rank <= LOW,
        (_augment("hide parts of the training images", "erasing"), MORE),
    ),
    CauseRule(
        "looks everywhere",
        f"a larger activated region than in {ORDINARY}",
        lambda f: f.activated_rank >= HIGH,
        (LARGER, Cure("cut the files closer to the object")),
    ),
    CauseRule(
        "close call",
        f"the most probable class leads the second by at most {number(100 * CLOSE, 0)} percentage points",
        lambda f: f.lead <= CLOSE,
        (Cure("average several models, or several views of each image"),),
    ),
    CauseRule(
        "between two classes",
        f"{percent(MIXED, 0)} of the nearest training images have the given label, as many another one",
        lambda f: min(f.votes_truth, f.votes_other) >= MIXED * f.neighbours,
        (Cure("add training images of the classes that mix"), LARGER, *STRONGER),
    ),
    CauseRule(
        "nowhere at home",
        f"no class has more than {percent(SCATTERED, 0)} of the nearest training images",
        lambda f: max(f.votes_truth, f.votes_other) <= SCATTERED * f.neighbours,
        (MORE, LARGER, *STRONGER),
    ),
    CauseRule(
        "looks like another class",
        f"{percent(LEANS, 0)} of the nearest training images have one other label, fewer than "
        f"{percent(MIXED, 0)} the given one",
        lambda f: f.votes_other >= LEANS * f.neighbours and f.votes_truth < MIXED * f.neighbours,
        (MORE, LARGER, *STRONGER),
    ),
)  # fmt: skip
