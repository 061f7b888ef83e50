"""How sure the network is of each class, and how right (chapter 08)."""

from typing import TYPE_CHECKING

from helpers.show.display import Table

if TYPE_CHECKING:
    from sections.errors.analysis import Analysis


def confidence_table(analysis: "Analysis") -> Table:
    """One row a predicted class, the most overconfident first, and all together."""
    ordered = sorted((row for row in analysis.confidences if row.pixels), key=lambda row: -row.gap)
    rows = [
        {
            "Predicted": row.name,
            "Pixels": row.pixels / max(1, analysis.overall.pixels),
            "Confidence": row.confidence,
            "Right": row.accuracy,
            "Gap": row.gap,
            "ECE": row.calibration_error,
            "Errors ranked": row.error_ranking,
        }
        for row in [*ordered, analysis.overall]
    ]
    return Table(
        rows,
        "Pixels by predicted class, the most overconfident first; a class that is not listed was never predicted. "
        "Gap: confidence minus share right. ECE: expected calibration error. Errors ranked: how often a right "
        "pixel is surer than a wrong one, 0.5 being worthless.",
        {"*": ".3f", "Gap": "+.3f", "Pixels": ".2%"},
    )
