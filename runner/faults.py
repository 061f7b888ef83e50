"""Faults of the machine in one sentence each: a full disk, a place that is read-only, memory that ran out."""

import re
import shutil

from helpers.base.paths import ROOT, data_dir, display_path, reports_dir, runs_dir

MEGABYTE = 1 << 20
FULL = re.compile(r"No space left on device|Disk quota exceeded|PytorchStreamWriter failed|unexpected pos")
OUT_OF_MEMORY = re.compile(
    r"MemoryError|OutOfMemory|out of memory|an(no|')t allocate memory|new thread|"
    r"map segment from shared object(?!: Op)|could not create a primitive(?! desc)"  # the last is oneDNN's word
)
FORBIDDEN = re.compile(r"(Read-only file system|Permission denied): '([^']+)'")
ELSEWHERE = "name another folder with IMAGE_COURSE_DATA, IMAGE_COURSE_RUNS or IMAGE_COURSE_REPORTS"
AGAIN = "the same command then goes on from here"


def fault_in_words(error: str) -> str | None:
    """What to do about an error of the machine, given its name and text; None for any other."""
    if found := OUT_OF_MEMORY.search(error):
        sure = not found[0].startswith("could not create")
        what = "memory ran out" if sure else f"{error}, most likely because memory ran out"
        return f"{what}: end other programs, or make image_size or batch_size smaller; {AGAIN}"
    if found := FORBIDDEN.search(error):
        return f"{display_path(found[2])} cannot be used ({found[1].lower()}): mend that, or {ELSEWHERE}; {AGAIN}"
    return full_disk(least=None) if FULL.search(error) else None


def full_disk(least: int | None = MEGABYTE) -> str | None:
    """Which disk has fewer than `least` bytes left (None: the one with the fewest), and what to do; or None."""
    places = [place for place in (data_dir(), runs_dir(), reports_dir()) if place.exists()]
    free, place = min(((shutil.disk_usage(place).free, place) for place in places), default=(1 << 60, ROOT))
    if least is not None and free >= least:
        return None
    left = f"{display_path(place)}/ has {free / MEGABYTE:.1f} MB left"
    return f"the disk is full ({left}): free some space, or {ELSEWHERE}; {AGAIN}"
