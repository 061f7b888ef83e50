"""What an evaluation asks of a segmenter: images in, the probability of every class at every pixel out."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from helpers.base.device import full_precision, memory_format, pick_device
from helpers.base.errors import CourseError
from helpers.base.fingerprint import code_of, key_of
from helpers.datasets.streets.types import IGNORE
from helpers.models.batch_norm import fold_batch_norms
from helpers.models.segmenters.deeplab import resize_maps
from helpers.models.segmenters.segmenter import Segmenter


class Predicts(Protocol):
    """Anything that an evaluation can be made of."""

    classes: tuple[str, ...]
    key: str  # what its predictions depend on, as a short hash

    def __call__(self, images: Tensor) -> Tensor:
        """Probabilities (n, C, H, W) float32 of images (n, 3, H, W) uint8."""


class Predictor:
    """A trained segmenter, made ready for looking at many images.

    Convolutions and normalisations are joined.
    `model` may be any callable with `classes` that maps images (n, 3, H, W) uint8 to class scores before
    softmax (n, C, h, w) of any size; a Segmenter is such a network with its own preprocessing.
    """

    def __init__(
        self,
        model: Segmenter | Callable[[Tensor], Tensor],
        key: str | None = None,
        *,
        device: torch.device | None = None,
    ):
        """`key` names the weights; else they are hashed. `device`: `pick_device()`."""
        self.model, self.classes = model, tuple(model.classes)
        self.device = device or pick_device()
        weights = key or weights_digest(model)
        self.key = key_of(weights=weights, code=code_of(type(self)))
        self._scores = self._prepared() if isinstance(model, Segmenter) else model

    def _prepared(self) -> Callable[[Tensor], Tensor]:
        self._folded = fold_batch_norms(self.model).to(self.device, memory_format=memory_format(self.device))
        return lambda images: self._folded.coarse_scores(self._folded.preprocess(images))

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Tensor:
        """Probabilities (n, C, H, W) float32, on the predictor's device, of images (n, 3, H, W) uint8."""
        with full_precision(self.device):
            scores = self._scores(images.to(self.device)).float().contiguous()
        return resize_maps(scores, images.shape[-2:]).softmax(dim=1)

    @torch.inference_mode()
    def features(self, images: Tensor) -> Tensor:
        """(n, D) float32: the backbone's last map of each image, averaged over places.

        Raises CourseError for a model that is no Segmenter: its inside is unknown.
        """
        if not isinstance(self.model, Segmenter):
            raise CourseError("this network shows only class scores: features need a Segmenter")
        with full_precision(self.device):
            return self._folded.features(self._folded.preprocess(images.to(self.device)))


class PredictorVariant:
    """A predictor made from another: same classes, a key of its own."""

    def __init__(self, predictor: Predicts, **what: object):
        self.predictor, self.classes = predictor, predictor.classes
        self.key = key_of(predictor=predictor.key, code=code_of(type(self)), **what)

    def features(self, images: Tensor) -> Tensor:
        """(n, D) float32 pooled features of the images as this variant shows them to the network."""
        return self.predictor.features(images)


class Reduced(PredictorVariant):
    """A predictor whose classes are joined into fewer; `positions` gives each old class its new one, or IGNORE."""

    def __init__(self, predictor: Predicts, classes: tuple[str, ...], positions: np.ndarray):
        super().__init__(predictor, classes=classes, positions=positions.tolist())
        self.classes, self.positions = tuple(classes), positions

    @property
    def model(self) -> nn.Module:
        return self.predictor.model

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Tensor:
        """Sums over the joined classes; what went to ignored classes is shared out in proportion."""
        old = self.predictor(images)
        new = old.new_zeros(old.shape[0], len(self.classes), *old.shape[2:])
        for channel, position in enumerate(self.positions):
            if position != IGNORE:
                new[:, position] += old[:, channel]
        if (self.positions == IGNORE).any():
            new /= new.sum(dim=1, keepdim=True).clamp_min_(torch.finfo(new.dtype).tiny)
        return new


def reduce_to(
    predictor: Predicts,
    classes: tuple[str, ...],
    places: Callable[[Sequence[str]], np.ndarray] | None = None,
) -> Predicts:
    """The predictor in a shared list of classes: itself where its classes are those already.

    places: from names of classes to their places in the list, or IGNORE; by the class table if not given.
    Raises CourseError where it knows none of them.
    """
    from helpers.datasets.streets.tables import collapse

    if tuple(predictor.classes) == tuple(classes):
        return predictor
    positions = np.asarray(places(predictor.classes) if places else collapse(predictor.classes, classes))
    if (positions == IGNORE).all():
        raise CourseError(
            f"the network's classes ({', '.join(predictor.classes)}) have nothing in common with those to be "
            f"scored ({', '.join(classes)}): give it 'train', or weights for these classes"
        )
    return Reduced(predictor, classes, positions)


def weights_digest(model: nn.Module) -> str:
    """Hash of a network's layers, parameters and statistics. Raises TypeError for anything but a module."""
    if not isinstance(model, nn.Module):
        raise TypeError("a callable that is no torch module has no weights to hash: give the predictor a key")
    sha = hashlib.sha256(repr(model).encode())  # strides and dilations show only there
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        sha.update(f"{name}{tuple(tensor.shape)}".encode())
        sha.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return sha.hexdigest()
