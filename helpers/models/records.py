"""What weights say of the images that they were trained on: published ones, and files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from helpers.models.checkpoint import plain_json, told_beside
from helpers.study.recipe import Normalisation

TIMM = "timm/"
STATISTICS = (("mean", "std"), ("image_mean", "image_std"))  # as timm and as Hugging Face call them


class WeightsRecord(NamedTuple):
    """The images of published weights: how they were normalised, their size, and how they were resized to it."""

    normalisation: Normalisation
    size: int
    interpolation: str


def published_record(architecture: str) -> WeightsRecord:
    """What the publisher says of the weights that `published.published_file` fetches for an architecture."""
    if architecture.startswith(TIMM):
        import timm  # seconds to import, as is torchvision: only where it is needed

        known = timm.get_pretrained_cfg(architecture.removeprefix(TIMM))
        return WeightsRecord(
            Normalisation(mean=known.mean, std=known.std), known.input_size[-1], known.interpolation
        )
    from torchvision.models import get_model_weights

    how = get_model_weights(architecture).DEFAULT.transforms()
    return WeightsRecord(Normalisation(mean=how.mean, std=how.std), how.crop_size[0], how.interpolation.value)


def recorded_normalisation(path: Path) -> Normalisation | None:
    """What a file of weights, or the configuration beside it, says of its normalisation; None where nothing does.

    Read are timm's and Hugging Face's keys, at the top or under `pretrained_cfg`, where `told_beside` looks.
    """
    return next((found for source in told_beside(path) if (found := _normalisation_in(source))), None)


def _normalisation_in(source: Any) -> Normalisation | None:
    if not isinstance(source, Mapping):
        return None
    for key in ("pretrained_cfg", "default_cfg", "config", "normalisation"):
        if found := _normalisation_in(plain_json(source.get(key))):
            return found
    for names in STATISTICS:
        mean, std = (plain_json(source.get(name)) for name in names)
        try:
            return Normalisation(mean=mean, std=std, order=source.get("order", "rgb"))
        except ValidationError:
            continue
    return None
