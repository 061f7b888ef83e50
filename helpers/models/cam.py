"""Where a classifier looked: gradient-weighted class-activation maps (Selvaraju et al., 2017)."""

from contextlib import ExitStack

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.base.device import full_precision
from helpers.models.classifier import Classifier

SMALLEST_MAP = 4  # pixels: a coarser map says nothing about place


def class_activation(model: Classifier, batch: Tensor, targets: Tensor) -> Tensor:
    """Grad-CAM of the given classes.

    The map is ReLU(Σ_k α_k A_k), with A_k the k-th channel of the last feature map that is at least 4 px
    wide and α_k the mean gradient of the class's logit over that channel; of two classes, of the logit's
    lead over the other, which is all that counts, and all there is where the network has a single output.

    Args:
        batch: normalised images (n, 3, S, S), float.
        targets: class of each image whose evidence is wanted (n,), int64.

    Returns:
        Maps (n, S, S), float32, each scaled to 0..1 (all zero where nothing speaks for the class).
    """
    model.eval()
    layer = last_spatial_layer(model, batch[:1])
    caught: list[Tensor] = []
    hook = layer.register_forward_hook(lambda _module, _inputs, output: caught.append(output))
    with hook, torch.enable_grad(), full_precision(batch.device):
        logits = model(batch.detach().requires_grad_())
        evidence = logits - logits.flip(1) if logits.shape[1] == 2 else logits
        chosen = evidence.gather(1, targets.view(-1, 1)).sum()
        (gradient,) = torch.autograd.grad(chosen, caught[-1])
    weights = gradient.mean(dim=(2, 3), keepdim=True)
    maps = (weights * caught[-1]).sum(dim=1, keepdim=True).relu().detach().float()
    maps = F.interpolate(maps, size=batch.shape[-2:], mode="bilinear", align_corners=False)[:, 0]
    return maps / maps.amax(dim=(1, 2), keepdim=True).clamp_min(1e-12)


def last_spatial_layer(model: Classifier, image: Tensor) -> nn.Module:
    """The last layer whose output still has a place: a map of at least 4 × 4 px, or else the largest there is."""
    seen: list[tuple[nn.Module, int]] = []

    def note(module: nn.Module, _inputs: tuple, output: Tensor) -> None:
        if isinstance(output, Tensor) and output.ndim == 4 and output.requires_grad:
            seen.append((module, min(output.shape[-2:])))

    with ExitStack() as hooks, torch.enable_grad(), full_precision(image.device):
        for module in model.network.modules():
            if not list(module.children()):
                hooks.enter_context(module.register_forward_hook(note))
        model(image.detach().requires_grad_())
    wide = [module for module, side in seen if side >= SMALLEST_MAP]
    return wide[-1] if wide else max(seen, key=lambda pair: pair[1])[0]


def activation_maps(model: Classifier, images: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Maps (n, S, S) float32, 0 to 1, of the evidence for class `targets` (n,) in `images` (n, S, S, 3) uint8."""
    batch = model.preprocess(torch.from_numpy(images).permute(0, 3, 1, 2))
    return class_activation(model, batch, torch.from_numpy(targets)).numpy()
