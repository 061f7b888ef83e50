"""One more process that draws: Python threads share one interpreter, and drawing is half interpreter, half OpenCV.

Started by `write.py`: `python -m helpers.datasets.sample.worker NAME FOLDER IMAGES SEED FIRST STEP` writes
every STEP-th file from the FIRST on, and ends with the system's error number where a file cannot be written.
"""

import os
import sys
from pathlib import Path

import cv2

from helpers.datasets.sample import SAMPLES


def main(name: str, folder: str, *numbers: str) -> int:
    """Write this process's share of the files; stop when the process that asked for them is gone."""
    images_per_class, seed, first, step = map(int, numbers)
    cv2.setNumThreads(1)
    parent = os.getppid()
    jobs, _ = SAMPLES[name].jobs(images_per_class, seed)
    for path, content in jobs[first::step]:
        if os.getppid() != parent:
            return 1
        try:
            (Path(folder) / path).write_bytes(content())
        except OSError as error:
            return error.errno or 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
