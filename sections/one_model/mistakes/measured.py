"""Images that a model got wrong, with everything that was measured of them.

What the facts mean, by which rules and with which thresholds, is the business of `causes`, beside this.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from helpers.datasets.grouping import first_of_each
from helpers.datasets.types import Splits
from helpers.metrics.classification import confusion_matrix, image_log_loss, normalise_rows
from helpers.metrics.image_facts import ImageFacts, measure
from helpers.metrics.neighbours import Neighbours, k_nearest, sample_parts
from helpers.models.cam import activation_maps
from helpers.training.loop import Outputs
from helpers.training.runs import Run
from sections.one_model.mistakes.ranks import activated_share, percentile_rank, ranks

NEIGHBOURS = 10
MOST_SEARCHED = 10_000  # training images among which neighbours are looked for, the same share of every class
MOST_COMPARED = 100  # mistakes, and right predictions, of which activation maps are made for a comparison
MAPS_AT_ONCE = 32
PART_NAMES = {"val": "validation", "test": "test"}
FRAME = 1 / 8  # of the side: width of the outer frame in which there is seldom anything but background
NOT_MEASURED = float("nan")


@dataclass(frozen=True)
class Facts:
    """What was measured of one image. Ranks are percentiles, 0 to 100; NaN where nothing was measured."""

    truth: str
    predicted: str
    confidence: float  # probability of the predicted class
    truth_probability: float
    lead: float  # of the most probable class over the second
    pair_share: float  # share of the true class's images in this part that the model takes for the predicted class
    brightness: float  # rank among the training images, as the next three
    contrast: float
    sharpness: float
    colourfulness: float
    shorter_side: int  # of the original file, pixels
    ordinary_side: float  # median of the training images' shorter sides, pixels
    input_side: int  # of what the network sees, pixels
    neighbours: int  # how many nearest training images were asked; the next two count labels among them
    votes_truth: int
    votes_predicted: int
    votes_other: int  # of the most frequent label among them but for the true one
    distance_rank: float  # of the nearest training image, among right predictions of this part
    duplicate_labels: tuple[str, ...] = ()  # labels of near-duplicates in the training set
    activated: float = NOT_MEASURED  # share of the image with at least half of the largest activation
    activated_rank: float = NOT_MEASURED  # of that, among right predictions of this part
    framed: float = NOT_MEASURED  # share of the activation that lies in the outer frame of the image
    framed_rank: float = NOT_MEASURED


@dataclass(frozen=True)
class Mistake:
    """One misclassified image, ready to be shown."""

    part: str  # a key of PART_NAMES
    position: int  # in that part
    file: str
    facts: Facts
    image: np.ndarray  # (S, S, 3) uint8, as the network sees it
    heat: np.ndarray  # (S, S) float32, 0 to 1: evidence for the predicted class
    neighbour_labels: tuple[str, ...]  # of the nearest training images, nearest first
    neighbour_file: str
    neighbour_label: str
    neighbour_image: np.ndarray  # (S, S, 3) uint8


def gather(run: Run, splits: Splits, part: str = "test", neighbours: int = NEIGHBOURS) -> "Evidence":
    """Measure all images of a part, 'test' or 'val': their looks, and their surroundings in feature space.

    What is to be changed, in the data or in the recipe, is asked of validation images: test images are only shown.
    """
    outputs, train = run.outputs(part), run.outputs("train")
    (searched,) = sample_parts([train.labels], MOST_SEARCHED, seed=0)
    near = k_nearest(outputs.features, train.features[searched], min(neighbours, len(searched)))
    near = Neighbours(searched[near.index], near.distance)
    looks = ranks(_looks(splits.images, outputs.index), _looks(splits.images, splits.train))
    return Evidence(run, splits, part, outputs, near, looks, len(searched))


def _looks(images: np.ndarray, index: np.ndarray) -> ImageFacts:
    """Facts of the images at `index`, read in chunks: a large training set need not fit into memory."""
    chunks = [measure(images[index[start : start + 512]]) for start in range(0, len(index), 512)]
    names = [field.name for field in fields(ImageFacts)]
    return ImageFacts(*(np.concatenate([getattr(chunk, name) for chunk in chunks]) for name in names))


@dataclass(frozen=True)
class Evidence:
    """Facts about every image of a part under one model. Made by `gather`."""

    run: Run
    splits: Splits
    part: str  # a key of PART_NAMES
    outputs: Outputs
    near: Neighbours  # index (n, k) into the training part
    looks: ImageFacts  # percentile ranks among the training images, each (n,)
    searched: int  # of the training images, those among which the nearest were looked for

    def __repr__(self) -> str:
        return (
            f"Evidence({len(self.wrong)} mistakes of {self.run.title}; `wrong`, `loss`, `mistakes(positions)`, …)"
        )

    @cached_property
    def predictions(self) -> np.ndarray:
        """Predicted class of each image (n,)."""
        return self.outputs.predictions

    @cached_property
    def loss(self) -> np.ndarray:
        """Cross-entropy of each image (n,)."""
        return image_log_loss(self.outputs.probabilities, self.outputs.labels)

    @cached_property
    def wrong(self) -> np.ndarray:
        """Positions of the misclassified images, the largest loss first."""
        positions = np.flatnonzero(~self.outputs.correct)
        return positions[np.argsort(-self.loss[positions], kind="stable")]

    @cached_property
    def right(self) -> np.ndarray:
        """Positions of the correctly classified images."""
        return np.flatnonzero(self.outputs.correct)

    def worst(self, per_class: int = 3) -> list[Mistake]:
        """For every class, in class order, its misclassified images with the largest loss, if there are any.

        Of several that are near-duplicates only that with the largest loss.
        """
        wrong = first_of_each(self.wrong, self.splits.duplicate_groups[self.outputs.index[self.wrong]])
        labels = self.outputs.labels[wrong]
        chosen = [wrong[labels == c][:per_class] for c in range(len(self.splits.classes))]
        return self.mistakes(np.concatenate(chosen))

    def mistakes(self, positions: Sequence[int] | np.ndarray) -> list[Mistake]:
        """The images at these positions with their activation maps, in the order given."""
        positions = np.asarray(positions, dtype=np.int64)
        if not len(positions):
            return []
        maps = self._maps(positions)
        return [self._mistake(int(position), heat) for position, heat in zip(positions, maps, strict=True)]

    def compared(self) -> tuple[list[Facts], list[Facts]]:
        """Facts with those of activation maps: of mistakes, and of right predictions.

        All there are, or `MOST_COMPARED` of either, taken evenly. What is ranked among right predictions is ranked
        among these, and 5 % of them are beyond their own 95th percentile by construction; since a mistake that
        is no different lies beyond it no more often, a test of two shares stays valid.
        """
        wrong = _evenly(self.wrong)
        groups = ((wrong, self._maps(wrong)), (self._ordinary, self._ordinary_maps))
        first, second = (
            [self.facts(int(position), heat) for position, heat in zip(*one, strict=True)] for one in groups
        )
        return first, second

    def facts(self, position: int, heat: np.ndarray | None = None) -> Facts:
        """Facts of the image at `position`; those of its activation map only where `heat` (S, S) is given."""
        outputs, classes = self.outputs, self.splits.classes
        truth, predicted = int(outputs.labels[position]), int(self.predictions[position])
        votes = np.bincount(self._train_labels[self.near.index[position]], minlength=len(classes))
        second, first = np.sort(outputs.probabilities[position])[-2:]
        index = int(outputs.index[position])
        group = int(self.splits.duplicate_groups[index])
        return Facts(
            truth=classes[truth],
            predicted=classes[predicted],
            confidence=float(outputs.probabilities[position, predicted]),
            truth_probability=float(outputs.probabilities[position, truth]),
            lead=float(first - second),
            pair_share=float(self._confused[truth, predicted]),
            **{name: float(values[position]) for name, values in vars(self.looks).items()},
            shorter_side=int(self.splits.sizes[index].min()),
            ordinary_side=self.ordinary_side,
            input_side=int(self.splits.images.shape[1]),
            neighbours=int(votes.sum()),
            votes_truth=int(votes[truth]),
            votes_predicted=int(votes[predicted]),
            votes_other=int(np.delete(votes, truth).max()),
            distance_rank=float(self._distance_ranks[position]),
            duplicate_labels=tuple(classes[label] for label in self._trained_on[group]),
            **(self._map_facts(heat) if heat is not None else {}),
        )

    def _mistake(self, position: int, heat: np.ndarray) -> Mistake:
        splits, index = self.splits, int(self.outputs.index[position])
        neighbour = int(splits.train[self.near.index[position, 0]])
        return Mistake(
            part=self.part,
            position=position,
            file=splits.files[index],
            facts=self.facts(position, heat),
            image=np.array(splits.images[index]),
            heat=heat,
            neighbour_labels=tuple(
                splits.classes[label] for label in self._train_labels[self.near.index[position]]
            ),
            neighbour_file=splits.files[neighbour],
            neighbour_label=splits.classes[splits.labels[neighbour]],
            neighbour_image=np.array(splits.images[neighbour]),
        )

    @cached_property
    def ordinary_side(self) -> float:
        """Median of the training images' shorter sides, pixels."""
        return float(np.median(self.splits.sizes[self.splits.train].min(axis=1)))

    @cached_property
    def _model(self):
        return self.run.model()

    @cached_property
    def _train_labels(self) -> np.ndarray:
        return self.splits.labels[self.splits.train]

    @cached_property
    def _confused(self) -> np.ndarray:
        classes = len(self.splits.classes)
        return normalise_rows(confusion_matrix(self.outputs.labels, self.outputs.predictions, classes))

    @cached_property
    def _distance_ranks(self) -> np.ndarray:
        nearest = self.near.distance[:, 0]
        return percentile_rank(nearest, nearest[self._ordinary])

    @cached_property
    def _trained_on(self) -> dict[int, list[int]]:
        """Labels of the training images of each group of near-duplicates."""
        labels = defaultdict(list)
        for index in self.splits.train:
            labels[int(self.splits.duplicate_groups[index])].append(int(self.splits.labels[index]))
        return labels

    def _maps(self, positions: np.ndarray) -> np.ndarray:
        """Activation maps (n, S, S) for the predicted class of the images at these positions."""
        few = (positions[start : start + MAPS_AT_ONCE] for start in range(0, len(positions), MAPS_AT_ONCE))
        maps = [
            activation_maps(self._model, self.splits.images[self.outputs.index[these]], self.predictions[these])
            for these in few
        ]
        return np.concatenate(maps) if maps else np.empty((0, *self.splits.images.shape[1:3]), np.float32)

    @cached_property
    def _ordinary(self) -> np.ndarray:
        """Positions of right predictions, or of all where there are none, that say what is ordinary."""
        return _evenly(self.right if len(self.right) else np.arange(len(self.outputs.labels)))

    @cached_property
    def _ordinary_maps(self) -> np.ndarray:
        return self._maps(self._ordinary)

    @cached_property
    def _ordinary_shares(self) -> tuple[np.ndarray, np.ndarray]:
        """Activated share and framed share of the ordinary images."""
        maps = self._ordinary_maps
        return np.array([activated_share(one) for one in maps]), np.array([framed_share(one) for one in maps])

    def _map_facts(self, heat: np.ndarray) -> dict[str, float]:
        activated, framed = activated_share(heat), framed_share(heat)
        ordinary_activated, ordinary_framed = self._ordinary_shares
        return {
            "activated": activated,
            "activated_rank": float(percentile_rank([activated], ordinary_activated)[0]),
            "framed": framed,
            "framed_rank": float(percentile_rank([framed], ordinary_framed)[0]),
        }


def _evenly(positions: np.ndarray) -> np.ndarray:
    """At most `MOST_COMPARED` of the positions, at even distances."""
    last = len(positions) - 1
    return positions[np.unique(np.linspace(0, last, min(MOST_COMPARED, last + 1)).astype(int))]


def framed_share(heat: np.ndarray) -> float:
    """Share of the activation of a map (S, S) in its outer frame, an eighth of the side wide; 0 without any."""
    width = max(1, round(FRAME * heat.shape[0]))
    total = float(heat.sum())
    return 1 - float(heat[width:-width, width:-width].sum()) / total if total > 0 else 0.0
