"""What weights say of the images that they were trained on: published ones, and files."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from helpers.study.recipe import Normalisation

TIMM = "timm/"
STATISTICS = (("mean", "std"), ("image_mean", "image_std"))  # as timm and as Hugging Face call them
HUB_NAMES = {"model.safetensors", "pytorch_model.bin"}  # files that a config.json in their folder is about


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

    Read are timm's and Hugging Face's keys, at the top or under `pretrained_cfg`: in the metadata of a safetensors
    file, in a checkpoint beside its state dict, in `NAME.json` beside `NAME.pth`, and beside a file that is called
    as on Hugging Face in `config.json` and `preprocessor_config.json`.
    """
    names = [f"{path.stem}.json"]
    if path.name in HUB_NAMES:
        names += ["config.json", "preprocessor_config.json"]
    beside = (path.with_name(name) for name in names)
    sources = [_inside(path), *(_plain_json(one.read_bytes()) for one in beside if one.is_file())]
    return next((found for source in sources if (found := _normalisation_in(source))), None)


def _inside(path: Path) -> Any:
    """What a file holds beside its tensors. What is wrong with it, whoever loads it says."""
    try:
        if path.suffix == ".safetensors":
            from safetensors import safe_open

            with safe_open(path, "pt") as file:
                return file.metadata()
        import torch

        return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception:
        return None


def _normalisation_in(source: Any) -> Normalisation | None:
    if not isinstance(source, Mapping):
        return None
    for key in ("pretrained_cfg", "default_cfg", "config"):
        if found := _normalisation_in(_plain_json(source.get(key))):
            return found
    for names in STATISTICS:
        mean, std = (_plain_json(source.get(name)) for name in names)
        try:
            return Normalisation(mean=mean, std=std)
        except ValidationError:
            continue
    return None


def _plain_json(value: Any) -> Any:
    """The value of a text of JSON, all that safetensors can hold beside tensors; else the value itself."""
    if not isinstance(value, str | bytes):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return None
