"""A study whose every name was chosen to do harm, run by a user with a name, with keys in the environment."""

import atexit
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import yaml
from made_up_notebooks import code_cell, write_notebook

from helpers.base.paths import ROOT

SCRIPT = "<img src=x onerror=window.harmed=1>"
CLASSES = (
    f"{SCRIPT}<script>window.harmed=1;",
    r"_$\frac{1}{$ {0.__class__} %s%n ${x}",
    "**bold** [a](javascript:window.harmed=1) | `touch harmed`",
    "; touch harmed; $(touch harmed) & 'q' \"",
    "=HYPERLINK(\"x\") &lt;i&gt; {{7*7}} {study}",
)  # fmt: skip
TITLE = f"{SCRIPT} $(touch harmed) {{study}} %s $\\x$ & <b>"
MODELS = {"plain": f"=1+1 {SCRIPT} $\\q{{$", "turned": "_{0.__class__} %d `touch harmed` </script>"}
FILES = [f"{SCRIPT}.png", "$(touch harmed) {0} %s.png", "=1+1;touch harmed.png", "-rf.png", "_$\\q$.png"]
IMAGES = 16  # of each class
CHAPTERS = "01,02,05,06"
USER, HOST = "markeduser", "markedhost"
SECRETS = {
    "WANDB_API_KEY": "markedkey0123456789abcdef0123456789abcdef",
    "WANDB_MODE": "offline",
    "KAGGLE_USERNAME": "markedkaggler",
    "KAGGLE_KEY": "markedkagglekey0123456789",
    "AWS_SECRET_ACCESS_KEY": "marked/aws+secret0123456789",
    "GITHUB_TOKEN": "ghp_markedtoken0123456789",
    "MY_PASSWORD": "markedpassword",
    "https_proxy": "http://markedproxy:markedword@127.0.0.1:9",
}


@dataclass(frozen=True)
class HostileCourse:
    """What a run left: the folder of everything, the report, and what the terminal was shown."""

    folder: Path
    status: int
    output: str

    @property
    def home(self) -> Path:
        return self.folder / "home" / USER

    @property
    def place(self) -> Path:
        return self.home / "course {study} $(touch harmed)"

    @property
    def pages(self) -> list[Path]:
        return sorted((self.place / "reports").rglob("*.html"))

    def harmed(self) -> list[Path]:
        """Files that a command in a name would have made."""
        return [*self.folder.rglob("harmed*"), *ROOT.glob("harmed*"), *ROOT.glob("notebooks/harmed*")]


@cache
def hostile_course() -> HostileCourse:
    """Run it once for all tests of a session."""
    course = HostileCourse(Path(tempfile.mkdtemp(prefix="hostile-")), 0, "")
    atexit.register(shutil.rmtree, course.folder, ignore_errors=True)
    _draw(course.place / "images")
    study = course.place / "hostile.yaml"
    study.write_text(yaml.safe_dump(_study(course.place / "images"), allow_unicode=True), encoding="utf-8")
    return run(course, str(study), "--only", CHAPTERS)


def run(course: HostileCourse, *arguments: str, **variables: str) -> HostileCourse:
    """One command in the course's own folders, as its user on its host."""
    finished = subprocess.run(
        [*_elsewhere(), sys.executable, "-m", "runner", *arguments],
        env=_environment(course) | variables, cwd=ROOT, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    return HostileCourse(course.folder, finished.returncode, finished.stdout + finished.stderr)


FAILING = """
import os, warnings
from pathlib import Path
warnings.warn(f"{Path.home()} is no place")
print(Path.home(), os.environ["GITHUB_TOKEN"], os.environ["https_proxy"])
raise OSError(f"nothing in {Path.home() / 'images'} for {os.environ['KAGGLE_KEY']} \\x1b[2J")
"""


@cache
def failed_course() -> HostileCourse:
    """A chapter that fails, telling in its output and its error what should not be told."""
    course = hostile_course()
    (course.home / "notebooks").mkdir()
    cells = [code_cell("study = 'wildlife'", "parameters"), code_cell(FAILING)]
    write_notebook(course.home / "notebooks" / "01_data.ipynb", *cells)
    places = {f"IMAGE_COURSE_{name.upper()}": str(course.home / name) for name in ("notebooks", "runs", "reports")}
    return run(course, str(course.place / "hostile.yaml"), "--only", "01", **places)


def marked(text: str) -> list[str]:
    """What of the machine, the user and the keys a text tells."""
    told = [USER, HOST, str(ROOT), "markedword", *SECRETS.values()]
    told = [word for word in told if word != "offline" and word in text]
    return [word for word in told if re.search(rf"(?<!\w){re.escape(word)}", text)]


def _environment(course: HostileCourse) -> dict[str, str]:
    places = {f"IMAGE_COURSE_{name.upper()}": str(course.place / name) for name in ("data", "runs", "reports")}
    user = {"HOME": str(course.home), "USER": USER, "LOGNAME": USER, "HOSTNAME": HOST}
    return os.environ | places | user | SECRETS | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def _elsewhere() -> list[str]:
    """A command that gives the host another name for what follows; nothing where that is not allowed."""
    command = ["unshare", "--uts", "sh", "-c", f'hostname {HOST} && exec "$@"', "sh"]
    try:
        return command if not subprocess.run([*command, "true"], capture_output=True).returncode else []
    except OSError:
        return []


def _study(images: Path) -> dict:
    recipe = {"architecture": "cnn", "epochs": 1, "batch_size": 16}
    models = {name: recipe | {"title": title} for name, title in MODELS.items()}
    models["turned"]["augment"] = {"flip": 1.0}
    return {"title": TITLE, "data": str(images), "image_size": 32, "models": models, "description": TITLE}


def _draw(folder: Path) -> None:
    rng = np.random.default_rng(0)
    for number, name in enumerate(CLASSES):
        (folder / name).mkdir(parents=True)
        for place in range(IMAGES):
            image = rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)
            image[:, :, number % 3] //= 4
            content = cv2.imencode(".png", cv2.resize(image, (40, 40), interpolation=cv2.INTER_CUBIC))[1]
            title = FILES[place] if place < len(FILES) else f"{place}.png"
            (folder / name / title).write_bytes(content.tobytes())
    shutil.copy(folder / CLASSES[0] / FILES[0], folder / CLASSES[1] / "again.png")  # the same under two labels
