"""Training images whose label is probably wrong, or that could be anything: found, so that training can skip them.

Each image is judged by a simple model that saw neither the image nor a near-duplicate of it. Test and validation
images have no part in this, neither as judges nor as judged.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.base.fingerprint import code_of
from helpers.base.kept import kept
from helpers.datasets.types import DataError, Splits
from helpers.metrics.classification import image_log_loss
from helpers.study.study import ModelSpec, Study
from helpers.training.starting_weights import starting_file, starting_key, starting_spec
from helpers.training.stored_run import arithmetic

log = logging.getLogger("helpers")

FOLDS = 5
COMPONENTS = 128  # principal components of the features: what is beyond hardly tells classes apart
STRENGTHS = (1.0, 10.0, 100.0)  # inverses of the L2 penalty, of which the one with the lowest loss is taken
BELIEVED = 0.1  # of the probability of a guess: a label less probable than that is not believed,
CERTAIN = 0.9  # nor one beside which another class is as probable as this
VAGUE = 0.9  # entropy of the probabilities, as a share of that of guessing, from which an image could be anything
LARGEST_SHARE = 0.25  # of a class: where more is suspected, the judge is in doubt and not the images
THUMBNAIL = 8  # pixels
FEATURE_KEYS = {"architecture", "pretrained", "normalize", "input_size", "stem", "head"}


@dataclass(frozen=True)
class Suspects:
    """What out-of-fold judges say of the n training images. Arrays are in the order of the training part."""

    index: np.ndarray  # (n,) int64 into the whole set
    labels: np.ndarray  # (n,) int64 as given
    probabilities: np.ndarray  # (n, C) float32, of judges that did not see the image
    mislabelled: np.ndarray  # (n,) bool: by confident learning
    unsure: np.ndarray  # (n,) bool: no class is probable; none of them is among the mislabelled

    @property
    def left_out(self) -> np.ndarray:
        """(n,) bool: not used for training."""
        return self.mislabelled | self.unsure

    @property
    def kept(self) -> np.ndarray:
        """Indices into the whole set of the images that remain, sorted, int64."""
        return self.index[~self.left_out]

    @property
    def suggested(self) -> np.ndarray:
        """(n,) int64: the most probable class."""
        return self.probabilities.argmax(axis=1)

    @property
    def confidence(self) -> np.ndarray:
        """(n,) float32: probability of the most probable class."""
        return self.probabilities.max(axis=1)

    @property
    def quality(self) -> np.ndarray:
        """(n,) float32: probability of the given label, which cleanlab calls self-confidence."""
        return self.probabilities[np.arange(len(self.labels)), self.labels]


def learnt_from(study: Study, splits: Splits, model_name: str, seed: int) -> np.ndarray:
    """Indices (n,) int64 into the whole set, sorted: the training images that a model with `clean: true` gets."""
    return find(study, splits, model_name, seed).kept


def find(study: Study, splits: Splits, model_name: str, seed: int) -> Suspects:
    """The suspicious training images of a study, as seen by the first weights of a model; kept on disk.

    Features come from the frozen network before its training, and are the image itself at 8 × 8 pixels; a
    logistic regression on them, fitted to four fifths of the training images, judges the last fifth
    (`out_of_fold`); confident learning (Northcutt, Jiang & Chuang 2021, J. Artif. Intell. Res. 70:1373) compares
    its judgement with the labels.

    `seed` deals the images into folds. Raises CourseError for weights that are missing, and DataError for a class
    with too few images to be judged.
    """
    spec, weights = starting_spec(study, model_name), study.weights_of(model_name)

    def look() -> dict[str, np.ndarray]:
        log.info("looking for wrong labels among the %d training images", len(splits.train))
        return vars(judge(_features(spec, weights, splits, seed), splits, seed))

    found = kept(
        "cleaning", look,
        spec=spec.model_dump(include=FEATURE_KEYS if weights else None), weights=starting_key(spec, weights),
        images=splits.array, data=splits.fingerprint, train=splits.train.tolist(), seed=seed,
        arithmetic=arithmetic(), code=code_of(judge, _features, without=(starting_file,)),
    )  # fmt: skip
    return Suspects(**found)


def _features(spec: ModelSpec, weights: str | None, splits: Splits, seed: int) -> np.ndarray:
    """Features (n, D) of the training images: penultimate ones of the network before training, and a thumbnail."""
    import torch

    from helpers.base.device import memory_format, pick_device
    from helpers.models import build
    from helpers.models.weights import load_weights
    from helpers.training.loop import predict

    device, start = pick_device(), starting_file(spec, weights)
    bare = spec.model_copy(update={"head": None if spec.head is None else [], "output": "softmax"})
    with torch.random.fork_rng(devices=[]):  # the training that follows draws as if nobody had asked
        torch.manual_seed(seed)
        model = build(bare, len(splits.classes), splits.images.shape[1])
    if start:
        load_weights(model, start)
    model.to(device, memory_format=memory_format(device))
    part = splits.part("train")
    return np.hstack([predict(model, part).features, _thumbnails(splits, part.index)])


def _thumbnails(splits: Splits, index: np.ndarray) -> np.ndarray:
    """Images at 8 × 8 pixels (n, 192) float32: where the sky is tells much that pooled features forget."""
    import cv2

    size = (THUMBNAIL, THUMBNAIL)
    small = (cv2.resize(splits.images[i], size, interpolation=cv2.INTER_AREA).ravel() for i in index)
    return np.stack(list(small)).astype(np.float32)


def judge(features: np.ndarray, splits: Splits, seed: int = 0) -> Suspects:
    """Which training images with these features (n, D) are suspicious.

    Mislabelled: cleanlab's `find_label_issues` counts it among the wrong labels, *and* the given label is less
    probable than a tenth of a guess or another class has 90 %: where the judges themselves are often wrong, the
    first alone would take many hard images for mislabelled ones. Unsure: the probabilities have 90 % of the
    entropy of guessing.
    """
    from cleanlab.filter import find_label_issues
    from scipy.stats import entropy

    labels = splits.labels[splits.train]
    probabilities = out_of_fold(features, labels, splits.groups[splits.train], splits.classes, seed)
    quality = probabilities[np.arange(len(labels)), labels]
    disbelieved = (quality < BELIEVED / len(splits.classes)) | (probabilities.max(axis=1) > CERTAIN)
    doubted = find_label_issues(labels, probabilities, n_jobs=1) & disbelieved
    vague = entropy(probabilities, base=len(splits.classes), axis=1) > VAGUE
    spared = _spared(doubted | vague, quality, labels)
    return Suspects(splits.train, labels, probabilities, doubted & ~spared, vague & ~doubted & ~spared)


def out_of_fold(
    features: np.ndarray, labels: np.ndarray, groups: np.ndarray, classes: Sequence[str], seed: int = 0
) -> np.ndarray:
    """Probabilities (n, C) float32 of each image's classes by logistic regressions that were fitted without it.

    features: (n, D); labels, groups: (n,). Images of one group are judged together. Of several strengths of
    the L2 penalty that with the lowest loss on the judged images is taken.
    Raises DataError for a class with fewer than two groups.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    folds, scaled = _folds(labels, groups, classes, seed), _components(features)
    judges = [LogisticRegression(C=strength, max_iter=1000) for strength in STRENGTHS]
    tried = (cross_val_predict(one, scaled, labels, cv=folds, method="predict_proba") for one in judges)
    return min((one.astype(np.float32) for one in tried), key=lambda one: image_log_loss(one, labels).mean())


def _folds(
    labels: np.ndarray, groups: np.ndarray, classes: Sequence[str], seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """(fitted, judged) positions, every class in every fold as far as its groups allow."""
    from sklearn.model_selection import StratifiedGroupKFold

    available = [len(np.unique(groups[labels == label])) for label in range(len(classes))]
    scarce = int(np.argmin(available))
    if available[scarce] < 2:
        raise DataError(
            f"class '{classes[scarce]}' has too few different training images to judge their labels; add some, or "
            "take 'clean: true' out of the study"
        )
    dealer = StratifiedGroupKFold(min(FOLDS, available[scarce]), shuffle=True, random_state=seed)
    return list(dealer.split(np.zeros(len(labels)), labels, groups))


def _components(features: np.ndarray) -> np.ndarray:
    """Principal components of the standardised features; labels have no part in this."""
    from sklearn.decomposition import PCA

    features = features.astype(np.float64)
    scaled = (features - features.mean(axis=0)) / (features.std(axis=0) + 1e-6) / features.shape[1] ** 0.5
    return PCA(min(COMPONENTS, *scaled.shape), random_state=0).fit_transform(scaled)


def _spared(suspected: np.ndarray, quality: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(n,) bool: those suspected images of each class that go beyond `LARGEST_SHARE` of it, the best of them."""
    spared = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        found = np.flatnonzero(suspected & (labels == label))
        allowed = int(LARGEST_SHARE * (labels == label).sum())
        spared[found[np.argsort(quality[found], kind="stable")][allowed:]] = True
    return spared
