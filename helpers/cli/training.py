"""One job before the chapters, as Snakemake starts it: `python -m helpers.cli.training STUDY training.cnn.0`.

A job that fails says why and lets the others go on, as a chapter does. The chapter that needs what it should have
made runs all the same, and shows the error at its place.
"""

import sys
import time
import traceback

from helpers.cli.graph import ChapterFiles
from helpers.cli.jobs import BLIND
from helpers.cli.plan import study_file
from helpers.cli.processes import end_with_the_command_line
from helpers.cli.progress import say
from helpers.cli.records import Record
from helpers.cli.scratch import place_of_a_job
from helpers.errors import CourseError
from helpers.faults import in_words
from helpers.headless import become_headless, start_log
from helpers.lock import locked
from helpers.study import Study


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
            error = in_words(error) or error
        record = Record("failed" if error else "ok", round(time.monotonic() - begin, 1), error)
        record.save(files.done)
        say(files.progress, record.end)
    return 0


def make(study: Study, kind: str, *what: str) -> None:
    """Make what a job is named after, unless it is there."""
    from helpers.datasets import load
    from helpers.runs import get_run
    from helpers.segmentation.part import Streets

    match kind, *what:
        case ["data"]:
            load(study)
        case ["scenes"]:
            Streets(study).make_ready()
        case ["weights", chosen, architecture, stem]:
            from helpers.starting_weights import starting_file

            alike = (spec for spec in study.models.values() if spec.architecture.replace("/", "-") == architecture)
            starting_file(next(alike).model_copy(update={"stem": stem}), chosen)
        case ["training", model, seed] if seed == BLIND:
            from helpers.audit import blind_split

            get_run(study, blind_split(load(study), 0), model)
        case ["training", model, seed]:
            get_run(study, load(study), model, int(seed))
        case ["segmenter", model, seed]:
            Streets(study).run(model, int(seed))
        case ["evaluation", chapter, number, of]:
            from helpers.shards import evaluate_shard

            evaluate_shard(study, chapter, int(number), int(of))
        case _:
            raise ValueError(f"there is no job '{kind}' of {what}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
