"""Where a model's first weights come from: published, the project's own, or a file of the user's."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.base.errors import CourseError
from helpers.base.fetch import digest, is_as_published
from helpers.base.paths import data_dir, display_path, made_dir, weights_file, write_json
from helpers.base.telling import counted
from helpers.study.recipe import ModelSpec
from helpers.study.study import Study

if TYPE_CHECKING:
    from torch import Tensor

    from helpers.models import Classifier

# What `Study.weights_of` may name beside files, in words.
PUBLISHED = {
    "imagenet": "weights trained on ImageNet, as published with {publisher}",
    "places365": "weights trained on the photographs of places of Places365, as published",
}
DRAWN = {
    "sample": "the project's own weights, trained on other drawn classes",
    "sample-places": "the project's own weights, trained on drawn places of other kinds",
}
SHORT = "-short"  # weights that learnt for seconds only, for a first look
DRAWN |= {f"{name}{SHORT}": f"{words}, for one epoch on small images" for name, words in DRAWN.items()}


def starting_spec(study: Study, name: str) -> ModelSpec:
    """A model's spec, with the normalisation that its file of weights records where the study says none."""
    spec, chosen = study.models[name], study.weights_of(name)
    if spec.normalize != "auto" or not is_own_file(chosen):
        return spec
    from helpers.models.records import recorded_normalisation

    found = recorded_normalisation(Path(chosen))
    return spec.model_copy(update={"normalize": found}) if found else spec


def is_own_file(chosen: str | None) -> bool:
    """Whether first weights are a file of the user's, which is there."""
    return chosen is not None and chosen not in PUBLISHED | DRAWN and Path(chosen).is_file()


def starting_file(spec: ModelSpec, chosen: str | None) -> Path | None:
    """The file that a model starts from, fetched or pretrained if need be; None for random numbers."""
    with counted("first weights"):
        if chosen in PUBLISHED:
            from helpers.models.published import published_file

            return published_file(spec.architecture, chosen)
        if chosen in DRAWN:
            from helpers.training.pretraining import sample_weights

            began, since = time.monotonic(), time.time()
            path = sample_weights(spec.architecture, chosen, spec.stem)
            if path.stat().st_mtime >= since:  # made now
                write_json(_timings_of(spec, chosen), {"seconds": time.monotonic() - began})
            return path
    return Path(chosen) if chosen else None


def pretraining_seconds(spec: ModelSpec, chosen: str | None) -> float | None:
    """What the project's own weights took to pretrain, with their data; None for others, or if it is not known."""
    if chosen not in DRAWN or not (path := _timings_of(spec, chosen)).exists():
        return None
    return json.loads(path.read_text(encoding="utf-8"))["seconds"]


def _timings_of(spec: ModelSpec, chosen: str) -> Path:
    return weights_file(f"{starting_key(spec, chosen)}.timings.json")


def starting_key(spec: ModelSpec, chosen: str | None) -> str | None:
    """Names the weights without fetching, training or importing anything for them.

    Raises CourseError for a file that is not there.
    """
    if chosen is None:
        return None
    if chosen in PUBLISHED:
        return "-".join([chosen, *other_than_published(spec.architecture)])
    if chosen in DRAWN:
        from helpers.training.pretraining import pretraining_key

        return pretraining_key(spec.architecture, chosen, spec.stem)
    if not Path(chosen).is_file():
        raise CourseError(f"there is no weights file {display_path(Path(chosen))}: check the key 'weights'")
    return digest(Path(chosen))


def other_than_published(architecture: str) -> list[str]:
    """Digests of the files in `data/weights` that are called as published ones and hold something else."""
    name = architecture.rpartition("/")[2]
    found = {path for folder in (data_dir(), made_dir()) for path in (folder / "weights").glob(f"{name}*")}
    kinds = {".pth", ".pt", ".tar", ".safetensors"}
    return [digest(path) for path in sorted(found) if path.suffix in kinds and not is_as_published(path)]


def about_input(spec: ModelSpec, chosen: str | None, model: "Classifier", images: "Tensor") -> list[str]:
    """What is to be known of how images enter a pretrained network, in sentences; mostly nothing.

    images: some of those to train on (n, 3, S, S), uint8. The model has the file's weights already.
    """
    said: list[str] = []
    if not is_own_file(chosen) and spec.normalize == "auto":
        return said  # by the record of the weights
    from helpers.models.input_check import check_input

    found = check_input(model, images)
    if spec.normalize == "auto":
        taken = "what the published weights of {} ask for" if spec.architecture != "cnn" else "−1 to 1"
        said.append(
            f"{Path(chosen).name} does not say how the images that it was trained on were normalised: taken is "
            f"{taken.format(spec.architecture)}, and 'normalize' sets another."
        )
        if found is None:
            said.append("Without batch normalisation, or where it was folded away, this cannot be checked.")
    if found and found.likelier:
        said.append(
            "The images do not enter the network as those that it was trained on: the means and variances that "
            f"its first batch normalisation remembers are {found.distance:.2f} nats from those that {len(images)} "
            f"training images give, and {found.its_distance:.2f} with 'normalize: {found.likelier}' (median "
            "Kullback-Leibler divergence of its channels)."
        )
    return said


def describe_start(spec: ModelSpec, chosen: str | None) -> str:
    """Where the first weights come from, in words."""
    if chosen is None:
        return "random numbers"
    publisher = "timm" if spec.architecture.startswith("timm/") else "torchvision"
    words = (PUBLISHED | DRAWN).get(chosen, f"the weights in {Path(chosen).name}")
    return words.format(publisher=publisher)
