"""Published architectures, from torchvision and timm, changed as a study asks: stem, own head, last layer."""

import torch
from torch import Tensor, nn

from helpers.models.classifier import Classifier
from helpers.models.cnn import add_dense
from helpers.models.records import TIMM, published_record
from helpers.study.recipe import ModelSpec, Normalisation

STEMS = {"conv1": "maxpool", "stem.conv": "stem.pool", "features.conv0": "features.pool0"}


def classifier(spec: ModelSpec, num_classes: int, image_size: int) -> Classifier:
    """A published architecture behind the interface of every classifier, its parameters freshly drawn."""
    outputs = 1 if spec.output == "sigmoid" else num_classes
    network = _published(spec.architecture, spec.input_size or image_size)
    if hasattr(network, "transform_input"):  # torchvision's own step from its normalisation to the weights'
        network.transform_input = spec.pretrained and spec.normalize == "auto"
    last = _last_layer(network)
    new_stem = _small_stem(network) if spec.stem == "small" else None
    if spec.head is not None:
        top, last = _own_head(network, last, spec, outputs, image_size)
    else:
        top = _new_last_layer(network, last, outputs)
    normalisation, interpolation = preprocessing_of(spec)
    return Classifier(
        network, last, normalisation, top=top, input_size=spec.input_size, interpolation=interpolation,
        new_stem=new_stem,
    )  # fmt: skip


def _published(architecture: str, size: int) -> nn.Module:
    if architecture.startswith(TIMM):
        import timm  # seconds to import, as is torchvision: only where it is needed

        name = architecture.removeprefix(TIMM)
        known = timm.get_pretrained_cfg(name)
        fixed = {"img_size": size} if known and known.fixed_input_size else {}
        return timm.create_model(name, **fixed)
    from torchvision.models import get_model

    fixed = {"image_size": size} if architecture.startswith("vit_") else {}
    auxiliary = {"aux_logits": False} if architecture in {"googlenet", "inception_v3"} else {}
    return get_model(architecture, weights=None, **fixed, **auxiliary)


def preprocessing_of(spec: ModelSpec) -> tuple[str | Normalisation, str]:
    """How images are normalised, and how they are resized to `input_size`.

    As the record of the published weights says, unless the study says otherwise; from random numbers symmetric.
    Those of other collections (Places365, the project's own) are trained on images that are normalised so too.
    """
    if not spec.pretrained:
        return "symmetric" if spec.normalize == "auto" else spec.normalize, "bilinear"
    record = published_record(spec.architecture)
    how = record.interpolation if record.interpolation in {"bilinear", "bicubic"} else "bicubic"
    return record.normalisation if spec.normalize == "auto" else spec.normalize, how


def _last_layer(network: nn.Module) -> str:
    """Name of the layer that makes the logits: as timm has it, or the last linear one, or the last convolution."""
    known = (getattr(network, "pretrained_cfg", None) or {}).get("classifier")
    if isinstance(known, str):
        return known
    for kind in (nn.Linear, nn.Conv2d):
        names = [name for name, module in network.named_modules() if isinstance(module, kind)]
        if names:
            return names[-1]
    raise ValueError("the network has neither a linear layer nor a convolution")


def _new_last_layer(network: nn.Module, name: str, outputs: int) -> str:
    """Give a network a last layer with so many outputs; returns the name of what is new.

    What is new is that layer, and around a last convolution everything up to the end of the network.
    """
    old = network.get_submodule(name)
    if isinstance(old, nn.Linear):
        network.set_submodule(name, nn.Linear(old.in_features, outputs, bias=old.bias is not None))
        return name
    if outputs == 1 and isinstance(network.get_submodule(name.partition(".")[0]), nn.Sequential):
        raise ValueError("its last convolution cannot make a single output; give it a 'head'")
    network.set_submodule(name, nn.Conv2d(old.in_channels, outputs, old.kernel_size))
    return name.partition(".")[0]


def _small_stem(network: nn.Module) -> str:
    """Make the first convolution 3×3 without stride and leave out the pooling after it (He et al., 2016, 4.2)."""
    modules = dict(network.named_modules())
    name = next((name for name, pool in STEMS.items() if name in modules and pool in modules), None)
    if name is None:
        raise ValueError("'stem: small' is for networks that begin like a ResNet; leave the key out")
    old = modules[name]
    new = nn.Conv2d(old.in_channels, old.out_channels, kernel_size=3, padding=1, bias=old.bias is not None)
    nn.init.kaiming_normal_(new.weight, mode="fan_out", nonlinearity="relu")
    network.set_submodule(name, new)
    network.set_submodule(STEMS[name], nn.Identity())
    return name


class GlobalAverage(nn.Module):
    """The mean of each map, (n, D, height, width) to (n, D); vectors pass as they are."""

    def forward(self, maps: Tensor) -> Tensor:
        return maps.mean(dim=(2, 3)) if maps.ndim == 4 else maps.flatten(1)


def _own_head(network: nn.Module, last: str, spec: ModelSpec, outputs: int, image_size: int) -> tuple[str, str]:
    """Put global average pooling, dense layers and an output in place of everything after the last maps.

    Returns the name of what is new and that of its output layer.
    """
    place = last.partition(".")[0]
    if isinstance(getattr(network, "avgpool", None), nn.AdaptiveAvgPool2d):  # VGG keeps 7 × 7 places
        network.avgpool = nn.AdaptiveAvgPool2d(1)
    head, new = nn.Sequential(), nn.Sequential()
    head.add_module("average", GlobalAverage())
    network.set_submodule(place, head)
    add_dense(new, _width(network, head, spec.input_size or image_size), spec.head, spec.dropout, outputs)
    head.add_module("new", new)
    return f"{place}.new", f"{place}.new.output"


@torch.no_grad()
def _width(network: nn.Module, average: nn.Module, size: int) -> int:
    """How many features global average pooling hands on."""
    seen: list[int] = []
    with average.register_forward_hook(lambda _module, _inputs, features: seen.append(features.shape[1])):
        network.eval()(torch.zeros(1, 3, size, size))
    return seen[-1]
