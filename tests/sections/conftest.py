"""Whatever a sentence of a section says in a test, at whatever border, must be sound: see `grammar`."""

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable

from grammar import assert_sound

import sections


def checked(function: Callable) -> Callable:
    """The same function; it fails where what it says is not sound."""

    @functools.wraps(function)
    def told(*args, **options):
        found = function(*args, **options)
        texts = found if isinstance(found, list) else [found] if found.endswith(".") else []  # else a part of one
        assert_sound([text for text in texts if text])
        return found

    return told


for info in pkgutil.walk_packages(sections.__path__, "sections."):
    if info.name.endswith(".sentences"):  # before any test has imported one of them
        module = importlib.import_module(info.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            says = function.__annotations__.get("return") in (str, list[str])
            if function.__module__ == info.name and not name.startswith("_") and says:
                setattr(module, name, checked(function))
