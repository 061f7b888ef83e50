"""What was learnt of files, kept with their state on disk, so that an unchanged file is looked at once."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from helpers.base.intact import seal, unseal
from helpers.base.paths import write_atomic
from helpers.datasets.reading import in_threads

State = list[int]  # of a file: its length, its time of change


class FileMemory:
    """What was learnt of files, kept at `path`; nothing where nothing was kept, or it is damaged.

    facts: by name, the file's state and what was learnt of it, all as JSON has it. note: of all of them together.
    """

    def __init__(self, path: Path):
        self.path, self.note, self.facts = path, None, {}
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            kept = unseal(path.read_text(encoding="utf-8"))
            self.note, self.facts = (
                kept["note"],
                {name: [state, fact] for name, (state, fact) in kept["files"].items()},
            )
        self._kept = self._content()

    def _content(self) -> dict[str, Any]:
        return {"note": self.note, "files": dict(self.facts)}

    def learn(
        self, folder: Path, states: Mapping[str, State], look: Callable[[Path], Any], sentence: str = ""
    ) -> list[Any]:
        """What is known of files of a folder, by `look` at those that changed; `sentence`: see `in_threads`."""
        changed = [name for name, state in states.items() if self.facts.get(name, [None])[0] != state]
        found = in_threads(look, [folder / name for name in changed], sentence)
        for name, fact in zip(changed, found, strict=True):
            self.facts[name] = [states[name], fact]
        return [self.facts[name][1] for name in states]

    def keep(self) -> None:
        """Write it down where something was learnt. Raises OSError."""
        if self._content() != self._kept:
            write_atomic(self.path, json.dumps(seal(self._content())))
