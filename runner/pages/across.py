"""The studies side by side, for the index: accuracy, cost, and what pretraining and augmentation gained."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from helpers.metrics.comparison import SIGNIFICANT
from helpers.metrics.intervals import Interval
from helpers.show.table import Table
from helpers.show.words import bare_p_value, in_words, listed, none_or, points, points_bounds, short_number
from runner.pages.results import COMPARISON, read_results, read_status, read_timings

COMPARED_STEPS = {"transfer": "pretraining", "augmentation": "augmentation"}


class StepGain(NamedTuple):
    """What a step (such as 'pretraining') gained in accuracy in one study, from one model to another."""

    study: str
    step: str
    interval: Interval
    p_value: float
    before: str
    after: str


def across(reports_dir: Path, studies: Sequence[str]) -> str:
    """HTML that compares the studies whose models have been compared; empty where there are fewer than two."""
    found = {name: results for name in studies if (results := _compared(reports_dir, name)) and "gains" in results}
    if len(found) < 2:
        return ""
    titles = {name: read_status(reports_dir, name).get("title") or name for name in found}
    gains = [gain for name, results in found.items() for gain in _gains(titles[name], results)]
    rows = [
        row for name, results in found.items() for row in _model_rows(reports_dir, name, titles[name], results)
    ]
    items = [
        Table(
            rows,
            "Every model of every study: accuracy on the study's own test images with its 95 % interval, size, "
            "work for one image, and seconds of training (median epochs) on the machine at hand. "
            "Studies differ in their classes and images: compare models within a study, and gains between "
            "studies.",
            {"Accuracy": ".3f", "Training, s": ",.0f"},
        ),
        *([_gain_table(gains)] if gains else []),
        *(sentence for step in COMPARED_STEPS.values() for sentence in gained(gains, step)),
        *caution([titles[name] for name, results in found.items() if results.get("sample")], len(found)),
    ]
    from helpers.show.display import to_html  # and with it matplotlib, which most commands need not wait for

    return "".join(map(to_html, items))


def _compared(reports_dir: Path, name: str) -> dict[str, Any] | None:
    """What chapter 06 found out about the models of a study; None where it is not there or out of date."""
    chapter = read_status(reports_dir, name).get("chapters", {}).get(COMPARISON) or {}
    return read_results(reports_dir, name, COMPARISON) if chapter.get("status") == "ok" else None


def _model_rows(reports_dir: Path, name: str, title: str, results: dict[str, Any]) -> list[dict[str, Any]]:
    seconds = read_timings(reports_dir, name, COMPARISON) or {}
    order = dict.fromkeys(row["model"] for row in results["headline"])  # as the study file names them
    return [
        {
            "Study": title + (" (drawn)" if results.get("sample") else ""),
            "Model": model["title"],
            "Accuracy": Interval(**model["scores"]["accuracy"]),
            "Parameters": short_number(model["parameters"]),
            "Multiply-adds": short_number(model["multiply_adds"]),
            "Training, s": seconds.get(key, {}).get("train_seconds"),
        }
        for key, model in ((key, results["models"][key]) for key in order)
    ]


def _gains(title: str, results: dict[str, Any]) -> list[StepGain]:
    found = ((step, results["gains"].get(key)) for key, step in COMPARED_STEPS.items())
    return [
        StepGain(
            title,
            step,
            Interval(*(gain[key] for key in ("value", "low", "high"))),
            gain["p_value"],
            gain["before"],
            gain["after"],
        )
        for step, gain in found
        if gain
    ]


def _gain_table(gains: Sequence[StepGain]) -> Table:
    rows = [
        {
            "Study": one.study,
            "Step": one.step,
            "From": one.before,
            "To": one.after,
            "Gain in accuracy": one.interval,
            "p, Holm": bare_p_value(one.p_value),
        }
        for one in gains
    ]
    caption = (
        "What a step gained in accuracy on the same test images, with 95 % intervals. The exact McNemar test is "
        "corrected for all pairs of models of the study."
    )
    return Table(rows, caption, {"Gain in accuracy": "+.3f"})


def gained(gains: Sequence[StepGain], step: str) -> list[str]:
    """In how many studies a step gained or lost beyond chance, and where it gained most."""
    of_step = [gain for gain in gains if gain.step == step]
    if not of_step:
        return []
    sure = [gain for gain in of_step if gain.p_value < SIGNIFICANT]
    better = [gain for gain in sure if gain.interval.value > 0]
    worse = [gain for gain in sure if gain.interval.value < 0]
    total = len(of_step)
    studies = f"{none_or(len(better))} of {in_words(total)} {'study' if total == 1 else 'studies'}"
    text = f"The network trained with {step} is more accurate than the one without, beyond chance, in {studies}"
    if better:
        most = max(better, key=lambda gain: gain.interval.value)
        text += f", most in {most.study} ({_by(most.interval)})"
    if worse:
        text += f", and less accurate in {listed([f'{gain.study} ({_by(gain.interval)})' for gain in worse])}"
    return [text + "."]


def caution(drawn: Sequence[str], total: int) -> list[str]:
    """What the numbers are about, where some studies ran on drawings."""
    if not drawn:
        return []
    which = "All studies" if len(drawn) == total else listed(drawn)
    return [
        f"{which} ran on images drawn by the project: such numbers compare methods on drawings and say nothing "
        "of photographs."
    ]


def _by(gain: Interval) -> str:
    return f"{points(gain.value)}, 95 % interval {points_bounds(gain)}"
