"""Agreement of models, counted by hand."""

import numpy as np
import pytest

from helpers.metrics.checks import MetricError
from sections.comparison.scores.agreement import agreement


def test_agreement_by_hand():
    correct = np.array([[1, 1, 0, 0, 1], [1, 0, 0, 0, 1], [1, 0, 0, 1, 0]], bool)
    found = agreement(correct)
    np.testing.assert_array_equal(found.right_by, [3, 1, 0, 1, 2])
    np.testing.assert_array_equal(found.counts, [1, 2, 1, 1])
    assert (found.all_right, found.some_right, found.none_right) == (1, 3, 1)
    assert found.images(1).tolist() == [1, 3]


def test_agreement_of_one_model_is_right_or_wrong():
    found = agreement(np.array([[True, False, True]]))
    assert (found.all_right, found.some_right, found.none_right) == (2, 0, 1)


@pytest.mark.parametrize("correct", [np.ones(3, bool), np.ones((2, 3)), np.ones((0, 3), bool)])
def test_agreement_refuses_what_is_no_matrix_of_bools(correct):
    with pytest.raises(MetricError):
        agreement(correct)
