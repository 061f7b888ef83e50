"""The temperature that was planted is found, its interval covers it, and borders are told as such."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from helpers.metrics.temperature import fit_temperature, scaled_probabilities


def planted(temperature: float, n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of logits that are so many times too large for the labels, drawn from honest ones."""
    rng = np.random.default_rng(seed)
    logits = 2 * rng.normal(size=(n, 4))
    honest = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    labels = (honest.cumsum(1) > rng.random((n, 1))).argmax(1)
    return F.softmax(torch.from_numpy(temperature * logits), dim=1).numpy(), labels


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_a_planted_temperature_is_found(temperature):
    found = fit_temperature(*planted(temperature, 20_000, seed=1))
    assert found.value == pytest.approx(temperature, rel=0.03) and found.is_found and found.images == 20_000
    assert found.interval.low < temperature < found.interval.high
    assert found.interval.contains(1) is (temperature == 1.0)


def test_the_interval_covers_the_truth_on_few_images():
    found = [fit_temperature(*planted(1.5, 60, seed)) for seed in range(200)]
    assert 0.9 <= np.mean([one.interval.contains(1.5) for one in found]) <= 0.99


def test_lbfgs_of_pytorch_finds_the_same():
    probabilities, labels = planted(2.0, 500)
    logits, truth, log_t = torch.from_numpy(np.log(probabilities)), torch.from_numpy(labels), torch.zeros(1)
    optimizer = torch.optim.LBFGS([log_t.requires_grad_()], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(logits / log_t.exp(), truth)
        loss.backward()
        return loss

    optimizer.step(closure)
    assert fit_temperature(probabilities, labels).value == pytest.approx(log_t.exp().item(), rel=1e-3)


def test_scaling_is_that_of_the_logits_and_keeps_every_prediction():
    logits = torch.randn(50, 3, generator=torch.Generator().manual_seed(0)).double() * 5
    found = scaled_probabilities(F.softmax(logits, dim=1).numpy(), 2.5)
    np.testing.assert_allclose(found, F.softmax(logits / 2.5, dim=1).numpy(), atol=1e-9)
    assert (found.argmax(1) == logits.argmax(1).numpy()).all()
    np.testing.assert_allclose(scaled_probabilities(np.array([[1.0, 0.0]], np.float32), 1.0), [[1, 0]], atol=1e-30)


def test_where_all_images_are_right_or_all_is_guessing_there_is_no_temperature():
    right = fit_temperature(np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]), np.array([0, 1, 0]))
    assert not right.is_found and right.value == right.interval.low == 0 < right.interval.high
    worse = fit_temperature(np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]), np.array([1, 0, 1]))
    assert not worse.is_found and worse.value == worse.interval.high == np.inf > worse.interval.low
    sure = fit_temperature(np.eye(3)[[0, 1, 2, 0]].astype(np.float32), np.array([0, 1, 2, 0]))
    assert sure.value == 0 and sure.interval.contains(1)
