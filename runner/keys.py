"""What a study may hold, for whoever asks before the packages are installed.

The keys are those of the classes in helpers/study, read from source: pydantic, which knows them, is one of the
packages.
"""

import ast
from functools import cache
from typing import Any

from helpers.base.paths import ROOT

SOURCES = ROOT / "helpers" / "study"


def keys_of(name: str) -> list[str]:
    """The keys that a class of the study takes, sorted. Raises KeyError for a class that is not there."""
    return sorted(_fields(name))


def defaults_of(name: str) -> dict[str, Any]:
    """The keys of a class that have a plain value where they are left out, and the value."""
    plain = {key: value for key, value in _fields(name).items() if isinstance(value, ast.Constant)}
    return {key: value.value for key, value in plain.items()}


@cache
def nested() -> dict[str, str]:
    """The class at each place of a study file: `NESTED` of file.py."""
    table = next(
        node.value
        for node in _parsed()
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["NESTED"]
    )
    return {ast.literal_eval(key): ast.unparse(value) for key, value in zip(table.keys, table.values, strict=True)}


@cache
def _fields(name: str) -> dict[str, ast.expr | None]:
    """Keys and what they are where left out, those of the class's bases included."""
    found: dict[str, ast.expr | None] = {}
    for base in _classes()[name].bases:
        if ast.unparse(base) in _classes():
            found |= _fields(ast.unparse(base))
    for node in _classes()[name].body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = _value(node.value)
    return found


def _value(node: ast.expr | None) -> ast.expr | None:
    """The value in `key: type = value` and in `key: type = Field(value, …)`."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "Field":
        return node.args[0] if node.args else None
    return node


@cache
def _classes() -> dict[str, ast.ClassDef]:
    return {node.name: node for node in _parsed() if isinstance(node, ast.ClassDef)}


@cache
def _parsed() -> list[ast.stmt]:
    texts = (path.read_text(encoding="utf-8") for path in sorted(SOURCES.glob("*.py")))
    return [node for text in texts for node in ast.parse(text).body]
