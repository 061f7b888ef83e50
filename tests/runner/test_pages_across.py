"""The index over several studies, and tables over several seeds."""

from pathlib import Path

import numpy as np
import pytest
from made_up_runs import made_up_run

from helpers.base.paths import write_json
from helpers.metrics.intervals import Interval
from helpers.show.results import write_results
from helpers.show.table import seed_cells
from runner.pages.across import StepGain, caution, gained
from runner.pages.index import build_index
from runner.pages.results import COMPARISON
from sections.comparison.costs import cost_table, model_costs
from sections.comparison.scores.measured import compare_models
from sections.comparison.scores.tables import comparison_table, model_pair_table
from sections.distances.measured import every_seed, find_mistakes, look_from_every_space
from sections.distances.tables import space_table
from sections.one_model.scores.measured import evaluate_run, scores_by_class_table, total_score_table


def write_study(reports: Path, name: str, accuracy: float, gain: float, p_value: float) -> None:
    """What a finished chapter 06 leaves behind, as far as the index reads it."""
    scores = {"accuracy": {"value": accuracy, "low": accuracy - 0.05, "high": accuracy + 0.05}}
    model = {"title": f"Net of {name}", "scores": scores, "parameters": 1_200_000, "multiply_adds": 34_000_000}
    step = {
        "value": gain,
        "low": gain - 0.02,
        "high": gain + 0.02,
        "p_value": p_value,
        "before": "A",
        "after": "B",
    }
    headline = [{"model": "cnn", "metric": "accuracy", "value": accuracy}]
    results = {"sample": name == "b", "test_images": 480, "models": {"cnn": model}, "gains": {"transfer": step},
               "headline": headline}  # fmt: skip
    write_results(reports, name, COMPARISON, results, {"cnn": {"train_seconds": 61.0}})
    status = {"title": f"Study {name}", "chapters": {COMPARISON: {"status": "ok"}}}
    write_json(reports / name / "status.json", status)


def test_one_study_alone_is_not_compared(tmp_path: Path) -> None:
    write_study(tmp_path, "a", 0.8, 0.1, 0.001)
    assert "side by side" not in build_index(tmp_path).read_text(encoding="utf-8")


def test_the_index_lays_studies_side_by_side(tmp_path: Path) -> None:
    write_study(tmp_path, "a", 0.8, 0.1, 0.001)
    write_study(tmp_path, "b", 0.7, -0.01, 0.6)
    page = build_index(tmp_path).read_text(encoding="utf-8")
    for text in ("The studies side by side", "Net of a", "Net of b", "Study b (drawn)", "1.2 M", "61", "+0.100"):
        assert text in page, text
    assert "in one of two studies, most in Study a (10.0 percentage points" in page
    assert "Study b ran on images drawn by the project" in page


def test_a_study_that_failed_is_left_out(tmp_path: Path) -> None:
    write_study(tmp_path, "a", 0.8, 0.1, 0.001)
    write_study(tmp_path, "b", 0.7, -0.01, 0.6)
    write_json(tmp_path / "b" / "status.json", {"chapters": {COMPARISON: {"status": "failed"}}})
    assert "side by side" not in build_index(tmp_path).read_text(encoding="utf-8")


@pytest.mark.parametrize(("p_value", "word"), [(0.001, "less accurate in S (3.0"), (0.2, "in none of one study")])
def test_losses_count_only_beyond_chance(p_value: float, word: str) -> None:
    gain = StepGain("S", "augmentation", Interval(-0.03, -0.05, -0.01), p_value, "A", "B")
    assert word in gained([gain], "augmentation")[0]
    assert gained([gain], "pretraining") == []


def test_drawings_are_said_to_be_drawings() -> None:
    assert caution([], 3) == []
    assert caution(["A", "B"], 2)[0].startswith("All studies ran")


def test_tables_of_scores_give_mean_and_spread_over_seeds() -> None:
    runs = {
        name: [made_up_run(name, skill, seed=seed) for seed in (0, 1, 2)]
        for name, skill in (("a", 4.0), ("b", 3.0))
    }
    comparison = compare_models(runs)
    accuracies = [evaluate_run(run).scores.accuracy for run in runs["a"]]
    expected = f"{np.mean(accuracies):.3f} ± {np.std(accuracies, ddof=1):.3f}"
    assert comparison_table(comparison).rows()[0]["Accuracy, 3 seeds"] == expected
    assert total_score_table(evaluate_run(runs["a"][0]), runs["a"]).rows()[0]["Mean ± sd, 3 seeds"] == expected
    for rows, column in (
        (scores_by_class_table(evaluate_run(runs["a"][0]), runs["a"]).rows(), "F1, 3 seeds"),
        (model_pair_table(comparison).rows(), "Gain, 3 seeds"),
        (cost_table(comparison, model_costs(runs), runs).rows(), "Train, s, 3 seeds"),
    ):
        assert all("±" in row[column] for row in rows), column
    others, own = every_seed(runs, "a")
    assert len(others) == len(own) == 3
    assert (
        others[1]["b"].share == look_from_every_space({"b": runs["b"][1]}, find_mistakes(runs["a"][1]))["b"].share
    )
    rows = space_table(others[0], "", seeds=others).rows()
    assert all("±" in row["Nearer to truth, 3 seeds"] for row in rows)


def test_one_seed_has_no_spread() -> None:
    assert seed_cells("Accuracy", [0.5]) == {}
    assert seed_cells("Change", [-0.5, -0.3], 2) == {"Change, 2 seeds": "−0.40 ± 0.14"}
