"""A study of two classes that trains in a second, and the course run on it in folders of its own."""

import sys
from pathlib import Path

import numpy as np
import yaml
from made_up_notebooks import code_cell, write_notebook
from PIL import Image

from helpers.base.paths import ROOT

sys.path.append(str(ROOT / "benchmarks"))
from courses import Course, differences, results

__all__ = ["Course", "differences", "results", "simple_notebooks", "tiny_study"]

CNN = {"architecture": "cnn", "epochs": 2, "blocks": [[4, 2]], "hidden": 8, "batch_size": 16}
ROLES = {"02": "from_scratch", "03": "fine_tuned", "04": "augmented"}
LOADS = (
    f"""
ROLES = {ROLES}
"""
    + """
from helpers.study.images import load
from helpers.base.paths import reports_dir, write_json
from helpers.training.runs import get_run
from helpers.study.study import Study

settings = Study.load(study)
print("seen before the failure")
splits = load(settings)
role = ROLES.get(chapter[:2], "leaky")
model = getattr(settings.chapters, role)
right = get_run(settings, splits, model).outputs("test").correct if model else splits.labels
write_json(reports_dir() / settings.name / f"{chapter}.json", {"right": right})
"""
)


def tiny_study(folder: Path, **models: dict) -> Path:
    """A study file: bright and dark images of 16 pixels; `models` are added to a cnn of the simplest kind."""
    random = np.random.default_rng(0)
    for name, least in (("bright", 90), ("dark", 0)):
        (folder / "images" / name).mkdir(parents=True)
        for number in range(40):
            pixels = random.integers(least, least + 160, (16, 16, 3), np.uint8)
            Image.fromarray(pixels).save(folder / "images" / name / f"{number}.png")
    study = {"title": "Bright or dark", "data": "./images", "image_size": 16, "models": {"cnn": CNN} | models}
    path = folder / "tiny.yaml"
    path.write_text(yaml.safe_dump(study))
    return path


def simple_notebooks(folder: Path) -> None:
    """Chapters that load the model they are about, and keep which test images it gets right."""
    folder.mkdir()
    for source in (ROOT / "notebooks").glob("*.ipynb"):
        cells = [code_cell('study = "tiny"', "parameters"), code_cell(f"chapter = {source.stem!r}{LOADS}")]
        trains = {"trains": {"every seed": [role]}} if (role := ROLES.get(source.name[:2])) else {}
        write_notebook(folder / source.name, *cells, **trains)
