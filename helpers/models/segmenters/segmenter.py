"""One interface for every segmenter: class scores for every pixel, pooled features, its own preprocessing."""

from torch import Tensor, nn

from helpers.models.classifier import Normalising
from helpers.models.segmenters.deeplab import resize_maps
from helpers.study.recipe import Normalisation


class Segmenter(Normalising):
    """A network of a `backbone` (images to maps) and a `classifier` (maps to class scores), and its classes."""

    def __init__(
        self, network: nn.Module, classes: tuple[str, ...], normalisation: str | Normalisation = "imagenet"
    ):
        super().__init__(normalisation)
        self.network, self.classes = network, tuple(classes)

    def forward(self, batch: Tensor) -> Tensor:
        """Class scores (n, C, H, W) float32, before softmax, of a normalised batch (n, 3, H, W)."""
        scores = self.coarse_scores(batch).float().contiguous()  # plane by plane: softmax is quickest so
        return resize_maps(scores, batch.shape[-2:])

    def coarse_scores(self, batch: Tensor) -> Tensor:
        """Class scores (n, C, h, w) at the size at which the head makes them: `forward` only enlarges them.

        Raises TypeError for a batch of bytes.
        """
        self.refuse_bytes(batch)
        return self.network.classifier(_entry(self.network.backbone(batch)))

    def features(self, batch: Tensor) -> Tensor:
        """(n, D) float32: the backbone's last map of each image of a normalised batch, averaged over places."""
        maps = self.network.backbone(batch)
        last = maps[list(maps)[-1]]
        return last.float().mean(dim=(2, 3))


def _entry(maps: dict[str, Tensor]) -> Tensor | dict[str, Tensor]:
    """What the classifier takes: the one map of a simple network, or all of them."""
    return maps["out"] if list(maps) == ["out"] else maps
