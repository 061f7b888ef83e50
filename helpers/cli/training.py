"""One job before the chapters, as Snakemake starts it: `python -m helpers.cli.training wildlife training.cnn.0`.

A job that fails says why and lets the others go on, as a chapter does. The chapter that needs what it should have
made runs all the same, and shows the error at its place.
"""

import sys
import time
import traceback
from datetime import UTC, datetime

from helpers.cli.graph import ChapterFiles
from helpers.cli.jobs import BLIND
from helpers.cli.plan import study_file
from helpers.cli.processes import end_with_the_command_line
from helpers.cli.progress import say
from helpers.cli.records import Record
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
    with locked(files.lock):
        become_headless(files.progress)
        say(files.progress, "starts")
        started, begin = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
        error = attempt(Study.load(study_file(study)), job)
        record = Record("failed" if error else "ok", round(time.monotonic() - begin, 1), error, started)
        record.save(files.done)
        say(files.progress, record.end)
    return 0


def attempt(study: Study, job: str) -> str:
    """Do a job; returns the error in one line, or nothing."""
    start_log()
    try:
        make(study, job)
    except CourseError as error:
        return str(error)
    except Exception as error:
        traceback.print_exc()
        text = f"{type(error).__name__}: {' '.join(str(error).split())[:400]}"
        return in_words(text) or text
    return ""


def make(study: Study, job: str) -> None:
    """Make what a job is named after, unless it is there."""
    from helpers.datasets import load
    from helpers.runs import get_run

    match job.split("."):
        case ["data"]:
            load(study)
        case ["weights", chosen, architecture, stem]:
            from helpers.starting_weights import starting_file

            alike = (spec for spec in study.models.values() if spec.architecture.replace("/", "-") == architecture)
            starting_file(next(alike).model_copy(update={"stem": stem}), chosen)
        case ["training", model, seed]:
            splits = load(study)
            if seed == BLIND:
                from helpers.audit import blind_split

                splits, seed = blind_split(splits, 0), study.seed
            get_run(study, splits, model, int(seed))
        case ["evaluation", chapter, number, of]:
            from helpers.shards import evaluate_shard

            evaluate_shard(study, chapter, int(number), int(of))
        case ["scenes"]:
            _streets(study).make_ready()
        case ["segmenter", model, seed]:
            _streets(study).run(model, int(seed))
        case _:
            raise ValueError(f"there is no job '{job}'")


def _streets(study: Study):
    from helpers.segmentation.part import Streets

    return Streets(study)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
