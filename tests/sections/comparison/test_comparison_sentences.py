"""Models compared: the numbers, and that the sentences say what the numbers say and no more."""

import numpy as np
import pytest
from made_up_runs import answering, made_up_run

from helpers.base.errors import CourseError
from helpers.metrics.comparison import gain_of, mcnemar_exact
from helpers.study.recipe import Roles
from sections.comparison.costs import MODEL_TIMES, cost_table, good_choices, model_costs
from sections.comparison.scores import sentences as readings
from sections.comparison.scores.measured import (
    compare_models,
    comparison_results,
    hardest_images,
    images_to_resolve,
    patterns,
)


def models(**answers: str):
    """Two-class models from strings: '.' is a right answer, 'x' a wrong one; all images are of class 0."""
    labels = [0] * len(next(iter(answers.values())))
    made = {name: answering(name, labels, [int(mark == "x") for mark in text]) for name, text in answers.items()}
    return compare_models({name: [run] for name, run in made.items()})


def test_a_winner_is_named_where_the_test_finds_one():
    found = models(weak="x" * 20 + "." * 80, strong="." * 100)
    (sentence,) = readings.winner(found)
    assert sentence.startswith("Strong is the best on this test set")
    assert "Weak (by 20.0 percentage points, p < 0.001)" in sentence


def test_no_winner_where_it_could_be_chance_and_how_many_images_it_would_take():
    found = models(weak="xxx" + "." * 97, strong="..." + "." * 96 + "x")
    verdict, size = readings.winner(found)
    assert verdict == "No winner can be named: Strong and Weak are too close for this test set."
    needed = images_to_resolve(3, 1, 100)
    assert "where this set has 100: against Weak (2.0 percentage points, p = 0.63: about " in size
    assert size.endswith(f"about {readings.rounded(needed):,}).")


def test_the_gain_is_the_second_models():
    found = models(weak="x" * 20 + "." * 80, strong="." * 100)
    (pair,) = found.pairs
    gain = gain_of(pair)
    assert (gain.value, pair.difference.value) == (0.2, -0.2)
    assert gain.low < 0.2 < gain.high


def test_a_partial_winner_beats_one_and_not_the_other():
    found = models(weak="x" * 30 + "." * 70, near="x" + "." * 99, strong="." * 100)
    verdict, size = readings.winner(found)
    assert verdict.startswith("Strong is more accurate than Weak")
    assert "Between it and Near the test names no winner" in verdict
    assert "against Near (1.0 percentage points, p = 1.00: about " in size


def test_equal_models_need_no_larger_test_set():
    found = models(one="x." * 10, other=".x" * 10)
    assert "against Other (equally many right: there is no lead to find)." in readings.winner(found)[1]
    assert images_to_resolve(10, 10, 20) is None


def test_the_number_of_images_keeps_its_promise():
    """Drawn again and again at that size, McNemar's test finds the difference four times in five."""
    p, q = 0.08, 0.05
    needed = images_to_resolve(80, 50, 1000)
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(400):
        kind = rng.choice(3, size=needed, p=[p, q, 1 - p - q])
        found += mcnemar_exact(kind != 1, kind != 0).p_value < 0.05
    assert 0.72 <= found / 400 <= 0.86  # the exact test is a little stricter than the formula
    assert images_to_resolve(80, 50, 1000, tests=3) > needed


@pytest.mark.parametrize(("value", "expected"), [(7, 7), (99, 99), (2874, 2900), (104_999, 100_000)])
def test_rounding_to_two_digits(value, expected):
    assert readings.rounded(value) == expected


def test_one_model_alone_is_compared_with_nothing():
    found = models(only="x....")
    assert readings.winner(found) == ["Only is the study's only model: there is no other to compare."]
    assert readings.class_changes(found) == readings.mixture(found) == []
    assert good_choices(found, model_costs({"only": [answering("only", [0], [0])]})) == []


def test_agreement_counts_and_patterns():
    found = models(a="..xxx", b=".x.xx", c=".xxx.")
    assert (found.agreement.all_right, found.agreement.some_right, found.agreement.none_right) == (1, 3, 1)
    (first,) = readings.mixture(found)
    assert "would reach 80.0 %; the best single model reaches 40.0 %" in first
    assert dict(patterns(found)) == {("a", "b", "c"): 1, ("a",): 1, ("b",): 1, ("c",): 1, (): 1}


def test_hardest_images_come_with_the_surest_wrong_answer_first():
    run = made_up_run("vague", noise=4.0)
    found = compare_models({"vague": [run]})
    rows = hardest_images(found)
    assert len(rows)
    assert not found.models["vague"].outputs.correct[rows].any()
    assert (np.diff(found.models["vague"].outputs.confidence[rows]) <= 0).all()


def test_same_wrong_answers_are_counted():
    labels = [0, 0, 0]
    runs = {
        "a": [answering("a", labels, [1, 2, 0], 3)],
        "b": [answering("b", labels, [1, 1, 0], 3)],
    }
    (sentence,) = readings.same_mistakes(compare_models(runs))
    assert sentence.startswith("On 1 of the 2 images that no model gets right")


def test_seeds_are_told_with_their_spread():
    runs = {
        name: [made_up_run(name, noise, seed) for seed in range(3)] for name, noise in (("a", 1.5), ("b", 3.5))
    }
    found = compare_models(runs)
    (lead,) = readings.seeds_against_lead(found)
    assert lead.startswith("By the mean over 3 seeds A leads B by ") and "times the larger of their" in lead
    (once,) = readings.seeds_against_lead(compare_models({name: seeds[:1] for name, seeds in runs.items()}))
    assert once.startswith("Each model was trained once.")
    same = compare_models({name: [runs["a"][0]] * 2 for name in runs})
    assert readings.seeds_against_lead(same)[0].endswith("points: neither differs from seed to seed.")


def test_changes_of_recall_beyond_chance_are_told_the_largest_first():
    labels = [0] * 30 + [1] * 30
    before = answering("before", labels, [1] * 25 + [0] * 5 + [1] * 30)
    after = answering("after", labels, [0] * 30 + [1] * 29 + [0])
    (sentence,) = readings.class_changes(compare_models({"before": [before], "after": [after]}))
    assert sentence == (
        "Between two models 1 change of a class's recall is more than chance explains (after Holm's correction "
        "for 2 tests): “class 0” from 17 % in Before to 100 % in After."
    )
    many = {name: [after] for name in "abcd"} | {"poor": [before]}
    (sentence,) = readings.class_changes(compare_models(many))
    assert sentence.startswith(
        "Between two models 4 changes of a class's recall are more than chance explains (after Holm's"
    )
    assert "20 tests); the largest: “class 0”" in sentence and sentence.count("“class 0”") == 3
    (sentence,) = readings.class_changes(compare_models({name: [after] for name in "ab"}))
    assert sentence.startswith("Between no two models does the recall of any class change")


def with_work(**made: tuple[int, int]):
    """Models from (wrong answers of 50, millions of multiply-adds): the comparison and the costs."""
    runs = {
        name: [answering(name, [0] * 50, [1] * wrong + [0] * (50 - wrong))] for name, (wrong, _) in made.items()
    }
    for name, (_, millions) in made.items():
        runs[name][0].summary |= {"parameters": 1000, "multiply_adds": millions * 1_000_000}
    return compare_models(runs), model_costs(runs)


def test_models_worth_choosing_are_named_and_whether_dearer_ones_are_better():
    (told,) = good_choices(
        *with_work(small=(20, 1), wasteful=(20, 9), middle=(17, 3), large=(0, 8), larger=(5, 20))
    )
    assert told.startswith("3 of 5 models are not beaten at once in work and in accuracy by another")
    assert "Small 60.0 % with 1 M multiply-adds, Middle 66.0 %" in told and "Larger" not in told
    assert told.endswith(" More accurate than Small, the cheapest, beyond chance: Large.")
    (chance,) = good_choices(*with_work(small=(20, 1), middle=(19, 3)))
    assert chance.endswith(" That any of them is more accurate than Small, the cheapest, could be chance.")
    (one,) = good_choices(*with_work(small=(3, 1), middle=(4, 3)))
    assert one.startswith("One of 2 models is not beaten") and "cheapest" not in one
    (even,) = good_choices(*with_work(one=(3, 1), other=(3, 1)))
    assert even.startswith("2 of 2 models are not beaten")


def test_models_tested_on_other_images_are_refused():
    one, other = made_up_run("one", 1.0), made_up_run("other", 1.0)
    other.parts["test"].index += 1
    with pytest.raises(CourseError, match="Other was tested on other images than One"):
        compare_models({"one": [one], "other": [other]})
    with pytest.raises(CourseError, match="no model to compare"):
        compare_models({})


def test_equal_titles_are_told_apart():
    runs = {name: [made_up_run(name, 1.0, title="CNN")] for name in ("a", "b")}
    assert [result.title for result in compare_models(runs).models.values()] == ["CNN (a)", "CNN (b)"]


def test_results_hold_no_time_and_no_chance():
    runs = {"a": [made_up_run("a", 2.0)], "b": [made_up_run("b", 3.0)]}
    slow = {"a": [made_up_run("a", 2.0)], "b": [made_up_run("b", 3.0)]}
    slow["a"][0].timings = {key: 7 * np.array(value) for key, value in slow["a"][0].timings.items()}
    roles = Roles(from_scratch="a", fine_tuned="b", augmented="b")
    found = comparison_results(compare_models(runs), model_costs(runs), roles)
    assert found == comparison_results(compare_models(slow), model_costs(slow), roles)
    assert list(found["gains"]) == ["transfer"]  # one model cannot gain over itself
    gain = found["gains"]["transfer"]
    scores = [model["scores"]["accuracy"].value for model in found["models"].values()]
    assert gain["value"] == pytest.approx(scores[1] - scores[0]) and gain["low"] < gain["value"] < gain["high"]
    assert model_costs(slow)[MODEL_TIMES].train_seconds["a"] == 7 * 3 * 4.5
    rows = found["headline"]
    assert [(row["model"], row["metric"]) for row in rows] == [
        ("a", "accuracy"), ("a", "macro_f1"), ("b", "accuracy"), ("b", "macro_f1"),
    ]  # fmt: skip
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows)


def test_costs_are_of_median_epochs_and_models_of_one_architecture_share_their_speed():
    """Epochs that waited for other work move neither seconds nor images a second; a phase has its own median."""
    runs = {name: [made_up_run(name, 1.0)] for name in ("plain", "waited", "phased")}
    runs["waited"][0].timings = {"epoch_seconds": [4.0, 21.3, 4.5, 4.5], "test_images_per_second": 138.0}
    runs["waited"][0].history = {"phase": np.ones(4)}
    runs["phased"][0].timings = {"epoch_seconds": [9.0, 1.0, 1.0, 4.0, 5.0], "test_images_per_second": 193.0}
    runs["phased"][0].history = {"phase": np.array([1, 1, 1, 2, 2])}
    runs["phased"][0].summary["architecture"] = "another"
    found = model_costs(runs)
    assert found.train_seconds.to_dict() == {"plain": 13.5, "waited": 18.0, "phased": 3 * 1.0 + 2 * 4.5}
    assert set(found.train_images_per_second) == {3600 / 4.5}
    rows = cost_table(compare_models(runs), found, runs).rows()
    assert [row["Test, images/s"] for row in rows] == ["138 to 2,000", "138 to 2,000", "193"]
    assert rows[1]["Epoch, s"] == "4.5 (4.38 to 8.7)" and "First weights, s" not in rows[0]
    found["first_weights_seconds"] = [None, 422.0, 422.0]
    table = cost_table(compare_models(runs), found, runs)
    assert "First weights, s" in table.rows()[0] and "once for all that start from them" in table.caption
