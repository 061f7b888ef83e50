"""The project's own pretrained weights: a network trained on drawn classes that no study has."""

import logging
from pathlib import Path

import numpy as np
import torch

from helpers.datasets.loader import ImagePart
from helpers.device import pick_device, pick_precision
from helpers.fingerprint import code_digest, key_of
from helpers.lock import locked
from helpers.models import build
from helpers.paths import data_dir, display_path
from helpers.study import ModelSpec
from helpers.training import fit

log = logging.getLogger("helpers")

IMAGES_PER_CLASS, IMAGE_SIZE, EPOCHS, SEED = 240, 64, 4, 1000
DRAWING = ("datasets/sample/*.py",)


def sample_weights(architecture: str) -> Path:
    """The file of weights for an architecture, trained now if it is not there (about a minute on two cores)."""
    path = data_dir() / "weights" / f"sample-{architecture}-{pretraining_key(architecture)}.pth"
    with locked(path.with_suffix(".lock")):
        if not path.exists():
            _pretrain(architecture, path)
    return path


def pretraining_key(architecture: str) -> str:
    """A hash of everything that the weights depend on."""
    return key_of(
        recipe=_recipe(architecture).model_dump(), drawing=code_digest(DRAWING), images=IMAGES_PER_CLASS,
        size=IMAGE_SIZE, seed=SEED, code=code_digest(),
    )  # fmt: skip


def _recipe(architecture: str) -> ModelSpec:
    return ModelSpec(
        architecture=architecture, normalize="imagenet", optimizer="adamw", lr=3e-3, weight_decay=0.05,
        epochs=EPOCHS, batch_size=64, schedule="one_cycle", augment={"flip": 0.5, "affine": 5.0, "jitter": 0.1},
    )  # fmt: skip


def _pretrain(architecture: str, path: Path) -> None:
    from helpers.datasets.sample import draw_pretraining

    log.info("pretraining %s on drawn classes that no study has (once, about a minute)", architecture)
    images, labels, classes = draw_pretraining(IMAGES_PER_CLASS, IMAGE_SIZE, SEED)
    train, val = _halves(images, labels)
    spec, device = _recipe(architecture), pick_device()
    torch.manual_seed(SEED)
    model = build(spec, len(classes), IMAGE_SIZE)
    fit(
        model, train, val, spec, seed=SEED, device=device, precision=pick_precision(device),
        checkpoint=path.with_suffix(".checkpoint"), on_epoch=_say,
    )  # fmt: skip
    temporary = path.with_suffix(".tmp")
    torch.save(model.cpu().network.state_dict(), temporary)
    temporary.replace(path)
    path.with_suffix(".checkpoint").unlink(missing_ok=True)
    log.info("pretrained weights kept in %s", display_path(path))


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
