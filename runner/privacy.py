"""Pages, notebooks and logs are handed on: what they tell of this machine and its user is taken out."""

import os
import re
from collections.abc import Iterator

from helpers.base.paths import ROOT, data_dir, reports_dir, runs_dir, write_atomic

SECRET = re.compile(r"(^|_)(API_?KEY|KEY|TOKEN|SECRET|PASSW(OR)?D|CREDENTIALS?)(_|$)")
IN_ADDRESS = re.compile(r"://[^/\s@\"']+@")  # https://user:password@…
SHORTEST_SECRET = 6  # letters; what is shorter is no secret, and occurs in other words
NAMED_IN_LOGS = re.compile(r"^ *(?:Host|User): (\S+)$|\bJOB \d+ ON (\S+)", re.MULTILINE)  # by Snakemake and SLURM
LOGS = ("*/logs/*", "snakemake.log", ".snakemake/**/*.log", "wandb/**/*.log")


def private(text: str) -> str:
    """The text without passwords and keys that the environment holds, and without folders outside the project."""
    for value in _secrets():
        text = text.replace(value, "[hidden]")
    for place, name in _places():
        if place in text:  # but not within a picture's letters and digits, where it may occur by chance
            literal = re.escape(place)  # first: then all else is skipped at once
            text = re.sub(rf"{literal}(?<![\w/+]{literal})(?![\w-])/?", lambda _, name=name: name, text)
    return IN_ADDRESS.sub("://", text)


def tidy_logs() -> None:
    """Take the same out of every log of the runs; what libraries write there is not ours to phrase."""
    for path in (path for pattern in LOGS for path in runs_dir().glob(pattern) if path.is_file()):
        text = path.read_text(encoding="utf-8", errors="replace")
        if (clean := _nameless(private(text))) != text:
            write_atomic(path, clean)


def _nameless(text: str) -> str:
    """The text without the machine and the user that it names at its head."""
    for name in {one or other for one, other in NAMED_IN_LOGS.findall(text)}:
        text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", "[hidden]", text)
    return text


def _secrets() -> Iterator[str]:
    for name, value in os.environ.items():
        if SECRET.search(name.upper()) and len(value) >= SHORTEST_SECRET:
            yield value


def _places() -> list[tuple[str, str]]:
    """Folders and what stands for them, those within others first."""
    named = {str(ROOT): "", os.path.expanduser("~"): "~/"}
    named |= {str(place): f"{place.name}/" for place in (data_dir(), runs_dir(), reports_dir())}
    return sorted(((place, name) for place, name in named.items() if len(place) > 1), key=lambda one: -len(one[0]))
