"""Does a killed run come to the same numbers? `python benchmarks/kills.py [--kills 50] [-- run_all.sh's options]`.

The default study runs on the sample once undisturbed and once more with SIGKILL at random moments: in turn to all
processes at once, to one job, to one kernel, and to any single process. Where one is killed, the run must end by
itself, in time, with a sentence instead of a traceback. Each kill is followed by the same command, and every run
that ends well is compared, file by file, wiped and begun again. Needs Linux (/proc), and takes a few times a run.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from courses import Course, Failed, differences, leftovers, own_and_given, results, undisturbed

KINDS = ("tree", "job", "kernel", "any")
HANGS = 300  # seconds that a run may take longer than an undisturbed one


def kill_again_and_again(
    course: Course, expected: dict[str, object], kinds: list[str], longest: float, limit: float
) -> list[str]:
    """Start, kill after a random time, start again, until all kills are spent and the last run has ended.

    Returns what went wrong: files that differ, runs that hang or say a traceback.
    """
    wrong: list[str] = []
    waiting = list(reversed(kinds))
    while waiting:
        ended, found = one_kill(course, waiting[-1], random.uniform(0, longest), limit)
        wrong += found
        if not ended:
            waiting.pop()
            print(f"kill {len(kinds) - len(waiting)} of {len(kinds)}: {found or 'as it should be'}", flush=True)
            continue
        wrong += compare(course, expected)
        course.wipe()
    course.finish()
    return wrong + compare(course, expected)


def one_kill(course: Course, kind: str, wait: float, limit: float) -> tuple[bool, list[str]]:
    """Start and kill; whether the run ended before it could be killed, and what went wrong."""
    position, process = len(course.said()), course.start()
    try:
        process.wait(wait)
        return True, [f"it ended with {process.returncode}"] if process.returncode else []
    except subprocess.TimeoutExpired:
        pass
    doing = course.doing()
    if kind == "tree":
        course.kill_all()
        process.wait()
        print(f"  all processes after {wait:.1f} s, in: {doing}", flush=True)
        return False, []
    victim = _kill_when_there_is_one(course, kind, process)
    print(f"  {victim or 'nothing'} after {wait:.1f} s, in: {doing}", flush=True)
    wrong = faulty_end(course, process, limit, position)
    return victim is None, wrong


def _kill_when_there_is_one(course: Course, kind: str, process: subprocess.Popen) -> str | None:
    while process.poll() is None:
        if victim := course.kill_one(kind):
            return victim
        time.sleep(0.1)
    return None


def faulty_end(course: Course, process: subprocess.Popen, limit: float, position: int) -> list[str]:
    """Wait for the end of a run that met a fault: it must come, leave nothing running and say no traceback."""
    try:
        process.wait(limit)
    except subprocess.TimeoutExpired:
        doing = course.doing()
        course.kill_all()
        process.wait()
        return [f"it hangs, in: {doing}"]
    said = course.said(position)
    wrong = ["the terminal shows a traceback"] if "Traceback" in said else []
    if process.returncode == 1 and not said.strip():
        wrong.append("it failed without a word")
    for _ in range(100):  # what loses its parent notices within half a second
        if not course.processes():
            return wrong
        time.sleep(0.1)
    return [*wrong, f"{len(course.processes())} processes are left running"]


def compare(course: Course, expected: dict[str, object]) -> list[str]:
    """What differs from the undisturbed run, and what was left lying about."""
    found = results(course)
    wrong = differences(expected, found)
    wrong += [f"{path.relative_to(course.folder)} was left behind" for path in leftovers(course)]
    print(f"finished: {len(found)} result files, {len(wrong)} differences from the undisturbed run", flush=True)
    for line in wrong:
        print(f"  {line}")
    return wrong


def main() -> int:
    """Exit status 0 only if every finished run equals the undisturbed one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--kinds", default=",".join(KINDS), help=f"of {', '.join(KINDS)}, taken in turn")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments")
    parser.add_argument("--longest", type=float, help="seconds to the latest kill (default: a fifth of a run)")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    own, options = own_and_given(sys.argv[1:])
    arguments = parser.parse_args(own)
    random.seed(arguments.seed)
    folder = (arguments.folder or Path(tempfile.mkdtemp(prefix="kills-"))).absolute()
    disturbed = Course(folder / "killed", options)
    try:
        reference, seconds = undisturbed(folder, options)
        expected = results(reference)
        print(f"undisturbed: {seconds:.0f} s, {len(expected)} result files, in {folder}", flush=True)
        kinds = list(islice(cycle(arguments.kinds.split(",")), arguments.kills))
        wrong = kill_again_and_again(disturbed, expected, kinds, arguments.longest or seconds / 5, seconds + HANGS)
    except Failed as error:
        sys.exit(str(error))
    left = reference.processes() + disturbed.processes()
    print(f"{arguments.kills} kills; {len(wrong)} things went wrong; {len(left)} processes left running")
    return int(bool(wrong or left))


if __name__ == "__main__":
    sys.exit(main())
