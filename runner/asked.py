"""Which models a chapter asks for, read off its cells without running them."""

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from helpers.base.code import without_magics
from helpers.study.study import Study

ASKS = ("run", "runs", "all_runs")


def asked_models(cells: Iterable[str], study: Study) -> tuple[list[str], list[str]]:
    """Models that cells ask for with every seed, by `chapter.runs` or `all_runs`, and with one, by `chapter.run`.

    A model is given as a text, or as what the study says (`chapter.study.chapters.fine_tuned`), perhaps through
    names. What cannot be told like this is left out: the chapter then trains it when it gets there.
    """
    reader = _Reader(study)
    trees = [tree for cell in cells if (tree := _parsed(cell))]
    for tree in trees:
        reader.learn(tree)
    every, first = [], []
    for call in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr in ASKS and reader.is_chapter(call.func.value):
            names = (
                study.models if call.func.attr == "all_runs" else reader.texts(call.args[0]) if call.args else []
            )
            (first if call.func.attr == "run" else every).extend(name for name in names if name in study.models)
    return every, first


def _parsed(cell: str) -> ast.Module | None:
    try:
        return ast.parse(without_magics(cell))
    except SyntaxError:
        return None  # running the chapter says so


class _Reader:
    """Knows what names hold, where that is plain to see; of a name that is set twice, both."""

    def __init__(self, study: Study):
        self.study = study
        self.held: dict[str, list[ast.expr]] = {}
        self.open: set[str] = set()

    def learn(self, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            for target, value in _bindings(node):
                if isinstance(target, ast.Name):
                    self.held.setdefault(target.id, []).append(value)

    def is_chapter(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id == "chapter"

    def texts(self, node: ast.expr) -> list[str]:
        """The texts that an expression may be, or may hold."""
        return [text for value in self._values(node) for text in _texts(value)]

    def _values(self, node: ast.expr) -> list[Any]:
        match node:
            case ast.Constant(value=value):
                return [value]
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [value for item in items for value in self._values(item)]
            case ast.Attribute(value=owner, attr="study") if self.is_chapter(owner):
                return [self.study]
            case ast.Attribute(value=owner, attr=name) if not name.startswith("_"):
                found = [getattr(value, name, None) for value in self._values(owner)]
                return [value for value in found if value is not None and not callable(value)]
            case ast.Name(id=name) if name not in self.open:
                self.open.add(name)
                found = [value for held in self.held.get(name, ()) for value in self._values(held)]
                self.open.discard(name)
                return found
        return []


def _bindings(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Names and what they are set to: by assignments, by loops and by comprehensions, to each item of a list."""
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)) if len(names) == len(
            values
        ):
            yield from zip(names, values, strict=True)
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)
        case ast.For(target=target, iter=values) | ast.comprehension(target=target, iter=values):
            yield target, values


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple | dict) else []
