"""How fast the sample is drawn, files included: `python benchmarks/drawing.py [images per class]`.

The aim is 500 images a second on two cores. Processor time (of the first process) is printed too, because it
does not suffer from what else runs on the machine.
"""

import sys
import tempfile
import time
from pathlib import Path

from helpers.datasets.sample import draw_pretraining, make_sample


def measured(title: str, work) -> None:
    """Print images per second, by the clock and by processor time."""
    clock, processor = time.perf_counter(), time.process_time()
    images = work()
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    print(
        f"{title}: {images} images in {clock:.2f} s = {images / clock:.0f} images/s; "
        f"{1000 * processor / images:.2f} ms of processor time an image"
    )


def main() -> None:
    per_class = int(sys.argv[1]) if len(sys.argv) > 1 else 240
    with tempfile.TemporaryDirectory() as folder:
        make_sample("wildlife", Path(folder) / "warm-up", 2, threads=1)
        for threads in (1, 2):
            place = Path(folder) / f"threads-{threads}"
            title = f"wildlife, {threads} process{'es' * (threads > 1)}"
            measured(title, lambda p=place, t=threads: make_sample("wildlife", p, per_class, threads=t)["files"])
    measured("pretraining at 64 px", lambda: len(draw_pretraining(per_class // 2, 64, 0, threads=2)[0]))


if __name__ == "__main__":
    main()
