"""What two sets of scenes look like, to a camera and to a network."""

from dataclasses import replace

import numpy as np
import pytest
from made_up_evaluations import made_up_evaluation

from helpers.metrics.frechet import frechet_distance
from sections.abroad.drop.appearance import (
    LOOKS,
    colours_and_scores,
    feature_distance,
    look_differences,
    mahalanobis,
    principal_axes,
    standard_looks,
)
from sections.abroad.drop.measured import Shift


def shift_with(facts):
    home, target = made_up_evaluation(0.8, 40, 1), made_up_evaluation(0.6, 30, 2)
    return Shift(home, replace(target, facts=target.facts | facts), "Home", "Abroad")


def test_differences_are_in_spreads_of_home():
    found = shift_with({})
    home = found.home.facts["lightness_mean"]
    lighter = home[:30] - home[:30].mean() + home.mean() + 3 * home.std()
    found = look_differences(standard_looks(shift_with({"lightness_mean": lighter})))
    assert found.index[0] == "Lightness (L*)" and found.iloc[0] == pytest.approx(3)


def test_a_measurement_without_spread_has_no_difference():
    home = made_up_evaluation(0.8, 10, 1)
    flat = replace(home, facts=home.facts | {"saturation": np.full(10, 0.5)})
    looks = standard_looks(Shift(flat, made_up_evaluation(0.6, 10, 2), "Home", "Abroad"))
    assert list(looks) == [title for title, look in LOOKS.items() if look.fact != "saturation"]


def test_distance_in_units_of_the_spread():
    rng = np.random.default_rng(0)
    reference = rng.normal(size=(5000, 2)) * [1, 10]
    points = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 30.0]])
    assert mahalanobis(points, reference) == pytest.approx([0, 3, 3], abs=0.15)


def test_unfamiliar_colours_that_cost_are_found():
    found = shift_with({})
    order = np.argsort(-np.trace(found.target.matrices, axis1=1, axis2=2))
    away = np.empty(30)
    away[order] = np.linspace(0, 40, 30)
    facts = {look.fact: np.full(30, found.home.facts[look.fact].mean()) for look in LOOKS.values()}
    facts["b_mean"] = away
    distance = colours_and_scores(shift_with(facts))
    assert distance.correlation < -0.4 and distance.p_value < 0.05
    flat = colours_and_scores(shift_with({look.fact: np.zeros(30) for look in LOOKS.values()}))
    assert np.isnan(flat.correlation)


def test_the_yardstick_is_one_for_the_same_world_and_more_for_another():
    rng = np.random.default_rng(0)
    home, same, other = (rng.normal(mean, 1, (80, 12)) for mean in (0, 0, 1.5))
    found = feature_distance({"home": home, "same": same, "other": other})
    assert found.scenes == 40 and found.width == 12
    assert found.ratios["same"] == pytest.approx(1, abs=0.35) and found.ratios["other"] > 5
    again = feature_distance({"home": home, "same": same, "other": other})
    assert (again.within, again.between) == (found.within, found.between)


def test_turned_axes_leave_distances_as_they_are():
    rng = np.random.default_rng(1)
    features = {"home": rng.normal(size=(60, 8)), "other": rng.normal(1, 2, size=(50, 8))}
    turned = principal_axes(features)
    assert frechet_distance(*turned.values()) == pytest.approx(frechet_distance(*features.values()))
    together = np.concatenate(list(turned.values())).var(0)
    assert (np.diff(together) <= 1e-9).all()


def test_wide_features_have_no_more_axes_than_scenes():
    rng = np.random.default_rng(1)
    features = {"home": rng.normal(size=(6, 300)), "other": rng.normal(size=(5, 300))}
    turned = principal_axes(features)
    assert turned["home"].shape == (6, 11)
    assert np.linalg.norm(turned["home"][0] - turned["other"][0]) == pytest.approx(
        np.linalg.norm(features["home"][0] - features["other"][0])
    )
