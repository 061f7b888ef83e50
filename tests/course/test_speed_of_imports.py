"""What a chapter imports: 05 and 06 no torchvision, and no chapter much beyond torch and torchvision themselves.

Measured in fresh processes. A loaded machine is slow at everything alike, so the bound grows with the time that
torch itself takes there; the best of a few tries counts.
"""

import ast
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from helpers.base.paths import ROOT
from runner.pages.cells import BY_HAND

NOTEBOOKS = sorted((ROOT / "notebooks").glob("0*.ipynb"))
WITHOUT_TORCHVISION = ("05", "06", "08")
SECONDS_BEYOND = 2.0
TORCH_SECONDS = 2.5  # what importing torch takes on the machine for which the two seconds are meant
TRIES = 3

MEASURE = """
import json, sys, time
started = time.perf_counter()
import torch
torch_seconds = time.perf_counter() - started
if {vision}:
    import torchvision
base = time.perf_counter()
{imports}
print(json.dumps({{
    "torch": torch_seconds, "beyond": time.perf_counter() - base, "torchvision": "torchvision" in sys.modules,
}}))
"""


def imports_of(notebook: Path) -> str:
    """The import statements of a notebook, but for those of cells that do by hand what the chapter is about."""
    cells = [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]
    cells = [cell.source for cell in cells if BY_HAND not in cell.metadata.get("tags", [])]
    statements = [node for source in cells for node in ast.parse(source).body]
    return "\n".join(ast.unparse(node) for node in statements if isinstance(node, (ast.Import, ast.ImportFrom)))


def measure(notebook: Path, vision: bool) -> dict:
    """Seconds for torch, seconds for what the notebook imports beyond, and whether torchvision came along."""
    code = MEASURE.format(imports=imports_of(notebook), vision=vision)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_there_are_notebooks_to_measure():
    assert NOTEBOOKS


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_imports_beyond_torch_are_quick(notebook):
    needs_vision = notebook.name[:2] not in WITHOUT_TORCHVISION
    for _ in range(TRIES):
        found = measure(notebook, vision=needs_vision)
        assert needs_vision or not found["torchvision"], f"{notebook.stem} imports torchvision"
        bound = SECONDS_BEYOND * max(1.0, found["torch"] / TORCH_SECONDS)
        if found["beyond"] <= bound:
            return
    raise AssertionError(
        f"{notebook.stem} imports for {found['beyond']:.1f} s beyond torch; at most {bound:.1f} s"
    )
