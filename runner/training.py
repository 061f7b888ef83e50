"""One job before the chapters, as Snakemake starts it: `python -m runner.training STUDY training.cnn.0`.

A job that fails says why and lets the others go on, as a chapter does. The chapter that needs what it should have
made runs all the same, and shows the error at its place.
"""

import sys
import time
import traceback

from helpers.base.errors import CourseError
from helpers.base.headless import become_headless, start_log
from helpers.base.lock import locked
from helpers.study.study import Study
from runner import work
from runner.faults import fault_in_words
from runner.graph import ChapterFiles
from runner.jobs import BLIND
from runner.plan import study_file
from runner.processes import end_with_the_command_line
from runner.progress import say
from runner.records import Record
from runner.scratch import place_of_a_job


def main(arguments: list[str]) -> int:
    """0 also where the job failed, which its record says; anything else means that it was ended."""
    study, job = arguments
    end_with_the_command_line()
    files = ChapterFiles(study, job)
    become_headless(files.progress)
    start_log()
    with place_of_a_job(), locked(files.lock):
        say(files.progress, "starts")
        begin, error = time.monotonic(), ""
        try:
            make(Study.load(study_file(study)), *job.split("."))
        except CourseError as failure:
            error = str(failure)
        except Exception as failure:
            traceback.print_exc()
            error = f"{type(failure).__name__}: {' '.join(str(failure).split())[:400]}"
            error = fault_in_words(error) or error
        known = work.read_graph()["jobs"].get(f"{study}/{job}", {})  # nothing where it was started by hand
        seconds = round(time.monotonic() - begin, 1)
        record = Record("failed" if error else "ok", seconds, error, key=known.get("key", ""))
        record.save(files.done)
        say(files.progress, record.end)
    return 0


def make(study: Study, kind: str, *what: str) -> None:
    """Make what a job is named after, unless it is there. Raises ValueError for a kind that there is not."""
    if kind not in KINDS:
        raise ValueError(f"there is no job '{kind}' of {what}")
    KINDS[kind](study, *what)


def data(study: Study) -> None:
    """The images: drawn if need be, read, searched for duplicates."""
    from helpers.study.images import load

    load(study)


def scenes(study: Study) -> None:
    """The street scenes: drawn if need be, read and resized."""
    from helpers.segmentation.streets import Streets

    Streets(study).make_ready()


def weights(study: Study, chosen: str, architecture: str, stem: str) -> None:
    """The first weights of the models of an architecture: fetched or pretrained."""
    from helpers.training.starting_weights import starting_file

    alike = (spec for spec in study.models.values() if spec.architecture.replace("/", "-") == architecture)
    starting_file(next(alike).model_copy(update={"stem": stem}), chosen)


def training(study: Study, model: str, seed: str) -> None:
    """A classifier."""
    from helpers.study.images import load
    from helpers.training.runs import get_run

    if seed == BLIND:
        from helpers.datasets.split import blind_split

        get_run(study, blind_split(load(study), 0), model)
    else:
        get_run(study, load(study), model, int(seed))


def segmenter(study: Study, model: str, seed: str) -> None:
    """A segmenter of street scenes."""
    from helpers.segmentation.streets import Streets

    Streets(study).run(model, int(seed))


def evaluation(study: Study, chapter: str, number: str, of: str) -> None:
    """A part of what a chapter evaluates."""
    from runner.shards import evaluate_shard

    evaluate_shard(study, chapter, int(number), int(of))


KINDS = {kind.__name__: kind for kind in (data, scenes, weights, training, segmenter, evaluation)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
