"""Models compared: the numbers, and that the sentences say what the numbers say and no more."""

import numpy as np
import pytest
from made_up_runs import answering, made_up_run

from helpers.base.errors import CourseError
from helpers.metrics.comparison import gain_of, mcnemar_exact
from helpers.study.recipe import Roles
from sections.comparison.costs import cost_and_gain
from sections.comparison.scores import sentences as readings
from sections.comparison.scores.measured import (
    compare,
    comparison_results,
    costs,
    hardest_images,
    images_to_resolve,
    patterns,
    timings_of,
)


def models(**answers: str):
    """Two-class models from strings: '.' is a right answer, 'x' a wrong one; all images are of class 0."""
    labels = [0] * len(next(iter(answers.values())))
    made = {name: answering(name, labels, [int(mark == "x") for mark in text]) for name, text in answers.items()}
    return compare({name: [run] for name, run in made.items()})


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
    assert f"about {readings.rounded(needed):,} test images" in size
    assert "this set has 100" in size


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
    assert "between Strong and Near could be chance" in size


def test_equal_models_need_no_larger_test_set():
    found = models(one="x." * 10, other=".x" * 10)
    assert "no larger test set" in readings.winner(found)[1]
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
    assert readings.winner(found) == ["Only is the study's only model: there is nothing to compare it with."]
    assert readings.classes(found) == []
    assert readings.hardest(found) == []
    assert readings.agreement(found) == ["Only gets 4 of 5 test images right."]
    assert cost_and_gain(found, costs({"only": [answering("only", [0], [0])]})) == []


def test_agreement_counts_and_patterns():
    found = models(a="..xxx", b=".x.xx", c=".xxx.")
    assert (found.agreement.all_right, found.agreement.some_right, found.agreement.none_right) == (1, 3, 1)
    first, *_ = readings.agreement(found)
    assert "every model gets 1 right (20.0 %), some but not all 3, none 1 (20.0 %)" in first
    assert "would reach 80.0 %; the best single model reaches 40.0 %" in first
    kinds = {pattern.right: pattern.count for pattern in patterns(found)}
    assert kinds == {("a", "b", "c"): 1, ("a",): 1, ("b",): 1, ("c",): 1, (): 1}


def test_hardest_images_come_with_the_surest_wrong_answer_first():
    run = made_up_run("vague", noise=4.0)
    found = compare({"vague": [run]})
    rows = hardest_images(found)
    assert len(rows)
    assert not found.models["vague"].correct[rows].any()
    assert (np.diff(found.models["vague"].confidence[rows]) <= 0).all()


def test_same_wrong_answers_are_counted():
    labels = [0, 0, 0]
    runs = {
        "a": [answering("a", labels, [1, 2, 0], 3)],
        "b": [answering("b", labels, [1, 1, 0], 3)],
    }
    (sentence,) = readings.hardest(compare(runs))
    assert sentence.startswith("On 1 of the 2 images that no model gets right")


def test_classes_that_gain_and_lose():
    labels = [0] * 30 + [1] * 30
    before = answering("before", labels, [1] * 25 + [0] * 5 + [1] * 30)
    after = answering("after", labels, [0] * 30 + [1] * 29 + [0])
    (sentence,) = readings.classes(compare({"before": [before], "after": [after]}))
    assert "recall rises for one of 2 classes and falls for one" in sentence
    assert "the largest gain is that of “class 0”, from 17 % to 100 %" in sentence
    assert "the largest loss is that of “class 1”, from 100 % to 97 %" in sentence
    assert sentence.endswith("More than chance explains (after Holm's correction for 2 tests): “class 0”.")


def test_seeds_are_told_with_their_spread():
    runs = {
        name: [made_up_run(name, noise, seed) for seed in range(3)] for name, noise in (("a", 1.5), ("b", 3.5))
    }
    found = compare(runs)
    spread, lead = readings.seeds(found)
    assert spread.startswith("Accuracy over 3 seeds, mean ± standard deviation: A ")
    assert lead.startswith("By mean A leads B by ")
    assert readings.seeds(compare({name: seeds[:1] for name, seeds in runs.items()}))[0].startswith(
        "Each model was"
    )


def test_costs_are_told_against_the_cheapest():
    small, large = made_up_run("small", 4.0), made_up_run("large", 1.0)
    large.summary = {"parameters": 1_800_000, "multiply_adds": 46_000_000, "epochs": 3}
    runs = {"large": [large], "small": [small]}
    (sentence,) = cost_and_gain(compare(runs), costs(runs))
    assert sentence.startswith(
        "Large against Small: multiply-adds × 23, parameters × 20, training time on this machine × 1.0;"
    )
    assert "more images right" in sentence


def test_of_many_models_those_worth_choosing_are_named():
    made = {"small": (20, 1), "wasteful": (20, 9), "middle": (10, 3), "large": (0, 8), "larger": (5, 20)}
    answers = {name: [1] * wrong + [0] * (50 - wrong) for name, (wrong, _) in made.items()}
    runs = {name: [answering(name, [0] * 50, given)] for name, given in answers.items()}
    for name, (_, millions) in made.items():
        runs[name][0].summary = {"parameters": 1000, "multiply_adds": millions * 1_000_000, "epochs": 3}
    choices, leader = cost_and_gain(compare(runs), costs(runs))
    assert choices.startswith("3 of 5 models are not beaten at once in work and in accuracy")
    assert [name in choices for name in ("Small (", "Middle (", "Large (", "Wasteful", "Larger")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert leader.startswith("Large against Small: multiply-adds × 8.0")


def test_of_many_models_only_what_stands_out_is_told():
    labels = [0] * 30 + [1] * 30
    good, poor = labels, [1] * 25 + [0] * 5 + [1] * 30
    answers = {"a": good, "b": good, "c": good, "d": good, "poor": poor}
    found = compare({name: [answering(name, labels, given)] for name, given in answers.items()})
    (sentence,) = readings.classes(found)
    assert sentence.startswith("4 changes of recall between two models are more than chance explains")
    assert "in “class 0”. The largest is that of “class 0”, from 100 % in A to 17 % in Poor." in sentence
    verdict, sizes = readings.winner(models(a="x" + "." * 99, b=".x" + "." * 98, c="..xx" + "." * 96,
                                            d="..." + "xxx" + "." * 94, e="x" * 6 + "." * 94))  # fmt: skip
    assert verdict.startswith("No winner can be named")
    assert "where this set has 100: against B (0.0 percentage points, p = 1.00) no number" in sizes
    same = compare({name: [answering(name, labels, good)] for name in "abcde"})
    assert readings.classes(same)[0].startswith("Between no two models does the recall of any class change")


def test_models_tested_on_other_images_are_refused():
    one, other = made_up_run("one", 1.0), made_up_run("other", 1.0)
    other.parts["test"].index += 1
    with pytest.raises(CourseError, match="Other was tested on other images than One"):
        compare({"one": [one], "other": [other]})
    with pytest.raises(CourseError, match="no model to compare"):
        compare({})


def test_equal_titles_are_told_apart():
    runs = {name: [made_up_run(name, 1.0, title="CNN")] for name in ("a", "b")}
    assert [result.title for result in compare(runs).models.values()] == ["CNN (a)", "CNN (b)"]


def test_results_hold_no_time_and_no_chance():
    runs = {"a": [made_up_run("a", 2.0)], "b": [made_up_run("b", 3.0)]}
    slow = {"a": [made_up_run("a", 2.0)], "b": [made_up_run("b", 3.0)]}
    slow["a"][0].timings = {key: 7 * value for key, value in slow["a"][0].timings.items()}
    roles = Roles(from_scratch="a", fine_tuned="b", augmented="b")
    found = comparison_results(compare(runs), costs(runs), roles)
    assert found == comparison_results(compare(slow), costs(slow), roles)
    assert list(found["gains"]) == ["transfer"]  # one model cannot gain over itself
    gain = found["gains"]["transfer"]
    scores = [model["scores"]["accuracy"]["value"] for model in found["models"].values()]
    assert gain["value"] == pytest.approx(scores[1] - scores[0]) and gain["low"] < gain["value"] < gain["high"]
    assert timings_of(costs(slow))["a"]["train_seconds"] == 87.5
    rows = found["headline"]
    assert [(row["model"], row["metric"]) for row in rows] == [
        ("a", "accuracy"), ("a", "macro_f1"), ("b", "accuracy"), ("b", "macro_f1"),
    ]  # fmt: skip
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows)
