"""What a result depends on, as short hashes: the code that computes, apart from its comments."""

import ast
import hashlib
import json
from functools import cache
from typing import Any

from helpers.paths import ROOT

COMPUTING = (
    "training.py",
    "epochs.py",
    "inputs.py",
    "optimizer.py",
    "phases.py",
    "lr_finder.py",
    "device.py",
    "models/*.py",
    "datasets/loader.py",
    "datasets/augment.py",
)


@cache
def code_digest(patterns: tuple[str, ...] = COMPUTING) -> str:
    """Hash of the code that training depends on; comments, docstrings and layout do not count."""
    files = sorted(path for pattern in patterns for path in (ROOT / "helpers").glob(pattern))
    return _digest([(path.name, _bare(path.read_text(encoding="utf-8"))) for path in files])


def _bare(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            body[0] = ast.Pass()
    return ast.dump(tree)


def key_of(**facts: Any) -> str:
    """A short hash of whatever went into a result."""
    return _digest(facts)[:10]


def _digest(facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()
