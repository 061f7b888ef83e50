"""What test_faults.py runs in a process with mounts of its own: `python faulty_machine.py FOLDER`.

A small disk fills up while the course draws, decodes, trains and writes; then the folder of data is read-only.
Prints one JSON object: what was said by fault.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import torch

from helpers.base.errors import CourseError
from helpers.base.paths import ROOT, write_atomic
from helpers.study.images import draw_sample, load
from helpers.study.study import Study
from helpers.training import epochs
from helpers.training.epochs import Fit, resume, save_checkpoint
from helpers.training.runs import get_run
from runner.faults import fault_in_words

sys.path.insert(0, str(ROOT / "benchmarks"))
from faults import fill

TINY = {"sample.images_per_class": "16", "image_size": "32", "epochs": "2", "source": "sample"}
ROOM = "60m"
LITTLE, MORE = 200_000, 2_000_000  # bytes


def main(folder: Path) -> dict[str, object]:
    mount(folder, "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs")
    use(folder)
    study = Study.load("wildlife", TINY)
    epochs.CHECKPOINT_SECONDS = 0.0
    said: dict[str, object] = {"drawing": on_a_full_disk(folder, lambda: load(study), leave=LITTLE)}
    draw_sample(study)
    said |= {
        "decoding": on_a_full_disk(folder, lambda: load(study), leave=LITTLE),
        "training": on_a_full_disk(folder, lambda: get_run(study, load(study), "cnn"), leave=MORE),
        "checkpoint": broken_checkpoint(folder),
        "page": broken_page(folder),
    }
    disturbed = get_run(study, load(study), "cnn")
    use(folder / "again")
    undisturbed = get_run(study, load(study), "cnn")
    said["equal"] = all(
        (disturbed.folder / name).read_bytes() == (undisturbed.folder / name).read_bytes()
        for name in ("history.json", "summary.json", "test.npz")
    )
    return said | read_only_data(folder, study)


def use(folder: Path) -> None:
    for name in ("data", "runs", "reports"):
        (folder / name).mkdir(exist_ok=True, parents=True)
        os.environ[f"IMAGE_COURSE_{name.upper()}"] = str(folder / name)


def mount(folder: Path, *how: str) -> None:
    subprocess.run(["mount", *how, folder], check=True)


def error_of(work: Callable[[], object]) -> str:
    """What the terminal and the page would say of an error; nothing where there is none."""
    try:
        work()
    except CourseError as error:
        return str(error)
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        return fault_in_words(text) or text
    return ""


def on_a_full_disk(folder: Path, work: Callable[[], object], leave: int = 0) -> str:
    """What `work` says while the disk has `leave` bytes left."""
    ballast = fill(folder, leave)
    try:
        return error_of(work)
    finally:
        ballast.unlink()


def broken_checkpoint(folder: Path) -> dict[str, object]:
    """The checkpoint before stays as it was."""
    model, path = torch.nn.Linear(300, 300), folder / "checkpoint.pt"
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    save_checkpoint(path, Fit(epoch=3), model, optimizer)
    said = on_a_full_disk(folder, lambda: save_checkpoint(path, Fit(epoch=4), model, optimizer))
    return {"said": said, "kept": resume(path, model)[0].epoch}


def broken_page(folder: Path) -> dict[str, object]:
    """The page before stays as it was, and nothing half written."""
    page = folder / "reports" / "page.html"
    write_atomic(page, "before")
    said = on_a_full_disk(folder, lambda: write_atomic(page, "x" * 1_000_000), leave=LITTLE)
    return {"said": said, "kept": page.read_text(), "files": len(list(page.parent.iterdir()))}


def read_only_data(folder: Path, study: Study) -> dict[str, object]:
    """All is there; only pictures are, drawn and real; nothing is."""
    said = {}
    drawn = folder / "drawn" / "data"
    shutil.copytree(study.sample_folder, drawn / study.sample_folder.relative_to(folder / "again" / "data"))
    for name, data in (
        ("everything", folder / "again" / "data"),
        ("pictures", drawn),
        ("nothing", folder / "empty"),
    ):
        data.mkdir(exist_ok=True)
        use(folder / f"read-only-{name}")
        os.environ["IMAGE_COURSE_DATA"] = str(data)
        mount(data, "--bind", str(data))
        mount(data, "-o", "remount,ro,bind")
        said[name] = error_of(lambda: get_run(study, load(study), "cnn"))
    return said


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
