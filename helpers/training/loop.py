"""Training a classifier, phase by phase, and asking the finished one."""

import logging
import math
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.base.device import autocast, full_precision, memory_format, pick_device
from helpers.base.telling import steps
from helpers.datasets.augment import Augment
from helpers.datasets.augmentations import mixes
from helpers.datasets.loader import ImagePart, batches
from helpers.datasets.mixing import Mixing
from helpers.metrics.classification import confusion_matrix, precision_of, scores
from helpers.models.classifier import Classifier
from helpers.study.phases import Stage, stages_of
from helpers.study.study import Recipe
from helpers.training.balance import balanced_cross_entropy, loss_weights
from helpers.training.epochs import MEASURING, BatchLoss, Fit, OnEpoch, Session, drawing_from, run_phases, train_on
from helpers.training.inputs import EVALUATION_BATCH, Inputs, parts_as_inputs, training_order
from helpers.training.lr_finder import range_test
from helpers.training.optimizer import l2_penalty, make_optimizer, parameter_groups, schedule_factor

log = logging.getLogger("helpers")

AFTERWARDS = (1.0, 1.0)  # share of an epoch's time, as it is told


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

    def __repr__(self) -> str:
        return f"Outputs(probabilities {self.probabilities.shape}, features {self.features.shape}, labels, index)"

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
    checkpoint: Path | None = None,
    on_epoch: OnEpoch | None = None,
) -> Fit:
    """Train a classifier; leave the weights of the epoch with the lowest validation loss in `model`.

    A recipe of 0 epochs leaves it as it is; its history is a single row, measured before any training.

    All randomness of an epoch is drawn from (seed, epoch), so a training that is cut off and continued from
    its checkpoint ends with the numbers of one that was not. Each phase begins with the weights that the one
    before ended with and an optimiser of its own.

    Args:
        model: classifier, changed in place.
        train, val: images (n, S, S, 3) uint8 with labels.
        recipe: optimiser, learning rate, epochs, batch size, augmentation, phases.
        checkpoint, on_epoch: see `run_phases`.
    """
    device, stages = pick_device(), stages_of(recipe)
    model.to(device, memory_format=memory_format(device))
    images = [Inputs(model, part) for part in (train, val)]
    if not recipe.epochs:  # measured once, as it is
        measure = _begin_stage(stages[0], images, seed, Fit()).measure
        return Fit(history=[{"epoch": 0, "phase": 1} | measure()])
    return run_phases(
        model,
        [stage.recipe.epochs for stage in stages],
        lambda number, state: _begin_stage(stages[number], images, seed, state),
        patience=recipe.early_stopping,
        checkpoint=checkpoint,
        on_epoch=on_epoch,
    )


def _begin_stage(stage: Stage, images: list[Inputs], seed: int, state: Fit) -> Session:
    """Make ready for a phase: what is trained, from what inputs, at which learning rate."""
    model, augment = images[0].model, stage.recipe.augment
    model.train_only_head() if stage.recipe.trainable == "head" else model.requires_grad_(True)
    is_frozen = not all(parameter.requires_grad for parameter in model.parameters())
    train, val = parts_as_inputs(images) if is_frozen and not augment else images
    recipe = _with_found_rate(stage, train, seed, state)
    optimizer = make_optimizer(parameter_groups(model, recipe.early_lr), recipe)
    # As many training images as there are for validation are measured without augmentation, always the same.
    watched = np.sort(np.random.default_rng([seed, 7]).permutation(len(train))[: len(val)])
    mixing = Mixing(augment, model.num_classes) if mixes(augment) else None
    learning = replace(train, augment=Augment(augment), mixing=mixing) if augment else train
    return Session(
        optimizer,
        partial(train_epoch, learning, recipe, optimizer, seed=seed, first=state.first, phase=stage.number),
        lambda: measure_part("train_eval", train, watched) | measure_part("val", val),
        score=lambda row: -row["val_loss"],
    )


def _with_found_rate(stage: Stage, train: Inputs, seed: int, state: Fit) -> Recipe:
    """The recipe of a phase with a number for a learning rate.

    The range test is made once for each phase, with the weights that it begins with, and noted.
    """
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
    """One pass over the training images: its measurements, and the number of images.

    `epoch` counts from 0 over all phases, and the phase began with epoch `first`. The loss that is noted is the
    cross-entropy that is minimised (of mixed labels, or with weights of the classes, where the recipe has them),
    without the L2 penalty. Of mixed images none is right or wrong: their accuracy is NaN.
    """
    generator = drawing_from(inputs.model, seed, epoch, inputs.device)
    order = training_order(inputs, recipe, seed, epoch)
    count = math.ceil(len(order) / recipe.batch_size)
    weights = loss_weights(inputs.part.labels, inputs.model.num_classes, recipe, inputs.device)

    def rate(step: int) -> float:
        at = (epoch - first) * count + step
        return recipe.lr * schedule_factor(recipe.schedule, at, recipe.epochs * count)

    def cost(batch: Tensor, labels: Tensor) -> BatchLoss:
        with autocast(inputs.device):
            logits = inputs.logits(batch)
            loss = balanced_cross_entropy(logits, labels, weights, recipe.label_smoothing)
        penalty = l2_penalty(inputs.model, recipe.l2)
        right = (logits.argmax(1) == labels).sum() if labels.ndim == 1 else logits.new_tensor(math.nan)
        return BatchLoss(loss + penalty, loss.detach() * len(labels), right, len(labels))

    batches_in_order = inputs.batches(order, recipe.batch_size, generator)
    row = train_on(batches_in_order, count, optimizer, rate, cost)
    return {"epoch": epoch + 1, "phase": phase} | row, len(inputs)


@torch.no_grad()
def measure_part(prefix: str, inputs: Inputs, order: np.ndarray | None = None) -> dict[str, float]:
    """Loss, accuracy, macro F1 and precision over a part, or over the positions in `order`, keyed by `prefix`."""
    inputs.model.eval()
    logits, labels = [], []
    count = math.ceil((len(inputs) if order is None else len(order)) / EVALUATION_BATCH)
    for batch, truth in steps(inputs.batches(order, EVALUATION_BATCH), "measuring", count, MEASURING):
        with full_precision(inputs.device):
            logits.append(inputs.logits(batch))
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
def predict(model: Classifier, part: ImagePart) -> Outputs:
    """Probabilities and penultimate features of every image of a part, on the model's device."""
    device = model.scale.device
    model.to(memory_format=memory_format(device)).eval()
    found = []
    loader = batches(part, EVALUATION_BATCH, device=device, memory_format=memory_format(device))
    for images, labels in steps(loader, "predicting", math.ceil(len(part) / EVALUATION_BATCH), AFTERWARDS):
        with full_precision(device):
            found.append((*model.logits_and_features(model.preprocess(images)), labels))
    logits, features, labels = (torch.cat(parts) for parts in zip(*found, strict=True))
    return Outputs(
        logits.softmax(1).cpu().numpy(), features.cpu().numpy(), labels.cpu().numpy(), np.asarray(part.index)
    )
