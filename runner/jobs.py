"""What is made before the chapters: data, first weights, trainings, and what evaluations count.

A job is named by its kind, which is a rule of the Snakefile, and by what it makes: `training.cnn.0`. It makes what
a chapter would make itself if it had to, and leaves it where the chapter looks for it.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from helpers.study.chapters import TRAINED, chapter_called
from helpers.study.place import WEIGHTS
from helpers.study.study import Study
from runner import fingerprints, notebooks
from runner.asked import asked_models
from runner.graph import ChapterFiles
from runner.plan import StudyPlan

BLIND = "blind"  # in the place of a seed: trained on a split that is blind to near-duplicates
ON_THE_PROCESSOR = ("data", "scenes")
# What a job of a kind is counted as: the words of `helpers.base.telling.counted`.
COUNTED = {
    "data": "data", "scenes": "data", "weights": "first weights",
    "training": "trainings", "segmenter": "trainings", "evaluation": "evaluations",
}  # fmt: skip


@dataclass(frozen=True)
class Job:
    """One job of a study, and the jobs that it waits for, as `study/name`."""

    plan: StudyPlan
    name: str
    waits: list[str]

    @cached_property
    def key(self) -> str:
        """What it would be made from now; see `fingerprints`."""
        return fingerprints.of_job(self.plan.study, self.plan.models, *self.name.split("."))


def _meant(study: Study, name: str) -> list[str]:
    """The models that a word in a chapter's metadata means: what a role has, all of a kind, or one by its name."""
    networks = _networks(study)
    groups = {
        "variants": study.variants,
        "models": list(study.models),
        "networks": networks,
        "network": networks[:1],
    }
    if study.patches:
        groups["remedy"] = [study.patches.remedy or study.chapters.augmented]
    if name in groups:
        return groups[name]
    role = getattr(study.chapters, name) if name in type(study.chapters).model_fields else name
    return [role] if role in study.models or role in networks else []


def _networks(study: Study) -> list[str]:
    """The networks of a study's maps or street scenes, the one that is looked into first."""
    if study.patches:
        return study.patches.models or [study.chapters.fine_tuned]
    return list(study.streets.models) if study.streets else []


def asked(study: Study, chapter: str) -> dict[str, list[str]]:
    """What a chapter needs trained, by `chapters.TRAINED`: as its metadata says, and as its cells ask."""
    info = chapter_called(chapter)
    found = {when: [model for name in info.trains(when) for model in _meant(study, name)] for when in TRAINED}
    if not study.looks_at_scenes(chapter):
        cells = notebooks.cell_texts(
            notebooks.cells_of_page(notebooks.read_notebook(ChapterFiles(study.name, chapter).source), study)
        )
        every, first = asked_models(cells, study)
        found["every seed"] += every
        found["first seed"] += first
    return found


def needs(study: Study, chapter: str, shards: int) -> list[str]:
    """The jobs whose results a chapter loads; `shards` for each chapter that evaluates segmenters, or none."""
    on_scenes, models = study.looks_at_scenes(chapter), asked(study, chapter)
    kind, seeds = "segmenter" if on_scenes else "training", range(study.seed, study.seed + study.seeds)
    runs = [(name, seed) for seed in seeds for name in models["every seed"]]
    runs += [(name, study.seed) for name in models["first seed"]]
    if on_scenes:  # some come with ready weights
        runs = [(name, seed) for name, seed in runs if study.streets.training_set(name)]
    found = ["scenes" if on_scenes else "data", *(f"{kind}.{name}.{seed}" for name, seed in runs)]
    found += [f"training.{name}.{BLIND}" for name in models["blind split"]]
    if chapter_called(chapter).evaluates("streets" if study.streets else "patches"):
        found += [f"evaluation.{chapter}.{number}.{shards}" for number in range(shards)]
    return list(dict.fromkeys(name for job in found for name in _and_before(study, job)))


def _and_before(study: Study, job: str) -> Iterator[str]:
    for name in waits(study, job):
        yield from _and_before(study, name)
    yield job


def waits(study: Study, job: str) -> list[str]:
    """The jobs that a job waits for."""
    kind, *what = job.split(".")
    if kind == "training":
        return ["data", *filter(None, [start(study, what[0])])]
    if kind == "weights" and what[2] == "small":  # they continue from those of the standard stem
        return [".".join([kind, *what[:2], "standard"])]
    if kind == "evaluation":
        return needs(study, what[0], 0)
    return ["scenes"] if kind == "segmenter" else []


def start(study: Study, model: str) -> str | None:
    """The job that fetches or pretrains the first weights of a model; models that start alike share it."""
    chosen, spec = study.weights_of(model), study.models[model]
    if chosen is None or chosen not in WEIGHTS:
        return None
    stem = spec.stem if chosen.startswith("sample") else "standard"
    return f"weights.{chosen}.{spec.architecture.replace('/', '-')}.{stem}"


def all_jobs(plans: Iterable[StudyPlan], shards: int) -> tuple[dict[str, dict[str, list[str]]], dict[str, Job]]:
    """What chapters need, by study and chapter; and the jobs by `study/name`, each after those that it waits for.

    Weights are made once for all studies.
    """
    jobs: dict[str, Job] = {}
    makers: dict[str, StudyPlan] = {}

    def add(plan: StudyPlan, name: str) -> str:
        maker = makers.setdefault(name, plan) if name.startswith("weights.") else plan
        if (key := f"{maker.name}/{name}") not in jobs:
            jobs[key] = Job(maker, name, [add(plan, other) for other in waits(plan.study, name)])
        return key

    def added(plan: StudyPlan, chapter: str) -> list[str]:
        return [add(plan, name) for name in needs(plan.study, chapter, shards)]

    return {plan.name: {chapter: added(plan, chapter) for chapter in plan.chapters} for plan in plans}, jobs


def resources(study: Study, job: str) -> dict[str, int]:
    """Roughly what a job takes: memory in MB, minutes, GPUs. Snakemake's `--set-resources` overrides it."""
    kind, *what = job.split(".")
    gpu = int(kind not in ON_THE_PROCESSOR and os.environ.get("IMAGE_COURSE_DEVICE") != "cpu")
    on_streets = study.streets is not None and kind in ("scenes", "segmenter", "evaluation")
    side, epochs = study.streets.size if on_streets else study.image_size, 4
    models = {"training": study.models, "segmenter": study.streets and study.streets.models}.get(kind, {})
    for spec in (models[name] for name in what[:1] if name in models):
        epochs = sum(phase.epochs for phase in getattr(spec, "phases", [])) or spec.epochs
        side = getattr(spec, "input_size", None) or side
    count = count_of(study, on_streets)
    minutes = 15 + epochs * count * (side / 64) ** 2 / (15_000 if gpu else 1_000)  # a few cores do 1000 of 64 × 64
    return {"mem_mb": int(4000 + side**2 * (count * 3e-6 + 0.1)), "runtime": min(int(minutes), 1440), "gpu": gpu}


def count_of(study: Study, on_streets: bool) -> int:
    """Of scenes or images: those drawn, or the files in their folders."""
    if study.draws_streets if on_streets else study.is_sample:
        return study.streets.sample.scenes if on_streets else 10 * study.sample_images_per_class
    folders = study.street_roots.values() if on_streets else [study.data_root]
    return sum(len(names) for folder in folders if folder for _, _, names in os.walk(folder))
