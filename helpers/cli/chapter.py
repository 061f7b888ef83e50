"""One chapter's job, started by Snakemake: execute the notebook, or make its page."""

import ast
import itertools
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from helpers.cli import facts, pages, records
from helpers.cli.graph import ChapterFiles
from helpers.cli.plan import parameter, read_graph, study_file
from helpers.cli.processes import end_with_the_command_line
from helpers.cli.progress import say
from helpers.cli.records import Record
from helpers.errors import CourseError
from helpers.faults import in_words
from helpers.headless import become_headless
from helpers.lock import locked
from helpers.paths import printable, runs_dir, write_atomic
from helpers.privacy import private
from helpers.study import Study
from helpers.telling import NOW, WITHIN, Stage, Telling

ONLY = "only-"
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
    with locked(files.lock):
        return _execute(files)


def _execute(files: ChapterFiles) -> int:
    files.failed.unlink(missing_ok=True)
    _prepare_environment(files)
    say(files.progress, "starts")
    started, begin = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
    error = _run_notebook(files, {"study": parameter(files.study)})
    record = Record(
        status="failed" if error else "ok",
        seconds=round(time.monotonic() - begin, 1),
        error=error,
        started=started,
        settings=read_graph()["studies"][files.study]["settings"][files.chapter],
        ran_on=facts.ran_on(files),
    )
    record.save(files.failed if error else files.done)
    say(files.progress, record.end)
    if error:
        _render(files)
    return 1 if error else 0


def _prepare_environment(files: ChapterFiles) -> None:
    become_headless(files.progress)
    needs = read_graph()["studies"][files.study]["needs"].get(files.chapter, [])
    scratch = runs_dir() / ".jupyter"
    scratch.mkdir(exist_ok=True)
    os.environ |= {
        "IMAGE_COURSE_FAILED": json.dumps(records.failed_jobs(needs)),
        "IMAGE_COURSE_NOW": str(files.progress.with_suffix(WITHIN)),  # the kernel's; this process tells of cells
        # Neither the user's start-up scripts nor a home folder that cannot be written to shall matter.
        "IPYTHONDIR": str(scratch / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
    }


def _run_notebook(files: ChapterFiles, parameters: dict[str, Any]) -> str:
    """Execute the notebook and keep it, whatever comes of it; returns the error in one line, or nothing."""
    import papermill
    from papermill.iorw import papermill_io

    from helpers.cli.kernel import OwnKernel

    # papermill puts in where notebooks lie, and errors name files of this machine.
    papermill_io.get_handler("local").write = lambda text, path: write_atomic(Path(path), private(text))
    files.executed.parent.mkdir(parents=True, exist_ok=True)
    choose_cells(files)  # also what the page is made from if nothing can be executed
    try:
        check_parameters(files.source, parameters)
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
    cells = json.loads(files.executed.read_text(encoding="utf-8"))["cells"]
    count = 1 + sum(cell["cell_type"] == "code" for cell in cells)  # papermill adds one with the parameters
    telling, stage, numbers = (
        Telling(files.progress.with_suffix(NOW), between=0),
        Stage("cell", count),
        itertools.count(1),
    )
    with telling.within(stage):
        yield lambda **_: telling.reach(stage, next(numbers))


def choose_cells(files: ChapterFiles) -> None:
    """Copy the notebook, without the cells that are for studies of another kind."""
    study = Study.load(study_file(files.study))
    notebook = json.loads(files.source.read_text(encoding="utf-8"))
    notebook["cells"] = [cell for cell in notebook["cells"] if all(map(study.has, features(cell)))]
    write_atomic(files.executed, json.dumps(notebook, ensure_ascii=False, indent=1))


def features(cell: dict[str, Any]) -> list[str]:
    """What a study must have for a cell to be on its page: from the cell's tags `only-<feature>`."""
    return [tag.removeprefix(ONLY) for tag in cell["metadata"].get("tags", []) if tag.startswith(ONLY)]


def check_parameters(notebook: Path, parameters: dict[str, Any]) -> None:
    """papermill only warns about a parameter that the notebook does not have.

    Raises CourseError for a notebook whose `parameters` cell lacks one.
    """
    tagged = [cell for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if _sets_parameters(cell)]
    source = "".join("".join(cell["source"]) + "\n" for cell in tagged)
    known = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    for name in sorted(set(parameters) - known):
        raise CourseError(f"{notebook.name}: there is no cell tagged 'parameters' that sets '{name}'")


def _sets_parameters(cell: dict[str, Any]) -> bool:
    return cell["cell_type"] == "code" and "parameters" in cell["metadata"].get("tags", [])


def _one_line(name: str, value: str) -> str:
    from helpers.report.cells import course_errors

    text = printable(" ".join(re.sub(r"\x1b\[[0-9;]*m", "", value or "").split()))
    text = text if len(text) <= 400 else text[:399] + "…"
    return text if name in course_errors() else in_words(f"{name}: {text}") or f"{name}: {text}"


def _render(files: ChapterFiles) -> None:
    study, graph = Study.load(study_file(files.study)), read_graph()
    plan = graph["studies"][files.study]
    outcome = records.expected(files.study, plan["settings"], study.chapters_available(), plan["chapters"])
    pages.render(study, files.chapter, outcome)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
