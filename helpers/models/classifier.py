"""One interface for every classifier: logits, penultimate features, and its own preprocessing."""

import torch
from torch import Tensor, nn

NORMALISATIONS = {
    # channel means and standard deviations of ImageNet, as torchvision's weights expect them
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    # 0..1 to -1..1
    "symmetric": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
}


class Classifier(nn.Module):
    """A network with its last layer known by name.

    The penultimate features are what enters the last layer, flattened: t-SNE, distances and
    nearest neighbours all use them, whatever the architecture.
    """

    def __init__(self, network: nn.Module, head: str, normalisation: str = "imagenet"):
        super().__init__()
        self.network, self.head_name = network, head
        mean, std = NORMALISATIONS[normalisation]
        mean, std = torch.tensor(mean).view(1, 3, 1, 1), torch.tensor(std).view(1, 3, 1, 1)
        self.register_buffer("scale", 1 / std, persistent=False)
        self.register_buffer("shift", -mean / std, persistent=False)

    @property
    def head(self) -> nn.Module:
        return self.network.get_submodule(self.head_name)

    def preprocess(self, images: Tensor) -> Tensor:
        """Scale and normalise a batch (n, 3, S, S): uint8 0..255, or float 0..1."""
        if images.dtype != torch.uint8:
            return torch.addcmul(self.shift, images, self.scale)
        values = images.float()  # one new array, changed in place: on a processor memory is what this costs
        return torch.addcmul(self.shift, values, self.scale / 255, out=values)

    def forward(self, batch: Tensor) -> Tensor:
        """Logits (n, classes) of a normalised batch (n, 3, S, S)."""
        return self.network(batch)

    def logits_and_features(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (n, classes) and penultimate features (n, D), both float32, from one pass."""
        caught: list[Tensor] = []
        hook = self.head.register_forward_pre_hook(lambda _, inputs: caught.append(inputs[0]))
        try:
            logits = self(batch)
        finally:
            hook.remove()
        features = caught[-1].mean(dim=(2, 3)) if caught[-1].ndim == 4 else caught[-1].flatten(1)
        return logits.float(), features.float()

    def train_only_head(self) -> None:
        """Freeze everything but the last layer."""
        self.requires_grad_(False)
        self.head.requires_grad_(True)

    def train(self, mode: bool = True) -> "Classifier":
        """Frozen parts stay in evaluation mode, so that their batch statistics stay as they were."""
        super().train(mode)
        if mode and not all(parameter.requires_grad for parameter in self.parameters()):
            self.network.eval()
            self.head.train()
        return self
