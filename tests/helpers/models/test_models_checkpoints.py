"""Files of weights as people save them: wrapped, compiled, averaged, with more beside; the classes they name."""

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from helpers.base.errors import CourseError
from helpers.models import build
from helpers.models.class_names import outputs_named_in
from helpers.models.weights import load_weights, read_weights
from helpers.study.recipe import ModelSpec

CLASSES = ("Zebra", "apple", "fly agaric")  # as ImageFolder sorts them
SHUFFLED = ["apple", "Fly_Agaric", "Zebra"]


def small(classes: int = 3, architecture: str = "squeezenet1_1", seed: int = 0, **keys):
    torch.manual_seed(seed)
    return build(ModelSpec(architecture=architecture, pretrained=True, **keys), classes, 48)


def before_each(state, *words):
    return {f"{''.join(words)}{name}": tensor for name, tensor in state.items()}


def everything_beside(state):
    beside = {
        "args": argparse.Namespace(lr=0.1, out=Path("x")), "best": np.float64(0.9), "scores": np.arange(3.0),
        "seen": defaultdict(int, a=1), "epoch": 3, "optimizer": {"state": {0: {"step": torch.tensor(1.0)}}},
    }  # fmt: skip
    return {"model_state_dict": state} | beside


FORMS = {
    "plain": lambda state: state,
    "model_state_dict": lambda state: {"epoch": 3, "model_state_dict": state, "loss": 0.1},
    "compiled": lambda state: before_each(state, "_orig_mod."),
    "compiled in parallel": lambda state: before_each(state, "module.", "_orig_mod."),
    "Lightning, model": lambda state: {
        "state_dict": before_each(state, "model."),
        "hyper_parameters": {"lr": 1.0},
    },
    "Lightning, net": lambda state: {"state_dict": before_each(state, "net.") | {"metric.total": torch.ones(1)}},
    "Lightning, compiled": lambda state: {"state_dict": before_each(state, "model.", "_orig_mod.")},
    "a part of a model": lambda state: {"net": before_each(state, "encoder.", "backbone.")},
    "averaged alone": lambda state: {"ema": state, "decay": 0.99},
    "averaged, PyTorch's": lambda state: before_each(state, "module.") | {"n_averaged": torch.tensor(4)},
    "under a key of one's own": lambda state: {"my_network": state, "n": 1},
    "with all that lies beside": everything_beside,
    "parameters": lambda state: {name: nn.Parameter(one) for name, one in state.items()},
}


@pytest.mark.parametrize("form", FORMS)
def test_a_network_is_read_in_the_form_that_it_was_saved_in(tmp_path, form):
    source, target = small(seed=1), small()
    torch.save(FORMS[form](source.network.state_dict()), tmp_path / "mine.pth")
    assert load_weights(target, tmp_path / "mine.pth", CLASSES).is_whole
    for name, tensor in source.network.state_dict().items():
        torch.testing.assert_close(target.network.state_dict()[name], tensor)


@pytest.mark.parametrize("architecture", ["squeezenet1_1", "cnn"])
def test_the_course_reads_its_own_weights(tmp_path, architecture):
    keys = {"weights": "mine.pth"} if architecture == "cnn" else {}
    source, target = small(architecture=architecture, seed=1, **keys), small(architecture=architecture, **keys)
    torch.save(source.state_dict(), tmp_path / "weights.pt")
    (tmp_path / "summary.json").write_text(json.dumps({"classes": CLASSES[::-1]}))
    assert load_weights(target, tmp_path / "weights.pt", CLASSES).is_whole
    for mine, theirs in zip(target.head.parameters(), source.head.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs.flip(0))


def test_a_last_layer_behind_a_dropout_or_beside_the_network_is_found(tmp_path):
    source = small(architecture="shufflenet_v2_x0_5", seed=1)
    state = source.network.state_dict()
    for number, other in enumerate(("fc.1.", "head.")):
        renamed = {name.replace("fc.", other): tensor for name, tensor in state.items()}
        torch.save(before_each(renamed, "model.") if number else renamed, tmp_path / "mine.pth")
        target = small(architecture="shufflenet_v2_x0_5")
        assert load_weights(target, tmp_path / "mine.pth", CLASSES).is_whole
        torch.testing.assert_close(target.head.weight, source.head.weight)


def test_of_another_architecture_names_the_one_that_fits(tmp_path):
    torch.save({"state_dict": before_each(small(5).network.state_dict(), "model.")}, tmp_path / "mine.pth")
    with pytest.raises(CourseError, match=r"of another architecture: 100 of 100 .*'architecture: squeezenet1_1'"):
        load_weights(small(architecture="resnet18"), tmp_path / "mine.pth")


def test_a_checkpoint_that_holds_itself_is_read(tmp_path):
    content = {"state_dict": {"weight": torch.zeros(3)}}
    content |= {"config": content, "model": content}
    torch.save(content, tmp_path / "mine.pth")
    assert list(read_weights(tmp_path / "mine.pth")) == ["weight"]
    assert outputs_named_in(tmp_path / "mine.pth") is None


def test_files_of_before_2018_have_no_counters(tmp_path):
    source = small(architecture="shufflenet_v2_x0_5", seed=1)
    state = {name: one for name, one in source.network.state_dict().items() if "num_batches" not in name}
    torch.save(state, tmp_path / "old.pth")
    assert load_weights(small(architecture="shufflenet_v2_x0_5"), tmp_path / "old.pth", CLASSES).is_whole


def test_a_program_is_told_apart_from_weights(tmp_path):
    torch.jit.save(torch.jit.script(nn.Linear(2, 2)), tmp_path / "program.pt")
    with pytest.raises(CourseError, match=r"program\.pt is a TorchScript program: save the model's state_dict"):
        read_weights(tmp_path / "program.pt")


# Classes


class CategoryMap:
    """What fastai calls its vocabulary, as far as a pickle sees it."""

    __module__, __qualname__ = "fastai.data.transforms", "CategoryMap"

    def __init__(self, items):
        self.items = items


@pytest.fixture
def fastai(monkeypatch):
    import sys
    from types import ModuleType

    for name in ("fastai", "fastai.data", "fastai.data.transforms"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    sys.modules["fastai.data.transforms"].CategoryMap = CategoryMap


NAMES = ["b", "a", "c"]
NAMINGS = {
    "classes": {"classes": NAMES},
    "class_names": {"class_names": tuple(NAMES)},
    "class_to_idx": {"class_to_idx": {"a": 1, "b": 0, "c": 2}},
    "idx_to_class": {"idx_to_class": {0: "b", 1: "a", 2: "c"}},
    "id2label": {"config": {"id2label": {"0": "b", "1": "a", "2": "c"}}},
    "names": {"names": {0: "b", 1: "a", 2: "c"}},
    "vocab": {"vocab": CategoryMap(NAMES)},
    "NumPy's texts": {"classes": np.array(NAMES)},
    "NumPy's objects": {"classes": np.array(NAMES, dtype=object)},
    "a list of NumPy's": {"classes": list(np.array(NAMES))},
    "settings": {"args": argparse.Namespace(classes=NAMES)},
    "Lightning": {"hyper_parameters": {"class_names": NAMES}},
}


@pytest.mark.parametrize("naming", NAMINGS)
def test_classes_are_named_in_the_way_of_every_library(tmp_path, naming, fastai):
    path = tmp_path / "mine.pth"
    torch.save({"state_dict": {"weight": torch.zeros(3)}} | NAMINGS[naming], path)
    assert outputs_named_in(path) == ("b", "a", "c")


@pytest.mark.parametrize("naming", ["classes", "class_to_idx", "id2label", "names"])
def test_classes_are_named_beside_a_file_and_in_its_metadata(tmp_path, naming):
    from safetensors.torch import save_file

    torch.save({"weight": torch.zeros(3)}, tmp_path / "mine.pth")
    (tmp_path / "mine.json").write_text(json.dumps(NAMINGS[naming]))
    metadata = {key: json.dumps(value) for key, value in NAMINGS[naming].items()}
    save_file({"weight": torch.zeros(3)}, tmp_path / "hub.safetensors", metadata)
    assert (
        outputs_named_in(tmp_path / "mine.pth")
        == outputs_named_in(tmp_path / "hub.safetensors")
        == ("b", "a", "c")
    )


UNNAMED = [
    {}, {"classes": 3}, {"classes": ["a", "a"]}, {"class_to_idx": {"a": 0, "b": 5}}, {"names": {"x": 1.5}},
    {"classes": [[1], [2]]}, {"args": argparse.Namespace()},
]  # fmt: skip


@pytest.mark.parametrize("said", UNNAMED)
def test_what_names_no_classes_says_nothing(tmp_path, said):
    torch.save({"state_dict": {"weight": torch.zeros(3)}} | said, tmp_path / "mine.pth")
    assert outputs_named_in(tmp_path / "mine.pth") is None


def outputs_after(tmp_path, said, rows=3, classes=CLASSES, **keys):
    """The head that a file gives, as numbers of its rows (-1: as drawn), what is told, and if it is whole."""
    source, target = small(rows, seed=1, **keys), small(len(classes), **keys)
    torch.save({"state_dict": source.network.state_dict()} | said, tmp_path / "mine.pth")
    loaded = load_weights(target, tmp_path / "mine.pth", classes)
    rows = [list(map(tuple, model.head.weight.flatten(1).tolist())) for model in (source, target)]
    found = [rows[0].index(row) if row in rows[0] else -1 for row in rows[1]]
    return found, " ".join(loaded.notes), loaded.is_whole


def test_outputs_are_matched_by_name_whatever_their_order(tmp_path):
    found, told, is_whole = outputs_after(tmp_path, {"classes": SHUFFLED})
    assert found == [2, 0, 1] and is_whole and told.endswith("so its outputs were matched by name.")
    found, told, is_whole = outputs_after(tmp_path, {"classes": [*SHUFFLED, "morel"]}, rows=4)
    assert found == [2, 0, 1] and is_whole and "Of its 4 outputs 1 is for another class, and left out." in told


def test_without_names_the_order_is_that_of_the_study_and_it_is_said(tmp_path):
    for said in ({}, {"id2label": {0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"}}, {"classes": ["a", "b"]}):
        found, told, is_whole = outputs_after(tmp_path, said)
        assert found == [0, 1, 2] and is_whole
        assert "does not name its classes" in told and "“Zebra”, “apple” and “fly agaric”, in this order" in told


def test_other_names_are_told_and_their_outputs_left(tmp_path):
    found, told, is_whole = outputs_after(tmp_path, {"classes": ["Zebra", "apple", "horse"]})
    assert found == [-1, -1, -1] and not is_whole
    assert "“Zebra”, “apple” and “horse”, and none of them is called “fly agaric”" in told


def test_another_number_of_outputs_is_left_without_a_word(tmp_path):
    assert outputs_after(tmp_path, {}, rows=5) == ([-1, -1, -1], "", False)


def test_digits_may_be_names(tmp_path):
    found, told, _ = outputs_after(tmp_path, {"classes": ["2", "0", "1"]}, classes=("0", "1", "2"))
    assert found == [1, 2, 0] and "matched by name" in told


@pytest.mark.parametrize(("named", "sign"), [(["no", "yes"], 1), (["yes", "no"], -1)])
def test_a_single_output_is_for_the_second_of_two_classes(tmp_path, named, sign):
    source, target = (small(2, "shufflenet_v2_x0_5", seed, output="sigmoid") for seed in (1, 0))
    torch.save({"model": source.network.state_dict(), "classes": named}, tmp_path / "mine.pth")
    assert load_weights(target, tmp_path / "mine.pth", ("no", "yes")).is_whole
    torch.testing.assert_close(target.head.weight, sign * source.head.weight)
    torch.testing.assert_close(target.head.bias, sign * source.head.bias)
