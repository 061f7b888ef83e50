"""Tables of the choice between two classes (chapter 06)."""

from helpers.show.display import Table
from helpers.show.table import seed_cells
from helpers.show.words import number, percent
from sections.comparison.thresholds.measured import TwoClasses, TwoClassModel
from sections.comparison.thresholds.ranking import average_precision_of, roc_area


def ranking_table(found: TwoClasses) -> Table:
    """One row a model: area under the ROC curve and average precision, with intervals."""
    rows = [
        {
            "Model": model.title,
            "Area under ROC": model.ranking["roc_area"],
            **seed_cells("Area under ROC", [roc_area(seed.test) for seed in model.seeds], 4),
            "Average precision": model.ranking["average_precision"],
            **seed_cells("Average precision", [average_precision_of(seed.test) for seed in model.seeds], 4),
        }
        for model in found.models.values()
    ]
    return Table(
        rows,
        "How well each model ranks the test images, whatever the threshold, with 95 % intervals."
        + (" The best is bold." if len(rows) > 1 else ""),
        {"*": ".4f"},
        highlight=dict.fromkeys(("Area under ROC", "Average precision"), "max") if len(rows) > 1 else {},
    )


def cut_table(found: TwoClasses) -> Table:
    """One row a model and threshold: precision and recall of the positive class on validation and test."""
    rows = [
        {
            "Model": model.title,
            "Chosen": "0.5" if name == "default" else name,
            "Threshold": cut.probability,
            "Precision, validation": cut.val.precision[1],
            "Recall, validation": cut.val.recall[1],
            "Precision, test": cut.precision,
            "Recall, test": cut.recall,
            "Macro F1, test": cut.test.macro_f1,
            **_macro_f1_by_seed(model, name),
        }
        for model in found.models.values()
        for name, cut in model.cuts.items()
    ]
    return Table(
        rows,
        f"Thresholds and what they bring; precision and recall are those of {found.positive}. Balanced: the best "
        "macro F1 on validation. Precise: the highest recall with a precision of at least "
        f"{percent(found.wanted_precision)} on validation.",
        {"*": ".3f", "Threshold": threshold_text},
    )


def _macro_f1_by_seed(model: TwoClassModel, name: str) -> dict[str, str]:
    """Each seed with its own threshold; nothing where not every seed has one."""
    found = [seed.cuts[name].test.macro_f1 for seed in model.seeds if name in seed.cuts]
    return seed_cells("Macro F1, test", found) if len(found) == len(model.seeds) else {}


def threshold_text(probability: float) -> str:
    """Three decimals; two digits of the distance from 0 or 1 where it is close to that."""
    closeness = min(probability, 1 - probability)
    digits = next((d for d in range(3, 8) if closeness >= 5 * 10**-d), 8)
    return number(probability, digits)
