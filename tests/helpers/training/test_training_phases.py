"""Phases of a training, frozen layers computed once, rates from layer to layer, and the L2 penalty."""

import time
from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn

from helpers.datasets.loader import ImagePart
from helpers.metrics.classification import precision_of
from helpers.models import build
from helpers.models.classifier import Classifier
from helpers.study.phases import stages_of, total_epochs
from helpers.study.recipe import ModelSpec
from helpers.training import epochs, inputs
from helpers.training import loop as training
from helpers.training.inputs import Inputs, frozen
from helpers.training.loop import fit
from helpers.training.optimizer import l2_penalty, make_optimizer, parameter_groups, set_rates

SIZE = 16
HEAD_THEN_ALL = [
    {"trainable": "head", "epochs": 2, "batch_size": 32},
    {"epochs": 2, "lr": 1e-4, "schedule": "one_cycle"},
]
SPEC = ModelSpec(lr=3e-3, batch_size=16, phases=HEAD_THEN_ALL)
HEAD = ModelSpec(lr=3e-3, batch_size=16, epochs=3, trainable="head")


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


TRAIN, VAL = coloured(49, 0), coloured(24, 1)


def built(seed=0):
    """A base with batch normalisation and a new top of dense layers with dropout, like a pretrained network's."""
    torch.manual_seed(seed)
    network = nn.Sequential(OrderedDict(
        conv1=nn.Conv2d(3, 8, 3, stride=2), norm1=nn.BatchNorm2d(8), relu1=nn.ReLU(),
        conv2=nn.Conv2d(8, 16, 3), norm2=nn.BatchNorm2d(16), pool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(),
        top=nn.Sequential(OrderedDict(
            dense=nn.Linear(16, 16), relu=nn.ReLU(), dropout=nn.Dropout(0.3), output=nn.Linear(16, 3)
        )),
    ))  # fmt: skip
    return Classifier(network, "top.output", top="top").to(memory_format=torch.channels_last)


def train(spec=SPEC, model=None, **options):
    model = model or built()
    return model, fit(model, TRAIN, VAL, spec, seed=0, **options)


def equal_states(first, second):
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.equal(one, other) for one, other in pairs)


def test_a_phase_takes_from_the_recipe_what_it_does_not_say():
    first, second = stages_of(SPEC)
    assert (first.first, first.last, second.first, second.last) == (0, 2, 2, 4) and total_epochs(SPEC) == 4
    assert (first.title, second.title) == ("the head alone", "the whole network")
    assert (first.recipe.lr, second.recipe.lr) == (3e-3, 1e-4)
    assert (first.recipe.batch_size, second.recipe.batch_size) == (32, 16)
    assert (first.recipe.schedule, second.recipe.schedule) == ("constant", "one_cycle")
    (only,) = stages_of(HEAD)
    assert only.recipe == HEAD and only.last == 3


def test_the_first_phase_leaves_the_base_alone_and_the_second_trains_it():
    before = built().state_dict()
    seen = []
    model = built()

    def note(row):
        seen.append({name: tensor.clone() for name, tensor in model.state_dict().items()})

    _, state = train(model=model, on_epoch=note)
    new = {name for name in before if name.startswith("network.top")}
    assert all(torch.equal(seen[1][name], before[name]) == (name not in new) for name in before)
    assert not torch.equal(seen[3]["network.conv1.weight"], before["network.conv1.weight"])
    assert [row["phase"] for row in state.history] == [1, 1, 2, 2]
    assert [row["epoch"] for row in state.history] == [1, 2, 3, 4]
    assert state.history[1]["lr"] == 3e-3 and state.history[2]["lr"] <= 1e-4


def test_a_later_phase_goes_on_where_the_one_before_ended():
    kept = []
    model = built()
    phases = ModelSpec(phases=[{"epochs": 2, "lr": 0.05}, {"epochs": 1, "lr": 1e-9}]).phases
    train(SPEC.model_copy(update={"phases": phases}), model, on_epoch=lambda _: kept.append(weights_of(model)))
    assert torch.allclose(kept[2], kept[1], atol=1e-6) and not torch.allclose(kept[1], kept[0], atol=1e-3)


def weights_of(model):
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def stages_phases(lengths):
    return ModelSpec(phases=[{"epochs": length} for length in lengths]).phases


@pytest.mark.parametrize("at", [1, 2, 3, 4])
@pytest.mark.parametrize("changes", [{}, {"lr": "find", "early_lr": 0.1, "l2": 1e-3}])
def test_a_training_killed_in_any_phase_ends_with_the_same_numbers(tmp_path, monkeypatch, at, changes):
    monkeypatch.setattr(epochs, "CHECKPOINT_SECONDS", -1.0)
    phases = [{"trainable": "head", "epochs": 2}, {"epochs": 2}]
    spec = ModelSpec(lr=3e-3, batch_size=16, phases=phases).model_copy(update=changes)
    undisturbed_model, undisturbed = train(spec)

    def kill(row):
        if row["epoch"] == at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(spec, checkpoint=tmp_path / "c.pt", on_epoch=kill)
    model, state = train(spec, checkpoint=tmp_path / "c.pt")
    assert state.history == undisturbed.history and state.best_epoch == undisturbed.best_epoch
    assert state.range_tests == undisturbed.range_tests and equal_states(model, undisturbed_model)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("changes", [{}, {"optimizer": "sgd", "l2": 1e-3}])
def test_frozen_layers_computed_once_give_the_numbers_of_the_slow_way(monkeypatch, precision, changes):
    monkeypatch.setenv("IMAGE_COURSE_PRECISION", precision)
    spec = HEAD.model_copy(update=changes)
    quick_model, quick = train(spec)
    monkeypatch.setattr(training, "parts_as_inputs", lambda images: images)
    slow_model, slow = train(spec)
    for one, other in zip(quick.history, slow.history, strict=True):
        assert one == pytest.approx(other, rel=1e-4 if precision == "float32" else 0.02)
    assert quick_model.state_dict().keys() == slow_model.state_dict().keys()


def test_the_frozen_base_runs_once_over_each_image(monkeypatch):
    model, seen = built(), []
    model.network.conv2.register_forward_hook(lambda _module, _inputs, output: seen.append(len(output)))
    train(HEAD, model)
    assert sum(seen) == len(TRAIN) + len(VAL)
    seen.clear()
    train(HEAD.model_copy(update={"augment": {"flip": 0.5}}), model)
    assert sum(seen) >= 3 * (len(TRAIN) + 2 * len(VAL))


def test_what_is_computed_once_is_time_of_the_first_epoch(monkeypatch):
    usual = training.parts_as_inputs

    def slow(images):
        time.sleep(0.5)
        return usual(images)

    monkeypatch.setattr(training, "parts_as_inputs", slow)
    _, state = train(HEAD)
    assert state.seconds[0] > 0.5 > max(state.seconds[1:])


def test_what_is_too_large_to_keep_is_computed_at_every_epoch(monkeypatch):
    images = Inputs(built(), TRAIN)
    assert frozen(images).frozen[0].shape == (len(TRAIN), 16)
    monkeypatch.setattr(inputs, "MOST_BYTES", 16 * 4 * len(TRAIN) - 1)
    assert frozen(images) is None and inputs.parts_as_inputs([images]) == [images]


def test_rates_rise_geometrically_from_the_earliest_layers_to_the_last():
    model = built()
    groups = parameter_groups(model, 0.01)
    shares = [group["share"] for group in groups]
    assert shares[0] == pytest.approx(0.01) and shares[-1] == 1.0
    np.testing.assert_allclose(np.diff(np.log(shares)), np.log(100) / (len(shares) - 1))
    held = [parameter for group in groups for parameter in group["params"]]
    assert len(held) == len(set(map(id, held))) == len(list(model.parameters()))
    assert any(parameter is model.network.conv1.weight for parameter in groups[0]["params"])
    assert any(parameter is model.network.top.output.weight for parameter in groups[-1]["params"])
    optimizer = make_optimizer(groups, SPEC)
    assert set_rates(optimizer, 0.5) == 0.5
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.5 * share for share in shares])


def test_early_layers_move_less():
    model, before = built(), built().state_dict()
    train(SPEC.model_copy(update={"phases": stages_phases([1]), "early_lr": 1e-6, "optimizer": "adam"}), model)
    moved = {
        name: float((model.state_dict()[name] - before[name]).abs().max())
        for name in ("network.conv1.weight", "network.top.output.weight")
    }
    assert moved["network.conv1.weight"] < 1e-6 < moved["network.top.output.weight"]


def test_a_frozen_layer_gets_no_rate():
    model = built()
    model.train_only_head()
    (group,) = parameter_groups(model, 0.1)
    assert group["share"] == 1.0 and len(group["params"]) == 4


def test_the_l2_penalty_is_that_of_keras():
    model = build(ModelSpec(blocks=[(4, 2)], hidden=8), 3, SIZE)
    expected = sum(
        float((one.weight.detach().double() ** 2).sum())
        for one in model.modules()
        if isinstance(one, nn.Conv2d | nn.Linear)
    )
    assert float(l2_penalty(model, 0.01).detach()) == pytest.approx(0.01 * expected, rel=1e-5)
    assert l2_penalty(model, 0.0) == 0.0
    # One step of plain gradient descent shrinks each weight by 2 · rate · strength beside what the loss asks for.
    (parameter,) = [one for name, one in model.named_parameters() if name.endswith("output.weight")]
    (gradient,) = torch.autograd.grad(l2_penalty(model, 0.01), parameter)
    torch.testing.assert_close(gradient, 0.02 * parameter)


def test_the_l2_penalty_keeps_weights_small_and_out_of_the_noted_loss():
    spec = ModelSpec(epochs=4, batch_size=16, lr=3e-3)
    free, penalised = train(spec)[0], train(spec.model_copy(update={"l2": 0.1}))
    assert l2_penalty(penalised[0], 1.0) < 0.9 * l2_penalty(free, 1.0)
    assert penalised[1].history[-1]["train_loss"] < 1.5


def test_the_range_test_is_made_before_each_phase_that_has_no_rate_of_its_own():
    phases = [
        {"trainable": "head", "epochs": 1},
        {"epochs": 1},
        {"epochs": 1, "lr": 1e-5, "title": "a little more"},
    ]
    spec = ModelSpec(lr="find", batch_size=16, phases=phases)
    _, state = train(spec)
    assert [test["phase"] for test in state.range_tests] == [1, 2]
    used = [test["suggestion"] for test in state.range_tests]
    assert [row["lr"] for row in state.history] == [*used, 1e-5]


def test_of_two_classes_the_precision_is_that_of_the_second():
    matrix = np.array([[5, 3], [1, 6]])
    assert precision_of(training.scores(matrix)) == pytest.approx(6 / 9)
    three = np.diag([2, 2, 2])
    three[0, 1] = 2
    assert precision_of(training.scores(three)) == pytest.approx((1 + 0.5 + 1) / 3)
