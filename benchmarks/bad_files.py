"""What becomes of bad files? `python benchmarks/bad_files.py [--only images,kept] [--first 0]`.

Hundreds of files are spoilt as disks, lost connections and careless programs spoil them, by the seed; each is
read as a chapter reads it, in a process that may die or hang. A file survives where it is read rightly or named in
one sentence. The last lines say how many were tried and how many survived; a fault is listed with the seed that
makes it again (`--first SEED --count 1`).
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from fuzz_runner import Tally, campaign  # noqa: E402

COUNTS = {"images": 700, "labels": 280, "packed": 100, "kept": 210, "studies": 300}


def try_family(family: str, count: int, first: int, folder: Path) -> Tally:
    """The files of one family; those of studies are made by hypothesis."""
    if family == "studies":
        import fuzz_studies

        return fuzz_studies.campaign(count, folder)
    return campaign(family, count, folder, first)


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
