"""Remedies that need no label of the target: each is a predictor of its own, made before any score is known.

Everything that a remedy learns about the target it learns from scenes that are not evaluated.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.base.device import autocast, memory_format, pick_device, pick_precision
from helpers.base.errors import CourseError
from helpers.base.fingerprint import code_of, key_of
from helpers.base.kept import kept
from helpers.models.segmenters.predictor import Predictor, PredictorVariant, Predicts, reduce_to
from helpers.segmentation.counting import image_facts
from sections.abroad.remedies.unlabelled import Unlabelled

SCALES = (1.0, 0.75)  # of averaging: a smaller image costs less than a larger one
GRAIN = 16  # widths are multiples of what the network shrinks its maps by
CHANNELS = ("lightness", "a", "b")
LEAST_SCENES = 2  # the variance of one image's pooled features is unknown


@dataclass(frozen=True)
class Colours:
    """Mean and standard deviation of L*, a* and b* over all pixels of a set of images, each (3,)."""

    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def of(cls, images: Unlabelled) -> "Colours":
        """Pooled over images of one size; kept on disk."""
        return cls(**kept("colours", lambda: cls.pooled(images), images=images.key, code=code_of(cls.pooled)))

    @classmethod
    def pooled(cls, images: Unlabelled) -> dict[str, np.ndarray]:
        """Mean and standard deviation: the variance is that within images plus that of their means."""
        facts = [image_facts(image) for image in images.images()]
        means, stds = (
            np.array([[one[f"{channel}_{kind}"] for channel in CHANNELS] for one in facts])
            for kind in ("mean", "std")
        )
        return {"mean": means.mean(0), "std": np.sqrt((stds**2).mean(0) + means.var(0))}


def colour_table(source: Colours, goal: Colours) -> np.ndarray:
    """(256, 3) uint8: for each channel of OpenCV's CIELAB bytes the value that carries source to goal.

    x' = (x - μ_s) σ_g / σ_s + μ_g (Reinhard et al. 2001, IEEE Computer Graphics and Applications 21(5):34;
    there in the space lαβ, here in CIELAB, and for whole sets instead of single pictures).
    """
    scale, zero = np.array([100 / 255, 1, 1]), np.array([0, 128, 128])
    values = (np.arange(256)[:, None] - zero) * scale
    ratio = np.divide(goal.std, source.std, out=np.ones(3), where=source.std > 0)
    moved = (values - source.mean) * ratio + goal.mean
    return np.clip(np.rint(moved / scale + zero), 0, 255).astype(np.uint8)


def recolour(image: np.ndarray, table: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 RGB with its colours moved by a `colour_table`."""
    lab = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2LAB)
    return cv2.cvtColor(cv2.LUT(lab, table[None]), cv2.COLOR_LAB2RGB)


def recolour_batch(images: Tensor, table: np.ndarray) -> Tensor:
    """`recolour` of images (n, 3, H, W) uint8, on their device."""
    found = [recolour(image, table) for image in images.permute(0, 2, 3, 1).cpu().numpy()]
    return torch.from_numpy(np.stack(found)).permute(0, 3, 1, 2).to(images.device)


class Recoloured(PredictorVariant):
    """Shows the network every image in other colours (see `colour_table`)."""

    def __init__(self, predictor: Predicts, table: np.ndarray):
        super().__init__(predictor, colours=table.tolist())
        self.table = table

    def __call__(self, images: Tensor) -> Tensor:
        return self.predictor(self.shown(images))

    def features(self, images: Tensor) -> Tensor:
        return self.predictor.features(self.shown(images))

    def shown(self, images: Tensor) -> Tensor:
        """(n, 3, H, W) uint8 in the new colours."""
        return recolour_batch(images, self.table)


class Averaged(PredictorVariant):
    """The mean probability over the image and its mirror image, in several sizes."""

    def __init__(self, predictor: Predicts, scales: tuple[float, ...] = SCALES):
        super().__init__(predictor, scales=scales)
        self.scales = scales

    def __call__(self, images: Tensor) -> Tensor:
        total = None
        for scale in self.scales:
            size = [_grained(side * scale) for side in images.shape[-2:]]
            batch = _resized(images, size)
            found = self.predictor(batch) + self.predictor(batch.flip(-1)).flip(-1)
            found = found if found.shape[-2:] == images.shape[-2:] else _enlarged(found, images.shape[-2:])
            total = found if total is None else total + found
        return total / (2 * len(self.scales))


class Stretched(PredictorVariant):
    """Shows the network every image in another width, and brings its answer back: another squeeze."""

    def __init__(self, predictor: Predicts, width: int):
        super().__init__(predictor, width=width)
        self.width = width

    def __call__(self, images: Tensor) -> Tensor:
        found = self.predictor(_resized(images, (images.shape[-2], self.width)))
        return _enlarged(found, images.shape[-2:])


def _grained(side: float) -> int:
    return max(GRAIN, GRAIN * round(side / GRAIN))


def _resized(images: Tensor, size: tuple[int, int] | list[int]) -> Tensor:
    """uint8 images in another size, averaged where they shrink."""
    if tuple(images.shape[-2:]) == tuple(size):
        return images
    smooth = F.interpolate(images.float(), size=tuple(size), mode="bilinear", align_corners=False, antialias=True)
    return smooth.round_().clamp_(0, 255).to(torch.uint8)


def _enlarged(probabilities: Tensor, size: torch.Size) -> Tensor:
    return F.interpolate(probabilities, size=tuple(size), mode="bilinear", align_corners=False)


class Readjusted:
    """The network with the batch-normalisation statistics of other images, which are taken when first needed."""

    def __init__(
        self,
        network: Callable[[], nn.Module],
        weights: str,
        classes: tuple[str, ...],
        images: Unlabelled,
        table: np.ndarray | None = None,
    ):
        """`network` gives a fresh copy, `weights` names its weights; `table`: the images are recoloured first."""
        if len(images) < LEAST_SCENES:
            raise CourseError("statistics cannot be taken from fewer than two scenes: choose a smaller 'share'")
        self.network, self.weights, self.classes, self.images, self.table = (
            network,
            weights,
            classes,
            images,
            table,
        )
        colours = None if table is None else table.tolist()
        self.key = key_of(
            weights=weights, images=images.key, colours=colours, classes=classes, code=code_of(type(self)),
            precision=pick_precision(pick_device()),
        )  # fmt: skip
        self._predictor: Predicts | None = None

    @property
    def predictor(self) -> Predicts:
        if self._predictor is None:
            model = self.network()
            made = kept("statistics", partial(statistics_of, model, self.images, self.table), key=self.key)
            for number, norm in enumerate(batch_norms(model)):
                norm.running_mean.copy_(torch.from_numpy(made[f"mean_{number}"]))
                norm.running_var.copy_(torch.from_numpy(made[f"variance_{number}"]))
            self._predictor = reduce_to(Predictor(model, key=self.key), self.classes)
        return self._predictor

    def __call__(self, images: Tensor) -> Tensor:
        return self.predictor(images)

    def features(self, images: Tensor) -> Tensor:
        return self.predictor.features(images)


def batch_norms(model: nn.Module) -> list[nn.modules.batchnorm._BatchNorm]:
    """The batch normalisations of a network, in its own order."""
    return [module for module in model.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]


def statistics_of(model: nn.Module, images: Unlabelled, table: np.ndarray | None) -> dict[str, np.ndarray]:
    """The mean and variance of every batch normalisation, `reestimate`d."""
    return {
        f"{name}_{number}": values.cpu().numpy()
        for number, norm in enumerate(batch_norms(reestimate(model, images, table)))
        for name, values in (("mean", norm.running_mean), ("variance", norm.running_var))
    }


@torch.no_grad()
def reestimate(model: nn.Module, images: Unlabelled, table: np.ndarray | None = None) -> nn.Module:
    """Replace every batch normalisation's mean and variance by those of the images; nothing else changes.

    Li et al. 2016, "Revisiting batch normalization for practical domain adaptation" (AdaBN, arXiv:1603.04779);
    Schneider et al. 2020, "Improving robustness against common corruptions by covariate shift adaptation",
    NeurIPS.
    One pass: each batch is normalised by its own statistics, and the plain mean over the batches is kept
    (`momentum=None`), so that nothing of home's statistics remains.

    Raises CourseError for a network without batch normalisation.
    """
    norms = batch_norms(model)
    if not norms:
        raise CourseError("the network has no batch normalisation whose statistics could be taken anew")
    device = pick_device()
    model.to(device, memory_format=memory_format(device)).eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    for batch in images.batches():
        shown = batch if table is None else recolour_batch(batch, table)
        with autocast(device, pick_precision(device)):
            model(model.preprocess(shown.to(device)))
    return model.eval()
