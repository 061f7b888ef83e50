"""A course of tiny notebooks that note when they run."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from course_chapters import CHAPTERS
from made_up_notebooks import code_cell, write_notebook

from helpers.base.paths import ROOT

BODY = """
import os, time
from helpers.base.paths import reports_dir, write_json
from helpers.study.study import Study

settings = Study.load(study)
with open(os.environ["FAKE_LOG"], "a") as file:
    file.write(f"{chapter} {os.getpid()}\\n")
with open(os.environ["IMAGE_COURSE_PROGRESS"], "a") as file:
    file.write("epoch 1, loss 0.5\\n")
time.sleep(float(os.environ.get("FAKE_SECONDS", 0)))
print("seen before the failure")
if chapter == os.environ.get("FAKE_FAILURE"):
    raise ValueError("planned <script>failure</script>")
rows = [{"model": "cnn", "metric": "accuracy", "value": 0.75, "low": 0.7, "high": 0.8}]
results = {"epochs": settings.models["cnn"].epochs, "headline": rows}
write_json(reports_dir() / settings.name / f"{chapter}.json", results)
"""


class Course:
    """A course of tiny notebooks that note when they run; one at a time, so that nothing is trained for them."""

    def __init__(self, folder: Path):
        self.folder, self.log = folder, folder / "executed.log"
        (folder / "notebooks").mkdir()
        for chapter in CHAPTERS:
            self._write(chapter)
        names = ("notebooks", "runs", "reports", "data")
        places = {f"IMAGE_COURSE_{name.upper()}": str(folder / name) for name in names}
        self.environment = os.environ | places | {"FAKE_LOG": str(self.log), "PYTHONPATH": str(ROOT)}

    def _write(self, chapter: str) -> None:
        cells = [
            code_cell('study = "wildlife"  # any study', "parameters"),
            code_cell(f"chapter = '{chapter}'{BODY}"),
        ]
        write_notebook(self.folder / "notebooks" / f"{chapter}.ipynb", *cells)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "runner", "--sample", "--jobs", "1", *arguments],
            env=self.environment | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A shell that starts tests in the background has them ignore Ctrl-C; a person's terminal does not.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def run(self, *arguments: str, **variables: str) -> tuple[int, str]:
        process = self.start(*arguments, **variables)
        output, _ = process.communicate(timeout=300)
        return process.returncode, output

    def executed(self) -> list[str]:
        """The chapters executed since the last time this was asked."""
        return [name for name, _ in self._executions()]

    def kernel(self) -> int:
        """Waits until a chapter runs; the process id of its kernel."""
        deadline = time.monotonic() + 120
        while not self.log.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(0.3)
        return int(self._executions()[-1][1])

    def _executions(self) -> list[list[str]]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [line.split() for line in lines]

    def status(self) -> dict[str, dict]:
        return json.loads((self.folder / "reports" / "wildlife" / "status.json").read_text())["chapters"]

    def result(self, chapter: str) -> dict:
        return json.loads((self.folder / "reports" / "wildlife" / f"{chapter}.json").read_text())

    def page(self, chapter: str) -> str:
        return (self.folder / "reports" / "wildlife" / f"{chapter}.html").read_text()
