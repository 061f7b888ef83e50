"""Read bad files by the hundred, in a process that may die or hang, and count what came of each.

A family of files is a module `fuzz_<family>` with two functions: `prepare(folder)` returns what all its cases
need, and `case(prepared, seed)` makes one bad file, has it read, and returns RIGHT or NAMED. Anything that it
raises is a fault, and so is a process that ends by itself, takes too long or takes too much memory.
"""

import importlib
import multiprocessing
import os
import random
import resource
import time
import traceback
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

RIGHT, NAMED = "read rightly", "named"
SECONDS = 60.0  # that one file may take, on a machine with much else to do, before it counts as a hang
STARTING = 300.0  # seconds for imports and `prepare`
MEGABYTES = 1500  # that the memory in use may grow by for one file
LONGEST = 600  # characters of a message
# A YAML text that grows without end.
LAUGHTER = "l0: &l0 [ha]\n" + "".join(
    f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 11)
)  # a YAML text that grows without end


@dataclass
class Tally:
    """What came of the files of one family."""

    family: str
    outcomes: Counter = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0

    @property
    def tried(self) -> int:
        return self.outcomes.total() + len(self.faults)

    def add(self, seed: int, outcome: str, fault: str, seconds: float) -> None:
        self.slowest = max(self.slowest, seconds)
        if fault:
            self.faults.append(f"{self.family} {seed}: {fault}")
        else:
            self.outcomes[outcome] += 1

    def __str__(self) -> str:
        found = ", ".join(f"{self.outcomes[kind]} {kind}" for kind in (RIGHT, NAMED))
        return (
            f"{self.family}: {self.tried} bad files, {found}, {len(self.faults)} faults "
            f"(slowest {self.slowest:.1f} s)"
        )


def campaign(family: str, count: int, folder: Path, first: int = 0) -> Tally:
    """Try the bad files of seeds first … first + count - 1, one after the other in a process of their own."""
    tally, seeds = Tally(family), list(range(first, first + count))
    while seeds:
        done = _one_process(family, seeds, folder / f"{family}-{seeds[0]}", tally)
        seeds = seeds[done:]
    return tally


def _one_process(family: str, seeds: list[int], folder: Path, tally: Tally) -> int:
    """How many of the seeds a process got through, the one that ended it included."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(family, seeds, folder, theirs), daemon=True)
    child.start()
    theirs.close()
    done, limit = 0, STARTING
    try:
        while done < len(seeds):
            if not ours.poll(limit):
                tally.add(seeds[done], "", f"no answer within {limit:.0f} s", limit)
                return done + 1
            tally.add(*ours.recv())
            done, limit = done + 1, SECONDS
    except EOFError:
        child.join()
        tally.add(seeds[done], "", f"the process ended with exit status {child.exitcode}", 0.0)
        return done + 1
    finally:
        child.kill()
        child.join()
    return done


def _work(family: str, seeds: list[int], folder: Path, results: Connection) -> None:
    os.environ |= {"WANDB_MODE": "disabled", "IMAGE_COURSE_HEADLESS": "1"}
    for name in ("DATA", "RUNS", "REPORTS"):
        os.environ[f"IMAGE_COURSE_{name}"] = str(folder / name.lower())
    folder.mkdir(parents=True)
    module = importlib.import_module(f"fuzz_{family}")
    prepared = module.prepare(folder)
    for seed in seeds:
        results.send(_tried(module.case, prepared, seed))


def _tried(case, prepared, seed: int) -> tuple[int, str, str, float]:
    began, before = time.monotonic(), _megabytes()
    outcome = fault = ""
    try:
        outcome = case(prepared, seed)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        fault = f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}: {str(error)[:LONGEST]}"
    grown = _megabytes() - before
    if grown > MEGABYTES:
        fault = f"{fault} {grown} MB of memory".strip()
    return seed, outcome, fault, time.monotonic() - began


def _megabytes() -> int:
    """The most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def random_of(*numbers: object) -> random.Random:
    """The same for the same numbers and words."""
    return random.Random(repr(numbers))


def check_message(message: str, *words: str) -> str:
    """NAMED for one sentence of a decent length that holds all the words; anything else is a fault."""
    for word in words:
        assert word in message, f"'{word}' is not in the message: {message}"
    check_reason(message)
    return NAMED


def check_reason(reason: str, repeated: int = 0) -> None:
    """A reason is one line that can be printed and read; it may repeat so many characters of what was given."""
    assert len(reason) > 10 and "Traceback" not in reason, f"no sentence: {reason!r}"
    assert len(reason) <= LONGEST + repeated, f"{len(reason)} characters: {reason[:200]}"
    unfit = {"Cc", "Cs", "Zl", "Zp"}  # control characters, half characters, ends of lines and paragraphs
    assert not unfit & set(map(unicodedata.category, reason)), f"not one printable line: {reason!r}"
