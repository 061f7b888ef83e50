"""Importing a metric is quick and drags nothing heavy along: chapters pay for what they use."""

import subprocess
import sys
from pathlib import Path

import helpers.metrics

MODULES = sorted(path.stem for path in Path(helpers.metrics.__file__).parent.glob("[a-z]*.py"))
HEAVY = ("torch", "scipy", "sklearn", "pandas", "cv2", "matplotlib", "statistics")
PROBE = """
import sys, time, numpy
start = time.process_time()
for name in sys.argv[1].split(","):
    __import__("helpers.metrics." + name)
print(time.process_time() - start, *(name for name in sys.argv[2].split(",") if name in sys.modules))
"""


def test_metrics_import_numpy_and_nothing_heavier():
    assert len(MODULES) >= 12
    probe = [sys.executable, "-c", PROBE, ",".join(MODULES), ",".join(HEAVY)]
    runs = [subprocess.run(probe, capture_output=True, text=True, check=True).stdout.split() for _ in range(3)]
    assert all(heavy == [] for _, *heavy in runs)
    assert min(float(seconds) for seconds, *_ in runs) < 0.1
