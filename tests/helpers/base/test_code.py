"""What results depend on is read off the code: nothing that ran is missed, and nothing else counts."""

import ast
import inspect
import json
import sys
from functools import wraps
from pathlib import Path

import pytest

from helpers.base import code, fingerprint
from helpers.base.code import ModuleSource, Place, place_of, reach, source_of
from helpers.base.fingerprint import ELSEWHERE, code_of, code_of_cells
from helpers.base.paths import ROOT, our_packages
from helpers.study.images import load
from helpers.study.study import Study
from helpers.training import cleaning, runs
from runner import notebooks
from runner.fingerprints import DRAWING

PROJECT = {
    "shop": "",
    "shop.prices": '''
        """Prices."""
        from shop import tax
        from shop.tables import RATES as rates
        from typing import Protocol
        LIMIT = 3

        def price(item: "Item", count=LIMIT):
            "What it costs."
            return tax.added(item.net * count) if item.is_taxed else item.net * rates["none"]

        def unused():
            return missing_everywhere

        def wrapped(paper: "Wraps"):
            return paper.fold(Ribbon())

        class Wraps(Protocol):
            def fold(self, thing): ...

        class Ribbon:
            def fold(self, thing):
                return 11

            def cut(self):
                return 12

        class Item:
            discount = 0.5

            def __init__(self, net):
                self.net = net

            @property
            def is_taxed(self):
                return self._flag()

            def _flag(self):
                return True

            def label(self):
                return "label"

        class Gift(Item):
            def _flag(self):
                return False
    ''',
    "shop.tax": """
        import math
        from shop import tables
        RATE = 0.19

        def added(net):
            from shop.rounding import rounded as cut
            return cut(net * (1 + RATE)) + math.pi * len(tables.TABLE)
    """,
    "shop.rounding": """
        def rounded(value):
            return round(value, 2)
    """,
    "shop.tables": """
        from pathlib import Path
        TABLE = Path(__file__).with_name("rates.csv").read_text()
        RATES = {"none": 1}
        OTHER = 5
    """,
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A project of made-up modules in the place of this one's."""
    texts = {name: inspect.cleandoc(text) for name, text in PROJECT.items()}
    (tmp_path / "rates.csv").write_text("a,1")
    monkeypatch.setattr(
        code, "_texts", lambda: {name: (tmp_path / f"{name}.py", text) for name, text in texts.items()}
    )
    monkeypatch.setattr(code, "_our_names", lambda: frozenset({"shop"}))
    monkeypatch.setattr(code, "source_of", _uncached(texts, tmp_path))
    return texts


def _uncached(texts: dict[str, str], folder: Path):
    def source_of(module: str) -> ModuleSource:
        if module not in texts:
            raise LookupError(module)
        return ModuleSource(module, texts[module], folder, module == "shop")

    return source_of


PRICE, ITEM = Place("shop.prices", "price"), Place("shop.prices", "Item")


def seen(*places: Place) -> str:
    return code.digest_of(reach(places))


@pytest.mark.parametrize(
    ("module", "old", "new", "counts"),
    [
        ("shop.prices", "* count", "+ count", True),
        ("shop.prices", "LIMIT = 3", "LIMIT = 4", True),
        ("shop.tax", "RATE = 0.19", "RATE = 0.2", True),
        ("shop.rounding", "round(value, 2)", "round(value, 3)", True),
        ("shop.tables", '"none": 1', '"none": 2', True),
        ("shop.prices", "return True", "return None", True),  # a method of what a hint names, by way of a property
        ("shop.prices", '"What it costs."', '"Another word."', False),
        ("shop.prices", '"""Prices."""', "# a comment", False),
        ("shop.prices", "return missing_everywhere", "return 1", False),
        ("shop.prices", 'return "label"', 'return "other"', False),  # nobody asks an item for its label
        ("shop.prices", "discount = 0.5", "discount = 0.6", False),  # nor for this
        ("shop.tables", "OTHER = 5", "OTHER = 6", False),
        ("shop.tax", "\n\n", "\n\n\n\n", False),
    ],
)
def test_exactly_what_is_named_counts(shop, module: str, old: str, new: str, counts: bool):
    before = seen(PRICE)
    assert old in shop[module]
    shop[module] = shop[module].replace(old, new)
    assert (seen(PRICE) != before) == counts


@pytest.mark.parametrize(("old", "counts"), [("return 11", True), ("return 12", False)])
def test_what_is_asked_of_a_protocol_counts_of_every_class(shop, old: str, counts: bool):
    before = seen(Place("shop.prices", "wrapped"))
    shop["shop.prices"] = shop["shop.prices"].replace(old, "return 13")
    assert (seen(Place("shop.prices", "wrapped")) != before) == counts


def test_files_beside_a_module_count(shop, tmp_path: Path):
    before = seen(PRICE)
    (tmp_path / "rates.csv").write_text("a,2")
    assert seen(PRICE) != before


def test_all_of_a_class_counts_for_the_class_itself(shop):
    before = seen(ITEM)
    shop["shop.prices"] = shop["shop.prices"].replace('return "label"', 'return "other"')
    assert seen(ITEM) != before


def test_a_library_counts_with_its_version(shop, monkeypatch: pytest.MonkeyPatch):
    shop["shop.tax"] = "import numpy\n" + shop["shop.tax"].replace("math.pi", "numpy.pi")
    before = seen(PRICE)
    monkeypatch.setattr(code.metadata, "version", lambda name: "99")
    assert seen(PRICE) != before


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("shop.tax", "from shop.rounding import rounded", "from shop.missing import rounded"),
        ("shop.tax", "from shop.rounding import rounded", "from shop.rounding import missing"),
        ("shop.prices", "tax.added", "tax.missing"),
    ],
)
def test_a_name_that_leads_nowhere_is_an_error(shop, module: str, old: str, new: str):
    shop[module] = shop[module].replace(old, new)
    with pytest.raises(LookupError, match="missing"):
        seen(PRICE)


def test_a_notebook_counts_with_what_its_cells_name(shop):
    def of(*cells: str) -> str:
        return code.digest_of(code.reach_from_cells(cells))

    cells = ("%matplotlib inline\nfrom shop.prices import price, unused", "price(1)")
    before = of(*cells)
    shop["shop.tables"] = shop["shop.tables"].replace("OTHER = 5", "OTHER = 6")
    assert of(*cells) == before
    shop["shop.rounding"] = shop["shop.rounding"].replace("2", "3")
    assert of(*cells) != before


def test_every_name_in_the_project_leads_somewhere():
    for module in code._texts():
        reach([Place(module, "*")])


def test_a_module_that_changes_under_a_running_kernel_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "one.py"
    path.write_text("X = 1")
    monkeypatch.setattr(code, "_texts", lambda: {"one": (path, "X = 1")})
    code.refuse_changes(["one"])
    path.write_text("X = 1  # a comment")
    code.refuse_changes(["one"])
    path.write_text("X = 2")
    with pytest.raises(code.CourseError, match=r"one\.py has changed.*restart"):
        code.refuse_changes(["one"])


# What really runs, against what is said to be able to.


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """The functions of the project, (file, qualified name), that a small training runs through."""
    from datasets_pictures import two_coloured_classes

    place = tmp_path_factory.mktemp("traced")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WANDB_MODE", "disabled")
        for name in ("DATA", "RUNS", "REPORTS"):
            patch.setenv(f"IMAGE_COURSE_{name}", str(place / name.lower()))
        tiny = {
            "image_size": "16",
            "models.cnn.blocks": "[[4, 2]]",
            "models.cnn.epochs": "2",
            "models.cnn.lr": "find",
        }
        study = Study.load(two_coloured_classes(place / "mine"), tiny | {"models.cnn.augment": "{flip: 0.5}"})
        splits = load(study)
        ran: set[tuple[str, str]] = set()
        ours = tuple(map(str, our_packages()))

        def note(frame, event, _):
            if event == "call" and frame.f_code.co_filename.startswith(ours):
                ran.add((frame.f_code.co_filename, frame.f_code.co_qualname))

        original = runs._make
        patch.setattr(runs, "_make", _profiled(original, note))
        runs.get_run(study, splits, "cnn")
    return ran


def _profiled(function, note):
    @wraps(function)
    def run(*arguments):
        sys.setprofile(note)
        try:
            return function(*arguments)
        finally:
            sys.setprofile(None)

    return run


def test_nothing_that_a_training_runs_through_is_missed(traced):
    left_out = (*runs.APART, runs._track_test)
    known = _names([place_of(runs._make)], without=left_out)
    ran = {(_module(file), name.split(".<locals>")[0]) for file, name in traced}
    missed = {one for one in ran if one not in known and not one[1].startswith("<")}
    assert len(ran) > 60 and len(ran - missed) > 50
    assert missed <= _names([*map(place_of, left_out), place_of(runs.find_run)])


def _names(places: list[Place], without=()) -> set[tuple[str, str]]:
    units = reach(places, without=frozenset(map(place_of, without))).units
    return {(place.module, ".".join(filter(None, place[1:])).split("#")[0]) for place in units}


def _module(file: str) -> str:
    return ".".join(Path(file).relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _changed(text: str, node: ast.AST) -> str | None:
    """A module with a constant or an operator of one of its parts changed; None where there is none."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, int | float) and part.value is not True:
            lines = text.split("\n")
            line = lines[part.lineno - 1].encode()
            lines[part.lineno - 1] = (line[: part.col_offset] + b"98765" + line[part.end_col_offset :]).decode()
            return "\n".join(lines)
    return None


RESULTS = {
    "a training": ([place_of(runs._make)], frozenset(map(place_of, (*runs.APART, runs._track_test)))),
    "a search for wrong labels": (
        [place_of(one) for one in runs.JUDGING],
        frozenset(map(place_of, runs.APART[:2])),
    ),
    "an evaluation": ([Place("helpers.segmentation.evaluation", "evaluate")], frozenset()),
    "a segmenter's training": ([Place("helpers.training.segmenters.runs", "_make")], frozenset()),
    "a drawing": ([Place("drawings.wildlife", "draw")], frozenset()),
    "first weights": ([Place("helpers.training.pretraining", "_pretrain")], frozenset()),
}


def test_a_change_anywhere_makes_exactly_those_results_stale_that_use_it(monkeypatch: pytest.MonkeyPatch):
    """Every module that a result reaches, in some of its functions a number changed, in a copy."""
    texts, tried = dict(code._texts()), 0
    found = {name: reach(places, without=apart) for name, (places, apart) in RESULTS.items()}
    before = {name: code.digest_of(one) for name, one in found.items()}
    modules = {place.module for one in found.values() for place in one.units}
    original = source_of
    for module in sorted(modules):
        path, text = texts[module]
        functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
        copies = [(node.name, changed) for node in functions if (changed := _changed(text, node))]
        for name, changed in copies[:: max(1, len(copies) // 3)]:
            tried += 1
            source = ModuleSource(module, changed, path.parent, path.name == "__init__.py")
            monkeypatch.setattr(
                code, "source_of", lambda asked, source=source: source if asked == source.name else original(asked)
            )
            for result, (places, apart) in RESULTS.items():
                uses = Place(module, name) in found[result].units
                if uses or tried % 20 == 0:  # that others stay as they are is looked at now and then
                    now = code.digest_of(reach(places, without=apart))
                    assert (now != before[result]) == uses, f"{module}.{name}, {result}"
    assert tried > 100 and len(modules) > 60


def test_what_trainings_and_chapters_hang_on_is_told_apart():
    def uses(thing, *places: Place, without=()) -> bool:
        found = reach(places, without=frozenset(map(place_of, without)))
        return place_of(thing) in found.units

    from helpers.metrics.classification import scores
    from sections.one_model.learning.pictures import learning_curves

    training = (place_of(runs._make),)
    assert uses(scores, *training, without=runs.APART)  # the F1 in the history
    assert not uses(learning_curves, *training, without=runs.APART)
    assert not uses(cleaning.find, *training, without=runs.APART)
    segmenter = Place("helpers.training.segmenters.runs", "_make")
    assert Place("helpers.metrics.segmentation", "segmentation_scores") in reach([segmenter]).units


def test_what_is_run_for_a_person_alone_makes_no_chapter_hang_on_trainings():
    found = code.reach_from_cells(
        ["from helpers.chapter import Chapter", "Chapter.open(name, study).splits.files"],
        frozenset((*fingerprint.SILENT, *DRAWING)),
    )
    assert "helpers.datasets.cache" in {place.module for place in found.units}
    assert not [place for place in found.units if place.module.startswith("helpers.metrics")]


def test_chapters_hang_on_the_cells_that_a_study_has():
    patches, streets = (Study.load(name, {"source": "sample"}) for name in ("satellite", "wildlife"))
    notebook = notebooks.read_notebook(ROOT / "notebooks" / "07_segmentation.ipynb")
    found = [
        code.reach_from_cells(notebooks.cell_texts(notebooks.cells_of_page(notebook, one)))
        for one in (patches, streets)
    ]
    settings = Place("sections.patches.cutting.measured", "try_settings")
    assert [settings in one.units for one in found] == [True, False]
    assert (
        len(
            {
                code_of_cells(notebooks.cell_texts(notebooks.cells_of_page(notebook, one)))
                for one in (patches, streets)
            }
        )
        == 2
    )


def test_digests_are_kept_for_these_very_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("IMAGE_COURSE_RUNS", str(tmp_path))
    monkeypatch.delenv(ELSEWHERE)
    cells = ["from helpers.metrics.classification import scores", "scores"]
    first = code_of_cells(cells)
    kept = json.loads((tmp_path / ".code.json").read_text())
    ((digest, modules),) = kept["digests"].values()
    assert (
        digest == first and "helpers.metrics.classification" in modules and "helpers.training.loop" not in modules
    )
    other = {asked: ["known", modules] for asked in kept["digests"]}
    (tmp_path / ".code.json").write_text(json.dumps({"state": kept["state"], "digests": other}))
    assert code_of_cells(cells) == "known"
    (tmp_path / ".code.json").write_text(json.dumps({"state": "of other sources", "digests": kept["digests"]}))
    assert code_of_cells(cells) == first
    for damaged in ("", "{", "[]", '{"state": 1}'):
        (tmp_path / ".code.json").write_text(damaged)
        assert code_of_cells(cells) == first
    assert code_of(runs._make) != code_of(runs._write_outputs)
    monkeypatch.setenv(ELSEWHERE, str(tmp_path / "elsewhere"))
    assert code_of_cells(cells) == first
    (elsewhere,) = (tmp_path / "elsewhere").iterdir()
    assert json.loads(elsewhere.read_text())["digests"] == kept["digests"]
