"""Which models a chapter asks for, read off its cells without running them."""

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from helpers.base.code import without_magics
from helpers.study.study import Study


def asked_models(cells: Iterable[str], study: Study) -> tuple[list[str], list[str]]:
    """Models that cells ask for with every seed, by `chapter.runs` or `all_runs`, and with one, by `chapter.run`.

    A model is given as a text, or as what the study says (`chapter.study.chapters.fine_tuned`), perhaps through
    names. What cannot be told like this is left out: the chapter then trains it when it gets there.
    """
    nodes = [node for cell in cells for node in _nodes(cell)]
    held: dict[str, list[ast.expr]] = {}  # of a name that is set twice, both
    for target, value in (pair for node in nodes for pair in _bindings(node)):
        if isinstance(target, ast.Name):
            held.setdefault(target.id, []).append(value)
    every, first = [], []
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="chapter"), attr="all_runs")):
                every += study.models
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="chapter"), attr="run" | "runs" as how), args=[of, *_]
            ):
                names = [text for value in _values(of, study, held) for text in _texts(value)]
                (first if how == "run" else every).extend(name for name in names if name in study.models)
    return every, first


def _nodes(cell: str) -> list[ast.AST]:
    try:
        return list(ast.walk(ast.parse(without_magics(cell))))
    except SyntaxError:
        return []  # running the chapter says so


def _bindings(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Names and what they are set to: by assignments, by loops and by comprehensions, to each item of a list."""
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            yield from zip(names, values, strict=False)
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)
        case ast.For(target=target, iter=values) | ast.comprehension(target=target, iter=values):
            yield target, values


def _values(node: ast.expr, study: Study, held: dict[str, list[ast.expr]]) -> list[Any]:
    """What an expression may be, where that is plain to see."""
    match node:
        case ast.Constant(value=value):
            return [value]
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [value for item in items for value in _values(item, study, held)]
        case ast.Attribute(value=ast.Name(id="chapter"), attr="study"):
            return [study]
        case ast.Attribute(value=owner, attr=name) if not name.startswith("_"):
            found = [getattr(value, name, None) for value in _values(owner, study, held)]
            return [value for value in found if value is not None and not callable(value)]
        case ast.Name(id=name):
            others = {other: values for other, values in held.items() if other != name}  # it may hold itself
            return [value for one in held.get(name, ()) for value in _values(one, study, others)]
    return []


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple | dict) else []
