"""Classes that were taken together: which of the data set's own classes are taken for one of another group."""

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from helpers.datasets.types import Splits
from helpers.metrics.comparison import holm
from helpers.metrics.intervals import Interval, wilson
from helpers.metrics.neighbours import k_nearest, sample_parts
from helpers.metrics.tables import fisher_exact
from helpers.training.runs import Run
from sections.comparison.scores.measured import Comparison
from sections.one_model.mistakes.measured import MOST_SEARCHED


@dataclass(frozen=True)
class OriginalErrors:
    """How one model treats the images of one original class."""

    original: int
    wrong: int
    share: Interval  # of its test images that are taken for another group
    rest: float  # the same share of the other images of its group; NaN where it is the whole group
    p_value: float  # that the two shares are equal: Fisher's exact test, Holm over the classes


@dataclass(frozen=True)
class ModelErrors:
    """What one model gets wrong of the test images of every original class."""

    title: str
    errors: list[OriginalErrors]  # only of original classes that have test images
    shares_by_seed: np.ndarray  # (seeds, O): share of wrong answers, the first seed's too; NaN without test images


@dataclass(frozen=True)
class OriginalClasses:
    """Mistakes of every model by original class."""

    classes: tuple[str, ...]
    originals: tuple[str, ...]
    group_of: np.ndarray  # (O,) int64: the class that each original class is part of
    support: np.ndarray  # (O,) int64: test images
    models: dict[str, ModelErrors]
    best: ModelErrors  # of the most accurate model

    @cached_property
    def shares(self) -> np.ndarray:
        """Share of wrong answers (models, O); NaN for an original class without test images."""
        return np.stack([model.shares_by_seed[0] for model in self.models.values()])

    def group(self, original: int) -> str:
        """Name of the class that an original class is part of."""
        return self.classes[self.group_of[original]]


def by_original_class(comparison: Comparison, splits: Splits) -> OriginalClasses:
    """Sort the mistakes of all models by the classes that the images had before some were taken together."""
    labels, group_of = splits.original_labels[comparison.index], _groups(splits)
    support = np.bincount(labels, minlength=len(group_of))
    models = {}
    for name, model in comparison.models.items():
        wrong = np.stack([np.bincount(labels, ~seed.outputs.correct, len(group_of)) for seed in model.seeds])
        shares = wrong / np.where(support, support, np.nan)
        models[name] = ModelErrors(model.title, _tested(wrong[0].astype(int), support, group_of), shares)
    return OriginalClasses(
        classes=tuple(splits.classes),
        originals=tuple(splits.original_classes),
        group_of=group_of,
        support=support,
        models=models,
        best=models[comparison.ranking[0]],
    )


def _groups(splits: Splits) -> np.ndarray:
    """The class that each original class is part of, (O,) int64."""
    group_of = np.zeros(len(splits.original_classes), dtype=np.int64)
    group_of[splits.original_labels] = splits.labels
    return group_of


def _tested(wrong: np.ndarray, support: np.ndarray, group_of: np.ndarray) -> list[OriginalErrors]:
    """Each original class that has test images against the others of its group; arrays (O,)."""
    found = []
    for original in np.flatnonzero(support).tolist():
        others = (group_of == group_of[original]) & (np.arange(len(group_of)) != original)
        ours, theirs = ((int(wrong[who].sum()), int(support[who].sum())) for who in ([original], others))
        same = fisher_exact(*ours, *theirs) if theirs[1] else 1.0
        found.append(OriginalErrors(original, ours[0], wilson(*ours), wilson(*theirs).value, same))
    adjusted = holm([one.p_value for one in found]).tolist()
    return [replace(one, p_value=p) for one, p in zip(found, adjusted, strict=True)]


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


def resemblance(run: Run, splits: Splits) -> Resemblance:
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
    counts, group_of = (
        np.bincount(splits.original_labels[train.index], minlength=len(splits.original_classes)),
        _groups(splits),
    )
    return Resemblance(
        title=run.title,
        position=wrong,
        original=splits.original_labels[test.index[wrong]],
        nearest=nearest,
        nearest_original=splits.original_labels[nearest],
        training_share=counts / np.bincount(group_of, counts, len(splits.classes))[group_of].clip(1),
        searched=len(searched),
        available=len(train.labels),
    )


@dataclass(frozen=True)
class Likeness:
    """Of `total` mistakes on one original class, `count` lie nearest to another of the wrong group."""

    original: str
    like: str
    count: int
    total: int
    share: Interval  # of the mistakes
    expected: float  # share if the nearest were any training image of the wrong group


def likenesses(found: Resemblance, originals: tuple[str, ...]) -> list[Likeness]:
    """Pairs of original classes (image, nearest training image of the wrong group), most frequent first."""
    pairs, counts = np.unique(np.stack([found.original, found.nearest_original], 1), axis=0, return_counts=True)
    rows = []
    for (a, b), n in zip(pairs.tolist(), counts.tolist(), strict=True):
        total = int((found.original == a).sum())
        share, expected = wilson(n, total), float(found.training_share[b])
        rows.append(Likeness(originals[a], originals[b], n, total, share, expected))
    return sorted(rows, key=lambda one: -one.count)


def original_class_results(found: OriginalClasses, looks: Resemblance) -> dict[str, Any]:
    """What chapter 06 keeps of the original classes as JSON."""
    return {
        "models": {
            name: {found.originals[one.original]: asdict(one) for one in model.errors}
            for name, model in found.models.items()
        },
        "nearest": list(map(asdict, likenesses(looks, found.originals))),
    }
