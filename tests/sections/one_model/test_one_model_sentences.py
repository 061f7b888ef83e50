"""Readings say what the numbers say: each verdict, direction and doubt is provoked by made-up results."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from grammar import assert_sound
from sklearn.metrics import balanced_accuracy_score

from helpers.base.paths import plain
from helpers.metrics.comparison import difference_of_means
from helpers.show import words
from helpers.study.phases import stages_of
from helpers.study.study import ModelSpec
from helpers.training.loop import Outputs
from helpers.training.runs import other_differences
from sections.augmentation.gap import sentences as augmentation
from sections.augmentation.gap.measured import change_over_seeds, compare_gaps, gap_results
from sections.one_model.learning import sentences as training
from sections.one_model.scores import sentences as classification
from sections.one_model.scores import temperature
from sections.one_model.scores.calibration import honesty
from sections.one_model.scores.measured import (
    ClassifierEvaluation,
    classifier_results,
    scores_by_class_table,
    total_score_table,
)

CLASSES = ("cat", "dog", "owl")


def make_history(train_loss: list[float], val_loss: list[float]) -> dict[str, np.ndarray]:
    train_loss, val_loss = np.array(train_loss), np.array(val_loss)
    return {
        "epoch": np.arange(1.0, len(val_loss) + 1),
        "train_loss": train_loss + 0.1,
        "train_accuracy": np.exp(-train_loss - 0.1),
        "train_eval_loss": train_loss,
        "train_eval_accuracy": np.exp(-train_loss),
        "val_loss": val_loss,
        "val_accuracy": np.exp(-val_loss),
        "seconds": np.ones(len(val_loss)),
    }


def make_outputs(labels: np.ndarray, predictions: np.ndarray, confidence: float = 0.8) -> Outputs:
    probabilities = np.full((len(labels), 3), (1 - confidence) / 2, dtype=np.float32)
    probabilities[np.arange(len(labels)), predictions] = confidence
    index = np.arange(len(labels))
    return Outputs(probabilities, np.zeros((len(labels), 2), np.float32), labels, index)


def make_run(history: dict, outputs: dict[str, Outputs] | None = None, **spec) -> SimpleNamespace:
    best, recipe = int(np.argmin(history["val_loss"])) + 1, ModelSpec(**spec)
    return SimpleNamespace(
        name="net", title="Net", seed=0, classes=CLASSES, history=history, best_epoch=best,
        spec=recipe, stages=stages_of(recipe, history.get("phase", ())),
        summary={"parameters": 10, "best_epoch": best}, timings={},
        outputs=lambda part: (outputs or noisy_outputs({part: 0}, n=100))[part], range_tests=[], scenes=None,
    )  # fmt: skip


def noisy_outputs(wrong: dict[str, int], confidence: float = 0.8, n: int = 300) -> dict[str, Outputs]:
    """For each part the first so many predictions are wrong."""
    labels = np.arange(n) % 3
    return {
        part: make_outputs(labels, np.where(np.arange(n) < amount, (labels + 1) % 3, labels), confidence)
        for part, amount in wrong.items()
    }


def make_evaluation(matrix: list[list[int]], confidence: float = 0.8) -> ClassifierEvaluation:
    matrix = np.array(matrix)
    labels = np.repeat(np.arange(3), matrix.sum(1))
    predictions = np.concatenate([np.repeat(np.arange(3), row) for row in matrix])
    return ClassifierEvaluation("net", "Net", CLASSES, make_outputs(labels, predictions, confidence))


def test_scenes_widen_the_intervals():
    evaluation = make_evaluation([[30, 0, 0], [0, 20, 10], [0, 0, 30]])
    training = np.arange(3)
    (alone,) = classification.against_guessing(evaluation, training)
    assert "gets 80 of 90" in alone
    together = replace(evaluation, scenes=np.arange(90) // 10)  # one of nine scenes is all wrong
    first, told = classification.against_guessing(together, training)
    assert "draw 9 scenes anew, not 90 images" in told and "are too sure of themselves" in told
    accuracy, usual = together.intervals["accuracy"], evaluation.intervals["accuracy"]
    assert accuracy.low < usual.low - 0.1 and f"{100 * accuracy.low:.1f} to {100 * accuracy.high:.1f} %" in first
    assert f"Accuracy's is {accuracy.width / usual.width:.1f} times as wide" in told
    apart = replace(evaluation, scenes=np.random.default_rng(0).permutation(90) // 2)
    assert classification.against_guessing(apart, training)[1].endswith(
        "Accuracy's is about as wide all the same."
    )
    assert classification.alike_scenes(replace(evaluation, scenes=np.arange(90))) == []


def test_overfitting_names_the_epoch_and_the_rise():
    run = make_run(make_history([1.0, 0.5, 0.2, 0.1, 0.05], [1.0, 0.6, 0.5, 0.6, 0.65]))
    told = training.overfitting(run)
    assert "overfits from epoch 4 on" in told and "lowest after epoch 3 of 5 (0.500)" in told
    assert "30 % higher at the end (0.650)" in told and "weights of epoch 3, which are kept" in told
    assert "percentage points higher on training" in told and "training loss: 0.300 nats" in told
    run.history["val_accuracy"] = run.history["train_eval_accuracy"]
    assert "accuracy is the same on training and validation images" in training.overfitting(run)


def early(history: dict, numbers: list[int], **spec) -> SimpleNamespace:
    return make_run(history | {"phase": np.array(numbers, dtype=float)}, early_stopping=2, **spec)


def test_a_training_that_ended_early_says_so():
    history = make_history([1.0, 0.5, 0.2, 0.1], [1.0, 0.5, 0.6, 0.6])
    told = training.overfitting(early(history, [1] * 4, epochs=10))
    assert told.endswith(
        "Training ended after 4 of at most 10 epochs, because the validation loss had not fallen below its lowest "
        "for 2 epochs in a row."
    )
    assert "ended" not in training.overfitting(early(history, [1] * 4, epochs=4))
    rates = history | {"lr": np.array([0.1, 1.0, 0.5, 0.25])}
    told = training.overfitting(early(rates, [1] * 4, epochs=10, schedule="one_cycle"))
    assert told.endswith("in a row; its learning rate, planned for all of them, was then at 25 % of its highest.")
    phases = [{"epochs": 3, "trainable": "head"}, {"epochs": 9}]
    run = early(history, [1, 1, 2, 2], phases=phases)
    assert training.overfitting(run).endswith(
        "Phases ended early, because the validation loss had not fallen below its lowest for 2 epochs in a row: "
        "the head alone after 2 of at most 3 epochs and the whole network after 2 of at most 9 epochs."
    )
    assert "(epochs 3 to 4, learning rate" in training.phases(run)[0]


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({}, ""),
        ({"balance": "weights"}, " (every class weighing alike, whatever its size)"),
        ({"balance": "sampling"}, " (every class drawn as often as any other)"),
        ({"augment": {"flip": 0.5}}, " (augmented images, while the weights still move)"),
        ({"augment": {"mixup": 0.0}}, " (augmented images, while the weights still move)"),
        ({"augment": {"mixup": 0.2}}, "two images mixed in one, with shares of both labels, so that"),
        (
            {"phases": [{"epochs": 2}, {"epochs": 3, "augment": {"cutmix": 1}}]},
            "mixed in one in epochs 3 to 5, with",
        ),
    ],
)
def test_what_the_loss_on_the_way_is_of_is_told(spec, told):
    found = training.trained_on(make_run(make_history([1.0] * 5, [1.0] * 5), **spec))
    assert told in found and bool(found) is bool(told)


def test_balancing_is_advised_where_classes_are_uneven_and_it_is_off():
    evaluation = make_evaluation([[30, 0, 0], [0, 20, 10], [0, 0, 30]])

    def advice(*counts: int, **recipe) -> list[str]:
        labels = np.repeat(np.arange(3), counts)
        return classification.balancing(evaluation, ModelSpec(**recipe), labels)

    (told,) = advice(60, 30, 20)
    assert "3.0 times as many images of “cat” (60) as of “owl” (20)" in told and "balanced accuracy" in told
    assert advice(59, 30, 20) == [] == advice(10, 10, 10)
    assert advice(600, 30, 20, balance="weights") == [] == advice(600, 30, 20, balance="sampling")
    assert "30.0 times as many images of “cat” (600) as of “dog” (20)" in advice(600, 20, 0)[0]


def test_balanced_accuracy_is_shown_where_it_can_differ_from_accuracy():
    even, uneven = (
        make_evaluation([[30, 0, 0], [0, 20, 10], [0, 0, 30]]),
        make_evaluation([[40, 0, 0], [5, 5, 0], [0, 0, 0]]),
    )
    assert "Balanced accuracy" not in even.shown_metrics.values()
    truth, said = uneven.outputs.labels, uneven.outputs.predictions
    rows = {row["Score"]: row["Value"] for row in total_score_table(uneven, []).rows()}
    assert rows["Balanced accuracy"].value == pytest.approx(balanced_accuracy_score(truth, said)) == 0.75
    assert rows["Balanced accuracy"].low < 0.75 < rows["Balanced accuracy"].high < rows["Accuracy"].high
    assert list(rows)[:2] == ["Accuracy", "Balanced accuracy"]
    absent = make_evaluation(
        [[40, 0, 0], [5, 35, 0], [0, 0, 0]]
    )  # both classes that have images have equally many
    assert "Balanced accuracy" not in absent.shown_metrics.values()


def of_odds(scale: float, n: int, seed: int = 0) -> Outputs:
    """Labels drawn from honest probabilities of three classes; logits so many times too large."""
    rng = np.random.default_rng([seed, n])
    logits = 2 * rng.normal(size=(n, 3))
    odds = np.exp(logits)
    labels = ((odds / odds.sum(1, keepdims=True)).cumsum(1) > rng.random((n, 1))).argmax(1)
    odds = np.exp(scale * logits)
    probabilities = (odds / odds.sum(1, keepdims=True)).astype(np.float32)
    return Outputs(probabilities, np.zeros((n, 2), np.float32), labels, np.arange(n))


def scaled(val: Outputs, test: Outputs) -> temperature.TemperatureScaling:
    evaluation = ClassifierEvaluation("net", "Net", CLASSES, test)
    return temperature.scale(SimpleNamespace(outputs=lambda part: {"val": val}[part]), evaluation)


@pytest.mark.parametrize(
    ("scale", "images", "told"),
    [
        (3.0, 400, ": the logits are too large, the network too sure. On the test images"),
        (0.4, 400, ": the logits are too small, the network not sure enough. On the test images"),
        (1.0, 400, "The interval holds 1: nothing says that the logits need another scale. On"),
        (1.5, 8, "The interval holds 1: "),
    ],
)
def test_temperature_scaling_says_whether_it_was_called_for(scale, images, told):
    found = scaled(of_odds(scale, images), of_odds(scale, 600, seed=1))
    (verdict,) = temperature.scaling_verdict(found)
    assert_sound([verdict])
    assert told in verdict and f"The cross-entropy of the {images} validation images is lowest at T = " in verdict
    moved = {3.0: "the cross-entropy falls (a change of −", 0.4: "falls", 1.0: "does not change for certain"}
    assert moved.get(scale, "") in verdict and verdict.endswith("No prediction changes, and so no accuracy.")
    before, after = temperature.scaling_table(found).rows()
    assert before["Probabilities"] == "as trained, T = 1"
    if scale in (3.0, 0.4):
        assert after["Expected calibration error"].value < before["Expected calibration error"].value
        assert after["Cross-entropy, nats"].value < before["Cross-entropy, nats"].value
    assert plain(temperature.scaling_results(found))["validation_images"] == images


def test_no_temperature_is_fitted_where_all_validation_images_are_right():
    outputs = noisy_outputs({"val": 0, "test": 60})
    found = scaled(outputs["val"], outputs["test"])
    (verdict,) = temperature.scaling_verdict(found)
    assert verdict.startswith("There is no mistake on the 300 validation images, so that the cross-entropy only")
    assert temperature.scaling_table(found) == [] and found.loss_change.value == pytest.approx(0, abs=1e-6)
    assert_sound([verdict])
    wrong = scaled(noisy_outputs({"val": 300})["val"], outputs["test"])
    assert "evenly spread probabilities would cost no more" in temperature.scaling_verdict(wrong)[0]


@pytest.mark.parametrize(("last", "judged"), [(0.5, ""), (0.6, "no more"), (0.9, "more"), (0.1, "")])
def test_accuracy_that_rises_while_the_loss_does_is_told(last, judged):
    run = make_run(make_history([1.0, 0.5, 0.2, 0.1, 0.05], [1.0, 0.6, 0.5, 0.6, 0.65]))
    run.history["val_accuracy"] = np.array([0.2, 0.4, 0.5, 0.5, last])
    told = training.overfitting(run)  # of 100 images; two standard errors of a half are a tenth
    higher = (
        f"was higher later: {100 * last:.1f} % after the last epoch, 50.0 % after epoch 3, which is {judged} than"
    )
    assert (higher in told) is bool(judged) is ("it is the loss that chooses" in told)


def test_more_epochs_after_a_schedule_has_ended_are_another_training():
    run = make_run(make_history([1.0, 0.5, 0.3], [1.0, 0.6, 0.4]))
    assert "this training cannot tell" in training.overfitting(run)
    run.history["lr"] = np.array([1e-3, 5e-4, 1e-8])
    assert "more epochs mean another schedule" in training.overfitting(run)
    lucky = make_run(make_history([0.76, 0.7, 0.66, 0.62, 0.53], [0.996, 1.017, 0.996, 1.003, 0.96]))
    told = training.overfitting(lucky)
    assert (
        "has levelled off" in told and "than before the last epoch (0.996)" in told and "more epochs" not in told
    )
    lucky.history["val_loss"][-1] = 0.9  # 0.096 lower, where two standard errors are more
    lucky.outputs = lambda part: noisy_outputs({part: 30}, n=100)[part]
    assert "shows no overfitting" in training.overfitting(lucky)
    assert "Whether it was still falling, so few images cannot tell" in training.overfitting(lucky)
    by_heart = make_run(make_history([0.76, 0.7, 0.5, 0.4, 0.3], [0.996, 0.9, 0.91, 0.91, 0.92]))
    assert "Training loss fell from 0.400 to 0.300 in the last epoch" in training.overfitting(by_heart)


@pytest.mark.parametrize(
    ("train_loss", "val_loss", "words_expected"),
    [
        ([1.0, 0.5, 0.3], [1.0, 0.6, 0.4], "does not overfit yet"),
        ([1.1, 1.05, 1.0], [1.1, 1.08, 1.05], "underfits"),
        ([0.5, 0.3, 0.29], [0.6, 0.40, 0.405], "has levelled off"),
        ([0.5, 0.4, 0.2, 0.1], [0.25, 0.66, 0.56, 0.37], "rose to 0.660 (epoch 2) and was on its way back"),
        ([0.5], [0.6], "a single epoch, which is no curve"),
        ([1.2], [1.3], "a single epoch, which is no curve"),
        ([0.5, 0.3, 0.4], [0.6, 0.40, 0.5], "no clear overfitting"),
        ([0.5, 0.3, float("nan")], [0.6, 0.4, float("nan")], "diverged"),
    ],
)
def test_other_verdicts(train_loss, val_loss, words_expected):
    history = make_history(train_loss, val_loss)
    run = make_run(history | {"val_loss": np.array(val_loss)})
    reading = training.overfitting(run)
    assert words_expected in reading and "overfits from" not in reading


def test_phases_say_what_each_brought():
    phases = [{"trainable": "head", "epochs": 2, "lr": 0.01}, {"epochs": 2}]
    outputs = noisy_outputs({"val": 90})
    history = make_history([1.0, 0.8, 0.5, 0.4], [1.0, 0.9, 0.6, 0.7])
    history["val_accuracy"] = np.array([0.5, 0.6, 0.7, 0.72])
    run = make_run(history, outputs, lr="find", phases=phases)
    run.range_tests = [{"phase": 2, "title": "the whole network", "limit": 2e-3, "suggestion": 2e-4}]
    (gain,) = training.phases(run)
    assert gain == (
        "Phase 2, the whole network (epochs 3 to 4, learning rate 0.0002), lowered the validation loss: 0.900 at "
        "best before it (epoch 2, 60.0 % right), 0.600 in it (epoch 3, 70.0 % right)."
    )
    run.history["val_loss"] = np.array([1.0, 0.5, 0.6, 0.7])
    assert "did not lower the validation loss" in training.phases(run)[0]
    assert training.phases(make_run(make_history([1.0], [1.0]))) == []
    (test,) = training.range_tests(run)
    assert test.startswith("Before phase 2, the whole network, the range test suggests 0.0002")
    assert "training used 0.0002, as suggested" in test
    assert training.range_tests(make_run(history)) == []


def test_a_comparison_of_other_phases_is_not_called_clean():
    history, outputs = make_history([0.5, 0.4], [0.6, 0.5]), noisy_outputs({"train": 10, "val": 40, "test": 40})
    before = make_run(history, outputs, phases=[{"trainable": "head", "epochs": 1}, {"epochs": 2}])
    after = make_run(history, outputs, augment={"flip": 0.5}, epochs=2)
    told = augmentation.fairness(compare_gaps(before, after))[0]
    assert (
        "phases (1 epoch of the head alone, then 2 of the whole network and 2 epochs of the whole network)" in told
    )


def test_scores_are_set_against_the_most_frequent_class():
    training = np.array([0, 1, 2, 2])
    good = classification.against_guessing(make_evaluation([[45, 5, 0], [5, 45, 0], [0, 0, 60]]), training)[0]
    assert "150 of 160" in good and "“owl”" in good and "37.5 %" in good and "above" in good
    guessing = make_evaluation([[0, 0, 50], [0, 0, 50], [0, 0, 60]])
    assert "has learnt nothing" in classification.against_guessing(guessing, training)[0]
    other = classification.against_guessing(guessing, np.array([0, 0, 2]))[
        0
    ]  # what is frequent in training counts
    assert "“cat”" in other and "31.3 %" in other


def test_absent_classes_are_left_out_of_the_macro_means():
    assert classification.left_out_classes(make_evaluation([[20, 30, 0], [30, 20, 0], [0, 0, 60]])) == []
    (told,) = classification.left_out_classes(make_evaluation([[4, 1, 0], [1, 5, 0], [0, 0, 0]]))
    assert told == "No test image shows “owl”: the macro scores are means over the other 2 classes."
    (told,) = classification.left_out_classes(make_evaluation([[4, 0, 1], [1, 5, 0], [0, 0, 0]]))
    assert told.endswith("1 image taken for it is missed by its own class.")


def test_a_class_without_test_images_has_no_score_and_its_confusions_no_other_way_round():
    found = make_evaluation([[4, 0, 1], [1, 5, 0], [0, 0, 0]])
    row = scores_by_class_table(found, []).text().splitlines()[-1]
    assert "owl" in row and not any(digit in row for digit in "123456789")
    assert all(values[2] is None and values[0] for values in found.class_intervals.values())
    told = classification.largest_mix_ups(found)
    assert "“cat” was taken for “owl” once, and of “owl” there is no test image" in told
    assert "“dog” was taken for “cat” once, the other way round never" in told


def test_confusions_count_both_directions():
    one_way = classification.largest_mix_ups(make_evaluation([[30, 15, 0], [2, 40, 0], [0, 1, 40]]))
    assert "“cat” was taken for “dog” 15 times, the other way round twice (mostly one way" in one_way
    assert "“owl” was taken for “dog” once, the other way round never. These two" in one_way
    assert "18 of all 18 mistakes, 100 %" in one_way
    both_ways = classification.largest_mix_ups(make_evaluation([[30, 9, 0], [8, 40, 0], [0, 0, 40]]))
    assert "one way" not in both_ways and "This pair holds 17 of all 17 mistakes" in both_ways
    assert "No test image" in classification.largest_mix_ups(make_evaluation([[9, 0, 0], [0, 9, 0], [0, 0, 9]]))


def test_the_direction_of_the_largest_confusion_is_judged_as_one_of_all_that_occur():
    alone = classification.largest_mix_ups(make_evaluation([[30, 7, 0], [0, 30, 0], [0, 0, 30]]), most=1)
    among = classification.largest_mix_ups(make_evaluation([[30, 7, 3], [0, 30, 3], [3, 3, 30]]), most=1)
    among_more = classification.largest_mix_ups(make_evaluation([[30, 6, 3], [0, 30, 3], [3, 3, 30]]), most=1)
    assert "one way" in alone and "one way" in among  # 7 to 0: p = 0.016, of three pairs 0.047
    assert "one way" not in among_more  # 6 to 0: p = 0.031, of three pairs 0.094


def test_calibration_names_the_direction():
    matrix = [[50, 30, 0], [30, 50, 0], [0, 0, 80]]  # 75 % right
    assert "less sure than it could be by 25.0" in honesty(make_evaluation(matrix, 0.5))
    honest = honesty(make_evaluation(matrix, 0.75))
    assert "neither too sure" in honest and "may be chance" in honest
    assert honest.endswith("No prediction reaches a confidence of 90 %.")
    sure = honesty(make_evaluation(matrix, 0.98))
    assert "too sure of itself by 23.0" in sure and "the miscalibration is real" in sure
    assert "Of 240 predictions" in sure and "60 are wrong (25.0 %), where 2.0 % were" in sure


def test_augmentation_that_narrows_the_gap():
    before = make_run(
        make_history([0.5, 0.2, 0.05, 0.01], [0.6, 0.5, 0.6, 0.7]),
        noisy_outputs({"train": 0, "val": 90, "test": 90}, 0.95),
    )
    after = make_run(
        make_history([0.6, 0.4, 0.3, 0.25], [0.6, 0.5, 0.45, 0.4]),
        noisy_outputs({"train": 20, "val": 40, "test": 40}, 0.95),
        augment={"flip": 0.5},
    )
    change = compare_gaps(before, after)
    (gap,) = augmentation.narrowing(change)
    assert "gap between validation and training loss narrowed" in gap and "may be chance" not in gap
    assert "30.0 percentage points without and 6.7 with" in gap and "a change of −23.3" in gap
    assert "gets 50 right" in augmentation.effect_on_test(change)[0].replace("Net gets 50", "gets 50")
    assert "Of these two networks Net is the better" in augmentation.effect_on_test(change)[0]
    assert augmentation.fairness(change) == ["Net and Net differ in augmentation only."]
    assert gap_results(change)["loss"]["change"]["high"] < 0
    spread = change_over_seeds([before] * 2, [after] * 2)
    assert augmentation.gap_over_seeds(spread)[0].endswith("by −0.540 ± 0.000 (mean ± standard deviation).")


def test_augmentation_that_changes_nothing_is_not_praised():
    history = make_history([0.5, 0.3, 0.2], [0.6, 0.4, 0.41])
    outputs = noisy_outputs({"train": 10, "val": 40, "test": 40})
    change = compare_gaps(make_run(history, outputs), make_run(history, outputs, augment={"flip": 0.5}, lr=0.5))
    assert "did not change for certain" in augmentation.narrowing(change)[0]
    assert "cannot tell the two apart" in augmentation.effect_on_test(change)[0]
    assert "lr (0.001 and 0.5)" in augmentation.fairness(change)[0]
    without = compare_gaps(make_run(history, outputs), make_run(history, outputs))
    assert "has no augmentation" in augmentation.fairness(without)[0]


def test_augmentation_that_hurts_is_said_to_hurt():
    history = make_history([0.5, 0.3, 0.2], [0.6, 0.4, 0.41])
    before = make_run(history, noisy_outputs({"train": 10, "val": 20, "test": 20}))
    after = make_run(
        history, noisy_outputs({"train": 10, "val": 90, "test": 90}), augment={"erasing": 1.0}, title="Erased"
    )
    change = compare_gaps(before, after)
    assert "widened" in augmentation.narrowing(change)[0]
    assert "Of these two networks Net is the better" in augmentation.effect_on_test(change)[0]


def test_recipes_are_compared_key_by_key():
    history = make_history([0.5], [0.6])
    old, new = make_run(history), make_run(history, augment={"flip": 0.5}, epochs=20, title="Other")
    assert other_differences(old, new) == [("epochs", 10, 20)]


def test_interval_of_a_difference_of_means_covers_the_truth():
    rng = np.random.default_rng(0)
    found = [difference_of_means(rng.normal(1, 2, 80), rng.normal(0.5, 1, 60)) for _ in range(600)]
    assert 0.92 <= np.mean([one.contains(0.5) for one in found]) <= 0.975


def test_results_and_tables_agree():
    outputs = noisy_outputs({"test": 60})
    run = make_run(make_history([0.5, 0.3], [0.6, 0.4]), outputs)
    results = classifier_results(run, [run, run])
    accuracy, f1 = results["headline"]
    assert accuracy["metric"] == "accuracy" and accuracy["value"] == 0.8 and f1["metric"] == "macro_f1"
    assert accuracy["low"] < 0.8 < accuracy["high"]
    assert plain(results["seeds"]["accuracy"]) == {"mean": 0.8, "std": 0.0, "n": 2}
    assert "seconds" not in results["history"] and np.sum(results["test"]["confusion_matrix"]) == 300
    evaluation = ClassifierEvaluation("net", "Net", CLASSES, outputs["test"])
    assert total_score_table(evaluation, [run, run]).columns() == ["Score", "Value", "Mean ± sd, 2 seeds"]
    assert total_score_table(evaluation, [run]).columns() == ["Score", "Value"]
    assert [row["Images"] for row in scores_by_class_table(evaluation, [run]).rows()] == [100, 100, 100]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (words.listed(["a"]), "a"),
        (words.listed(["a", "b", "c"]), "a, b and c"),
        (words.percent(-0.0001, 0), "0 %"),
        (words.percent(-0.05), "−5.0 %"),
        (words.percent(float("nan")), "unknown"),
        (words.count(1, "image"), "1 image"),
        (words.count(1200, "class", "classes"), "1,200 classes"),
        (words.p_value(0.00001), "p < 0.001"),
        (words.in_words(3), "three"),
        (words.in_words(11), "11"),
    ],
)
def test_words(made, expected):
    assert made == expected
