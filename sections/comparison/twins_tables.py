"""A table of scores with and without test images that have a twin in training (chapter 06)."""

from helpers.show.display import Table
from helpers.show.table import seed_cells
from helpers.show.words import bare_p_value
from sections.comparison.twins import Twins


def twin_items(found: Twins) -> list[Table]:
    """One row a model; nothing where there is no twin."""
    adjusted = found.adjusted()
    rows = [
        {
            "Model": one.title,
            "All test images": one.all,
            "Without twins": one.without,
            **seed_cells("Without twins", one.without_by_seed),
            "Twins only": one.on_twins,
            "p (Fisher, Holm)": bare_p_value(adjusted[name]),
        }
        for name, one in found.models.items()
    ]
    caption = (
        f"Accuracy with 95 % intervals; {found.twins:,} of {found.images:,} test images have a near-duplicate "
        "among the training images. p: that twins and the others are got right equally often, corrected for the "
        "number of models."
    )
    return [Table(rows, caption)] if rows else []
