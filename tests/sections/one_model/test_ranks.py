"""Ranks and shares, against SciPy and by hand."""

import numpy as np
import pytest
import scipy.stats

from helpers.metrics.checks import MetricError
from helpers.metrics.image_facts import measure
from sections.one_model.mistakes.ranks import activated_share, percentile_rank, ranks


def test_percentile_rank_equals_scipy():
    rng = np.random.default_rng(0)
    values, reference = rng.integers(0, 9, 20), rng.integers(0, 9, 30)
    expected = [scipy.stats.percentileofscore(reference, v, kind="mean") for v in values]
    np.testing.assert_allclose(percentile_rank(values, reference), expected)
    with pytest.raises(MetricError):
        percentile_rank([1], [])


def test_ranks_keep_the_facts_apart():
    noise = np.random.default_rng(0).integers(0, 256, (20, 24, 20, 3), dtype=np.uint8)
    plain = np.repeat(np.uint8([255, 0]), 8 * 8 * 3).reshape(2, 8, 8, 3)
    reference, images = measure(noise), measure(plain)
    found = ranks(images, reference)
    assert found.brightness.tolist() == [100, 0]
    assert found.contrast.tolist() == found.sharpness.tolist() == found.colourfulness.tolist() == [0, 0]


def test_activated_share():
    cam = np.zeros((4, 5))
    cam[0] = [0.8, 0.4, 0.39, 0.1, 0]
    assert activated_share(cam) == 2 / 20
    assert activated_share(cam, threshold=0.9) == 1 / 20
    assert activated_share(np.ones((3, 3))) == 1
    assert activated_share(np.zeros((3, 3))) == 0
    with pytest.raises(MetricError):
        activated_share(np.full((2, 2), np.nan))
