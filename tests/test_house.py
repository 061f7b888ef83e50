"""The house: which room may import which. `python tests/test_house.py` prints rooms, lines and arrows."""

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from helpers.base.code import without_magics
from helpers.base.paths import ROOT, our_sources
from runner import notebooks

# What a package may import at the top of its modules, beside itself.
MAY = {
    "drawings": {"helpers"},
    "helpers": set(),
    "sections": {"helpers"},
    "runner": {"helpers", "sections", "drawings"},
}
# Inside a function too: a study of drawn images has them drawn, and first weights are learnt from drawings.
LAZILY = {"helpers": {"drawings"}}
# The rooms of helpers from the ground up: each may import those before it.
FLOORS = ("base", "datasets", "metrics", "show", "study", "models", "training", "segmentation", "chapter")
DRAWINGS_STAND_ON = {"base", "datasets"}


class Arrow(NamedTuple):
    """An import: from which module, of which module, and whether it stands inside a function."""

    source: str
    target: str
    is_lazy: bool
    line: int


@cache
def texts() -> dict[str, str]:
    """The source of every module, by its dotted name."""
    found = {}
    for path in our_sources():
        steps = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(steps).removesuffix(".__init__")] = path.read_text(encoding="utf-8")
    return found


@cache
def arrows() -> list[Arrow]:
    """Every import of a module of the project by another."""
    return [arrow for name, text in texts().items() for arrow in _arrows(name, ast.parse(text))]


def _arrows(name: str, tree: ast.Module) -> Iterator[Arrow]:
    lazy = {id(node) for function in ast.walk(tree) if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            for node in ast.walk(function)}  # fmt: skip
    hints = {id(node) for one in ast.walk(tree) if _is_for_hints(one)
             for node in ast.walk(one)}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            targets = {f"{node.module}.{alias.name}" for alias in node.names}
            targets = {target if target in texts() else node.module for target in targets}
        elif isinstance(node, ast.Import):
            targets = {alias.name for alias in node.names}
        else:
            continue
        for target in targets & set(texts()):
            yield Arrow(name, target, id(node) in lazy | hints, node.lineno)


def _is_for_hints(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def package(module: str) -> str:
    return module.split(".")[0]


def room(module: str) -> str:
    """The folder that a module lies in: of helpers the first below it, of sections the first two."""
    depth = {"helpers": 2, "sections": 3}.get(package(module), 1)
    steps = module.split(".")
    path = steps[:depth] if len(steps) > depth or is_package(module) else steps[: len(steps) - 1] or steps
    return "/".join(path[:depth])


def is_package(module: str) -> bool:
    return (ROOT / module.replace(".", "/")).is_dir()


def floor(module: str) -> int:
    return FLOORS.index(module.split(".")[1]) if "." in module else -1


def test_imports_go_one_way():
    wrong = [
        f"{one.source}:{one.line} imports {one.target}"
        for one in arrows()
        if package(one.target) != package(one.source)
        and package(one.target) not in MAY[package(one.source)]
        and not (one.is_lazy and package(one.target) in LAZILY.get(package(one.source), ()))
    ]
    assert wrong == []


def test_drawings_stand_on_the_ground():
    used = {
        one.target.split(".")[1] for one in arrows() if package(one.source) == "drawings" != package(one.target)
    }
    assert used <= DRAWINGS_STAND_ON


def test_helpers_have_no_stairs_down_and_up_again():
    """The package itself is the door to all of them, and imports when it is asked."""
    inside = [one for one in arrows() if package(one.source) == package(one.target) == "helpers" != one.source]
    wrong = [
        f"{one.source}:{one.line} imports {one.target}" for one in inside if floor(one.target) > floor(one.source)
    ]
    assert wrong == []


def test_no_two_sections_import_each_other():
    """Those of one chapter may; their folder puts them together."""
    pairs = {
        (one.source.split(".")[1], one.target.split(".")[1])
        for one in arrows()
        if package(one.source) == package(one.target) == "sections" and "." in one.target
    }
    assert [pair for pair in pairs if pair[0] < pair[1] and pair[::-1] in pairs] == []


def test_every_public_class_and_function_is_defined_once():
    """`main` alone is what a module runs as a program; drawings name what they draw."""
    found = [
        (node.name, name)
        for name, text in texts().items()
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_")
        if package(name) != "drawings" and node.name != "main"
    ]
    times = Counter(name for name, _ in found)
    assert [(name, where) for name, where in found if times[name] > 1] == []


def test_every_room_says_what_it_is_for():
    import importlib

    folders = {path.parent for path in our_sources()}
    for folder in folders:
        name = ".".join(folder.relative_to(ROOT).parts)
        assert (folder / "__init__.py").is_file() and importlib.import_module(name).__doc__, name


def test_notebooks_need_no_alias_but_those_that_everybody_knows():
    known = {
        "np": "numpy",
        "pd": "pandas",
        "plt": "matplotlib.pyplot",
        "sns": "seaborn",
        "F": "torch.nn.functional",
    }
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in notebooks.cell_texts(notebooks.read_notebook(path)["cells"]):
            for node in ast.walk(ast.parse(without_magics(cell))):
                for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
                    whole = f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
                    assert alias.asname is None or whole == known.get(alias.asname), path.name


def test_no_cell_of_a_notebook_uses_a_name_that_none_has_made():
    """Cells that only some studies have are run by few tests."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821", "notebooks"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


# Started as programs; nothing imports them.
COMMANDS = {"jupyterlab", "snakemake"}
CALLED = {
    "pyyaml": "yaml",
    "pillow": "PIL",
    "opencv-python": "cv2",
    "scikit-learn": "sklearn",
    "ipython": "IPython",
}


def test_what_is_imported_is_declared_and_what_is_declared_is_used():
    """What only comes along with another package may be gone tomorrow."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [re.match(r"[\w-]+", line)[0] for line in project["dependencies"]]
    declared = {CALLED.get(name, name.replace("-", "_")) for name in names if name not in COMMANDS}
    used = {name for text in texts().values() for name in _imported(ast.parse(text))}
    ours = {package(name) for name in texts()}
    assert used - ours - set(sys.stdlib_module_names) == declared
    assert set(names) >= COMMANDS


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


def main() -> None:
    """Print the house."""
    lines = Counter()
    for name, text in texts().items():
        lines[room(name)] += text.count("\n")
    between = Counter((room(one.source), room(one.target)) for one in arrows())
    between = {pair: count for pair, count in between.items() if pair[0] != pair[1]}
    for name, count in sorted(lines.items()):
        targets = sorted(target for source, target in between if source == name)
        print(f"{count:6d}  {name:32s} {', '.join(targets)}")
    for name in MAY:
        print(f"{sum(count for where, count in lines.items() if where.split('/')[0] == name):6d}  {name} in all")
    print(f"{len(lines)} rooms, {len(between)} arrows between them")


if __name__ == "__main__":
    main()
