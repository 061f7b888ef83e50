"""How fast the samples are drawn, files included: `python benchmarks/drawing.py [images per class] [scenes]`.

The aims are 500 images and 25 street scenes a second on two cores. A scene of the first city has 720 × 360 pixels,
about as many as 512 × 512; one of the second has 640 × 360. Processor time (of the first process) is printed too,
because it does not suffer from what else runs on the machine.
"""

import sys
import tempfile
import time
from pathlib import Path

import cv2

from drawings import draw_pretraining, make_sample
from drawings.canvas import generator
from drawings.streets.abroad import ABROAD
from drawings.streets.files import scene_files
from drawings.streets.home import HOME
from drawings.streets.scene import draw_scene


def measured(title: str, work, unit: str = "images") -> None:
    """Print images (or scenes) per second, by the clock and by processor time."""
    clock, processor = time.perf_counter(), time.process_time()
    count = work()
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    print(
        f"{title}: {count} {unit} in {clock:.2f} s = {count / clock:.0f} {unit}/s; "
        f"{1000 * processor / count:.2f} ms of processor time each in the first process"
    )


def drawn_to(folder: Path, name: str, amount: int, threads: int) -> int:
    """Draw a sample into a new folder; how many images or scenes it has."""
    manifest = make_sample(name, folder / f"{name}-{threads}", amount, threads=threads)
    return sum(manifest["parts"].values()) if name == "streets" else manifest["files"]


def squares(folder: Path, scenes: int) -> int:
    """Draw scenes of 512 × 512, both cities in turn, with polygons and a label image, in this process."""
    cv2.setNumThreads(1)
    for number in range(scenes):
        scene = draw_scene((HOME, ABROAD)[number % 2], generator(0, "square", number), (512, 512))
        for position, content in enumerate(scene_files(scene)):
            (folder / f"{number}-{position}").write_bytes(content)
    return scenes


def main() -> None:
    per_class, scenes = (int(argument) for argument in (*sys.argv[1:], "240", "240")[:2])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for sample, amount, unit in (("wildlife", per_class, "images"), ("streets", scenes, "scenes")):
            make_sample(sample, folder / f"{sample}-warm-up", 4, threads=1)
            for threads in (1, 2):
                title = f"{sample}, {threads} process{'es' * (threads > 1)}"
                measured(title, lambda s=sample, a=amount, t=threads: drawn_to(folder, s, a, t), unit)
        measured("scenes of 512 × 512, 1 process", lambda: squares(folder, scenes // 4), "scenes")
    measured("pretraining at 64 px", lambda: len(draw_pretraining(per_class // 2, 64, 0, threads=2)[0]))


if __name__ == "__main__":
    main()
