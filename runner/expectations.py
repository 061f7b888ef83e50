"""How much work jobs are, known from the study alone: no network is built and no image is opened for it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from helpers.base.fingerprint import key_of
from helpers.study.recipe import ModelSpec
from helpers.study.study import Study
from runner.estimates import ExpectedTime, read_durations
from runner.jobs import count_of
from runner.jobs import needs as jobs_before
from runner.plan import StudyPlan
from runner.work import Work

# Seconds of one core, measured with the default study. What is not remembered is taken from these; how fast the
# machine is, compared with them, shows while a run goes on.
START, PAGE, CHAPTER = 2.0, 3.0, 9.0  # of any job, a page, a chapter beside what its jobs make
IMAGE, DRAWN_IMAGE = 0.005, 0.016  # decoded and compared; drawn first
SCENE, DRAWN_SCENE = 0.017, 0.162
PUBLISHED, PRETRAINED = 10.0, 185.0  # first weights: fetched, or learnt from drawings
STEP = {"cnn": 0.2, "": 1.7}  # an epoch over a million pixels, by architecture
CROP = 3.4  # the same for a segmenter
LOOK = 1.1  # a segmenter's view of a million pixels
REMEDIES = 9  # times that chapter 09 looks at the target, some of its remedies several times


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
    works = [work_of(study, one) for one in (job, *own)]
    key = f"{job.split('.')[0]} {key_of(facts=[facts for facts, _ in works])}"
    return ExpectedTime(known.get(key, sum(seconds for _, seconds in works)), key, key in known, tuple(waits))


def work_of(study: Study, job: str) -> tuple[list[Any], float]:
    """What the work of a job hangs on (another seed is the same work), and the seconds that it may take."""
    kind, *what = job.split(".")
    images = [count_of(study, False), study.image_size, study.is_sample]
    scenes = study.segmentation and study.segmentation.model_dump()
    count = count_of(study, True) if study.streets else 0
    match kind:
        case "weights":
            facts, seconds = what, PRETRAINED if what[0].startswith("sample") else PUBLISHED
        case "data":
            facts, seconds = images, images[0] * (DRAWN_IMAGE if study.is_sample else IMAGE)
        case "training":
            spec = study.models[what[0]]
            facts, seconds = [*images, spec.model_dump(exclude={"title"})], _training(study, spec)
        case "scenes":
            facts = [study.draws_streets, scenes]
            seconds = count * (DRAWN_SCENE if study.draws_streets else SCENE)
        case "segmenter":
            spec, facts = study.streets.models[what[0]], [what[0], study.draws_streets, scenes]
            seconds = count / 2 * spec.crops_of(count // 2) * spec.epochs * CROP * spec.crop**2 / 1e6
        case _:  # an evaluation, or a chapter
            models = [spec.model_dump(exclude={"title"}) for spec in study.models.values()]
            facts = [*what[::2], *images, scenes, study.seeds, models]
            looks = _looks(study, what[0] if what else kind, count)
            seconds = looks / int(what[2]) if what else CHAPTER + looks
    return [kind, *facts], START + seconds


def _training(study: Study, spec: ModelSpec) -> float:
    epochs = sum(phase.epochs for phase in spec.phases) or spec.epochs
    pixels = count_of(study, False) * study.split.train * (spec.input_size or study.image_size) ** 2
    return epochs * pixels / 1e6 * STEP.get(spec.architecture, STEP[""])


def _looks(study: Study, chapter: str, scenes: int) -> float:
    """What chapters 07 and 09 have segmenters look at; of maps of patches nothing is known."""
    if study.streets is None:
        return 0.0
    networks = len(study.streets.models) + study.seeds - 1
    target, home = 0.375 * scenes * study.streets.share, 0.125 * scenes * study.streets.home_share
    looked = {"07_segmentation": target * networks, "09_cross_domain": home * networks + target * REMEDIES}
    return looked.get(chapter, 0.0) * LOOK * study.streets.size**2 / 1e6
