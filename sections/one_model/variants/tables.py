"""Tables of the variants of one network (chapter 02)."""

from helpers.metrics.intervals import SeedSpread
from helpers.show.display import Table
from helpers.show.words import bare_p_value, number
from sections.one_model.variants.file import FileLink, write_csv
from sections.one_model.variants.measured import MEASURED, Variants, variant_results
from sections.one_model.variants.sentences import differences_text

PART_WORDS = {"train": "Training", "val": "Validation"}


def differences_table(found: Variants) -> Table:
    """What each variant changes of the base, and how large it is."""
    rows = [
        {
            "Model": variant.title,
            "Changed": "–" if variant is found.base else differences_text(variant),
            "Parameters": variant.parameters,
            "Epochs": variant.epochs,
            "Epoch kept": variant.best_epoch,
        }
        for variant in found.models.values()
    ]
    return Table(rows, f"The variants and what they change of {found.base.title}.", {"Parameters": ",d"})


def spread_tables(found: Variants) -> list[Table]:
    """Accuracy, loss and precision of training and validation: over the epochs, and with the kept weights."""
    over = f"; mean ± standard deviation over {found.num_seeds} seeds" if found.num_seeds > 1 else ""
    captions = {
        "over_epochs": "Over the epochs of one training: mean ± standard deviation. Training is measured after "
        "each epoch on a fixed part of the training images as large as the validation part.",
        "kept": f"With the weights that are kept (lowest validation loss){over}.",
    }
    return [
        Table(
            [
                {"Model": variant.title}
                | {
                    f"{words} {measure}": _spread(getattr(variant, group)[f"{part}_{measure}"])
                    for measure in MEASURED
                    for part, words in PART_WORDS.items()
                }
                for variant in found.models.values()
            ],
            f"{caption} Precision: {found.precision_title}.",
        )
        for group, caption in captions.items()
    ]


def _spread(spread: SeedSpread) -> str:
    return f"{number(spread.mean)} ± {number(spread.std)}" if spread.n > 1 else number(spread.mean)


def tested_table(found: Variants) -> Table:
    """Loss, accuracy and precision on the test images, and the gain over the base; spread over seeds if any."""
    rows = []
    for variant in found.models.values():
        row = {"Model": variant.title}
        for name in MEASURED:
            row[name.capitalize()] = variant.test[name]
            if found.num_seeds > 1:
                row[f"{name.capitalize()}, {found.num_seeds} seeds"] = _spread(variant.test_over_seeds[name])
        compared = variant is not found.base
        row["Gain"], row["p"] = (variant.gain, bare_p_value(variant.p_value)) if compared else (None, None)
        rows.append(row)
    return Table(
        rows,
        f"On the test images, with 95 % intervals. Gain: accuracy minus that of {found.base.title}; p: exact "
        f"McNemar test, corrected for {len(found.others)} comparisons (Holm). Precision: {found.precision_title}.",
        {"Gain": "+.3f"},
    )


def variants_file(found: Variants, study: str) -> FileLink:
    """All the numbers as CSV beside the page."""
    import pandas as pd

    numbers = pd.json_normalize(list(variant_results(found).values()), sep="_")
    numbers["differences"] = ["; ".join(f"{key}: {old} -> {new}" for key, old, new in one)
                              for one in numbers["differences"]]  # fmt: skip
    return write_csv(
        study, "cnn_variants", numbers.to_dict("records"), "All numbers of these tables as a file (CSV):"
    )
