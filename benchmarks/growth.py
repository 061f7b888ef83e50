"""How time, memory and disk grow with the data: `python benchmarks/growth.py [--times 1 2 4 8] [--stages …]`.

Every stage of the course runs on 1×, 2×, 4× and 8× of a drawn sample, each in a process of its own, and a line is
fitted to the logarithms: its slope is the exponent, printed with its standard error; behind it the slope of the
last doubling alone, where fixed costs hide least. What grows faster than n log n by more than two standard errors
is marked, and the exit status is then 1. The last column is what the line says of 100×.

Seconds are of the processors, all processes of a stage together, which other work disturbs least; the clock's are
kept in the file of `--json`. Memory is what the largest process takes beyond what it held before, without the
pages of mapped files. Two searches that could compare everything with everything are also measured further out: on
the largest sample and up to eight times as many images, its own turned and mirrored. The default takes about
15 minutes on two cores, `--times 1 2 4` half of that. Needs Linux (/proc).
"""

import argparse
import json
import logging
import math
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

ENOUGH, REPEATS = 3.0, 3  # a stage of fewer seconds is done again where that costs as much; the quickest counts
UNITS = {"seconds": "s of the processors", "memory": "MB", "disk": "MB", "page": "MB", "results": "MB"}
LEAST = {
    "seconds": 0.05,
    "memory": 8.0,
    "disk": 0.01,
    "page": 0.01,
    "results": 0.01,
}  # below it, nothing is fitted
BEYOND = (1, 2, 4, 8)  # times the largest amount, for the searches that are measured further out
CLASSES, EXTRAPOLATED = 10, 100
POLL = 0.01  # seconds


@dataclass(frozen=True)
class Measured:
    """One stage on one amount of data: seconds, and MB taken of memory and disk; `clock` are seconds too."""

    seconds: float
    clock: float
    memory: float
    disk: float
    page: float  # the largest page and the largest result file that there are now
    results: float


@dataclass(frozen=True)
class Slope:
    """Exponent of a power law, its standard error, the slope of the last two amounts, and the value at 100×."""

    exponent: float
    error: float
    last: float
    far: float

    @classmethod
    def through(cls, times: Sequence[int], values: Sequence[float]) -> "Slope":
        """Least squares in the logarithms; the error is NaN for two amounts."""
        x, y = np.log(times), np.log(np.maximum(values, 1e-9))
        slope, start = np.polyfit(x, y, 1)
        left = len(x) - 2
        spread = math.sqrt(((y - start - slope * x) ** 2).sum() / left) if left else math.nan
        error = spread / math.sqrt(((x - x.mean()) ** 2).sum())
        last = (y[-1] - y[-2]) / (x[-1] - x[-2])
        return cls(float(slope), float(error), float(last), float(np.exp(start + slope * np.log(EXTRAPOLATED))))


def n_log_n(times: Sequence[int], unit: int) -> float:
    """The slope that n log n itself has over these amounts, a little above 1."""
    n = unit * np.array(times)
    return Slope.through(times, n * np.log(n)).exponent


# One stage, in a process of its own


def measure_here(stage: str, *amount: int) -> None:
    """Prepare, say so, work, and print what it took."""
    import growth_stages as stages

    logging.getLogger("helpers").setLevel(logging.ERROR)
    chosen = stages.STAGES[stage]
    asked = stages.Amount(*amount)
    work = chosen.prepare(asked)
    before = stages.used()
    print("ready", flush=True)
    taken = [timed(work)]
    while chosen.again and sum(clock for clock, _ in taken) < ENOUGH and len(taken) < REPEATS:
        taken.append(timed(work))
    clock, seconds = (min(values) for values in zip(*taken, strict=True))
    seconds = clock if chosen.by_clock else seconds
    reports = asked.largest() if chosen.by_clock else {"page": 0, "results": 0}
    sizes = {kind: size / 1e6 for kind, size in ({"disk": stages.used() - before} | reports).items()}
    print(json.dumps({"seconds": seconds, "clock": clock} | sizes), flush=True)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of the processors in this process and those that it started and outlived."""
    clock, processors = time.perf_counter(), processor_seconds()
    work()
    return time.perf_counter() - clock, processor_seconds() - processors


def processor_seconds() -> float:
    """User and system time so far."""
    of = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in of)


# All of them, from outside


class Watch(threading.Thread):
    """Notes the largest memory of any process below one, beyond what it held when the watch began."""

    def __init__(self, process: int):
        super().__init__(daemon=True)
        self.held, self.most, self.process, self.over = (
            {process: private_mb(process)},
            0.0,
            process,
            threading.Event(),
        )

    def run(self) -> None:
        while not self.over.wait(POLL):
            for process in family(self.process):
                self.most = max(self.most, private_mb(process) - self.held.get(process, 0.0))

    def stop(self) -> float:
        """MB at the most."""
        self.over.set()
        self.join()
        return self.most


def family(process: int) -> Iterator[int]:
    """A process and all that it started and they started."""
    yield process
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        for child in _read(path).split():
            yield from family(int(child))


def private_mb(process: int) -> float:
    """Memory of a process that is no mapped file's, in MB."""
    lines = dict(line.split(":", 1) for line in _read(Path(f"/proc/{process}/status")).splitlines())
    return float(lines.get("RssAnon", "0 kB").split()[0]) / 1024


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended
        return ""


def measure(stage: str, amount: Sequence[int], environment: Mapping[str, str]) -> Measured:
    """Run one stage in a process of its own. Stops this script where it fails."""
    command = [sys.executable, __file__, "--one", stage, *map(str, amount)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line == "ready\n":
                break
        watch = Watch(process.pid)
        watch.start()
        lines = process.stdout.read().splitlines()
        memory = watch.stop()
    if process.returncode or not lines:
        sys.exit(f"{stage} ended with exit status {process.returncode}")
    return Measured(memory=memory, **json.loads(lines[-1]))


def measure_all(
    names: Sequence[str], times: Sequence[int], sizes: Sequence[int], folder: Path
) -> dict[str, dict[int, Measured]]:
    """Every stage on every amount, all of them on one amount after another, since later ones use the earlier's."""
    from growth_stages import STAGES

    places = {f"IMAGE_COURSE_{name.upper()}": str(folder / name) for name in ("data", "runs", "reports")}
    environment = os.environ | places | {"WANDB_MODE": "disabled"}
    found: dict[str, dict[int, Measured]] = {name: {} for name in names}
    for number in times:
        for name in names:
            amounts = [number * more for more in BEYOND] if STAGES[name].beyond else [number]
            for amount in amounts if number == times[-1] or not STAGES[name].beyond else ():
                one = found[name][amount] = measure(name, (number, *sizes, amount // number), environment)
                print(
                    f"{amount:4}× {STAGES[name].title:24} {one.seconds:8.2f} s {one.memory:8.0f} MB",
                    file=sys.stderr,
                )
    return found


def report(found: Mapping[str, Mapping[int, Measured]], images: int) -> int:
    """Print the tables. The exit status is 1 where something grows too fast."""
    from growth_stages import STAGES

    steep = []
    for kind, unit in UNITS.items():
        lines = []
        for name, row in found.items():
            values = [getattr(one, kind) for one in row.values()]
            if len(values) > 1 and max(values) >= LEAST[kind]:
                slope = Slope.through(list(row), values)
                fast = slope.exponent - 2 * slope.error > n_log_n(list(row), CLASSES * images)
                steep += [f"{STAGES[name].title}, {kind}"] * fast
                lines.append(line(STAGES[name].title, row, values, slope, fast))
        if lines:
            print(f"\n{kind}, {unit}\n\n" + "\n".join([*HEAD, *lines]))
    print(f"\nfaster than n log n: {', '.join(steep) or 'nothing'}")
    return int(bool(steep))


HEAD = (
    "| stage | amounts | measured | exponent | last doubling | at 100× |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
)


def line(title: str, row: Mapping[int, Measured], values: Sequence[float], slope: Slope, fast: bool) -> str:
    """One line of a table."""
    cells = (
        title, ", ".join(f"{times}×" for times in row), ", ".join(f"{value:.3g}" for value in values),
        f"{slope.exponent:.2f} ± {slope.error:.2f}" + " (too fast)" * fast, f"{slope.last:.2f}",
        f"{slope.far:.3g}",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def main() -> int:
    """Measure every stage on every amount and print the tables."""
    from growth_stages import STAGES

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 2, 4, 8], help="how often the sample")
    parser.add_argument("--stages", nargs="+", default=list(STAGES), choices=STAGES, help="in this order")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder); should be empty")
    parser.add_argument("--json", type=Path, help="keep all that was measured in this file")
    parser.add_argument("--images", type=int, default=240, help="of each of ten classes, at 1×")
    parser.add_argument("--scenes", type=int, default=60, help="street scenes of both cities, at 1×")
    parser.add_argument("--one", nargs=5, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        measure_here(arguments.one[0], *map(int, arguments.one[1:]))
        return 0
    names = [name for name in STAGES if name in arguments.stages]
    with tempfile.TemporaryDirectory(prefix="growth-") as temporary:
        folder = (arguments.folder or Path(temporary)).absolute()
        found = measure_all(names, sorted(arguments.times), (arguments.images, arguments.scenes), folder)
    if arguments.json:
        kept = {name: {times: asdict(one) for times, one in row.items()} for name, row in found.items()}
        arguments.json.write_text(json.dumps(kept, indent=1) + "\n")
    return report(found, arguments.images)


if __name__ == "__main__":
    sys.exit(main())
