"""What a person sees of a study that was never trained: networks that learn for an epoch, and are called so."""

from collections.abc import Iterable
from typing import Any

from helpers.base.errors import CourseError
from helpers.datasets.types import Splits
from helpers.study.phases import total_epochs
from helpers.study.recipe import ModelSpec
from helpers.study.streets import SegmenterSpec
from helpers.study.study import Study
from helpers.training.pretraining import sample_file
from helpers.training.runs import find_run
from helpers.training.starting_weights import DRAWN, SHORT

EPOCHS = 1  # of each phase


def untrained_models(study: Study, splits: Splits) -> list[str]:
    """The classifiers of a study of which a training, from any of its seeds, is not finished."""
    seeds = range(study.seed, study.seed + study.seeds)
    return [name for name in study.models if not all(_is_finished(study, splits, name, seed) for seed in seeds)]


def _is_finished(study: Study, splits: Splits, name: str, seed: int) -> bool:
    try:
        return find_run(study, splits, name, seed).is_finished
    except CourseError:  # weights that are missing: the cell that wants them says so
        return False


def shortened(study: Study, models: Iterable[str] = (), segmenters: Iterable[str] = ()) -> Study:
    """The study with these networks learning for an epoch, or one a phase, from one seed; their titles say so.

    Weights that the project itself would first have to learn, on drawings, learn for an epoch as well.
    """
    changes: dict[str, Any] = {"seeds": 1}
    short = {name: _short(name, study.models[name]).model_copy(update=_weights(study, name)) for name in models}
    changes["models"] = study.models | short
    if study.streets:
        specs = study.streets.models
        specs = specs | {name: _short(name, specs[name]) for name in segmenters}
        changes["segmentation"] = study.streets.model_copy(update={"models": specs})
    return study.model_copy(update=changes)


def _weights(study: Study, name: str) -> dict[str, str]:
    """Weights on drawings that are still to be learnt are learnt in seconds."""
    spec, chosen = study.models[name], study.weights_of(name)
    if chosen not in DRAWN or sample_file(spec.architecture, chosen, spec.stem).exists():
        return {}
    return {"weights": chosen + SHORT}


def _short(name: str, spec: ModelSpec | SegmenterSpec) -> ModelSpec | SegmenterSpec:
    if not spec.epochs:  # as it is
        return spec
    changes: dict[str, Any] = {"epochs": EPOCHS}
    if isinstance(spec, ModelSpec):
        changes["phases"] = [phase.model_copy(update={"epochs": EPOCHS}) for phase in spec.phases]
    short = spec.model_copy(update=changes)
    done, full = (total_epochs(one) if isinstance(one, ModelSpec) else one.epochs for one in (short, spec))
    if done == full:
        return spec
    title = f"{spec.title or name}, {done} of {full} epochs"
    return short.model_copy(update={"title": title})
