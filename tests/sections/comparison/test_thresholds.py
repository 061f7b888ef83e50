"""Thresholds between two classes: chosen on validation only, and the sentences say what the numbers say."""

import numpy as np
import pytest
from made_up_runs import MadeUpRun, answering, outputs_of
from sklearn.metrics import roc_auc_score

from helpers.base.errors import CourseError
from helpers.base.paths import plain
from sections.comparison.thresholds import pictures as plots
from sections.comparison.thresholds import sentences as about
from sections.comparison.thresholds import tables
from sections.comparison.thresholds.measured import between_two, log_odds, threshold_results
from sections.comparison.thresholds.ranking import roc_area


def two_class_run(name: str, apart: float = 1.6, shift: float = 0.0, images: int = 400, seed: int = 0):
    """Normal log-odds, `apart` from 0 on either side and all of them moved by `shift`; three of five positive."""
    rng, parts = np.random.default_rng([seed, *name.encode()]), {}
    for part, size in (("val", images // 2), ("test", images)):
        positive = np.arange(size) % 5 < 3
        z = 2 * rng.normal(apart * (2 * positive - 1), 1) + shift
        parts[part] = outputs_of(np.zeros((size, 2)), np.stack([0 * z, z], 1), positive.astype(int))
    return MadeUpRun(name, name.title(), ("vehicle", "animal"), parts)


@pytest.fixture(scope="module")
def found():
    runs = [two_class_run("honest"), two_class_run("shifted", shift=4.0), two_class_run("sharp", apart=2.4)]
    return between_two({run.name: [run] for run in runs})


def test_half_is_what_the_chapters_score():
    run = two_class_run("honest")
    cut = between_two({"honest": [run]}).models["honest"].cuts["default"]
    assert cut.probability == 0.5
    assert np.trace(cut.test_matrix) == run.outputs("test").correct.sum()
    assert cut.recall.value == pytest.approx(run.outputs("test").correct[run.outputs("test").labels == 1].mean())


def test_log_odds_rank_what_probabilities_cannot_tell_apart():
    z = np.array([30.0, 31.0, -40.0])
    outputs = outputs_of(np.zeros((3, 2)), np.stack([0 * z, z], 1), np.array([1, 1, 0]))
    assert outputs.probabilities[0, 1] == outputs.probabilities[1, 1] == 1
    np.testing.assert_allclose(log_odds(outputs), z, rtol=1e-5)


def test_area_is_that_of_the_test_images(found):
    run = two_class_run("sharp", apart=2.4)
    outputs = run.outputs("test")
    expected = roc_auc_score(outputs.labels, outputs.probabilities[:, 1])
    assert found.models["sharp"].ranking["roc_area"].value == pytest.approx(expected, abs=1e-6)
    assert found.best.title == "Sharp"


def test_test_images_have_no_say_in_the_threshold():
    run = two_class_run("shifted", shift=3.0)
    before = between_two({"a": [run]}).models["a"].cuts
    run.parts["test"].labels[:] = 1 - run.parts["test"].labels
    after = between_two({"a": [run]}).models["a"].cuts
    assert {name: cut.log_odds for name, cut in before.items()} == {
        name: cut.log_odds for name, cut in after.items()
    }
    assert before["balanced"].test.macro_f1 != after["balanced"].test.macro_f1


def test_a_shifted_model_is_put_right(found):
    model = found.models["shifted"]
    assert 2.5 < model.cuts["balanced"].log_odds < 5.5
    assert model.cuts["balanced"].test.macro_f1 > model.cuts["default"].test.macro_f1 + 0.1
    assert model.gain.value > 0.1 and model.p_value < 0.001
    assert "more accurate beyond chance: Shifted" in about.balanced_cut(found)[0]


def test_precise_enough_on_validation(found):
    for model in found.models.values():
        if "precise" in model.cuts:
            assert model.cuts["precise"].val.precision[1] >= 0.99


def test_a_model_that_cannot_be_precise_enough():
    labels = [0, 1] * 10
    run = answering("coin", labels, [1] * 20)
    run.parts["val"] = run.parts["test"]
    coin = between_two({"coin": [run]})
    assert set(coin.models["coin"].cuts) == {"default", "balanced"}
    (told,) = about.wanted_precision(coin)
    assert told == "No threshold reaches a precision of 99.0 % on the validation images of Coin."
    assert "it stays. The chosen threshold adds 0.0000 to macro F1" in about.balanced_cut(coin)[0]
    assert plots.moving_threshold(coin).alt and tables.cut_table(coin).text()
    assert plots.ranking_curves(coin).pixels(60).ndim == 3


def test_three_classes_are_refused():
    run = answering("three", [0, 1, 2], [0, 1, 2], num_classes=3)
    with pytest.raises(CourseError, match="needs two classes, but the study has 3"):
        between_two({"three": [run]})


def test_the_price_of_precision_is_told(found):
    (told,) = about.wanted_precision(found)
    cut = found.best.cuts["precise"]
    assert f"{100 * cut.test.precision[1]:.1f} %" in told
    assert f"{cut.test_matrix[1, 0]} test image" in told


def test_seeds_are_told_in_the_tables():
    runs = [two_class_run("one", seed=seed) for seed in (0, 1)]
    found = between_two({"one": runs})
    areas = [roc_area(seed.test) for seed in found.models["one"].seeds]
    assert areas[0] == found.models["one"].ranking["roc_area"].value != areas[1]
    told = f"{np.mean(areas):.4f} ± {np.std(areas, ddof=1):.4f}"
    assert tables.ranking_table(found).rows()[0]["Area under ROC, 2 seeds"] == told
    assert "±" in tables.cut_table(found).rows()[0]["Macro F1, test, 2 seeds"]


def test_pictures_and_tables_hold_every_model(found):
    picture = plots.ranking_curves(found)
    assert all(model.title in picture.alt for model in found.models.values())
    assert picture.pixels(60).ndim == 3
    assert plots.moving_threshold(found).pixels(60).ndim == 3
    assert len(tables.ranking_table(found).rows()) == 3
    assert [row["Model"] for row in tables.cut_table(found).rows()[:2]] == ["Honest", "Honest"]


@pytest.mark.parametrize(("probability", "text"), [(0.5, "0.500"), (0.99971, "0.99971"), (0.0004, "0.00040")])
def test_thresholds_near_the_ends_keep_their_digits(probability, text):
    assert tables.threshold_text(probability) == text


def test_results_are_plain(found):
    import json

    kept = plain(threshold_results(found))
    assert json.loads(json.dumps(kept)) == kept
    assert kept["models"]["sharp"]["cuts"]["default"]["probability"] == 0.5
