"""One interface for every classifier: logits, penultimate features, and its own preprocessing."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.models.stages import stages
from helpers.study.recipe import NORMALISATIONS, Normalisation


class Normalising(nn.Module):
    """A network that begins with its own preprocessing.

    normalisation: a name of NORMALISATIONS, or its values.
    """

    def __init__(self, normalisation: str | Normalisation):
        super().__init__()
        values = NORMALISATIONS[normalisation] if isinstance(normalisation, str) else normalisation
        self.normalisation = values
        mean, std = (torch.tensor(of_channels).view(1, 3, 1, 1) for of_channels in (values.mean, values.std))
        self.register_buffer("scale", 1 / std, persistent=False)
        self.register_buffer("shift", -mean / std, persistent=False)

    def preprocess(self, images: Tensor) -> Tensor:
        """Scale and normalise a batch of RGB images (n, 3, S, S): uint8 0..255, or float 0..1."""
        if self.normalisation.order == "bgr":
            images = images.flip(1)
        if images.dtype != torch.uint8:
            return torch.addcmul(self.shift, images, self.scale)
        values = images.float()  # one new array, changed in place: on a processor memory is what this costs
        return torch.addcmul(self.shift, values, self.scale / 255, out=values)

    @staticmethod
    def refuse_bytes(batch: Tensor) -> None:
        """Raises TypeError for images that are not preprocessed."""
        if batch.dtype == torch.uint8:
            raise TypeError("these images are bytes, 0 to 255: give network(network.preprocess(images))")


class Classifier(Normalising):
    """A network with its last layer, and the layers that are new in it, known by name.

    The penultimate features are what enters the last layer, flattened: t-SNE, distances and
    nearest neighbours all use them, whatever the architecture. A network with one output, z, is a classifier
    of two classes with the logits 0 and z: their softmax is the sigmoid of z, and their cross-entropy the
    binary cross-entropy, with the second class as the positive one.

    Args:
        network: from normalised images to logits.
        head: name of the layer that makes the logits.
        normalisation: see Normalising.
        top: name of the part that a pretrained network lacks; the last layer unless told otherwise, and
            the whole network where it is empty.
        input_size: pixels to which images are resized before the network; None leaves them as they are.
        interpolation: how they are resized, 'bilinear' or 'bicubic'.
        new_stem: name of a first convolution that differs from the published network's.
    """

    def __init__(
        self,
        network: nn.Module,
        head: str,
        normalisation: str | Normalisation = "imagenet",
        *,
        top: str | None = None,
        input_size: int | None = None,
        interpolation: str = "bilinear",
        new_stem: str | None = None,
    ):
        super().__init__(normalisation)
        self.network, self.head_name, self.input_size, self.new_stem = network, head, input_size, new_stem
        self.interpolation = interpolation
        self.top_name = head if top is None else top

    @property
    def head(self) -> nn.Module:
        """The layer that makes the logits."""
        return self.network.get_submodule(self.head_name)

    @property
    def num_classes(self) -> int:
        """Logits of an image; a single output stands for two."""
        return max(2, len(self.head.weight))

    @property
    def top(self) -> nn.Module:
        """The layers that are new: the last one, or all behind the base's pooled maps; everything of a `cnn`."""
        return self.network.get_submodule(self.top_name)

    def forward(self, batch: Tensor) -> Tensor:
        """Logits (n, classes) of a normalised batch (n, 3, S, S). Raises TypeError for one of bytes."""
        self.refuse_bytes(batch)
        return _logits(self.network(self._resized(batch)))

    def _resized(self, batch: Tensor) -> Tensor:
        size = self.input_size or batch.shape[-1]
        if size == batch.shape[-1]:
            return batch
        return F.interpolate(batch, (size, size), mode=self.interpolation, antialias=size < batch.shape[-1])

    def logits_and_features(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (n, classes) and penultimate features (n, D), both float32, from one pass."""
        logits, entering = self._caught(self.head, batch)
        features = entering.mean(dim=(2, 3)) if entering.ndim == 4 else entering.flatten(1)
        return logits.float(), features.float()

    def _caught(self, layer: nn.Module, batch: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of a batch, and what entered a layer on the way."""
        caught: list[Tensor] = []
        with layer.register_forward_pre_hook(lambda _, inputs: caught.append(inputs[0])):
            return self(batch), caught[-1]

    def top_inputs(self, batch: Tensor) -> Tensor:
        """What enters `top` for a normalised batch (n, 3, S, S): of a frozen base, the same at every epoch."""
        return batch if self.top is self.network else self._caught(self.top, batch)[1]

    def from_top(self, inputs: Tensor) -> Tensor:
        """Logits (n, classes) from what `top_inputs` gave."""
        return self(inputs) if self.top is self.network else _logits(self.top(inputs).flatten(1))

    def layer_groups(self) -> list[list[nn.Parameter]]:
        """All parameters, earliest first: the stages of the base, then the layers that are new."""
        new = list(self.top.parameters())
        return [*stages(self.network, without=new), new]

    def new_weights(self) -> list[Tensor]:
        """Weights, without biases, of the convolutions and linear layers that are new."""
        return [module.weight for module in self.top.modules() if isinstance(module, nn.Conv2d | nn.Linear)]

    def train_only_head(self) -> None:
        """Freeze everything but the layers that are new."""
        self.requires_grad_(False)
        self.top.requires_grad_(True)

    def train(self, mode: bool = True) -> "Classifier":
        """Frozen parts stay in evaluation mode, so that their batch statistics stay as they were."""
        super().train(mode)
        if mode and not all(parameter.requires_grad for parameter in self.parameters()):
            self.network.eval()
            self.top.train()
        return self


def _logits(outputs: Tensor) -> Tensor:
    """(n, 1) to (n, 2): see Classifier."""
    return F.pad(outputs, (1, 0)) if outputs.shape[1] == 1 else outputs
