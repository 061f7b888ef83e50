"""Networks for tests, built in a moment."""

import torch
from torch import nn

from helpers.models.segmenters import build_segmenter
from helpers.study.streets import SegmenterSpec

CITYSCAPES = tuple(f"class {number}" for number in range(19))


def segmenter(architecture="deeplabv3plus_mobilenet", classes=CITYSCAPES, **keys):
    torch.manual_seed(0)
    return build_segmenter(SegmenterSpec(architecture=architecture, **keys), classes)


@torch.no_grad()
def with_statistics(model):
    """Normalisation as after training: nothing is 0 or 1, and the scores stay of ordinary size."""
    torch.manual_seed(1)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor, low, high in (
                (module.weight, 0.4, 0.8), (module.bias, -0.3, 0.3),
                (module.running_mean, -0.3, 0.3), (module.running_var, 0.5, 1.5),
            ):  # fmt: skip
                tensor.uniform_(low, high)
    return model.eval()
