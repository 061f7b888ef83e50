"""The studies side by side, for the index: accuracy, cost, and what pretraining and augmentation gained."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.metrics.intervals import Interval
from helpers.show.display import to_html
from helpers.show.results import COMPARISON, read_results, read_status, read_timings
from helpers.show.table import Table
from helpers.show.words import bare_p_value
from runner.pages import studies as readings
from runner.pages.studies import Gain, StudyModel

STEPS = {"transfer": "pretraining", "augmentation": "augmentation"}


@dataclass(frozen=True)
class ComparedStudy:
    """What chapter 06 found out about the models of one study."""

    title: str
    drawn: bool
    test_images: int
    models: list[StudyModel]
    gains: list[Gain]


def across(reports_dir: Path, studies: Sequence[str]) -> str:
    """HTML that compares the studies whose models have been compared; empty where there are fewer than two."""
    found = [study for name in studies if (study := _read(reports_dir, name))]
    if len(found) < 2:
        return ""
    from runner.pages.studies import accuracies  # matplotlib takes its time

    gains = [gain for study in found for gain in study.gains]
    items = [
        accuracies([model for study in found for model in study.models]),
        model_table(found),
        *([gain_table(gains)] if gains else []),
        *(sentence for step in STEPS.values() for sentence in readings.gained(gains, step)),
        *readings.caution([study.title for study in found if study.drawn], len(found)),
    ]
    return "".join(to_html(item) for item in items)


def _read(reports_dir: Path, name: str) -> ComparedStudy | None:
    status = read_status(reports_dir, name)
    if (status.get("chapters", {}).get(COMPARISON) or {}).get("status") != "ok":
        return None
    results = read_results(reports_dir, name, COMPARISON)
    if not results or "gains" not in results:
        return None
    seconds = read_timings(reports_dir, name, COMPARISON) or {}
    title = status.get("title") or name
    return ComparedStudy(
        title=title,
        drawn=bool(results.get("sample")),
        test_images=results["test_images"],
        models=[
            StudyModel(
                study=title,
                title=model["title"],
                accuracy=Interval(**model["scores"]["accuracy"]),
                parameters=model["parameters"],
                multiply_adds=model["multiply_adds"],
                train_seconds=seconds.get(key, {}).get("train_seconds"),
            )
            for key, model in _in_order(results)
        ],
        gains=[
            Gain(title, STEPS[step], Interval(gain["value"], gain["low"], gain["high"]), gain["p_value"],
                 gain["before"], gain["after"])
            for step in STEPS
            if (gain := results["gains"].get(step))
        ],
    )  # fmt: skip


def _in_order(results: dict) -> list[tuple[str, dict]]:
    """The models as the study file names them: files of results are sorted, their headline is not."""
    order = list(dict.fromkeys(row["model"] for row in results["headline"]))
    return sorted(results["models"].items(), key=lambda item: order.index(item[0]))


def model_table(studies: Sequence[ComparedStudy]) -> Table:
    """One row a model: accuracy with its interval, and what it costs."""
    from helpers.show.words import short_number

    rows = [
        {
            "Study": study.title + (" (drawn)" if study.drawn else ""),
            "Model": model.title,
            "Accuracy": model.accuracy,
            "Parameters": short_number(model.parameters),
            "Multiply-adds": short_number(model.multiply_adds),
            "Training, s": model.train_seconds,
        }
        for study in studies
        for model in study.models
    ]
    caption = (
        "Every model of every study: accuracy on the study's own test images with its 95 % interval, size, work "
        "for one image, and seconds of training on the machine at hand."
    )
    return Table(rows, caption, {"Accuracy": ".3f", "Training, s": ",.0f"})


def gain_table(gains: Sequence[Gain]) -> Table:
    """One row a study and step: what it gained in accuracy."""
    rows = [
        {
            "Study": gain.study,
            "Step": gain.step,
            "From": gain.before,
            "To": gain.after,
            "Gain in accuracy": gain.interval,
            "p, Holm": bare_p_value(gain.p_value),
        }
        for gain in gains
    ]
    caption = (
        "What a step gained in accuracy on the same test images, with 95 % intervals. The exact McNemar test is "
        "corrected for all pairs of models of the study."
    )
    return Table(rows, caption, {"Gain in accuracy": "+.3f"})
