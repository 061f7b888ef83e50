"""Training a segmenter: the loop of `helpers.training.loop`, with a class for every pixel."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.base.device import autocast, finest, full_precision, memory_format, pick_device
from helpers.base.telling import steps
from helpers.datasets.loader import batches, epoch_order
from helpers.datasets.streets.resized import SceneArrays
from helpers.datasets.streets.types import IGNORE
from helpers.metrics.segmentation import segmentation_scores
from helpers.models.segmenters import Segmenter
from helpers.study.streets import SegmenterSpec
from helpers.training.epochs import MEASURING, BatchLoss, Fit, OnEpoch, Session, drawing_from, run_phases, train_on
from helpers.training.optimizer import make_optimizer, schedule_factor
from helpers.training.segmenters.crops import RandomCrops
from helpers.training.segmenters.depthwise import quick_depthwise


def fit_segmenter(
    model: Segmenter,
    train: SceneArrays,
    val: SceneArrays,
    spec: SegmenterSpec,
    *,
    seed: int,
    checkpoint: Path | None = None,
    on_epoch: OnEpoch | None = None,
) -> Fit:
    """Train a segmenter; leave the weights of the epoch with the highest validation mIoU in `model`.

    As `helpers.training.loop.fit`; crops are cut from the scenes of `train`, those of `val` are measured uncut.
    """
    device = pick_device()
    model.to(device, memory_format=memory_format(device))
    weights = class_weights(train, len(model.classes), spec.class_weights).to(device)
    optimizer = make_optimizer(groups_of(model, spec), spec, fused=True)
    session = Session(
        optimizer,
        lambda epoch: train_on_crops(model, train, spec, optimizer, weights, epoch, seed),
        measure=lambda: measure_segmenter(model, val)[0],
        score=lambda row: row["val_mean_iou"],
    )
    return run_phases(model, [spec.epochs], lambda *_: session, checkpoint=checkpoint, on_epoch=on_epoch)


def quiet_residuals(model: Segmenter) -> None:
    """Let every residual block of a MobileNetV2 begin as the identity: the last scale of its branch is 0.

    From random numbers a deep network learns faster so (Goyal et al., "Accurate, large minibatch SGD", 2017).
    """
    for block in model.modules():
        if getattr(block, "use_res_connect", False):
            nn.init.zeros_(block.conv[-1].weight)


def train_on_crops(
    model: Segmenter,
    train: SceneArrays,
    spec: SegmenterSpec,
    optimizer: torch.optim.Optimizer,
    weights: Tensor,
    epoch: int,
    seed: int,
) -> tuple[dict[str, float], int]:
    """Crops of every scene once, or more often: the measurements, per labelled pixel, and the number of crops."""
    device = weights.device
    generator = drawing_from(model, seed, epoch, device)
    cut = RandomCrops(spec.crop, spec.scale, spec.flip, spec.jitter)
    order = crop_order(len(train), spec, seed, epoch)
    count = len(order) // spec.batch_size

    def rate(step: int) -> float:
        return spec.lr * schedule_factor(spec.schedule, epoch * count + step, spec.epochs * count)

    def cost(scenes: Tensor, labels: Tensor) -> BatchLoss:
        images, labels = cut(scenes, labels, generator)
        with autocast(device):
            logits = model(model.preprocess(images))
        loss, labelled = summed_loss(logits, labels, weights), (labels != IGNORE).sum()
        return BatchLoss(loss / labelled.clamp_min(1), loss, (logits.argmax(1) == labels).sum(), labelled)

    loader = batches(train, spec.batch_size, order=order, device=device, memory_format=memory_format(device))
    with quick_depthwise(model, device):
        row = train_on(loader, count, optimizer, rate, cost)
    return {"epoch": epoch + 1} | row, len(order)


def crop_order(count: int, spec: SegmenterSpec, seed: int, epoch: int) -> np.ndarray:
    """Which scenes the crops of an epoch come from: all shuffled, `crops_per_scene` times, in whole batches.

    What does not fill a batch is left to the next epoch's luck: batch normalisation suffers from small ones.
    """
    each = spec.crops_of(count)
    rounds = [epoch_order(count, seed, epoch * each + i) for i in range(each)]
    order = np.concatenate(rounds)
    batches_filled = max(1, len(order) // spec.batch_size)
    return np.resize(order, batches_filled * spec.batch_size)  # repeats scenes where there is less than a batch


def groups_of(model: Segmenter, spec: SegmenterSpec) -> list[dict]:
    """The parameters with their share of the learning rate: `backbone_lr` scales that of the backbone's."""
    return [
        {"params": list(model.network.backbone.parameters()), "share": spec.backbone_lr},
        {"params": list(model.network.classifier.parameters()), "share": 1.0},
    ]


def summed_loss(logits: Tensor, labels: Tensor, weights: Tensor | None = None) -> Tensor:
    """Cross-entropy of (n, C, H, W) scores, added up over the labelled pixels of (n, H, W) int64.

    `weights` (C,) says how much a pixel of each class counts; all the same if None.
    """
    return F.cross_entropy(logits.float(), labels, weights, ignore_index=IGNORE, reduction="sum")


def class_weights(train: SceneArrays, num_classes: int, kind: str) -> Tensor:
    """How much a pixel of each class counts in the loss, (C,) float32; 1 on average over the labelled pixels.

    'none': 1. 'log': in proportion to 1 / ln(1.02 + p) with p the share of the class, so that small things are
    learnt too, and the rarest counts about fifty times as much as one that filled everything, not a million
    times (Paszke et al., "ENet: a deep neural network architecture for real-time semantic segmentation", 2016).
    """
    if kind == "none":
        return torch.ones(num_classes)
    counts = sum(np.bincount(train.labels[i].ravel(), minlength=256) for i in train.index)[:num_classes]
    shares = counts / max(1, counts.sum())
    weights = 1 / np.log(1.02 + shares)
    return torch.from_numpy(weights / (weights * shares).sum()).float()


@torch.no_grad()
def measure_segmenter(model: Segmenter, part: SceneArrays) -> tuple[dict[str, float], np.ndarray]:
    """Loss and scores over whole scenes at the network's size, from one confusion matrix (C, C), also returned."""
    device = model.scale.device
    batch_size = 1 if device.type == "cpu" else 8  # what evaluates fastest
    model.to(memory_format=memory_format(device)).eval()
    number, loss = len(model.classes), torch.zeros((), device=device, dtype=finest(device))
    matrix = torch.zeros(number * number, device=device, dtype=torch.int64)
    loader = batches(part, batch_size, device=device, memory_format=memory_format(device))
    for images, labels in steps(loader, "measuring", -(-len(part) // batch_size), MEASURING):
        labels = labels.long()
        with full_precision(device):
            logits = model(model.preprocess(images))
        loss += summed_loss(logits, labels)
        pairs = (labels * number + logits.argmax(1))[labels != IGNORE]
        matrix += torch.bincount(pairs, minlength=number * number)
    matrix = matrix.view(number, number).cpu().numpy()
    found = segmentation_scores(matrix)
    return {
        "val_loss": float(loss) / max(1, int(matrix.sum())),
        "val_accuracy": float(found.pixel_accuracy),
        "val_mean_iou": float(found.mean_iou),
    }, matrix
