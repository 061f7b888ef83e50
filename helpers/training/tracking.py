"""Weights & Biases: every training leaves a record, offline by default, and nothing ever waits for it.

WANDB_RUN_GROUP names what trainings are sorted into; IMAGE_COURSE_TRACKED the only one that is tracked (`cnn-0` is
model `cnn` from seed 0), which a sweep needs: W&B's agent gives every call one run for its measurements.
"""

import logging
import os
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from html import escape
from types import SimpleNamespace, TracebackType
from typing import Any

import numpy as np

from helpers.base.fingerprint import key_of
from helpers.base.paths import runs_dir
from helpers.metrics.classification import confusion_matrix

log = logging.getLogger("helpers")

LOGIN_SECONDS = 8
LONGEST = 64  # letters of the studies' names in a group's
# Every W&B run asks it for the inputs of W&B Launch, of which there are none here; importing it takes seconds.
LAUNCH = "wandb.sdk.launch.inputs.internal"


def name_group(settings: Mapping[str, Any]) -> None:
    """Name the group of all that is trained from here on, unless the user has: the same when a run is continued.

    settings: what each study's results depend on, by its name.
    """
    os.environ.setdefault("WANDB_RUN_GROUP", f"{'-'.join(settings)[:LONGEST]}-{key_of(studies=settings)}")


def whatever_happens(method: Callable[..., None]) -> Callable[..., None]:
    """What goes wrong in W&B, such as its process killed, ends the record and never the training."""

    @wraps(method)
    def tried(tracker: "Tracker", *arguments: Any) -> None:
        try:
            if tracker.run:
                method(tracker, *arguments)
        except Exception as error:
            log.warning("Weights & Biases has stopped (%s): the course's own files go on", _reason(error))
            tracker.run = None

    return tried


class Tracker:
    """A W&B run, or nothing at all where W&B does not work: the course's own files hold every number."""

    def __init__(self, study: str, name: str, job_type: str, config: Mapping[str, Any]):
        self.run = _start(study, name, job_type, dict(config))

    @whatever_happens
    def log(self, values: Mapping[str, Any]) -> None:
        """Log one step, such as the losses of an epoch."""
        self.run.log(dict(values))

    @whatever_happens
    def confusion_matrix(self, labels: np.ndarray, predicted: np.ndarray, classes: tuple[str, ...]) -> None:
        """Log a confusion matrix as a table: W&B's own chart would put the user's home folder into its record."""
        import wandb

        counts = confusion_matrix(labels, predicted, len(classes)).tolist()
        lines = [["", *classes], *([name, *row] for name, row in zip(classes, counts, strict=True))]
        rows = "".join(f"<tr><td>{'<td>'.join(escape(str(cell)) for cell in line)}" for line in lines)
        self.run.log({"confusion_matrix": wandb.Html(f"<table>{rows}</table>", inject=False)})

    @whatever_happens
    def pictures(self, key: str, images: np.ndarray, captions: list[str]) -> None:
        """Log pictures (n, H, W, 3) uint8 with their captions."""
        import wandb

        pairs = zip(images, captions, strict=True)
        self.run.log({key: [wandb.Image(image, caption=caption) for image, caption in pairs]})

    @whatever_happens
    def summary(self, values: Mapping[str, Any]) -> None:
        """Set final numbers, such as the test accuracy."""
        self.run.summary.update(dict(values))

    def __enter__(self) -> "Tracker":
        return self

    @whatever_happens
    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.run.finish(exit_code=int(kind is not None))


def mode() -> str:
    """WANDB_MODE if set; otherwise online with an API key in the environment, and offline without."""
    return os.environ.get("WANDB_MODE") or ("online" if os.environ.get("WANDB_API_KEY") else "offline")


def _start(study: str, name: str, job_type: str, config: dict[str, Any]):
    if mode() == "disabled" or os.environ.get("IMAGE_COURSE_TRACKED", name) != name:
        return None
    for chosen in dict.fromkeys((mode(), "offline")):
        try:
            return _open(chosen, study, name, job_type, config)
        except Exception as error:  # whatever it is: tracking must never stop a training
            log.warning("Weights & Biases does not work in mode %s (%s)", chosen, _reason(error))
    return None


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def discreet() -> Any:
    """A silent `wandb.Settings` without metadata, which would hold the user's and the machine's name."""
    import wandb

    return wandb.Settings(
        host="hidden",
        silent=True,
        console="off",
        init_timeout=LOGIN_SECONDS,
        login_timeout=LOGIN_SECONDS,
        disable_git=True,
        save_code=False,
        x_disable_meta=True,
        x_disable_stats=True,
    )


def _open(chosen: str, study: str, name: str, job_type: str, config: dict[str, Any]):
    import wandb

    sys.modules.setdefault(LAUNCH, SimpleNamespace(StagedLaunchInputs=_NoInputs))
    folder = runs_dir()
    folder.mkdir(parents=True, exist_ok=True)
    return wandb.init(
        project=os.environ.get("WANDB_PROJECT", "image-course"),
        mode=chosen,
        dir=str(folder),
        group=os.environ.get("WANDB_RUN_GROUP", study),
        job_type=job_type,
        name=name,
        config=config,
        settings=discreet(),
        reinit="create_new",
    )


class _NoInputs:
    """W&B Launch's inputs for a run, where there are none."""

    def apply(self, run: Any) -> None:
        """Change nothing."""
