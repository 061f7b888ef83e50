"""Remedies that need no label of the target: each is a predictor of its own, made before any score is known.

Everything that a remedy learns about the target it learns from scenes that are not evaluated.
"""

from collections.abc import Callable, Sequence
from functools import cached_property

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.base.device import full_precision, memory_format, pick_device
from helpers.base.errors import CourseError
from helpers.base.fingerprint import code_of, key_of
from helpers.base.kept import Arrays, kept
from helpers.models.segmenters.deeplab import resize_maps
from helpers.models.segmenters.predictor import Predictor, PredictorVariant, Predicts, reduce_to
from helpers.segmentation.counting import image_facts
from sections.abroad.unlabelled import Unlabelled

SCALES = (1.0, 0.75)  # of averaging: a smaller image costs less than a larger one
GRAIN = 16  # widths are multiples of what the network shrinks its maps by
CHANNELS = ("lightness", "a", "b")
STATISTICS = ("running_mean", "running_var")
LEAST_SCENES = 2  # the variance of one image's pooled features is unknown


def colours_of(images: Unlabelled) -> Arrays:
    """Mean and standard deviation ("mean", "std") of L*, a* and b* over all pixels, each (3,); kept on disk."""
    return kept("colours", lambda: _pooled_colours(images), images=images.key, code=code_of(_pooled_colours))


def _pooled_colours(images: Unlabelled) -> Arrays:
    """Of images of one size: the variance is that within images plus that of their means."""
    facts = [image_facts(image) for image in images.images()]
    means, stds = (
        np.array([[one[f"{channel}_{kind}"] for channel in CHANNELS] for one in facts]) for kind in ("mean", "std")
    )
    return {"mean": means.mean(0), "std": np.sqrt((stds**2).mean(0) + means.var(0))}


def colour_table(source: Arrays, goal: Arrays) -> np.ndarray:
    """(256, 3) uint8: for each channel of OpenCV's CIELAB bytes the value that carries source to goal.

    x' = (x - μ_s) σ_g / σ_s + μ_g (Reinhard et al. 2001, IEEE Computer Graphics and Applications 21(5):34;
    there in the space lαβ, here in CIELAB, and for whole sets instead of single pictures).
    """
    scale, zero = np.array([100 / 255, 1, 1]), np.array([0, 128, 128])
    values = (np.arange(256)[:, None] - zero) * scale
    ratio = np.divide(goal["std"], source["std"], out=np.ones(3), where=source["std"] > 0)
    moved = (values - source["mean"]) * ratio + goal["mean"]
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
        return self.predictor(recolour_batch(images, self.table))

    def features(self, images: Tensor) -> Tensor:
        return self.predictor.features(recolour_batch(images, self.table))


class Averaged(PredictorVariant):
    """The mean probability over the image and its mirror image, in several sizes."""

    def __init__(self, predictor: Predicts, scales: tuple[float, ...] = SCALES):
        super().__init__(predictor, scales=scales)
        self.scales = scales

    def __call__(self, images: Tensor) -> Tensor:
        total = None
        for scale in self.scales:
            batch = _resized(images, tuple(grained(side * scale) for side in images.shape[-2:]))
            found = resize_maps(self.predictor(batch) + self.predictor(batch.flip(-1)).flip(-1), images.shape[-2:])
            total = found if total is None else total + found
        return total / (2 * len(self.scales))


class Stretched(PredictorVariant):
    """Shows the network every image in another width, and brings its answer back: another squeeze."""

    def __init__(self, predictor: Predicts, width: int):
        super().__init__(predictor, width=width)
        self.width = width

    def __call__(self, images: Tensor) -> Tensor:
        found = self.predictor(_resized(images, (images.shape[-2], self.width)))
        return resize_maps(found, images.shape[-2:])


def grained(side: float) -> int:
    """A length in pixels as a multiple of `GRAIN`."""
    return max(GRAIN, GRAIN * round(side / GRAIN))


def _resized(images: Tensor, size: tuple[int, int]) -> Tensor:
    """uint8 images in another size, averaged where they shrink."""
    if tuple(images.shape[-2:]) == size:
        return images
    smooth = F.interpolate(images.float(), size=size, mode="bilinear", align_corners=False, antialias=True)
    return smooth.round_().clamp_(0, 255).to(torch.uint8)


class Readjusted:
    """The network with the batch-normalisation statistics of other images, which are taken when first needed.

    `network` gives a fresh copy, `weights` names its weights; with a `table` the images are recoloured first.
    places: see `reduce_to`.
    """

    def __init__(
        self, network: Callable[[], nn.Module], weights: str, classes: tuple[str, ...], images: Unlabelled,
        table: np.ndarray | None = None, places: Callable[[Sequence[str]], np.ndarray] | None = None,
    ):  # fmt: skip
        if len(images) < LEAST_SCENES:
            raise CourseError("statistics cannot be taken from fewer than two scenes: choose a smaller 'share'")
        self.network, self.classes, self.images, self.table = network, classes, images, table
        self.places = places
        colours = None if table is None else table.tolist()
        self.key = key_of(
            weights=weights, images=images.key, colours=colours, classes=classes, code=code_of(type(self)),
        )  # fmt: skip

    @cached_property
    def predictor(self) -> Predicts:
        """The network, readjusted, or as it was kept."""
        model = self.network()
        made = kept("statistics", lambda: self._statistics(model), key=self.key)
        model.load_state_dict({name: torch.from_numpy(values) for name, values in made.items()}, strict=False)
        return reduce_to(Predictor(model, key=self.key), self.classes, self.places)

    def _statistics(self, model: nn.Module) -> dict[str, np.ndarray]:
        state = reestimate(model, self.images, self.table).state_dict()
        return {name: values.cpu().numpy() for name, values in state.items() if name.endswith(STATISTICS)}

    def __call__(self, images: Tensor) -> Tensor:
        return self.predictor(images)

    def features(self, images: Tensor) -> Tensor:
        return self.predictor.features(images)


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
    norms = [module for module in model.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
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
        with full_precision(device):
            model(model.preprocess(shown.to(device)))
    return model.eval()
