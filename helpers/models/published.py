"""Published weights: which file an architecture has, where it is fetched from, and under which name it is kept."""

import re
from pathlib import Path
from typing import NamedTuple

from helpers.base.errors import CourseError
from helpers.base.fetch import fetch, note_as_published
from helpers.base.paths import data_dir, display_path
from helpers.models.records import TIMM

# Zhou et al., "Places: a 10 million image database for scene recognition", 2017
PLACES_ADDRESS = "http://places2.csail.mit.edu/models_places365/{}_places365.pth.tar"
PLACES_ARCHITECTURES = ("alexnet", "densenet161", "resnet18", "resnet50")
HUB_ADDRESS = "https://huggingface.co/{}/resolve/main/{}"
# Segmenters for the 19 classes of Cityscapes, which their author shares through pages that a program cannot read.
CITYSCAPES_HOME = "https://github.com/VainF/DeepLabV3Plus-Pytorch"
CITYSCAPES_ARCHITECTURES = ("deeplabv3plus_mobilenet", "deeplabv3plus_resnet101")


class Published(NamedTuple):
    """A file of weights: its address, where it has one of its own, and its name in `data/weights/`."""

    url: str | None
    name: str

    @property
    def checksum(self) -> str | None:
        """The first digits of the file's SHA-256, where its name ends in them, as many publishers' do."""
        match = re.search(r"-([0-9a-f]{8,})\.\w+$", self.name)
        return match.group(1) if match else None


def published_file(architecture: str, collection: str = "imagenet") -> Path:
    """The file with weights of 'imagenet', 'places365' or 'cityscapes', from `data/weights/` or fetched into it.

    Raises CourseError where there are none for the architecture, and where they cannot be fetched, naming the
    file, its address and where to put it.
    """
    folder = data_dir() / "weights"
    sources = _sources(architecture, collection)
    for source in sources:
        if (folder / source.name).exists():
            return folder / source.name
    first = sources[0]
    if first.url is None:
        raise CourseError(
            f"the weights {first.name} are not in place: download them from {CITYSCAPES_HOME} (section "
            f"'Performance on Cityscapes') and put the file into {display_path(folder)}/"
        )
    folder.mkdir(parents=True, exist_ok=True)
    path = fetch(first.url, folder / first.name, sha256=first.checksum)
    if first.checksum is None:
        note_as_published(path)
    return path


def file_in_place(architecture: str, collection: str = "imagenet") -> Path | None:
    """The file of `published_file` where it lies in `data/weights/`; nothing is fetched."""
    places = (data_dir() / "weights" / source.name for source in _sources(architecture, collection))
    return next((path for path in places if path.exists()), None)


def published_name(architecture: str, collection: str = "imagenet") -> str:
    """What the file of `published_file` is called."""
    return _sources(architecture, collection)[0].name


def _sources(architecture: str, collection: str) -> list[Published]:
    if collection == "places365":
        return [_places(architecture)]
    if collection == "cityscapes":
        return _cityscapes(architecture)
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


def _cityscapes(architecture: str) -> list[Published]:
    if architecture not in CITYSCAPES_ARCHITECTURES:
        raise CourseError(
            f"there are no published street-scene weights for '{architecture}': name a file with 'weights', "
            f"or a set to train it on with 'train', or use {' or '.join(CITYSCAPES_ARCHITECTURES)}"
        )
    name = f"best_{architecture}_cityscapes_os16.pth"
    return [Published(None, name), Published(None, f"{name}.tar")]  # it is handed around under both names


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
