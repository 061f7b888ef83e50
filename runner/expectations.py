"""How much work jobs are, known from the study alone: no network is built and no image is opened for it."""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from helpers.base.fingerprint import key_of
from helpers.study.chapters import chapter_called
from helpers.study.recipe import ModelSpec
from helpers.study.study import Study
from runner.estimates import ExpectedTime, read_durations
from runner.jobs import count_of
from runner.jobs import needs as jobs_before
from runner.plan import StudyPlan
from runner.work import Work

# Seconds of one core of the machine that the model was measured on, with the default study.
START = 2.0  # of any job
PAGE = 3.0
READING, DRAWING = 0.005, 0.011  # an image: decoded and compared, drawn
SCENE_READING, SCENE_DRAWING = 0.017, 0.145  # a scene
PER_IMAGE, PER_GMAC = 0.0008, 0.0152  # one image once through a training step, beside the network and for its sums
AUGMENTING = 0.0006
FORWARD = 1 / 3  # of a training step
PRETRAINING = {"resnet18": 185.0}  # bounded by design: see helpers.training.pretraining
OTHER_PRETRAINING = 75.0
CROP = 0.055  # a training step for a crop of 128 × 128 pixels
SCENE = 0.28  # one scene of 512 × 512 pixels evaluated
TARGET, HOME = 0.375, 0.125  # shares of all drawn scenes: the target's, of which some are chosen, and home's
REMEDIES = 9  # times that chapter 09 looks at the target, some of its remedies several times
CHAPTERS = {  # beside what their jobs make and what they have segmenters look at
    "01_data": 8.0,
    "02_cnn_from_scratch": 6.0,
    "03_fine_tuning": 12.0,
    "04_augmentation": 7.0,
    "05_feature_distances": 6.0,
    "06_model_comparison": 6.0,
    "07_segmentation": 8.0,
    "08_segmentation_analysis": 10.0,
    "09_cross_domain": 15.0,
}
GMACS = {"resnet18": 1.8}  # thousand millions of multiply-adds of one image of 224 × 224 pixels
OTHER_GMACS = 4.0
USUAL_SIDE = 224


def expectations(plans: Iterable[StudyPlan], work: Work) -> dict[str, ExpectedTime]:
    """What all that is due may take, by `study/name`: as it took here before, or by the model."""
    known, found = read_durations(), {}
    for name, job in work.jobs.items():
        found[name] = _expected(known, job.plan.study, name, job.waits)
    for plan in plans:
        own = {} if work.states[plan.name].needs else _made_by_chapters(plan)
        for name, waits in work.chapters.items():
            study, chapter = name.split("/")
            if study == plan.name:
                found[name] = _expected(known, plan.study, name, waits, own.get(chapter, ()))
    for name in work.pages:
        found[f"{name}.page"] = ExpectedTime(PAGE, waits=(name,) if name in work.chapters else ())
    return found


def _made_by_chapters(plan: StudyPlan) -> dict[str, list[str]]:
    """Where there are no jobs before the chapters, each makes what it is the first to need."""
    found: dict[str, list[str]] = {}
    for chapter in plan.chapters:
        before = {job for others in found.values() for job in others}
        found[chapter] = [job for job in jobs_before(plan.study, chapter, 0) if job not in before]
    return found


def _expected(
    known: Mapping[str, float], study: Study, name: str, waits: Iterable[str], own: Collection[str] = ()
) -> ExpectedTime:
    job = name.split("/")[1]
    key = f"{job.split('.')[0]} {key_of(facts=[facts(study, one) for one in (job, *own)])}"
    model = sum(seconds(study, one) for one in (job, *own))
    return ExpectedTime(known.get(key, model), key, key in known, tuple(waits))


def facts(study: Study, job: str) -> list[Any]:
    """What the work of a job hangs on; another seed is the same work."""
    kind, *what = job.split(".")
    images, streets = [count_of(study, False), study.image_size, study.is_sample], []
    if study.streets:
        spec = study.streets
        streets = [count_of(study, True), spec.size, spec.share, spec.home_share, study.draws_streets]
    match kind, *what:
        case ["training", model, *_]:
            return [kind, *images, study.models[model].model_dump(exclude={"title"})]
        case ["segmenter", model, *_]:
            return [kind, *streets, study.streets.models[model].model_dump(exclude={"title"})]
        case ["weights", *_]:
            return [kind, *what]
        case ["data"]:
            return [kind, *images]
        case ["scenes"]:
            return [kind, *streets]
        case ["evaluation", chapter, _, of]:
            return [kind, chapter, of, *streets, len(study.streets.models) if study.streets else 0, study.seeds]
    models = [spec.model_dump(exclude={"title"}) for spec in study.models.values()]
    return [kind, *images, *streets, study.seeds, models, study.segmentation and study.segmentation.model_dump()]


def seconds(study: Study, job: str) -> float:
    """What a job may take by the model."""
    kind, *what = job.split(".")
    match kind, *what:
        case ["data"]:
            return START + count_of(study, False) * (READING + DRAWING * study.is_sample)
        case ["scenes"]:
            return START + count_of(study, True) * (SCENE_READING + SCENE_DRAWING * study.draws_streets)
        case ["weights", chosen, architecture, *_]:
            return START + (
                PRETRAINING.get(architecture, OTHER_PRETRAINING) if chosen.startswith("sample") else 10
            )
        case ["training", model, *_]:
            images = count_of(study, False) * study.split.train
            return START + training(study.models[model], images, study.image_size)
        case ["segmenter", model, *_]:
            spec = study.streets.models[model]
            crops = count_of(study, True) / 2 * spec.crops_per_scene * spec.epochs
            return START + crops * CROP * (spec.crop / 128) ** 2
        case ["evaluation", chapter, _, of]:
            return START + evaluations(study, chapter) / int(of)
    return (
        START + CHAPTERS.get(job, 20.0) + (evaluations(study, job) if chapter_called(job).looks_at_scenes else 0.0)
    )


def training(spec: ModelSpec, images: float, image_size: int) -> float:
    """Seconds of the training of a classifier."""
    work = 3 * gmacs(spec, spec.input_size or image_size) * PER_GMAC + PER_IMAGE
    phases = [(phase.epochs, phase.trainable or spec.trainable, phase.augment) for phase in spec.phases]
    total = 0.0
    for epochs, trainable, augment in phases or [(spec.epochs, spec.trainable, None)]:
        augmented = bool(spec.augment if augment is None else augment)
        once = trainable == "head" and not augmented  # what enters the last layers is computed once
        each = work * (FORWARD if trainable == "head" else 1) + AUGMENTING * augmented
        total += images * (each if once else each * epochs)
    return total


def gmacs(spec: ModelSpec, side: int) -> float:
    """Thousand millions of multiply-adds of a network for an image of that side."""
    if spec.architecture == "cnn":
        return _cnn_gmacs(spec, side)
    known = GMACS.get(spec.architecture) or torchvision_gmacs().get(spec.architecture, OTHER_GMACS)
    return known * (side / USUAL_SIDE) ** 2 * (16 if spec.stem == "small" else 1)


def _cnn_gmacs(spec: ModelSpec, side: int) -> float:
    total, channels = 0.0, 3
    for filters, pooling in spec.blocks:
        for _ in range(spec.convolutions):
            total += side**2 * 9 * channels * filters
            channels = filters
        side = max(1, side // pooling)
    return total / 1e9


@cache
def torchvision_gmacs() -> dict[str, float]:
    """By architecture, for images of 224 pixels, from the source of torchvision: importing it takes seconds."""
    found = find_spec("torchvision")
    folder = Path(found.submodule_search_locations[0]) / "models" if found else Path("missing")
    pattern = re.compile(r"class (\w+)_Weights\(.*?crop_size=(\d+).*?\"_ops\": ([\d.]+)", re.DOTALL)
    return {
        name.lower(): float(ops) * (USUAL_SIDE / int(side)) ** 2
        for path in folder.glob("*.py")
        for name, side, ops in pattern.findall(path.read_text(encoding="utf-8"))
    }


def evaluations(study: Study, chapter: str) -> float:
    """Seconds of what chapters 07 to 09 have segmenters look at; of maps of patches nothing is known."""
    if study.streets is None:
        return 0.0
    spec, count = study.streets, count_of(study, True)
    models, home, target = len(spec.models), HOME * count * spec.home_share, TARGET * count * spec.share
    looks = {
        "07_segmentation": target * (models + study.seeds - 1),
        "09_cross_domain": home * (models + study.seeds - 1) + target * REMEDIES,
    }
    return looks.get(chapter, 0.0) * SCENE * (spec.size / 512) ** 2
