"""Classes of unequal size: weights by hand, frequencies of what is drawn, and the loss."""

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch.nn import functional as F

from helpers.datasets.loader import ImagePart, epoch_order
from helpers.models import build
from helpers.study.recipe import ModelSpec, Recipe
from helpers.training.balance import balanced_cross_entropy, balanced_order, inverse_frequencies, loss_weights
from helpers.training.inputs import Inputs, training_order
from helpers.training.loop import fit, predict

LABELS = np.array([0] * 6 + [1] * 3 + [2])
UNEVEN = np.repeat(np.arange(3), [90, 24, 6])


def test_weights_of_three_classes_by_hand():
    found = inverse_frequencies(LABELS, 4)  # of the fourth there is no image
    np.testing.assert_allclose(found, [10 / 18, 10 / 9, 10 / 3, 0])
    assert found[LABELS].mean() == pytest.approx(1)
    theirs = compute_class_weight("balanced", classes=np.arange(3), y=LABELS)
    np.testing.assert_allclose(found[:3], theirs)
    np.testing.assert_allclose(inverse_frequencies(np.arange(12) % 3, 3), 1)


def test_each_class_is_drawn_as_often_as_any_other():
    drawn = np.concatenate([balanced_order(UNEVEN, 0, epoch) for epoch in range(200)])
    shares = np.bincount(UNEVEN[drawn]) / len(drawn)
    assert np.abs(shares - 1 / 3).max() < 5 * np.sqrt(1 / 3 * 2 / 3 / len(drawn))
    within = np.bincount(drawn, minlength=120)[90:114] / np.bincount(drawn)[90:114].sum()
    assert np.abs(within - 1 / 24).max() < 0.01  # and each image of a class as often as the others


def test_the_order_follows_from_seed_and_epoch_and_takes_as_many_steps():
    assert (balanced_order(UNEVEN, 3, 1) == balanced_order(UNEVEN, 3, 1)).all()
    assert (balanced_order(UNEVEN, 3, 1) != balanced_order(UNEVEN, 3, 2)).any()
    images = np.zeros((121, 8, 8, 3), np.uint8)
    part = ImagePart(images, np.append(UNEVEN, 0), [str(i) for i in range(121)], np.arange(121))
    inputs = Inputs(None, part)
    sampled, plain = (
        training_order(inputs, Recipe(balance=balance, batch_size=60), 0, 0) for balance in ("sampling", "none")
    )
    assert len(sampled) == len(plain) == 122  # a lone image in the last batch gets a second
    assert (plain[:121] == epoch_order(121, 0, 0)).all()


def test_the_loss_is_the_mean_over_images_of_what_their_classes_weigh():
    torch.manual_seed(0)
    logits, labels, weights = torch.randn(5, 3), torch.tensor([0, 0, 1, 2, 0]), torch.tensor([0.5, 2.0, 3.0])
    each = -logits.log_softmax(1)[torch.arange(5), labels]
    found = balanced_cross_entropy(logits, labels, weights)
    torch.testing.assert_close(found, (weights[labels] * each).mean())
    assert torch.equal(balanced_cross_entropy(logits, labels), F.cross_entropy(logits, labels))
    other = labels.roll(1)
    shares = F.one_hot(labels, 3) * 0.7 + F.one_hot(other, 3) * 0.3
    of_other = -logits.log_softmax(1)[torch.arange(5), other]
    mixed = (0.7 * weights[labels] * each + 0.3 * weights[other] * of_other).mean()
    torch.testing.assert_close(balanced_cross_entropy(logits, shares, weights), mixed)
    assert balanced_cross_entropy(logits.bfloat16(), shares, weights).dtype == torch.float32
    assert loss_weights(LABELS, 3, Recipe(), torch.device("cpu")) is None
    assert loss_weights(LABELS, 3, Recipe(balance="sampling"), torch.device("cpu")) is None


def noisy(labels: np.ndarray, seed: int) -> ImagePart:
    """Classes of brightness, so noisy that the common one is the better guess."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 60, (len(labels), 16, 16, 3)) + 12 * labels[:, None, None, None]
    images += rng.integers(0, 60, (len(labels), 1, 1, 1))
    return ImagePart(images.astype(np.uint8), labels, [str(i) for i in range(len(labels))], np.arange(len(labels)))


def test_a_balanced_training_finds_more_of_the_rare_class(monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DEVICE", "cpu")
    monkeypatch.setenv("IMAGE_COURSE_PRECISION", "float32")
    train, val = noisy(np.repeat([0, 1], [110, 10]), 0), noisy(np.repeat([0, 1], [55, 5]), 1)
    even, recall = noisy(np.arange(100) % 2, 2), {}
    for balance in ("none", "weights", "sampling"):
        spec = ModelSpec(blocks=[(4, 4)], hidden=8, epochs=3, batch_size=12, lr=3e-3, balance=balance)
        torch.manual_seed(0)
        model = build(spec, 2, 16)
        fit(model, train, val, spec, seed=0)
        said = predict(model, even).predictions
        recall[balance] = float(said[even.labels == 1].mean())
    assert recall["weights"] > recall["none"] + 0.1 and recall["sampling"] > recall["none"] + 0.1
