"""How sure the network is of each class, and how right (chapter 08)."""

from collections.abc import Sequence

from helpers.show.display import Table
from helpers.show.words import percent
from sections.errors.confidence.measured import DIAGRAM_BINS, Confidence


def confidence_table(confidences: Sequence[Confidence], overall: Confidence) -> Table:
    """One row a predicted class, the most overconfident first, and all together."""
    ordered = sorted((row for row in confidences if row.pixels), key=lambda row: -row.gap)
    columns = {
        "name": "Predicted", "pixels": "Pixels", "confidence": "Confidence", "accuracy": "Right", "gap": "Gap",
        "calibration_error": "ECE", "error_ranking": "Errors ranked",
    }  # fmt: skip
    rows = [{title: getattr(row, key) for key, title in columns.items()} for row in (*ordered, overall)]
    return Table(
        rows,
        "Pixels by predicted class, the most overconfident first; a class that is not listed was never predicted. "
        f"Gap: confidence minus share right. ECE: expected calibration error, over {DIAGRAM_BINS} equal bins of "
        "confidence, weighted by their pixels. Errors ranked: how often a right "
        "pixel is surer than a wrong one, 0.5 being worthless.",
        {"*": ".3f", "Gap": "+.3f", "Pixels": lambda pixels: percent(pixels / overall.pixels, 2)},
    )
