"""The loops that every training shares: the best weights are kept, and a kill changes no number."""

import logging
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from helpers.base.headless import headless
from helpers.base.intact import check_zip
from helpers.base.paths import display_path, whole_file
from helpers.base.telling import stage, steps
from helpers.training.optimizer import set_rates

log = logging.getLogger("helpers")

# A kill of the runner costs at most this much training and one epoch; a person who stops it loses no whole epoch.
CHECKPOINT_SECONDS = 15.0
TRAINING, MEASURING = (0.0, 0.9), (0.9, 1.0)  # shares of an epoch's time, as they are told
OnEpoch = Callable[[dict[str, float]], None]


@dataclass
class Fit:
    """State of a training: after `epoch` epochs, what was measured, and the best weights so far.

    `ends` holds, for each phase that is over, the epochs until then.
    """

    epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    best_score: float = -math.inf
    best_epoch: int = 0
    best: dict[str, Tensor] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    images_per_second: list[float] = field(default_factory=list)
    range_tests: list[dict[str, Any]] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    @property
    def first(self) -> int:
        """How many epochs went before the phase that is under way."""
        return self.ends[-1] if self.ends else 0

    def goes_on(self, length: int, patience: int | None) -> bool:
        """Whether the phase under way, of `length` epochs, has another.

        It ends early after `patience` epochs in a row without a better score than all before (early stopping:
        Prechelt, "Early stopping - but when?", 1998).
        """
        since = self.epoch - max(self.best_epoch, self.first)
        return self.epoch < self.first + length and (patience is None or since < patience)


@dataclass
class Session:
    """What the epochs of one phase do.

    `train_epoch(epoch)` (counted from 0 over all phases) returns its measurements and how many images it saw;
    `measure()` what is measured of the weights after it; `score(row)` says how good they are: higher is better.
    """

    optimizer: torch.optim.Optimizer
    train_epoch: Callable[[int], tuple[dict[str, float], int]]
    measure: Callable[[], dict[str, float]]
    score: Callable[[dict[str, float]], float]


def run_phases(
    model: nn.Module,
    lengths: Sequence[int],
    begin: Callable[[int, Fit], Session],
    *,
    patience: int | None = None,
    checkpoint: Path | None = None,
    on_epoch: OnEpoch | None = None,
) -> Fit:
    """Train through phases of `lengths` epochs; leave the weights of the best epoch of all in `model`.

    Args:
        begin: makes the session of a phase (counted from 0) when its turn comes, or when a training that was
            cut off within it goes on: then the state has more epochs than the phases before it.
        patience: epochs in a row without a better score after which a phase ends; None: it never ends early.
        checkpoint: file to continue from and to save to; none is kept where this is None.
        on_epoch: called with each epoch's measurements.
    """
    total, every = sum(lengths), CHECKPOINT_SECONDS if headless() else 0.0
    state, unfinished = resume(checkpoint, model)
    saved = time.monotonic()
    with stage("epoch", total) as reach:
        for number in range(len(state.ends), len(lengths)):
            # A range test, and inputs that are computed once, are time of the first epoch.
            started = time.monotonic()
            if state.goes_on(lengths[number], patience):
                reach(state.epoch + 1)
                session = begin(number, state)
                if state.epoch > state.first:
                    session.optimizer.load_state_dict(unfinished)
            while state.goes_on(lengths[number], patience):
                reach(state.epoch + 1)
                row = _one_epoch(state, session, model, started)
                if on_epoch:
                    on_epoch(row | {"seconds": state.seconds[-1], "epochs": total})
                if checkpoint and time.monotonic() - saved >= every and state.epoch < total:
                    save_checkpoint(checkpoint, state, model, session.optimizer)
                    saved = time.monotonic()
                started = time.monotonic()
            state.ends.append(state.epoch)
    model.load_state_dict(state.best)
    return state


def _one_epoch(state: Fit, session: Session, model: nn.Module, started: float) -> dict[str, float]:
    """Train, measure and note one epoch; keep its weights when they are the best so far."""
    began = time.monotonic()
    row, images = session.train_epoch(state.epoch)
    trained = time.monotonic() - began
    row |= session.measure()
    state.epoch += 1
    state.history.append(row)
    if session.score(row) > state.best_score or not state.best:
        state.best_score, state.best_epoch = session.score(row), state.epoch
        state.best = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
    state.seconds.append(time.monotonic() - started)
    state.images_per_second.append(images / trained)
    return row


class BatchLoss(NamedTuple):
    """What a batch costs: to be minimised, and added up over what is `labelled` (images or pixels)."""

    minimised: Tensor
    summed: Tensor
    right: Tensor
    labelled: Tensor | int


def drawing_from(model: nn.Module, seed: int, epoch: int, device: torch.device) -> torch.Generator:
    """Make a model ready for an epoch (from 0), all of whose chance follows from the two numbers."""
    torch.manual_seed(mix(seed, epoch))  # dropout
    model.train()
    return torch.Generator(device).manual_seed(mix(seed, epoch, 1))


def train_on(
    batches: Iterable[tuple[Tensor, Tensor]],
    count: int,
    optimizer: torch.optim.Optimizer,
    rate: Callable[[int], float],
    cost: Callable[[Tensor, Tensor], BatchLoss],
) -> dict[str, float]:
    """One step for each of `count` batches; loss and accuracy are those seen on the way, per image or pixel.

    `rate(step)` is the learning rate at a step, of which each group of parameters gets its share.
    """
    summed = right = labelled = 0
    for step, batch in enumerate(steps(batches, "batch", count, TRAINING)):
        lr = set_rates(optimizer, rate(step))
        loss = cost(*batch)
        optimizer.zero_grad()
        loss.minimised.backward()
        optimizer.step()
        summed += loss.summed.detach()
        right += loss.right
        labelled += loss.labelled
    seen = max(1, int(labelled))
    return {"train_loss": float(summed) / seen, "train_accuracy": float(right) / seen, "lr": lr}


def save_checkpoint(path: Path, state: Fit, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Write everything that continuing needs, through a temporary file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        torch.save({"fit": vars(state), "model": model.state_dict(), "optimizer": optimizer.state_dict()}, file)


def resume(path: Path | None, model: nn.Module) -> tuple[Fit, dict[str, Any]]:
    """The state left by an earlier, cut-off training and its optimiser's, or a fresh one.

    A damaged checkpoint is said and dropped.
    """
    if path is None or not path.exists():
        return Fit(), {}
    try:
        check_zip(path)
        saved = torch.load(path, map_location=next(model.parameters()).device, weights_only=True)
        state, optimizer = Fit(**saved["fit"]), saved["optimizer"]
        model.load_state_dict(saved["model"])
    except Exception as error:  # any damage means the same: begin again
        log.warning("%s is damaged (%s): training starts again", display_path(path), type(error).__name__)
        path.unlink()
        return Fit(), {}
    log.info("continuing after epoch %d", state.epoch)
    return state, optimizer


def mix(*numbers: int) -> int:
    """One seed from several numbers, without the overlaps that adding them would give."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> 1)
