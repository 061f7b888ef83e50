"""The project's own pretrained weights: a network trained on drawn classes that no study has."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from helpers.base.fingerprint import code_of, key_of
from helpers.base.kept import kept
from helpers.base.lock import locked
from helpers.base.paths import display_path, weights_file, whole_file
from helpers.datasets.loader import ImagePart
from helpers.models import build
from helpers.models.summary import count_multiply_adds, count_parameters
from helpers.models.weights import load_weights
from helpers.study.recipe import ModelSpec
from helpers.training.loop import fit
from helpers.training.starting_weights import SHORT

log = logging.getLogger("helpers")

Drawn = Literal["sample", "sample-places", "sample-short", "sample-places-short"]  # things, or places
Stem = Literal["standard", "small"]

IMAGES_PER_CLASS, IMAGE_SIZE, EPOCHS, SEED = 240, 64, 4, 1000
# Multiply-adds of the forward passes of one pretraining: about a minute's work of two cores for the architecture
# that most models start from, less than half of that for any other. What does not fit is trained at half of
# IMAGE_SIZE or three quarters of it, and for fewer epochs.
COMMON, COMMON_WORK, WORK = "resnet18", 3.75e12, 2.2e12
SIZES = (1, 3 / 4, 1 / 2)
FEWEST_EPOCHS = 2


def sample_weights(architecture: str, drawn: Drawn = "sample", stem: Stem = "standard") -> Path:
    """The file of weights for an architecture, trained now if it is not there (about a minute on two cores).

    Those of a small stem continue from those of the standard one, for one epoch of small images.
    """
    path = sample_file(architecture, drawn, stem)
    with locked(path.with_suffix(".lock")):
        if not path.exists():
            _pretrain(architecture, drawn, stem, path)
    return path


def sample_file(architecture: str, drawn: Drawn = "sample", stem: Stem = "standard") -> Path:
    """Where these weights lie, once they are trained."""
    kind, name = drawn + "-small" * (stem == "small"), architecture.replace("/", "-")
    return weights_file(f"{kind}-{name}-{pretraining_key(architecture, drawn, stem)}.pth")


def pretraining_key(architecture: str, drawn: Drawn = "sample", stem: Stem = "standard") -> str:
    """A hash of everything that the weights depend on, known without building the network."""
    return key_of(
        recipe=_recipe(architecture, stem).model_dump(), drawn=drawn, drawing=code_of(_drawing(drawn)[0]),
        code=code_of(_pretrain, without=(_drawing,)),
    )  # fmt: skip


def _recipe(architecture: str, stem: Stem) -> ModelSpec:
    """The recipe at its full length. Being called pretrained, it normalises as the models that start from it."""
    return ModelSpec(
        architecture=architecture, pretrained=True, stem=stem, optimizer="adamw", lr=3e-3, weight_decay=0.05,
        epochs=EPOCHS, batch_size=64, schedule="one_cycle", augment={"flip": 0.5, "affine": 5.0, "jitter": 0.1},
    )  # fmt: skip


def _pretrain(architecture: str, drawn: Drawn, stem: Stem, path: Path) -> None:
    parent = sample_weights(architecture, drawn) if stem == "small" else None
    num_classes = _drawing(drawn)[1]
    count = IMAGES_PER_CLASS // 2 if stem == "small" else IMAGES_PER_CLASS
    spec, size = affordable(_recipe(architecture, stem), num_classes * count, drawn)
    log.info(
        "pretraining %s on drawings of what no study has (once, up to a minute): %d images of %d px, epochs: %d",
        architecture, num_classes * count, size, spec.epochs,
    )  # fmt: skip
    train, val = _halves(**_images(drawn, count, size))
    torch.manual_seed(SEED)
    model = build(spec, num_classes, size)
    if parent:
        load_weights(model, parent)
    checkpoint = path.with_suffix(".checkpoint")
    fit(model, train, val, spec, seed=SEED, checkpoint=checkpoint, on_epoch=_say)
    state = model.cpu().network.state_dict()
    with whole_file(path) as file:  # the last layer is of use for the drawn classes only
        torch.save({name: one for name, one in state.items() if not name.startswith(f"{model.top_name}.")}, file)
    checkpoint.unlink(missing_ok=True)
    log.info("pretrained weights kept in %s", display_path(path))


def _images(drawn: Drawn, count: int, size: int) -> Mapping[str, np.ndarray]:
    """The drawn `images` (n, size, size, 3) uint8 and their `labels` (n,), which other architectures will want."""
    draw = _drawing(drawn)[0]
    return kept(
        "pretraining", lambda: dict(zip(("images", "labels"), draw(count, size, SEED), strict=False)),
        drawn=drawn, drawing=code_of(draw), images=count, size=size, seed=SEED,
    )  # fmt: skip


def _drawing(drawn: Drawn) -> tuple[Callable[..., tuple], int]:
    """The function that draws the images, and how many classes it draws."""
    from drawings import draw_pretraining, draw_pretraining_places
    from drawings.landscapes.places import PLACES
    from drawings.others import PRETRAINING_CLASSES

    if drawn.removesuffix(SHORT) == "sample-places":
        return draw_pretraining_places, len(PLACES)
    return draw_pretraining, len(PRETRAINING_CLASSES)


def affordable(recipe: ModelSpec, images: int, drawn: Drawn = "sample") -> tuple[ModelSpec, int]:
    """The recipe and the size of the images with which pretraining costs no more than its share of work.

    The largest size that leaves at least two epochs, or else the smallest and one epoch. Dense layers that
    hold most of a network's parameters (VGG, AlexNet) are left out: the mean of each last map takes their place.
    """
    if recipe.stem == "small" or drawn.endswith(SHORT):
        return recipe.model_copy(update={"epochs": 1}), IMAGE_SIZE // 2
    model = build(recipe, 2, IMAGE_SIZE)
    dense = model.network.get_submodule(model.head_name.partition(".")[0])
    if count_parameters(dense) > 0.5 * count_parameters(model):
        recipe = recipe.model_copy(update={"head": []})
    work = COMMON_WORK if (recipe.architecture, drawn) == (COMMON, "sample") else WORK
    epochs, size = 1, IMAGE_SIZE
    for share in SIZES:
        size = int(IMAGE_SIZE * share)
        epoch = images * count_multiply_adds(build(recipe, 2, size), size)
        epochs = min(EPOCHS, max(1, int(work // epoch)))
        if epochs >= min(FEWEST_EPOCHS, EPOCHS):
            break
    return recipe.model_copy(update={"epochs": epochs}), size


def _halves(images: np.ndarray, labels: np.ndarray) -> tuple[ImagePart, ImagePart]:
    """Every tenth image measures, the others train."""
    position = np.arange(len(images))
    names = [str(number) for number in position]
    return tuple(
        ImagePart(images, labels, names, position[chosen]) for chosen in (position % 10 != 0, position % 10 == 0)
    )


def _say(row: dict[str, float]) -> None:
    log.info(
        "  pretraining epoch %d/%d  train loss %.3f  validation loss %.3f  accuracy %.1f %%",
        row["epoch"], row["epochs"], row["train_loss"], row["val_loss"], 100 * row["val_accuracy"],
    )  # fmt: skip
