"""Published weights: which file an architecture has, where it is fetched from, and under which name it is kept."""

import re
from pathlib import Path
from typing import NamedTuple

from helpers.base.errors import CourseError
from helpers.base.fetch import fetch, note_as_published
from helpers.base.paths import data_dir
from helpers.models.networks import TIMM

# Zhou et al., "Places: a 10 million image database for scene recognition", 2017
PLACES_ADDRESS = "http://places2.csail.mit.edu/models_places365/{}_places365.pth.tar"
PLACES_ARCHITECTURES = ("alexnet", "densenet161", "resnet18", "resnet50")
HUB_ADDRESS = "https://huggingface.co/{}/resolve/main/{}"


class Published(NamedTuple):
    """A file of weights: its address and its name in `data/weights/`."""

    url: str
    name: str

    @property
    def checksum(self) -> str | None:
        """The first digits of the file's SHA-256, where its name ends in them, as many publishers' do."""
        match = re.search(r"-([0-9a-f]{8,})\.\w+$", self.name)
        return match.group(1) if match else None


def published_file(architecture: str, collection: str = "imagenet") -> Path:
    """The file with the weights of 'imagenet' or 'places365', from `data/weights/` or fetched into it.

    Raises CourseError where there are none for the architecture, and without network, naming the file, its
    address and where to put it.
    """
    folder = data_dir() / "weights"
    sources = _sources(architecture, collection)
    for source in sources:
        if (folder / source.name).exists():
            return folder / source.name
    folder.mkdir(parents=True, exist_ok=True)
    first = sources[0]
    path = fetch(first.url, folder / first.name, sha256=first.checksum)
    if first.checksum is None:
        note_as_published(path)
    return path


def _sources(architecture: str, collection: str) -> list[Published]:
    if collection == "places365":
        return [_places(architecture)]
    if architecture.startswith(TIMM):
        return _timm(architecture)
    from torchvision.models import get_model_weights

    url = get_model_weights(architecture).DEFAULT.url
    return [Published(url, Path(url).name)]


def _places(architecture: str) -> Published:
    if architecture not in PLACES_ARCHITECTURES:
        raise CourseError(
            f"weights 'places365' are not published for '{architecture}': "
            f"use {', '.join(PLACES_ARCHITECTURES)}, or other weights"
        )
    url = PLACES_ADDRESS.format(architecture)
    return Published(url, Path(url).name)


def _timm(architecture: str) -> list[Published]:
    """Files of timm's default weights, those with a checksum in their name first."""
    import timm

    known = timm.get_pretrained_cfg(architecture.removeprefix(TIMM))
    found = []
    if known and known.url and known.url.endswith(".pth"):
        found.append(Published(known.url, Path(known.url).name))
    if known and known.hf_hub_id:
        url = HUB_ADDRESS.format(known.hf_hub_id, known.hf_hub_filename or "model.safetensors")
        found.append(Published(url, known.hf_hub_id.rpartition("/")[2] + Path(url).suffix))
    if not found:
        raise CourseError(f"no weights are published for '{architecture}': set pretrained: false, or 'weights'")
    return sorted(found, key=lambda source: source.checksum is None)
