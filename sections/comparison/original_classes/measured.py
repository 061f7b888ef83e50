"""Classes that were taken together: which of the data set's own classes are taken for one of another group."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.metrics.comparison import holm
from helpers.metrics.intervals import Interval, wilson
from helpers.metrics.neighbours import k_nearest, sample_parts
from helpers.metrics.tables import fisher_exact
from helpers.models.cam import activation_maps
from sections.comparison.scores.measured import Comparison
from sections.one_model.mistakes.measured import MOST_SEARCHED

if TYPE_CHECKING:
    from helpers.datasets.types import Splits
    from helpers.training.runs import Run


@dataclass(frozen=True)
class OriginalErrors:
    """How one model treats the images of one original class."""

    original: int
    wrong: int
    share: Interval  # of its test images that are taken for another group
    rest: float  # the same share of the other images of its group; NaN where it is the whole group
    p_value: float  # that the two shares are equal: Fisher's exact test, Holm over the classes

    @property
    def is_harder(self) -> bool:
        """Taken wrongly more often than the rest of its group."""
        return self.share.value > self.rest


@dataclass(frozen=True)
class ModelAnswers:
    """What one model says of the test images of every original class."""

    title: str
    answers: np.ndarray  # (O, C) int64: test images by original class and predicted class
    errors: list[OriginalErrors]  # only of original classes that have test images
    shares_by_seed: np.ndarray  # (seeds, O): share of wrong answers, the first seed's too; NaN without test images


@dataclass(frozen=True)
class OriginalClasses:
    """Mistakes of every model by original class."""

    classes: tuple[str, ...]
    originals: tuple[str, ...]
    group_of: np.ndarray  # (O,) int64: the class that each original class is part of
    support: np.ndarray  # (O,) int64: test images
    models: dict[str, ModelAnswers]
    best: ModelAnswers  # of the most accurate model

    @cached_property
    def shares(self) -> np.ndarray:
        """Share of wrong answers (models, O); NaN for an original class without test images."""
        return np.stack([model.shares_by_seed[0] for model in self.models.values()])

    @property
    def hardest(self) -> list[OriginalErrors]:
        """The most accurate model's errors, the largest share first; classes without a mistake are left out."""
        found = [one for one in self.best.errors if one.wrong]
        return sorted(found, key=lambda one: (-one.share.value, one.original))

    def group(self, original: int) -> str:
        """Name of the class that an original class is part of."""
        return self.classes[self.group_of[original]]

    def taken_for(self, original: int) -> str:
        """The class for which the most accurate model most often takes the images that it gets wrong."""
        answers = self.best.answers[original].copy()
        answers[self.group_of[original]] = -1
        return self.classes[int(answers.argmax())]


def by_original_class(comparison: Comparison, splits: "Splits") -> OriginalClasses:
    """Sort the mistakes of all models by the classes that the images had before some were taken together."""
    labels = splits.original_labels[comparison.index]
    group_of = _groups(splits)
    models = {
        name: _model(
            result.title,
            [_answers(labels, seed.outputs.predictions, group_of, len(splits.classes)) for seed in result.seeds],
            group_of,
        )
        for name, result in comparison.models.items()
    }
    return OriginalClasses(
        classes=tuple(splits.classes),
        originals=tuple(splits.original_classes),
        group_of=group_of,
        support=np.bincount(labels, minlength=len(group_of)),
        models=models,
        best=models[comparison.ranking[0]],
    )


def _groups(splits: "Splits") -> np.ndarray:
    """The class that each original class is part of, (O,) int64."""
    group_of = np.zeros(len(splits.original_classes), dtype=np.int64)
    group_of[splits.original_labels] = splits.labels
    return group_of


def _answers(originals: np.ndarray, predictions: np.ndarray, group_of: np.ndarray, classes: int) -> np.ndarray:
    """Test images by original class and predicted class: (O, C)."""
    cells = np.bincount(originals * classes + predictions, minlength=len(group_of) * classes)
    return cells.reshape(len(group_of), classes)


def _model(title: str, seeds: list[np.ndarray], group_of: np.ndarray) -> ModelAnswers:
    """`seeds` are answers (O, C), one array a seed; all but the shares by seed is of the first."""
    answers, support = seeds[0], seeds[0].sum(1)
    wrongs = np.stack([support - one[np.arange(len(one)), group_of] for one in seeds])
    wrong = wrongs[0]
    tests = [_against_rest(int(o), wrong, support, group_of) for o in np.flatnonzero(support)]
    adjusted = holm([test.p_value for test in tests])
    errors = [replace(test, p_value=float(p)) for test, p in zip(tests, adjusted, strict=True)]
    return ModelAnswers(title, answers, errors, wrongs / np.where(support, support, np.nan))


def _against_rest(original: int, wrong: np.ndarray, support: np.ndarray, group_of: np.ndarray) -> OriginalErrors:
    """One original class against the others of its group, its p-value not adjusted yet."""
    others = (group_of == group_of[original]) & (np.arange(len(group_of)) != original)
    ours, theirs = ((int(wrong[who].sum()), int(support[who].sum())) for who in ([original], others))
    same = fisher_exact(*ours, *theirs) if theirs[1] else 1.0
    return OriginalErrors(original, ours[0], wilson(*ours), wilson(*theirs).value, same)


@dataclass(frozen=True)
class Resemblance:
    """What the misclassified test images of one model look like to it, among the training images of their answer.

    Arrays over the mistakes (m,), the largest probability of the wrong answer first.
    """

    title: str
    position: np.ndarray  # in the test part
    original: np.ndarray  # original class of the image
    nearest: np.ndarray  # index into the data set of the nearest training image of the predicted class
    nearest_original: np.ndarray  # its original class
    training_share: np.ndarray  # (O,) share of each original class among the training images of its group
    searched: int  # training images among which the nearest were looked for,
    available: int  # and those that there are


def resemblance(run: "Run", splits: "Splits") -> Resemblance:
    """For each mistake of a run the nearest training image, in feature space, of the class it was taken for."""
    test, train = run.outputs("test"), run.outputs("train")
    wrong = np.flatnonzero(~test.correct)
    wrong = wrong[np.argsort(-test.confidence[wrong], kind="stable")]
    nearest = np.zeros(len(wrong), dtype=np.int64)
    (searched,) = sample_parts([train.labels], MOST_SEARCHED, seed=0)
    for answer in np.unique(test.predictions[wrong]):
        asked, pool = test.predictions[wrong] == answer, searched[train.labels[searched] == answer]
        found = k_nearest(test.features[wrong[asked]], train.features[pool]).index[:, 0]
        nearest[asked] = train.index[pool[found]]
    return Resemblance(
        title=run.title,
        position=wrong,
        original=splits.original_labels[test.index[wrong]],
        nearest=nearest,
        nearest_original=splits.original_labels[nearest],
        training_share=_training_shares(splits, train.index),
        searched=len(searched),
        available=len(train.labels),
    )


def _training_shares(splits: "Splits", index: np.ndarray) -> np.ndarray:
    """Share of each original class among the training images of the class that it is part of: (O,)."""
    labels = splits.original_labels[index]
    counts, group_of = np.bincount(labels, minlength=len(splits.original_classes)), _groups(splits)
    return counts / np.bincount(group_of, counts, len(splits.classes))[group_of].clip(1)


@dataclass(frozen=True)
class Likeness:
    """Of `total` mistakes on one original class, `count` lie nearest to another of the wrong group."""

    original: int
    like: int
    count: int
    total: int
    expected: float  # share if the nearest were any training image of the wrong group

    @property
    def share(self) -> Interval:
        """Share of the mistakes, with its 95 % interval."""
        return wilson(self.count, self.total)


def likenesses(found: Resemblance) -> list[Likeness]:
    """Pairs of original classes (image, nearest training image of the wrong group), most frequent first."""
    pairs, counts = np.unique(np.stack([found.original, found.nearest_original], 1), axis=0, return_counts=True)
    rows = [
        Likeness(int(a), int(b), int(n), int((found.original == a).sum()), float(found.training_share[b]))
        for (a, b), n in zip(pairs, counts, strict=True)
    ]
    return sorted(rows, key=lambda one: (-one.count, one.original, one.like))


@dataclass(frozen=True)
class ConfusedImage:
    """One misclassified test image with what a card shows of it."""

    file: str
    original: str
    answer: str
    confidence: float
    image: np.ndarray  # (S, S, 3) uint8, as the next but one
    heat: np.ndarray  # (S, S) float32, 0 to 1: evidence for the answer
    nearest: np.ndarray
    nearest_file: str
    nearest_original: str


def examples(
    run: "Run", splits: "Splits", found: Resemblance, per_class: int = 3, most: int = 12
) -> list[ConfusedImage]:
    """The surest mistakes on each original class, those with most mistakes first."""
    frequent = np.argsort(-np.bincount(found.original, minlength=len(splits.original_classes)), kind="stable")
    rows = np.concatenate([np.flatnonzero(found.original == o)[:per_class] for o in frequent])[:most]
    if not len(rows):
        return []
    test, position = run.outputs("test"), found.position[rows]
    index, answers = test.index[position], test.predictions[position]
    images = np.array(splits.images[index])
    maps = activation_maps(run.model(), images, answers)
    return [
        ConfusedImage(
            file=splits.files[index[k]],
            original=splits.original_classes[found.original[row]],
            answer=splits.classes[answers[k]],
            confidence=float(test.confidence[position[k]]),
            image=images[k],
            heat=maps[k],
            nearest=np.array(splits.images[found.nearest[row]]),
            nearest_file=splits.files[found.nearest[row]],
            nearest_original=splits.original_classes[found.nearest_original[row]],
        )
        for k, row in enumerate(rows)
    ]


def original_class_results(found: OriginalClasses, looks: Resemblance) -> dict[str, Any]:
    """What chapter 06 keeps of the original classes as JSON."""
    names = found.originals
    return {
        "models": {
            name: {
                names[one.original]: {"wrong": one.wrong, "share": vars(one.share), "p_value": one.p_value}
                for one in model.errors
            }
            for name, model in found.models.items()
        },
        "nearest": [
            {"original": names[one.original], "like": names[one.like], "count": one.count, "of": one.total}
            for one in likenesses(looks)
        ],
    }
