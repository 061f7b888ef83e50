"""The training loop: one readable function, continued after a kill to the same numbers."""

import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.datasets.augment import Augment
from helpers.datasets.loader import ImagePart, batches, epoch_order
from helpers.device import autocast
from helpers.metrics.classification import confusion_matrix, scores
from helpers.models.classifier import Classifier
from helpers.paths import display_path
from helpers.study import Recipe

log = logging.getLogger("helpers")

CHECKPOINT_SECONDS = 15.0  # a kill costs at most this much training and one epoch
EVALUATION_BATCH = 256
OnEpoch = Callable[[dict[str, float]], None]


@dataclass
class Outputs:
    """What a finished model says of one part of the data.

    `probabilities` (n, classes) float32, `features` (n, D) float32, `labels` (n,) int64 and `index` (n,) int64,
    the position of each image in the whole set.
    """

    probabilities: np.ndarray
    features: np.ndarray
    labels: np.ndarray
    index: np.ndarray

    @property
    def predictions(self) -> np.ndarray:
        """The most probable class of each image (n,), int64."""
        return self.probabilities.argmax(axis=1)

    @property
    def correct(self) -> np.ndarray:
        """Whether each prediction is right (n,), bool."""
        return self.predictions == self.labels

    @property
    def confidence(self) -> np.ndarray:
        """Probability of the predicted class (n,), float32."""
        return self.probabilities.max(axis=1)


@dataclass
class Fit:
    """State of a training: after `epoch` epochs, what was measured, and the best weights so far."""

    epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    best_loss: float = math.inf
    best_epoch: int = 0
    best: dict[str, Tensor] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    images_per_second: list[float] = field(default_factory=list)


def fit(
    model: Classifier,
    train: ImagePart,
    val: ImagePart,
    recipe: Recipe,
    *,
    seed: int,
    device: torch.device,
    precision: str,
    checkpoint: Path | None = None,
    on_epoch: OnEpoch | None = None,
) -> Fit:
    """Train a classifier; leave the weights of the epoch with the lowest validation loss in `model`.

    All randomness of an epoch is drawn from (seed, epoch), so a training that is cut off and continued from
    its checkpoint ends with the numbers of one that was not.

    Args:
        model: classifier, changed in place.
        train, val: images (n, S, S, 3) uint8 with labels.
        recipe: optimiser, learning rate, epochs, batch size, augmentation; `recipe.lr` must be a number.
        precision: 'bfloat16' or 'float32'.
        checkpoint: file to continue from and to save to; none is kept where this is None.
        on_epoch: called with each epoch's measurements.
    """
    model.to(device, memory_format=torch.channels_last)
    if recipe.trainable == "head":
        model.train_only_head()
    optimizer = make_optimizer(model, recipe)
    augment = Augment(recipe.augment) if recipe.augment else None
    watched = fixed_positions(len(train), len(val), seed)
    state = resume(checkpoint, model, optimizer)
    saved = time.monotonic()
    while state.epoch < recipe.epochs:
        started = time.monotonic()
        row = train_epoch(model, train, recipe, optimizer, augment, state.epoch, seed, device, precision)
        trained = time.monotonic() - started
        row |= measure("train_eval", model, train, device, precision, order=watched)
        row |= measure("val", model, val, device, precision)
        advance(state, row, model)
        state.seconds.append(time.monotonic() - started)
        state.images_per_second.append(len(train) / trained)
        if on_epoch:
            on_epoch(row | {"seconds": state.seconds[-1], "epochs": recipe.epochs})
        if checkpoint and time.monotonic() - saved > CHECKPOINT_SECONDS and state.epoch < recipe.epochs:
            save_checkpoint(checkpoint, state, model, optimizer)
            saved = time.monotonic()
    model.load_state_dict(state.best)
    return state


def train_epoch(
    model: Classifier,
    train: ImagePart,
    recipe: Recipe,
    optimizer: torch.optim.Optimizer,
    augment: Augment | None,
    epoch: int,
    seed: int,
    device: torch.device,
    precision: str,
) -> dict[str, float]:
    """One pass over the training images; loss and accuracy are those seen on the way, per image."""
    torch.manual_seed(mix(seed, epoch))  # dropout
    generator = torch.Generator(device).manual_seed(mix(seed, epoch, 1))
    model.train()
    order = training_order(len(train), recipe.batch_size, seed, epoch)
    steps = math.ceil(len(order) / recipe.batch_size)
    loader = batches(train, recipe.batch_size, order=order, device=device, memory_format=torch.channels_last)
    total_loss, right, seen = torch.zeros((), device=device), torch.zeros((), device=device), 0
    for step, (images, labels) in enumerate(loader):
        lr = recipe.lr * schedule_factor(recipe.schedule, epoch * steps + step, recipe.epochs * steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        batch = model.preprocess(augment(images, generator) if augment else images)
        with autocast(device, precision):
            logits = model(batch)
            loss = F.cross_entropy(logits, labels, label_smoothing=recipe.label_smoothing)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.detach() * len(labels)
        right += (logits.argmax(1) == labels).sum()
        seen += len(labels)
    if seen < len(train):
        log.warning("saw %d of %d training images in epoch %d", seen, len(train), epoch + 1)
    return {
        "epoch": epoch + 1,
        "train_loss": float(total_loss) / seen,
        "train_accuracy": float(right) / seen,
        "lr": lr,
    }


def training_order(count: int, batch_size: int, seed: int, epoch: int) -> np.ndarray:
    """The shuffled order of an epoch. Batch norm cannot learn from a single image: a lone one gets a second."""
    order = epoch_order(count, seed, epoch)
    return np.append(order, order[0]) if len(order) % batch_size == 1 else order


def mix(*numbers: int) -> int:
    """One seed from several numbers, without the overlaps that adding them would give."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> 1)


def make_optimizer(model: Classifier, recipe: Recipe) -> torch.optim.Optimizer:
    """The recipe's optimiser over the parameters that are trained."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    lr = recipe.lr if isinstance(recipe.lr, float) else 1e-3
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(
            parameters,
            lr,
            momentum=recipe.momentum,
            weight_decay=recipe.weight_decay,
            nesterov=recipe.momentum > 0,
        )
    kind = torch.optim.Adam if recipe.optimizer == "adam" else torch.optim.AdamW
    return kind(parameters, lr, weight_decay=recipe.weight_decay)


def schedule_factor(schedule: str, step: int, steps: int) -> float:
    """Learning rate at a step, as a share of the recipe's.

    'cosine' falls from 1 to 0. 'one_cycle' rises from 1/25 to 1 in the first 30 % of the steps and falls to 1e-5,
    both along half a cosine (Smith & Topin, 2018).
    """
    if schedule == "constant":
        return 1.0
    if schedule == "cosine":
        return _half_cosine(1.0, 0.0, step / steps)
    rise = max(1, round(0.3 * steps))
    if step < rise:
        return _half_cosine(1 / 25, 1.0, step / rise)
    return _half_cosine(1.0, 1e-5, (step - rise) / max(1, steps - rise))


def _half_cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


def fixed_positions(count: int, size: int, seed: int) -> np.ndarray:
    """Which `size` of `count` training images are measured without augmentation, the same at every epoch."""
    return np.sort(np.random.default_rng([seed, 7]).permutation(count)[:size])


@torch.no_grad()
def forward(
    model: Classifier, part: ImagePart, device: torch.device, precision: str, order: np.ndarray | None = None
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Logits, features and labels, batch by batch, in evaluation mode; `order` picks positions of the part."""
    model.eval()
    loader = batches(part, EVALUATION_BATCH, order=order, device=device, memory_format=torch.channels_last)
    for images, labels in loader:
        with autocast(device, precision):
            logits, features = model.logits_and_features(model.preprocess(images))
        yield logits, features, labels


def measure(
    prefix: str,
    model: Classifier,
    part: ImagePart,
    device: torch.device,
    precision: str,
    order: np.ndarray | None = None,
) -> dict[str, float]:
    """Loss, accuracy and macro F1 over a part, or over the positions in `order`; keys begin with `prefix`."""
    batches_seen = forward(model, part, device, precision, order)
    logits, labels = zip(*((logits, labels) for logits, _, labels in batches_seen), strict=True)
    logits, labels = torch.cat(logits), torch.cat(labels)
    predicted = logits.argmax(1).cpu().numpy()
    score = scores(confusion_matrix(labels.cpu().numpy(), predicted, logits.shape[1]))
    return {
        f"{prefix}_loss": F.cross_entropy(logits, labels).item(),
        f"{prefix}_accuracy": score.accuracy,
        f"{prefix}_macro_f1": score.macro_f1,
    }


def predict(model: Classifier, part: ImagePart, device: torch.device, precision: str) -> Outputs:
    """Probabilities and penultimate features of every image of a part."""
    logits, features, labels = zip(*forward(model, part, device, precision), strict=True)
    return Outputs(
        torch.cat(logits).softmax(1).cpu().numpy(),
        torch.cat(features).cpu().numpy(),
        torch.cat(labels).cpu().numpy(),
        np.asarray(part.index),
    )


def advance(state: Fit, row: dict[str, float], model: Classifier) -> None:
    """Note an epoch; keep the weights when the validation loss is the lowest so far."""
    state.epoch += 1
    state.history.append(row)
    if row["val_loss"] < state.best_loss or not state.best:
        state.best_loss, state.best_epoch = row["val_loss"], state.epoch
        state.best = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def save_checkpoint(path: Path, state: Fit, model: Classifier, optimizer: torch.optim.Optimizer) -> None:
    """Write everything that continuing needs, through a temporary file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    torch.save({"fit": vars(state), "model": model.state_dict(), "optimizer": optimizer.state_dict()}, temporary)
    temporary.replace(path)


def resume(path: Path | None, model: Classifier, optimizer: torch.optim.Optimizer) -> Fit:
    """The state left by an earlier, cut-off training, or a fresh one. A damaged checkpoint is said and dropped."""
    if path is None or not path.exists():
        return Fit()
    try:
        saved: Mapping[str, Any] = torch.load(
            path, map_location=next(model.parameters()).device, weights_only=True
        )
        state = Fit(**saved["fit"])
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
    except Exception as error:  # any damage means the same: begin again
        log.warning("%s is damaged (%s): training starts again", display_path(path), type(error).__name__)
        path.unlink()
        return Fit()
    log.info("continuing after epoch %d", state.epoch)
    return state
