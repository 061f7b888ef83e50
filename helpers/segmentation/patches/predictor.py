"""A classifier of small images as a segmenter of large ones: it names patches, and their votes are averaged.

Patches go through the network in batches. Overlapping ones share what they can without changing any answer: pixels
that are reduced, and the averaging of votes, which is two products of small matrices. Inside the network they
share nothing: it pads every patch with zeros, and after a few convolutions that has reached the patch's middle.
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from helpers.base.device import full_precision, memory_format, pick_device
from helpers.base.errors import CourseError
from helpers.base.fingerprint import code_of, key_of
from helpers.models import Classifier
from helpers.models.batch_norm import fold_batch_norms
from helpers.segmentation.patches.windows import averaged, cut, starts, voters

BATCH = 128  # patches at a time
BAND = 256  # rows of pixels of a large image at a time
SAME = 1e-3  # of the logits' range: up to here a network with folded normalisations is the same network


class PatchPredictor:
    """What an evaluation asks of a segmenter (`Predicts`), made of a trained classifier.

    patch, stride: side of a patch and step between patches, in pixels of the large image.
    size: pixels that the classifier was trained at; patches are resized to that.
    key: names the weights.
    """

    def __init__(
        self,
        model: Classifier,
        classes: tuple[str, ...],
        *,
        patch: int,
        stride: int,
        size: int,
        key: str,
        device: torch.device | None = None,
    ):
        self.model, self.classes = model, tuple(classes)
        self.patch, self.stride, self.size = patch, stride, size
        self.device = device or pick_device()
        self.key = key_of(
            weights=key, patch=patch, stride=stride, size=size, code=code_of(type(self), type(model)),
        )  # fmt: skip
        self._network = quicker(model, size).to(self.device, memory_format=memory_format(self.device))

    def patches_of(self, height: int, width: int) -> int:
        """How many patches cover an image."""
        return len(starts(height, self.patch, self.stride)) * len(starts(width, self.patch, self.stride))

    def votes(self, image: np.ndarray) -> np.ndarray:
        """(rows, columns, C) float32: the class probabilities of every patch of an image (H, W, 3) uint8.

        Raises CourseError for an image that is smaller than a patch.
        """
        if min(image.shape[:2]) < self.patch:
            raise CourseError(
                f"an image of {image.shape[1]} × {image.shape[0]} pixels is smaller than a patch of {self.patch}: "
                "use a larger one, or a smaller segmentation.patch"
            )
        patches = cut(image, self.patch, self.stride, self.size, BATCH)
        seen = torch.cat([self._probabilities(batch) for batch in patches]).numpy()
        return seen.reshape(-1, len(starts(image.shape[1], self.patch, self.stride)), len(self.classes))

    @torch.inference_mode()
    def _probabilities(self, patches: np.ndarray) -> Tensor:
        """(b, C) float32 of patches (b, S, S, 3) uint8."""
        batch = torch.from_numpy(patches).to(self.device).permute(0, 3, 1, 2)
        with full_precision(self.device):
            logits = self._network(self._network.preprocess(batch))
        return logits.softmax(dim=1).cpu()

    def __call__(self, images: Tensor) -> Tensor:
        """Probabilities (n, C, H, W) float32 of images (n, 3, H, W) uint8: means over each pixel's patches."""
        height, width = images.shape[-2:]
        down, across = voters(height, self.patch, self.stride), voters(width, self.patch, self.stride)
        pixels = images.permute(0, 2, 3, 1).cpu().numpy()
        return torch.from_numpy(np.stack([averaged(self.votes(one), down, across) for one in pixels]))

    def bands(self, image: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
        """Rows of pixels of an image (H, W, 3) of any size, and their probabilities (C, rows, W) float32.

        Memory holds the votes of all patches, and one band's pixels at a time.
        """
        height, width = image.shape[:2]
        votes = self.votes(image)
        down, across = voters(height, self.patch, self.stride), voters(width, self.patch, self.stride)
        for top in range(0, height, BAND):
            rows = slice(top, min(top + BAND, height))
            yield rows, averaged(votes, down[rows], across)

    def map_of(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Class (H, W) uint8 and its probability (H, W) float32 of an image (H, W, 3) uint8 of any size."""
        prediction = np.zeros(image.shape[:2], np.uint8)
        confidence = np.zeros(image.shape[:2], np.float32)
        for rows, probabilities in self.bands(image):
            prediction[rows], confidence[rows] = probabilities.argmax(axis=0), probabilities.max(axis=0)
        return prediction, confidence


@torch.inference_mode()
def quicker(model: Classifier, size: int) -> Classifier:
    """The classifier in evaluation mode, its normalisations folded into its convolutions where that is the same.

    Layers may be listed in another order than they are used in, so it is tried on a few made-up images.
    """
    model = model.cpu().eval()
    folded = fold_batch_norms(model)
    pixels = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (4, 3, size, size), dtype=np.uint8))
    before = model(model.preprocess(pixels))
    try:
        after = folded(folded.preprocess(pixels))
    except RuntimeError:
        return model
    same = (before - after).abs().max() <= SAME * before.abs().max().clamp_min(1)
    return folded if same else model
