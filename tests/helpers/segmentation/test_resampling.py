"""What is drawn again for an interval, and that intervals from sequences hold for other sequences."""

from dataclasses import replace

import numpy as np
from made_up_evaluations import made_up_evaluation

from helpers.metrics.segmentation import bootstrap_segmentation, segmentation_scores
from helpers.segmentation.resampling import (
    drawn_again,
    drawn_groups,
    mean_iou_gain,
    score_intervals,
    seed_of,
    units_of,
    what_is_drawn,
)


def test_whole_sequences_are_drawn_where_there_are_five():
    four, five = made_up_evaluation(scenes=24), made_up_evaluation(scenes=30)
    assert drawn_groups(four) is None and what_is_drawn(four) == "24 scenes"
    assert drawn_groups(five) == five.sequences and what_is_drawn(five) == "5 sequences"
    np.testing.assert_array_equal(units_of(five)[1], five.matrices[6:12].sum(0))
    alone = replace(five, sequences=five.files)
    assert drawn_groups(alone) is None and len(units_of(alone)) == 30
    assert drawn_again(five, replicates=7).shape == (7, 4, 4)


def test_the_same_set_has_the_same_draws_and_another_set_others():
    found = made_up_evaluation(0.7, scenes=60)
    variant = replace(made_up_evaluation(0.7, scenes=60, seed=3), model="another")
    assert seed_of(found) == seed_of(variant) != seed_of(replace(found, part="test"))
    assert score_intervals(found, 50) == score_intervals(found, 50)
    nothing = mean_iou_gain(found, found.matrices)
    assert (nothing.low, nothing.value, nothing.high) == (0, 0, 0)
    one = replace(found, **{name: getattr(found, name)[:1] for name in ("files", "sequences", "matrices")})
    assert np.isnan(mean_iou_gain(one, one.matrices).low)


def test_intervals_from_sequences_hold_for_others_and_those_from_scenes_do_not():
    """How many of 150 intervals at 95 % hold the true value, with eight sequences of four scenes alike."""

    def world(sequences: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        mix = np.repeat(rng.dirichlet([16, 8, 4], sequences), 4, axis=0)
        right = np.repeat(rng.beta(8, 2, (sequences, 3)), 4, axis=0)
        right = np.clip(right + rng.normal(0, 0.05, right.shape), 0.01, 0.99)[..., None]
        cells = mix[:, :, None] * (right * np.eye(3) + (1 - right) * (1 - np.eye(3)) / 2)
        return np.round(10_000 * cells).astype(np.int64), np.repeat(np.arange(sequences), 4)

    rng = np.random.default_rng(0)
    truth = segmentation_scores(world(20_000, rng)[0].sum(0)).mean_iou
    drawn = [world(8, rng) for _ in range(150)]
    by_sequence = [bootstrap_segmentation(one, 150, groups=groups)["mean_iou"] for one, groups in drawn]
    by_scene = [bootstrap_segmentation(one, 150)["mean_iou"] for one, _ in drawn]
    assert 0.9 <= np.mean([one.contains(truth) for one in by_sequence]) <= 0.99
    assert np.mean([one.contains(truth) for one in by_scene]) < 0.8
