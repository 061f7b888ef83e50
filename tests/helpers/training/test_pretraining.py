"""The project's own weights: what they cost, what they hold, and that models can start from them."""

import numpy as np
import pytest
import torch

from helpers.models import build
from helpers.models.summary import count_multiply_adds
from helpers.models.weights import load_weights
from helpers.study.recipe import ModelSpec
from helpers.training import pretraining


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path))
    monkeypatch.setenv("IMAGE_COURSE_RUNS", str(tmp_path / "runs"))
    for name, value in {"IMAGES_PER_CLASS": 2, "EPOCHS": 1, "IMAGE_SIZE": 32}.items():
        monkeypatch.setattr(pretraining, name, value)


def everything() -> int:
    """How many images of things there are to pretrain on."""
    return pretraining._drawing("sample")[1] * pretraining.IMAGES_PER_CLASS


@pytest.mark.parametrize("architecture", ["resnet18", "resnet34", "vgg11_bn", "timm/resnetv2_18", "mobilenet_v2"])
def test_the_work_is_bounded(architecture):
    images = everything()
    spec, size = pretraining.affordable(pretraining._recipe(architecture, "standard"), images)
    work = spec.epochs * images * count_multiply_adds(build(spec, 2, size), size)
    assert work <= (pretraining.COMMON_WORK if architecture == pretraining.COMMON else pretraining.WORK)
    assert spec.epochs >= 2 and size >= 32


def test_the_first_network_is_pretrained_at_full_length():
    spec, size = pretraining.affordable(pretraining._recipe("resnet18", "standard"), everything())
    assert (spec.epochs, size) == (4, 64)


def test_dense_layers_that_hold_most_parameters_are_left_out():
    spec, _ = pretraining.affordable(pretraining._recipe("alexnet", "standard"), 100)
    assert spec.head == []
    assert pretraining.affordable(pretraining._recipe("mobilenet_v2", "standard"), 100)[0].head is None


@pytest.mark.parametrize(
    ("architecture", "drawn", "keys"),
    [("timm/resnetv2_18", "sample", {"head": [16]}), ("vgg11_bn", "sample-places", {"head": [16]})],
)
def test_models_start_from_their_own_weights(tiny, architecture, drawn, keys):
    path = pretraining.sample_weights(architecture, drawn)
    model = build(ModelSpec(architecture=architecture, pretrained=True, **keys), 3, 64)
    load_weights(model, path)
    state = torch.load(path, weights_only=True)
    base = {name: tensor for name, tensor in model.network.state_dict().items() if name in state}
    assert set(base) == set(state)
    assert all(torch.equal(tensor, state[name]) for name, tensor in base.items())


def test_a_small_stem_continues_from_the_standard_one(tiny):
    path = pretraining.sample_weights("resnet18", stem="small")
    state = torch.load(path, weights_only=True)
    assert state["conv1.weight"].shape == (64, 3, 3, 3)
    parent = torch.load(pretraining.sample_weights("resnet18"), weights_only=True)
    changed = (state["layer3.0.conv1.weight"] - parent["layer3.0.conv1.weight"]).abs().max()
    assert 0 < changed < 0.1  # a step away from it, not drawn anew


def test_things_places_and_stems_have_keys_of_their_own():
    choices = [("resnet18",), ("resnet18", "sample-places"), ("resnet18", "sample", "small"), ("resnet34",)]
    assert len({pretraining.pretraining_key(*choice) for choice in choices}) == 4


def test_the_images_are_drawn_once_and_a_damaged_file_is_drawn_again(tiny, tmp_path, monkeypatch):
    found = pretraining._images("sample", 1, 16)
    with monkeypatch.context() as patched:
        patched.setattr("drawings.others.draw_other", lambda *_: pytest.fail("drawn a second time"))
        again = pretraining._images("sample", 1, 16)
    assert np.array_equal(found["images"], again["images"]) and np.array_equal(found["labels"], again["labels"])
    (file,) = (tmp_path / "runs" / "kept").glob("pretraining-*.npz")
    file.write_bytes(file.read_bytes()[:500])
    assert np.array_equal(pretraining._images("sample", 1, 16)["images"], found["images"])
