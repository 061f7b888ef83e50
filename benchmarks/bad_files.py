"""What becomes of bad files? `python benchmarks/bad_files.py [--only images,kept] [--first 0]`.

Hundreds of files are spoilt as disks, lost connections and careless programs spoil them, by the seed; each is
read as a chapter reads it, in a process that may die or hang. A file survives where it is read rightly or named in
one sentence. The last lines say how many were tried and how many survived; a fault is listed with the seed that
makes it again (`--first SEED --count 1`).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from fuzz_runner import NAMED, RIGHT, Tally, campaign  # noqa: E402

COUNTS = {"images": 700, "labels": 280, "packed": 100, "kept": 210, "studies": 300, "chapter": 500}


def try_family(family: str, count: int, first: int, folder: Path) -> Tally:
    """The files of one family; those of studies are made by hypothesis."""
    if family == "studies":
        import fuzz_studies

        return fuzz_studies.campaign(count, folder)
    return chapter_01(count, first, folder) if family == "chapter" else campaign(family, count, folder, first)


def chapter_01(count: int, first: int, folder: Path) -> Tally:
    """Chapter 01, as the command line runs it, over a folder with these bad images and some good ones."""
    from datasets_pictures import class_folders
    from fuzz_images import bad_image

    photos, tally = class_folders(folder / "photos", {"cat": 40, "dog": 40}, first_seed=10**6), Tally("chapter")
    placed = [f"{name}/{number:03d}.jpg" for name in ("cat", "dog") for number in range(40)]
    for seed in range(first, first + count):
        name, _, bad = bad_image(seed)
        placed.append(f"{('cat', 'dog')[seed % 2]}/{name}")
        (photos / placed[-1]).write_bytes(bad)
    places = {f"IMAGE_COURSE_{name.upper()}": str(folder / name) for name in ("data", "runs", "reports")}
    command = [sys.executable, "-m", "runner", str(photos), "--only", "01"]
    ended = subprocess.run(
        command, cwd=ROOT, env=os.environ | places, capture_output=True, text=True, timeout=1800
    )
    if ended.returncode:
        tally.faults.append(
            f"chapter: exit status {ended.returncode}: {ended.stdout[-500:]} {ended.stderr[-500:]}"
        )
        return tally
    found = json.loads((folder / "reports" / "photos" / "01_data.json").read_text())
    bad = {one["path"] for one in found["unreadable"]}
    tally.outcomes = Counter({NAMED: len(bad), RIGHT: len(placed) - 80 - len(bad)})
    told = [sum(column) for column in zip(*found["counts"].values(), strict=True)]
    true = [sum(name.startswith(label) and name not in bad for name in placed) for label in found["classes"]]
    if told != true or found["images"] + len(bad) != len(placed) or not bad <= set(placed):
        tally.faults.append(f"chapter: it counts {told} images, not {true}; {len(bad)} unreadable")
    return tally


def main() -> int:
    """Exit status 0 only if every file survived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default=",".join(COUNTS), help="families, with commas between them")
    parser.add_argument("--count", type=int, help="files of each family (default: as many as the course promises)")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    arguments = parser.parse_args()
    tallies = []
    for family in arguments.only.split(","):
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="bad-files-") as folder:
            tally = try_family(family, arguments.count or COUNTS[family], arguments.first, Path(folder))
        tallies.append(tally)
        print(*tally.faults, f"{tally}, {time.monotonic() - began:.0f} s in all", sep="\n", flush=True)
    tried, faults = sum(tally.tried for tally in tallies), sum(len(tally.faults) for tally in tallies)
    print(f"{tried} bad files tried, {tried - faults} survived")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
