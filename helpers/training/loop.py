"""Training a classifier, phase by phase, and asking the finished one."""

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.base.device import autocast, memory_format
from helpers.base.telling import steps
from helpers.datasets.augment import Augment
from helpers.datasets.loader import ImagePart, batches
from helpers.metrics.classification import confusion_matrix, precision_of, scores
from helpers.models.classifier import Classifier
from helpers.study.phases import Stage, stages_of
from helpers.study.study import Recipe
from helpers.training.epochs import Fit, OnEpoch, Session, mix, run_phases
from helpers.training.inputs import EVALUATION_BATCH, ImageInputs, Inputs, parts_as_inputs, training_order
from helpers.training.lr_finder import range_test
from helpers.training.optimizer import l2_penalty, make_optimizer, schedule_factor, set_rates

log = logging.getLogger("helpers")

TRAINING, MEASURING, AFTERWARDS = (0.0, 0.9), (0.9, 1.0), (1.0, 1.0)  # shares of an epoch's time, as they are told


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
    its checkpoint ends with the numbers of one that was not. Each phase begins with the weights that the one
    before ended with and an optimiser of its own.

    Args:
        model: classifier, changed in place.
        train, val: images (n, S, S, 3) uint8 with labels.
        recipe: optimiser, learning rate, epochs, batch size, augmentation, phases.
        precision: 'bfloat16' or 'float32'.
        checkpoint: file to continue from and to save to; none is kept where this is None.
        on_epoch: called with each epoch's measurements.
    """
    model.to(device, memory_format=memory_format(device))
    stages = stages_of(recipe)
    images = [ImageInputs(model, part, device, precision) for part in (train, val)]

    def begin(number: int, state: Fit) -> Session:
        return begin_stage(stages[number], images, seed, state)

    lengths = [stage.recipe.epochs for stage in stages]
    return run_phases(model, lengths, begin, checkpoint=checkpoint, on_epoch=on_epoch)


def begin_stage(stage: Stage, images: list[ImageInputs], seed: int, state: Fit) -> Session:
    """Make ready for a phase: what is trained, from what inputs, at which learning rate.

    The test for the learning rate is made once for each phase, with the weights that the phase begins with.
    """
    model, augment = images[0].model, stage.recipe.augment
    choose_trained(model, stage.recipe.trainable)
    is_frozen = not all(parameter.requires_grad for parameter in model.parameters())
    train, val = parts_as_inputs(images) if is_frozen and not augment else images
    recipe = with_found_rate(stage, train, seed, state)
    optimizer = make_optimizer(model, recipe)
    watched = fixed_positions(len(train), len(val), seed)
    learning = replace(train, augment=Augment(augment)) if augment else train
    return Session(
        optimizer,
        partial(train_epoch, learning, recipe, optimizer, seed=seed, first=stage.first, phase=stage.number),
        lambda: measure("train_eval", train, watched) | measure("val", val),
        score=lambda row: -row["val_loss"],
    )


def choose_trained(model: Classifier, trainable: str) -> None:
    """Let all parameters learn, or only those of the layers that a pretrained network lacks."""
    if trainable == "head":
        model.train_only_head()
    else:
        model.requires_grad_(True)


def with_found_rate(stage: Stage, train: Inputs, seed: int, state: Fit) -> Recipe:
    """The recipe of a phase with a number for a learning rate; the range test is noted where there is one."""
    recipe = stage.recipe
    if not recipe.lr_finder and recipe.lr != "find":
        return recipe
    noted = [test for test in state.range_tests if test["phase"] == stage.number]
    if not noted:
        found = range_test(train, recipe, seed=seed)
        noted = [{"phase": stage.number, "title": stage.title} | found.as_dict()]
        state.range_tests += noted
    return recipe.model_copy(update={"lr": noted[0]["suggestion"]}) if recipe.lr == "find" else recipe


def train_epoch(
    inputs: Inputs,
    recipe: Recipe,
    optimizer: torch.optim.Optimizer,
    epoch: int,
    *,
    seed: int,
    first: int = 0,
    phase: int = 1,
) -> tuple[dict[str, float], int]:
    """One pass over the training images; loss and accuracy are those seen on the way, per image.

    `epoch` counts from 0 over all phases, and the phase began with epoch `first`. The loss that is noted is the
    cross-entropy alone, without the L2 penalty. Also returns the number of images.
    """
    model, device = inputs.model, inputs.device
    torch.manual_seed(mix(seed, epoch))  # dropout
    generator = torch.Generator(device).manual_seed(mix(seed, epoch, 1))
    model.train()
    order = training_order(len(inputs), recipe.batch_size, seed, epoch)
    count = math.ceil(len(order) / recipe.batch_size)
    total_loss, right, seen = torch.zeros((), device=device), torch.zeros((), device=device), 0
    batches_told = steps(inputs.batches(order, recipe.batch_size, generator), "batch", count, TRAINING)
    for step, (batch, labels) in enumerate(batches_told):
        factor = schedule_factor(recipe.schedule, (epoch - first) * count + step, recipe.epochs * count)
        lr = set_rates(optimizer, recipe.lr * factor)
        with autocast(device, inputs.precision):
            logits = inputs.logits(batch)
            loss = F.cross_entropy(logits, labels, label_smoothing=recipe.label_smoothing)
        optimizer.zero_grad()
        (loss + l2_penalty(model, recipe.l2)).backward()
        optimizer.step()
        total_loss += loss.detach() * len(labels)
        right += (logits.argmax(1) == labels).sum()
        seen += len(labels)
    if seen < len(inputs):
        log.warning("saw %d of %d training images in epoch %d", seen, len(inputs), epoch + 1)
    row = {"epoch": epoch + 1, "phase": phase, "train_loss": float(total_loss) / seen}
    return row | {"train_accuracy": float(right) / seen, "lr": lr}, len(inputs)


def fixed_positions(count: int, size: int, seed: int) -> np.ndarray:
    """Which `size` of `count` training images are measured without augmentation, the same at every epoch."""
    return np.sort(np.random.default_rng([seed, 7]).permutation(count)[:size])


@torch.no_grad()
def measure(prefix: str, inputs: Inputs, order: np.ndarray | None = None) -> dict[str, float]:
    """Loss, accuracy, macro F1 and precision over a part, or over the positions in `order`, keyed by `prefix`."""
    inputs.model.eval()
    logits, labels = [], []
    count = math.ceil((len(inputs) if order is None else len(order)) / EVALUATION_BATCH)
    for batch, truth in steps(inputs.batches(order, EVALUATION_BATCH), "measuring", count, MEASURING):
        with autocast(inputs.device, inputs.precision):
            logits.append(inputs.logits(batch).float())
        labels.append(truth)
    logits, labels = torch.cat(logits), torch.cat(labels)
    predicted = logits.argmax(1).cpu().numpy()
    score = scores(confusion_matrix(labels.cpu().numpy(), predicted, logits.shape[1]))
    return {
        f"{prefix}_loss": F.cross_entropy(logits, labels).item(),
        f"{prefix}_accuracy": score.accuracy,
        f"{prefix}_macro_f1": score.macro_f1,
        f"{prefix}_macro_precision": precision_of(score),
    }


@torch.no_grad()
def forward(
    model: Classifier, part: ImagePart, device: torch.device, precision: str
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Logits, features and labels, batch by batch, in evaluation mode."""
    model.to(memory_format=memory_format(device)).eval()
    loader = batches(part, EVALUATION_BATCH, device=device, memory_format=memory_format(device))
    for images, labels in steps(loader, "predicting", math.ceil(len(part) / EVALUATION_BATCH), AFTERWARDS):
        with autocast(device, precision):
            logits, features = model.logits_and_features(model.preprocess(images))
        yield logits, features, labels


def predict(model: Classifier, part: ImagePart, device: torch.device, precision: str) -> Outputs:
    """Probabilities and penultimate features of every image of a part."""
    logits, features, labels = zip(*forward(model, part, device, precision), strict=True)
    return Outputs(
        torch.cat(logits).softmax(1).cpu().numpy(),
        torch.cat(features).cpu().numpy(),
        torch.cat(labels).cpu().numpy(),
        np.asarray(part.index),
    )
