"""One chapter's job, started by Snakemake: execute the notebook, or make its page."""

import itertools
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from helpers.base.errors import CourseError
from helpers.base.headless import READS, become_headless
from helpers.base.intact import read_sealed, seal
from helpers.base.lock import locked
from helpers.base.paths import printable, reports_dir, write_atomic, write_json
from helpers.base.telling import NOW, WITHIN, LoopStage, Telling
from helpers.show.results import write_results
from helpers.study.study import Study
from runner import fingerprints, notebooks, records, work
from runner.facts import ran_on
from runner.faults import fault_in_words
from runner.graph import ChapterFiles
from runner.plan import parameter, study_file
from runner.privacy import private
from runner.processes import end_with_the_command_line
from runner.progress import say
from runner.records import Record
from runner.scratch import place_of_a_job

START_SECONDS = 300  # a loaded machine takes its time to start a kernel
# jsonschema compiles a grammar of web addresses at import if it finds one: 0.7 s that no notebook needs.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def main(arguments: list[str]) -> int:
    """`execute STUDY CHAPTER` or `render STUDY CHAPTER`."""
    action, study, chapter = arguments
    end_with_the_command_line()
    files = ChapterFiles(study, chapter)
    if action == "render":
        _render(files)
        return 0
    with place_of_a_job(), locked(files.lock):
        return _execute(files)


def _execute(files: ChapterFiles) -> int:
    files.failed.unlink(missing_ok=True)
    _prepare_environment(files)
    say(files.progress, "starts")
    started, begin = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
    before = _written_at(files.results)
    error = _run_notebook(files, {"study": parameter(study_file(files.study))})
    if not error and _written_at(files.results) == before:
        # A chapter need not call `chapter.write`; that it has run through is seen by its results.
        is_drawn = Study.load(study_file(files.study)).is_drawn(files.chapter)
        write_results(reports_dir(), files.study, files.chapter, {"study": files.study, "sample": is_drawn})
    looked_at = files.reads.read_text(encoding="utf-8").split() if files.reads.exists() else []
    state = work.state_of(files.study)
    record = Record(
        status="failed" if error else "ok",
        seconds=round(time.monotonic() - begin, 1),
        error=error,
        started=started,
        key=state.keys[files.chapter],
        reads={name: state.models[name] for name in sorted(set(looked_at))},
        ran_on=ran_on(files),
        spent={} if error else read_sealed(files.timings).get("spent", {}),
    )
    record.save(files.failed if error else files.done)
    say(files.progress, record.end)
    if error:
        _render(files)
    return 1 if error else 0


def _written_at(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def _prepare_environment(files: ChapterFiles) -> None:
    become_headless(files.progress)
    files.reads.unlink(missing_ok=True)
    needs = work.state_of(files.study).needs.get(files.chapter, [])
    os.environ |= {
        READS: str(files.reads),
        "IMAGE_COURSE_FAILED": json.dumps(records.failed_jobs(needs)),
        "IMAGE_COURSE_NOW": str(files.progress.with_suffix(WITHIN)),  # the kernel's; this process tells of cells
    }


def _run_notebook(files: ChapterFiles, parameters: dict[str, Any]) -> str:
    """Execute the notebook and keep it, whatever comes of it; returns the error in one line, or nothing."""
    import papermill
    from papermill import engines
    from papermill.iorw import papermill_io

    from runner.kernel import OwnKernel

    # papermill puts in where notebooks lie, and errors name files of this machine.
    papermill_io.get_handler("local").write = lambda text, path: write_atomic(Path(path), private(text))
    # Before and after each cell; it is checked and laid out in lines, which takes long, at the end alone.
    engines.write_ipynb = lambda found, path: papermill_io.write(json.dumps(found, ensure_ascii=False), path)
    files.executed.parent.mkdir(parents=True, exist_ok=True)
    choose_cells(files)  # also what the page is made from if nothing can be executed
    try:
        notebooks.check_parameters(files.source, parameters)
        notebook = str(files.executed).replace("{", "{{").replace("}", "}}")  # papermill fills in braces
        with told_cells(files) as on_cell:
            papermill.execute_notebook(
                notebook,
                notebook,
                parameters,
                cwd=files.source.parent,
                kernel_name="python3",
                language="python",
                kernel_manager_class=OwnKernel,
                start_timeout=START_SECONDS,
                progress_bar=False,
                on_cell_execute=on_cell,
            )
    except papermill.PapermillExecutionError as error:
        if error.ename == "CellExecutionError":  # what papermill says where the kernel could not send the error
            return "an error got lost on its way, most likely because memory ran out; the same command tries again"
        return _one_line(error.ename, error.evalue)
    except CourseError as error:
        return str(error)
    except (RuntimeError, OSError) as error:  # a kernel that died, a notebook that cannot be written
        if "Kernel died" in str(error):
            return "the kernel died, most likely because memory ran out"
        return _one_line(type(error).__name__, str(error))
    return ""


@contextmanager
def told_cells(files: ChapterFiles) -> Iterator[Callable[..., None]]:
    """For the client that executes the notebook: what it is to call before each cell of code."""
    cells = notebooks.read_notebook(files.executed)["cells"]
    count = 1 + sum(cell["cell_type"] == "code" for cell in cells)  # papermill adds one with the parameters
    telling, stage, numbers = (
        Telling(files.progress.with_suffix(NOW), between=0),
        LoopStage("cell", count),
        itertools.count(1),
    )
    with telling.within(stage):
        yield lambda **_: telling.reach(stage, next(numbers))


def choose_cells(files: ChapterFiles) -> None:
    """Copy the notebook, without the cells that are for studies of another kind, or for a student to fill in."""
    notebook = notebooks.read_notebook(files.source)
    notebook["cells"] = notebooks.cells_of_page(notebook, Study.load(study_file(files.study)))
    write_atomic(files.executed, json.dumps(notebook, ensure_ascii=False, indent=1))


def _one_line(name: str, value: str) -> str:
    from runner.pages.cells import course_errors

    text = printable(" ".join(re.sub(r"\x1b\[[0-9;]*m", "", value or "").split()))
    text = text if len(text) <= 400 else text[:399] + "…"
    return text if name in course_errors() else fault_in_words(f"{name}: {text}") or f"{name}: {text}"


def _render(files: ChapterFiles) -> None:
    from runner.pages.render import render_page

    study, look = Study.load(study_file(files.study)), work.read_graph()["look"]
    outcome = records.chapter_records(files.study, work.state_of(files.study), "during")
    record = outcome[files.chapter]
    render_page(study, files.chapter, outcome)
    write_json(files.shown, seal({"key": fingerprints.of_page(study.title, asdict(record), look)}))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
