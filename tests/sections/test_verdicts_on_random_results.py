"""Small random results: each verdict is compared with the test that it cites, computed by other libraries."""

import re
from itertools import combinations

import numpy as np
import pytest
import scipy.stats
from made_up_runs import answering
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from helpers.show.words import percent
from helpers.training.loop import Outputs
from sections.comparison.scores import sentences as comparison
from sections.comparison.scores.measured import compare_models
from sections.one_model.scores.calibration import honesty
from sections.one_model.scores.measured import ClassifierEvaluation
from sections.one_model.scores.sentences import against_guessing, largest_mix_ups, left_out_classes

SEEDS = (*range(23), 56)  # in 56 a class has no test images


def drawn(seed: int) -> tuple[ClassifierEvaluation, np.random.Generator]:
    """An evaluation on few images: of classes with and without images, of any skill, sure or unsure."""
    rng = np.random.default_rng(seed)
    classes, images = int(rng.integers(2, 5)), int(rng.integers(1, 80))
    truth = rng.choice(classes, images, p=rng.dirichlet(np.ones(classes)))
    wanted = np.where(
        rng.random(images) < rng.random(), truth, rng.choice(classes, images, p=rng.dirichlet(np.ones(classes)))
    )
    odds = rng.gamma(1.0, 1.0, (images, classes)) + rng.choice([0.5, 3.0, 30.0]) * np.eye(classes)[wanted]
    outputs = Outputs((odds / odds.sum(1, keepdims=True)).astype(np.float32), odds, truth, np.arange(images))
    return ClassifierEvaluation("net", "Net", tuple(f"c{k}" for k in range(classes)), outputs), rng


@pytest.mark.parametrize("seed", SEEDS)
def test_accuracy_is_judged_by_wilsons_interval(seed):
    found, rng = drawn(seed)
    labels, right = found.outputs.labels, int(found.outputs.correct.sum())
    training = rng.integers(0, len(found.classes), 30)
    low, high = proportion_confint(right, len(labels), method="wilson")
    baseline = (labels == np.bincount(training).argmax()).mean()
    told = against_guessing(found, training)[0]
    assert f"{percent(right / len(labels))} (95 % interval {100 * low:.1f}"[:-1] in told
    assert ("lies within the interval" in told) is bool(low <= baseline <= high)
    assert ("lies above that" in told) is bool(low > baseline) and ("lies below that" in told) is bool(
        high < baseline
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_confusion_is_called_one_way_by_holm_over_all_pairs_that_are_confused(seed):
    found, told = drawn(seed)[0], largest_mix_ups(drawn(seed)[0])
    cm = found.matrix
    pairs = {(a, b): (cm[a, b], cm[b, a]) for a, b in combinations(range(len(cm)), 2) if cm[a, b] + cm[b, a]}
    if not pairs:
        assert told.startswith("No test image was misclassified")
        return
    p = [scipy.stats.binomtest(int(one), int(one + other)).pvalue for one, other in pairs.values()]
    one_way = dict(zip(pairs, multipletests(p, method="holm")[0], strict=True))
    for part in told.split("; "):
        a, b = (int(name) for name in re.findall(r"“c(\d)”", part)[:2])
        told_of_both = bool(
            cm[a].sum() and cm[b].sum()
        )  # of a class without test images none can go the other way
        assert ("mostly one way" in part) is (told_of_both and bool(one_way[min(a, b), max(a, b)]))


@pytest.mark.parametrize("seed", SEEDS)
def test_confidence_is_judged_by_the_interval_and_the_test_that_it_names(seed):
    found = drawn(seed)[0]
    told, bounds = honesty(found), found.intervals["accuracy"]
    confidence = float(found.outputs.confidence.mean())
    assert ("neither too sure nor too timid" in told) is (bounds.low <= confidence <= bounds.high)
    assert ("too sure of itself by" in told) is (confidence > bounds.high)
    assert ("the miscalibration is real" in told) is (found.calibration.p_value < 0.05)
    absent = [name for k, name in enumerate(found.classes) if k not in found.outputs.labels]
    assert all(f"“{name}”" in " ".join(left_out_classes(found)) for name in absent)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_winner_is_named_where_mcnemar_and_holm_of_other_hands_find_one(seed):
    rng = np.random.default_rng(seed)
    images, skill = int(rng.integers(3, 120)), rng.uniform(0.1, 1, 3)
    truth = [0] * images
    answers = {name: (rng.random(images) > one).astype(int) for name, one in zip("abc", skill, strict=True)}
    runs = {name: [answering(name, truth, of.tolist())] for name, of in answers.items()}
    found, right = compare_models(runs), {name: of == 0 for name, of in answers.items()}
    pairs = list(combinations(right, 2))
    tables = [[[np.sum(x & y), np.sum(x & ~y)], [np.sum(~x & y), np.sum(~x & ~y)]]
              for x, y in ((right[a], right[b]) for a, b in pairs)]  # fmt: skip
    p = [mcnemar(table, exact=True).pvalue for table in tables]
    beaten = dict(zip(pairs, multipletests(p, method="holm")[1] < 0.05, strict=True))
    leader, *others = found.ranking
    told, surely = comparison.winner(found)[0], [beaten[tuple(sorted((leader, name)))] for name in others]
    assert ("is the best on this test set" in told) is all(surely)
    assert ("No winner can be named" in told) is (not any(surely))
    for name, one in zip(others, surely, strict=True):
        assert (f"{name.upper()} (by " in told) is bool(one)
