"""Numbers beside the pages: what chapters found, how long they took, and the headline of each study."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from helpers.base.errors import CourseError
from helpers.base.intact import unseal
from helpers.base.paths import display_path
from helpers.show.table import interval_text

COMPARISON = "06_model_comparison"
METRIC_TITLES = {
    "accuracy": "Accuracy",
    "macro_f1": "Macro F1",
    "mean_iou": "Mean IoU",
    "pixel_accuracy": "Pixel accuracy",
}


def read_results(reports_dir: Path, study: str, chapter: str) -> dict | None:
    """What a chapter wrote; None if it has not run."""
    return _read(reports_dir / study / f"{chapter}.json")


def read_timings(reports_dir: Path, study: str, chapter: str) -> dict | None:
    """What a chapter wrote about its time; None if it has not run."""
    return _read(reports_dir / study / f"{chapter}.timings.json")


def read_all_results(reports_dir: Path, study: str) -> dict[str, dict]:
    """Results of all chapters of a study, in the order of the chapters."""
    files = sorted((reports_dir / study).glob("*.json"))
    chapters = [file.stem for file in files if file.name != "status.json" and "." not in file.stem]
    found = {chapter: read_results(reports_dir, study, chapter) for chapter in chapters}
    return {chapter: results for chapter, results in found.items() if results is not None}


def read_status(reports_dir: Path, study: str) -> dict:
    """The study's `status.json` as the runner wrote it; empty if there is none yet."""
    return _read(reports_dir / study / "status.json") or {}


def reported_studies(reports_dir: Path) -> list[str]:
    """Studies that have a status, in alphabetical order."""
    return sorted(file.parent.name for file in reports_dir.glob("*/status.json"))


def headline_rows(reports_dir: Path, study: str) -> list[dict]:
    """One dict (model, metric, value, low, high, chapter) for each headline number of a study.

    The comparison's numbers count in place of the earlier chapters' where it has run, because it scores all models
    on the same images. Otherwise each model's come from the first chapter that reports them.
    """
    chapters = read_status(reports_dir, study).get("chapters", {})
    stale = {name for name, found in chapters.items() if found.get("status") != "ok"}
    results = {name: found for name, found in read_all_results(reports_dir, study).items() if name not in stale}
    if (results.get(COMPARISON) or {}).get("headline"):
        results = {name: found for name, found in results.items() if name >= COMPARISON}
    rows: dict[tuple[str, str], dict] = {}
    for chapter, found in results.items():
        for entry in found.get("headline") or []:
            row = {"low": None, "high": None, **entry, "chapter": chapter}
            rows.setdefault((row["model"], row["metric"]), row)
    return list(rows.values())


def headline_tables(rows: Sequence[Mapping[str, Any]]) -> list[list[dict[str, str]]]:
    """Tables of one row a model and one column a metric, each number with its interval: for a page or a terminal.

    Models that are scored alike share a table: classifiers in one, segmenters in another.
    """
    scores_of: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        scores_of.setdefault(row["model"], []).append(row)
    tables: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for model, scores in scores_of.items():
        columns = {}
        for row in scores:
            text = interval_text(row["value"], row.get("low"), row.get("high"))
            columns[METRIC_TITLES.get(row["metric"], row["metric"])] = text
        tables.setdefault(tuple(columns), []).append({"Model": scores[0].get("title") or model} | columns)
    return list(tables.values())


def _read(path: Path) -> dict | None:
    if not path.is_file():
        return None
    try:
        return unseal(path.read_text(encoding="utf-8"), required=False)
    except ValueError as problem:
        where = display_path(path)
        raise CourseError(f"{where} is damaged ({problem}): delete it and run the study again") from problem
