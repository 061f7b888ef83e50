"""The training loop: it learns, it repeats itself, and a kill does not change its numbers."""

import logging

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, f1_score, log_loss, precision_score

from helpers.datasets.loader import ImagePart
from helpers.models import build
from helpers.study.recipe import ModelSpec
from helpers.training import epochs
from helpers.training.inputs import Inputs
from helpers.training.loop import fit, measure_part, predict
from helpers.training.lr_finder import RangeTest, range_test, smoothed
from helpers.training.optimizer import schedule_factor

SIZE = 16
SPEC = ModelSpec(blocks=[(4, 2), (8, 2)], hidden=8, epochs=4, batch_size=16, lr=3e-3)


@pytest.fixture(autouse=True)
def on_the_processor(monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DEVICE", "cpu")
    monkeypatch.setenv("IMAGE_COURSE_PRECISION", "float32")


def coloured(count, seed):
    """Three classes told apart by the brightest channel, with noise."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    images = rng.integers(0, 120, (count, SIZE, SIZE, 3))
    images[np.arange(count), :, :, labels] += rng.integers(20, 90, (count, 1, 1))
    return ImagePart(images.astype(np.uint8), labels, [f"{i}.jpg" for i in range(count)], np.arange(count))


TRAIN, VAL = coloured(97, 0), coloured(30, 1)  # 97 = 6 × 16 + 1: the last batch would hold a single image


def inputs_of(model, part=VAL):
    return Inputs(model, part)


def train(spec=SPEC, seed=0, **options):
    torch.manual_seed(seed)
    model = build(spec, 3, SIZE)
    return model, fit(model, TRAIN, VAL, spec, seed=seed, **options)


def test_it_learns_and_keeps_the_weights_of_the_best_epoch():
    model, state = train()
    losses = [row["val_loss"] for row in state.history]
    assert state.epoch == 4 and losses[-1] < losses[0]
    assert state.best_epoch == int(np.argmin(losses)) + 1
    assert measure_part("val", inputs_of(model))["val_loss"] == pytest.approx(min(losses))


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others():
    first, second, other = train()[1], train()[1], train(seed=1)[1]
    assert first.history == second.history
    assert first.history != other.history


class Killed(BaseException):
    pass


@pytest.mark.parametrize("spec", [
    SPEC,
    SPEC.model_copy(update={"augment": {"flip": 0.5, "jitter": 0.3, "erasing": 0.5}, "schedule": "one_cycle"}),
    SPEC.model_copy(update={"optimizer": "sgd", "schedule": "cosine", "label_smoothing": 0.1}),
    SPEC.model_copy(update={"balance": "sampling", "augment": {"rand_augment": 9, "trivial_augment": 0.5}}),
    SPEC.model_copy(update={"balance": "weights", "augment": {"mixup": 0.4, "cutmix": 1.0}, "early_stopping": 9}),
])  # fmt: skip
def test_a_training_that_was_killed_ends_with_the_same_numbers(tmp_path, monkeypatch, spec):
    monkeypatch.setattr(epochs, "CHECKPOINT_SECONDS", -1.0)
    undisturbed_model, undisturbed = train(spec)

    def kill(row):
        if row["epoch"] == 3:
            raise Killed

    with pytest.raises(Killed):
        train(spec, checkpoint=tmp_path / "c.pt", on_epoch=kill)
    seen = []
    model, state = train(spec, checkpoint=tmp_path / "c.pt", on_epoch=lambda row: seen.append(row["epoch"]))
    assert seen == [3, 4]
    assert str(state.history) == str(undisturbed.history) and state.best_epoch == undisturbed.best_epoch
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, undisturbed_model.state_dict()[name]), name


def test_of_mixed_images_the_loss_is_of_mixed_labels_and_there_is_no_accuracy():
    _, plain = train()
    _, mixed = train(SPEC.model_copy(update={"augment": {"mixup": 1.0}}))
    assert all(np.isnan(row["train_accuracy"]) and row["train_eval_accuracy"] <= 1 for row in mixed.history)
    assert mixed.history[-1]["train_loss"] > plain.history[-1]["train_loss"]
    phases = ModelSpec(phases=[{"epochs": 1}, {"epochs": 1, "augment": {"cutmix": 1.0}}]).phases
    _, state = train(SPEC.model_copy(update={"phases": phases}))
    assert [np.isnan(row["train_accuracy"]) for row in state.history] == [False, True]


@pytest.mark.parametrize("balance", ["weights", "sampling"])
def test_the_range_test_balances_as_training_does(balance):
    part = ImagePart(TRAIN.source, np.minimum(TRAIN.labels, 1), TRAIN.files, np.arange(60))
    found = []
    for spec in (SPEC, SPEC.model_copy(update={"balance": balance})):
        torch.manual_seed(0)
        found.append(range_test(inputs_of(build(SPEC, 3, SIZE), part), spec, seed=0).loss)
    assert not np.allclose(found[0][:5], found[1][:5])


def test_a_damaged_checkpoint_is_said_and_training_starts_again(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("helpers"), "propagate", True)
    (tmp_path / "c.pt").write_bytes(b"PK\x03\x04 cut short")
    with caplog.at_level(logging.WARNING, logger="helpers"):
        _, state = train(checkpoint=tmp_path / "c.pt")
    assert "damaged" in caplog.text and state.history == train()[1].history


def test_measurements_equal_those_of_scikit_learn():
    model, _ = train()
    outputs = predict(model, VAL)
    measured = measure_part("val", inputs_of(model))
    assert measured["val_loss"] == pytest.approx(log_loss(outputs.labels, outputs.probabilities), rel=1e-5)
    assert measured["val_accuracy"] == pytest.approx(accuracy_score(outputs.labels, outputs.predictions))
    assert measured["val_macro_f1"] == pytest.approx(
        f1_score(outputs.labels, outputs.predictions, average="macro")
    )
    assert measured["val_macro_precision"] == pytest.approx(
        precision_score(outputs.labels, outputs.predictions, average="macro", zero_division=0)
    )
    assert outputs.features.shape == (len(VAL), 8) and np.array_equal(outputs.index, np.arange(len(VAL)))


def test_the_schedules():
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(torch.optim.SGD([torch.zeros(1)], lr=1.0), T_max=20)
    for step in range(20):
        assert schedule_factor("cosine", step, 20) == pytest.approx(cosine.get_last_lr()[0])
        cosine.optimizer.step()
        cosine.step()
    cycle = [schedule_factor("one_cycle", step, 100) for step in range(100)]
    assert cycle[0] == pytest.approx(1 / 25) and max(cycle) == cycle[30] == 1 and cycle[-1] < 1e-2
    assert cycle[:31] == sorted(cycle[:31]) and cycle[30:] == sorted(cycle[30:], reverse=True)
    assert {schedule_factor("constant", step, 9) for step in range(9)} == {1.0}


def test_the_range_test_leaves_the_weights_as_they_were():
    torch.manual_seed(0)
    model = build(SPEC, 3, SIZE)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    found = range_test(inputs_of(model, TRAIN), SPEC, seed=0)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert len(found.lr) == len(found.loss) and found.lr[0] == pytest.approx(1e-6)
    assert 1e-7 <= found.suggestion < found.limit <= found.lr[-1]


def test_the_suggestion_is_a_tenth_of_the_highest_rate_that_does_no_harm():
    rates = np.geomspace(1e-6, 1, 61)
    rise = np.where(rates > 0.011, 50 * (rates - 0.01), 0)
    falling = 2 - 1.5 / (1 + np.exp(-4 * (np.log10(rates) + 3)))
    for losses in (falling + rise, 0.3 + rise):  # also where a first phase has left nothing to fall
        assert RangeTest(rates, losses).suggestion == pytest.approx(1e-3)


def test_smoothing_neither_lags_nor_bends_a_line():
    line = np.linspace(3, 1, 41)
    np.testing.assert_allclose(smoothed(line)[12:-12], line[12:-12], atol=1e-4)
    valley = np.abs(np.arange(41) - 20.0)
    assert smoothed(valley).argmin() == 20 and np.allclose(smoothed(np.full(9, 2.5)), 2.5)
