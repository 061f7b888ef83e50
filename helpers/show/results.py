"""What a chapter found, as numbers beside its page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpers.base.intact import seal
from helpers.base.paths import write_json

HEADLINE_KEYS = {"model", "title", "metric", "value", "low", "high"}


def write_results(
    reports_dir: Path,
    study: str,
    chapter: str,
    results: Mapping[str, Any],
    timings: Mapping[str, Any] | None = None,
) -> Path:
    """Write `<chapter>.json`, and `<chapter>.timings.json` for what differs between two identical runs.

    The optional key "headline" is a list of {model, metric, value} with title, and with low
    and high where there is an interval. Raises ValueError if an entry of it lacks a key.
    """
    for entry in results.get("headline", []):
        _check_headline(entry)
    path = reports_dir / study / f"{chapter}.json"
    write_json(path, seal(results))
    if timings is not None:
        write_json(path.with_suffix(".timings.json"), seal(timings))
    return path


def _check_headline(entry: Mapping[str, Any]) -> None:
    missing, unknown = {"model", "metric", "value"} - set(entry), set(entry) - HEADLINE_KEYS
    if missing or unknown:
        raise ValueError(f"A headline entry needs model, metric, value (title, low, high), not {sorted(entry)}.")
