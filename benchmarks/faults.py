"""What does the course make of a machine that fails? `python benchmarks/faults.py [disk memory …] [-- options]`.

Every trial brings a fault into a run on the sample (the default study unless options of run_all.sh follow `--`):
the run must end by itself, in time, with a sentence that says what is wrong instead of a traceback. Then the fault
is taken away, the same command must finish, and every result file must equal an undisturbed run's.
Needs Linux and the right to make namespaces (`unshare -m`, `unshare -n`: root, in a container too).
"""

import argparse
import contextlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from courses import Course, Failed, differences, own_and_given, results, undisturbed
from kills import HANGS, faulty_end

from helpers.base.paths import ROOT

OWN_MOUNTS = "IMAGE_COURSE_FAULTS_MOUNTS"  # set in the process that may mount: what it mounts ends with it
DAY = 24 * 3600
GIGABYTE = 1 << 30
MOST_SILENCE = 10  # seconds that anything may wait for a network
FULL_DISK = r"disk.* is full"
NO_MEMORY = r"memory ran out"
STAGES = {  # there is a file like this from the moment on that the stage has begun
    "drawing": "data/samples/.*.partial/*/*",
    "decoding": "data/.cache/*.making/*",
    "pretraining": "runs/kept/pretraining-*",
    "training": "runs/trained/*/*",
    "keeping a chapter": "runs/*/notebooks/*.ipynb",
    "making a page": "runs/*/notebooks/*.done.json",
    "a random moment": None,
}
SILENT_NETWORK = """
ip link set lo up; ip link add here type veth peer name there; ip addr add 192.0.2.1/24 dev here
ip link set here up; ip link set there up; ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:01 dev here nud permanent
ip route add default via 192.0.2.2; exec "$@"
"""
# Whatever is imported on the way is imported before: it is the waiting that is timed.
TIMED = """
import json, time, kagglehub, timm, torchvision.models, wandb
from helpers.base import fetch
from helpers.training import tracking
from helpers.base.errors import CourseError
from helpers.models.published import published_file
from helpers.study.study import Study
from runner import downloads
found = {}
for name, call in CALLS.items():
    began = time.monotonic()
    try:
        said = eval(call)
    except CourseError as error:
        said = error
    found[name] = time.monotonic() - began, str(said)
print(json.dumps(found))
"""
NEEDING_NETWORK = {  # what is asked for, and a part of the sentence that must come
    "house numbers": ("downloads.download(Study.load('svhn'))", "put the file into"),
    "a set from Kaggle": ("downloads.download(Study.load('scenes'))", "kaggle.com"),
    "torchvision's weights": ("published_file('resnet18')", "put the file into"),
    "timm's weights": ("published_file('timm/resnetv2_50')", "put the file into"),
    "Weights & Biases": ("tracking.Tracker('study', 'run', 'job', {}).__exit__(None, None, None)", "None"),
}
ONLINE = {"WANDB_MODE": "online", "WANDB_API_KEY": "0" * 40}
NETWORKS = {
    "no interface": ("unshare", "-n"),
    "connections hang": ("unshare", "-n", "sh", "-c", SILENT_NETWORK, "sh"),
}


@dataclass
class Trial:
    """One fault: what was done, and what went wrong."""

    fault: str
    what: str
    wrong: list[str]


@dataclass
class Undisturbed:
    """What every run is compared with, and how long it took."""

    course: Course
    seconds: float
    results: dict[str, object]

    @property
    def limit(self) -> float:
        return self.seconds + HANGS

    def again(self, name: str, **changes) -> Course:
        """A course like this one in a folder of its own, with nothing in it."""
        course = replace(self.course, folder=self.course.folder.parent / name, **changes)
        course.log.unlink(missing_ok=True)
        course.wipe()
        return course

    def finished(self, course: Course) -> list[str]:
        """What differs after the course has run to its end."""
        try:
            course.finish()
        except Failed as error:
            return [str(error), *course.said().splitlines()[-3:]]
        return differences(self.results, results(course))


def must_say(course: Course, position: int, status: int, pattern: str) -> list[str]:
    """A run that failed has said why."""
    said = course.said(position)
    if status == 0 or re.search(pattern, said):
        return []
    return [f"nothing it says is like '{pattern}': {said.strip().splitlines()[-1:]}"]


# Disk full


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A file system of that size at `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path, leave: int) -> Path:
    """Fill the disk up to `leave` bytes; the file that takes the room."""
    ballast = folder / "ballast"
    with ballast.open("wb") as file:
        while (room := shutil.disk_usage(folder).free - leave) > 0:
            with contextlib.suppress(OSError):  # somebody else was quicker: there is less room now
                os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, room)
    return ballast


def disk(reference: Undisturbed, count: int, megabytes: int = 4000) -> Iterator[Trial]:
    """The disk fills up in each stage, and stays full until the run has ended."""
    for number in range(count):
        stage = list(STAGES)[number % len(STAGES)]
        leave = random.choice([0, 1 << 14, 1 << 18, 1 << 20])
        course = reference.again(f"disk-{number}")
        with small_disk(course.folder, megabytes):
            position, process = 0, course.start()
            _wait_for(course, STAGES[stage], process, random.uniform(0, reference.seconds))
            ballast = fill(course.folder, leave)
            wrong = faulty_end(course, process, reference.limit, position)
            wrong += must_say(course, position, process.returncode, FULL_DISK)
            ballast.unlink()
            yield Trial("disk full", f"{stage}, {leave >> 10} KB left", wrong + reference.finished(course))


def _wait_for(course: Course, pattern: str | None, process: subprocess.Popen, seconds: float) -> None:
    began = time.monotonic()
    while process.poll() is None:
        if pattern and next(course.folder.glob(pattern), None) is not None:
            return
        if pattern is None and time.monotonic() - began > seconds:
            return
        time.sleep(0.02)


# A folder of data that is read-only


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def readonly(reference: Undisturbed, count: int) -> Iterator[Trial]:
    """All data there; only the images; nothing."""
    data = reference.course.folder / "data"
    with read_only(data):
        course = reference.again("readonly-all", data=data)
        yield Trial("read-only data", "sample, caches and weights are there", reference.finished(course))
    images = reference.course.folder.parent / "readonly-images"
    shutil.rmtree(images, ignore_errors=True)
    shutil.copytree(data / "samples", images / "samples")
    with read_only(images):
        course = reference.again("readonly-some", data=images)
        yield Trial("read-only data", "only the sample is there", reference.finished(course))
    empty = reference.course.folder.parent / "readonly-empty"
    empty.mkdir(exist_ok=True)
    with read_only(empty):
        course = reference.again("readonly-none", data=empty)
        process = course.start()
        wrong = faulty_end(course, process, reference.limit, 0)
        wrong += must_say(course, 0, process.returncode, "IMAGE_COURSE_DATA")
        wrong += [] if process.returncode == 1 else [f"it ended with {process.returncode}"]
        yield Trial("read-only data", "nothing is there", wrong)


# Memory


def memory(reference: Undisturbed, count: int) -> Iterator[Trial]:
    """Every process may have so much address space and no more."""
    for number in range(count):
        bytes_ = int(random.uniform(1, 6) * GIGABYTE)
        course = reference.again(f"memory-{number}", prefix=("prlimit", f"--as={bytes_}"))
        process = course.start()
        wrong = faulty_end(course, process, reference.limit, 0)
        wrong += must_say(course, 0, process.returncode, NO_MEMORY)
        said = "enough" if process.returncode == 0 else "too little"
        wrong += reference.finished(replace(course, prefix=()))
        yield Trial("memory limit", f"{bytes_ / GIGABYTE:.2f} GB of addresses: {said}", wrong)


# The clock


def clock(reference: Undisturbed, count: int) -> Iterator[Trial]:
    """A run is killed, and when it goes on the clock has been set back: whatever there is lies in the future."""
    for number in range(count):
        course = reference.again(f"clock-{number}")
        process = course.start()
        moment = random.uniform(0.1, 1.0) * reference.seconds
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            course.kill_all()
            process.wait()
        back = random.choice([60, DAY, 3650 * DAY])
        set_back(course.folder, back)
        wrong = reference.finished(course)
        wrong += [f"a second call: {line}" for line in reference.finished(course)]
        yield Trial("clock set back", f"by {back} s after {moment:.0f} s of a run", wrong)


def set_back(folder: Path, seconds: float) -> None:
    """To the files it is as if the clock had been set back."""
    for path in [folder, *folder.rglob("*")]:
        facts = path.lstat()
        times = (facts.st_atime_ns + int(seconds * 1e9), facts.st_mtime_ns + int(seconds * 1e9))
        os.utime(path, ns=times, follow_symlinks=False)


# Two at once


def two(reference: Undisturbed, count: int) -> Iterator[Trial]:
    """The command is given twice in the same folder: the second says so and leaves."""
    for number in range(count):
        course = reference.again(f"two-{number}")
        first = course.start()
        apart = random.choice([0, random.uniform(0, reference.seconds / 2)])
        time.sleep(apart)
        second = course.start()
        statuses = sorted(process.wait() for process in (first, second))
        wrong = [] if statuses == [0, 1] else [f"they ended with {statuses}"]
        wrong += [] if "another run is at work" in course.said() else ["neither says that the other is at work"]
        wrong += differences(reference.results, results(course))
        yield Trial("two in one folder", f"{apart:.1f} s apart", wrong)


def shared(reference: Undisturbed, count: int) -> Iterator[Trial]:
    """Two checkouts of the project work with one folder of data, which is empty at first."""
    for number in range(count):
        place = reference.course.folder.parent / f"shared-{number}"
        shutil.rmtree(place, ignore_errors=True)
        courses = [
            reference.again(f"shared-{number}-{name}", root=_checkout(place / name), data=place / "data")
            for name in ("one", "other")
        ]
        apart = random.choice([0, random.uniform(0, reference.seconds / 2)])
        processes = []
        for course in courses:
            processes.append(course.start())
            time.sleep(apart if course is courses[0] else 0)
        wrong = [f"a run ended with {process.returncode}" for process in processes if process.wait()]
        for course in courses:
            wrong += differences(reference.results, results(course))
        yield Trial("two checkouts, one data folder", f"{apart:.1f} s apart", wrong)


def _checkout(folder: Path) -> Path:
    """A copy of all that git knows of the project, as it is now."""
    names = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "-co", "--exclude-standard"], check=True, capture_output=True
    ).stdout.decode()
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


# No network


def network(reference: Undisturbed, count: int) -> Iterator[Trial]:
    """The whole study without a network, with Weights & Biases offline and online; and what needs one, says so."""
    for name, prefix in NETWORKS.items():
        for mode, variables in (("offline", {}), ("online", ONLINE)):
            course = reference.again(f"network-{len(name)}-{mode}", prefix=prefix, variables=variables)
            began = time.monotonic()
            wrong = reference.finished(course)
            seconds = time.monotonic() - began
            what = f"{name}, W&B {mode}: {seconds:.0f} s instead of {reference.seconds:.0f}"
            yield Trial("no network", what, wrong)
        for what, wrong in hurried(prefix).items():
            yield Trial("no network", f"{name}: {what}", wrong)


def hurried(prefix: tuple[str, ...]) -> dict[str, list[str]]:
    """What needs a network must give up in ten seconds and say what to do; what went wrong, by what was asked."""
    calls = {name: call for name, (call, _) in NEEDING_NETWORK.items()}
    with tempfile.TemporaryDirectory() as folder:
        places = {"IMAGE_COURSE_DATA": folder, "IMAGE_COURSE_RUNS": folder, "PYTHONPATH": str(ROOT)}
        command = [*prefix, sys.executable, "-c", f"CALLS = {calls!r}{TIMED}"]
        done = subprocess.run(command, cwd=ROOT, env=os.environ | places | ONLINE, capture_output=True, text=True)
    if done.returncode:
        return {name: [f"it ended with {done.stderr.strip().splitlines()[-1:]}"] for name in calls}
    found = json.loads(done.stdout.splitlines()[-1])
    return {name: _judged(*found[name], NEEDING_NETWORK[name][1]) for name in calls}


def _judged(seconds: float, said: str, advice: str) -> list[str]:
    wrong = [] if seconds < MOST_SILENCE + 1 else [f"it waited for {seconds:.1f} s"]
    return wrong + ([] if advice in said else [f"it does not say '{advice}': {said}"])


FAULTS: dict[str, tuple[Callable[[Undisturbed, int], Iterator[Trial]], int]] = {
    "disk": (disk, 21),
    "readonly": (readonly, 3),
    "memory": (memory, 10),
    "clock": (clock, 5),
    "two": (two, 4),
    "shared": (shared, 3),
    "network": (network, 1),
}


def with_own_mounts() -> None:
    """Go on in a process whose mounts nobody else sees and which end with it."""
    if OWN_MOUNTS not in os.environ:
        os.environ[OWN_MOUNTS] = "1"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])


def campaign(reference: Undisturbed, chosen: list[str], count: int | None) -> list[Trial]:
    """All trials of the faults chosen, each told as it ends."""
    trials = []
    for name in chosen:
        begin, usual = FAULTS[name]
        for trial in begin(reference, count or usual):
            trials.append(trial)
            print(f"{trial.fault} ({trial.what}): {'; '.join(trial.wrong) or 'survived'}", flush=True)
    return trials


def main() -> int:
    """Exit status 0 only if every fault was survived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("faults", nargs="*", help=f"of {', '.join(FAULTS)} (default: all)")
    parser.add_argument("--count", type=int, help="trials of each fault (default: its own number)")
    parser.add_argument("--seed", type=int, default=0, help="of whatever is random")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    own, options = own_and_given(sys.argv[1:])
    arguments = parser.parse_args(own)
    if unknown := set(arguments.faults) - set(FAULTS):
        parser.error(f"there is no fault {', '.join(sorted(unknown))}")
    with_own_mounts()
    random.seed(arguments.seed)
    folder = (arguments.folder or Path(tempfile.mkdtemp(prefix="faults-"))).absolute()
    course, seconds = undisturbed(folder, options)
    reference = Undisturbed(course, seconds, results(course))
    print(f"undisturbed: {reference.seconds:.0f} s, {len(reference.results)} files, in {folder}", flush=True)
    trials = campaign(reference, arguments.faults or list(FAULTS), arguments.count)
    for fault in dict.fromkeys(trial.fault for trial in trials):
        own_trials = [trial for trial in trials if trial.fault == fault]
        print(f"{fault}: {len(own_trials)} tried, {sum(not trial.wrong for trial in own_trials)} survived")
    return int(any(trial.wrong for trial in trials))


if __name__ == "__main__":
    sys.exit(main())
