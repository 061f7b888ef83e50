"""What the lock files install on this machine, and how far the installer is; for the set-up, without packages.

python packages.py need FOLDER LOCK ...     the sum in words; fails where the disk is too full
python packages.py watch LOG FOLDER LOCK ...   progress, until its input is closed
python packages.py without-torch LOCK       the lock file less PyTorch and what NVIDIA's cards need
python packages.py uv-alone LOCK            what it has of uv
python packages.py sizes PYLOCK             write requirements.sizes, from a lock in the format of PEP 751
"""

import os
import platform
import re
import select
import shutil
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

SIZES_FILE = Path(__file__).resolve().parents[1] / "requirements.sizes"
PLATFORMS = ("linux-x86_64", "linux-aarch64", "darwin-arm64", "win32-AMD64")
WHEELS = ("linux.*x86_64", "linux.*aarch64", "macosx.*(arm64|universal2)", "win_amd64")  # of these platforms
LOCKED = re.compile(r"([a-z0-9.-]+)==([\w.+]+)(?: ; ([^\\\n]+))?")
OF_TORCH = re.compile(r"(torch|torchvision|triton|(nvidia|cuda)-[a-z0-9-]+)==")
GROWTH = 4  # unpacked bytes for each packed one, where they have not been measured
SPARE = 500_000  # kB: what Python makes of the packages on first use, and the first small files of the course
GB = 1_000_000  # kB
TOO_LITTLE = 3  # exit status


@dataclass(frozen=True)
class Package:
    """A package of a lock file, in kB as it is fetched and as it lies on the disk; 0 where that is not known."""

    name: str
    fetched: int
    unpacked: int


def wanted_packages(locks: Iterable[str | Path]) -> list[Package]:
    """What the lock files have for this Python on this machine."""
    sizes = _sizes()
    here = f"{sys.platform}-{platform.machine()}"
    column = PLATFORMS.index(here) if here in PLATFORMS else None
    found = {}
    for path in locks:
        for name, version, marker in LOCKED.findall(Path(path).read_text(encoding="utf-8")):
            if not marker or holds(marker):
                row = sizes.get(name + version.partition("+")[1] + version.partition("+")[2]) or sizes.get(name)
                fetched = row[column] if row and column is not None else 0
                found[name] = Package(name, fetched, (row[-1] if row else 0) or GROWTH * fetched)
    return list(found.values())


def _sizes() -> dict[str, list[int]]:
    lines = SIZES_FILE.read_text(encoding="utf-8").splitlines()
    return {line.split()[0]: [int(part) for part in line.split()[1:]] for line in lines if line[:1].strip("# ")}


def holds(marker: str) -> bool:
    """Whether a condition of a lock file is true here: a comparison in Python's own words, but for versions."""
    here = {
        "sys_platform": sys.platform,
        "platform_machine": platform.machine(),
        "os_name": os.name,
        "implementation_name": sys.implementation.name,
        "python": sys.version_info[:3],
        "minor": sys.version_info[:2],
    }
    marker = re.sub(r"python_(?:full_)?version ([!<>=]+) '([\d.]+?)(\.\*)?'", _compared, marker.strip())
    return eval(marker, {"__builtins__": {}}, here)


def _compared(version: re.Match) -> str:
    return f"{'minor' if version[3] else 'python'} {version[1]} ({version[2].replace('.', ',')},)"


def need(folder: Path, locks: list[str]) -> int:
    """Print what is to be fetched and what disk it takes; TOO_LITTLE, with the reason, where there is no room."""
    packages = wanted_packages(locks)
    fetched, unpacked = (sum(getattr(item, key) for item in packages) for key in ("fetched", "unpacked"))
    if not fetched:
        print(f"{len(packages)} packages")
        return 0
    on_disk = unpacked + SPARE
    if os.stat(folder).st_dev == os.stat(tempfile.gettempdir()).st_dev:
        on_disk += fetched  # the installer keeps what it fetched until all is unpacked
    free = shutil.disk_usage(folder).free // 1000
    if free < on_disk:
        print(
            f"{folder} lies on a disk with {free / GB:.1f} GB free, and the packages need {on_disk / GB:.1f} GB: "
            "make room, or put the project on another disk"
        )
        return TOO_LITTLE
    print(f"{len(packages)} packages, {_size(fetched)} to download, {_size(on_disk)} of disk")
    return 0


def _size(kilobytes: int) -> str:
    return f"{kilobytes / GB:.1f} GB" if kilobytes >= GB else f"{kilobytes / 1000:.0f} MB"


class Installer:
    """How far uv or pip is, by its log and by what lies in the environment."""

    # pip names every package that it turns to, uv the large ones when they have come.
    PIP = re.compile(
        r"^(?:Collecting|Requirement already satisfied:) ([\w.-]+)|^Processing (?:\S*/)?([\w.]+)-\d", re.M
    )
    UV = re.compile(r"^ *Downloaded ([\w.-]+)", re.MULTILINE)

    def __init__(self, log: Path, folder: Path, locks: list[str]):
        self.log, self.folder = log, folder
        self.sizes = {item.name: item.fetched for item in wanted_packages(locks)}
        self.before = self.installed()

    def installed(self) -> int:
        """How many packages lie in the environment."""
        places = (*self.folder.glob("lib/python*/site-packages"), *self.folder.glob("Lib/site-packages"))
        return sum(name.endswith(".dist-info") for place in places[:1] for name in os.listdir(place))

    def fetched(self) -> int:
        """How much has come, in kB."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        if self.installed() > self.before + 2:
            return sum(self.sizes.values())  # both install only when all is there
        named = [first or second for first, second in self.PIP.findall(text)][:-1]  # the last is still on its way
        names = {re.sub(r"[-_.]+", "-", name).lower() for name in [*named, *self.UV.findall(text)]}
        return sum(self.sizes.get(name, 0) for name in names)

    def line(self, seconds: float) -> str:
        """Time, megabytes and packages."""
        clock = f"{seconds // 60:.0f}:{seconds % 60:02.0f}"
        total = sum(self.sizes.values())
        size = f"{self.fetched() / 1000:.0f} of {total / 1000:.0f} MB fetched, " if total else ""
        done = min(max(self.installed() - self.before, 0), len(self.sizes))
        return f"  {clock}  {size}{done} of {len(self.sizes)} packages installed"


def watch_installer(log: Path, folder: Path, locks: list[str]) -> int:
    """Say how far it is until the input is closed: in one line on a terminal, else in a line each half minute."""
    installer, began, on_terminal = Installer(log, folder, locks), time.monotonic(), sys.stderr.isatty()
    while not _is_closed(1 if on_terminal else 30):
        line = installer.line(time.monotonic() - began)
        if not _is_closed(0):  # else the set-up has said something already
            print(f"\r{line}\033[K" if on_terminal else f"{line}\n", end="", file=sys.stderr, flush=True)
    return 0


def _is_closed(seconds: float) -> bool:
    """Whether the input ends within this time; nothing is ever written into it."""
    return bool(select.select([sys.stdin], [], [], seconds)[0])


def blocks(lock: str) -> list[str]:
    """The lines of each package of a lock file."""
    return re.split(r"^(?! )", Path(lock).read_text(encoding="utf-8"), flags=re.MULTILINE)


def size_lines(pylock: str) -> Iterator[str]:
    """The lines of requirements.sizes; those of PyTorch's own index are kept as they are.

    What lies unpacked is measured in the environment that this runs in.
    """
    packages = tomllib.loads(Path(pylock).read_text(encoding="utf-8"))["packages"]
    measured = {re.sub(r"[-_.]+", "-", item.metadata["Name"]).lower(): _unpacked(item) for item in distributions()}
    yield "# kB of each package: as fetched for " + ", ".join(PLATFORMS) + "; unpacked (0: not measured)"
    for name in sorted({item["name"] for item in packages}):
        versions = [item for item in packages if item["name"] == name]
        columns = [max(_fetched(item, pattern) for item in versions) for pattern in WHEELS]
        yield " ".join(map(str, [name, *columns, measured.get(name, 0)]))
    yield "# the publisher's own build for machines without an NVIDIA card"
    yield from (f"{name} {' '.join(map(str, row))}" for name, row in _sizes().items() if "+" in name)


def _fetched(package: dict, pattern: str) -> int:
    """kB of the file for a platform: the wheel for Python 3.13, or that for any; or the source."""
    fitting = [
        wheel
        for wheel in package.get("wheels", ())
        if re.search(
            rf"-(cp313-cp313|cp3\d+-abi3|(py2\.)?py3\d*-none|cp313-none)-(\S*{pattern}|any)", _name(wheel)
        )
        and "musllinux" not in _name(wheel)
    ]
    files = fitting or [package["sdist"]] if fitting or "sdist" in package else package.get("wheels", ())
    return -(-max(file["size"] for file in files) // 1000)


def _name(wheel: dict) -> str:
    return wheel["url"].rsplit("/", 1)[-1]


def _unpacked(item) -> int:
    paths = (str(item.locate_file(file)) for file in item.files or ())
    return -(-sum(os.path.getsize(path) for path in paths if os.path.exists(path)) // 1000)


def main(arguments: list[str]) -> int:
    """Run one of the commands above."""
    command, *rest = arguments
    if command == "need":
        return need(Path(rest[0]), rest[1:])
    if command == "watch":
        return watch_installer(Path(rest[0]), Path(rest[1]), rest[2:])
    if command == "without-torch":  # PyTorch's own build for NVIDIA's cards, and all that only it needs
        print("".join(block for block in blocks(rest[0]) if not OF_TORCH.match(block)), end="")
    elif command == "uv-alone":
        print("".join(block for block in blocks(rest[0]) if block.startswith("uv==")), end="")
    else:
        SIZES_FILE.write_text("\n".join(size_lines(rest[0])) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
