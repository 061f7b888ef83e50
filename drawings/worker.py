"""One more process that draws: Python threads share one interpreter, and drawing is half interpreter, half OpenCV.

Started by `write.py`: `python -m drawings.worker NAME FOLDER AMOUNT SEED FIRST STEP` does
every STEP-th job from the FIRST on, and ends with the system's error number where a file cannot be written.
"""

import os
import sys
from pathlib import Path

import cv2

from drawings import SAMPLES
from drawings.write import write_job


def main(name: str, folder: str, *numbers: str) -> int:
    """Write this process's share of the files; stop when the process that asked for them is gone."""
    amount, seed, first, step = map(int, numbers)
    cv2.setNumThreads(1)
    parent = os.getppid()
    jobs, _ = SAMPLES[name].jobs(amount, seed)
    for job in jobs[first::step]:
        if os.getppid() != parent:
            return 1
        try:
            write_job(Path(folder), job)
        except OSError as error:
            return error.errno or 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
