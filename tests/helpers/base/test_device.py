"""Where to compute: on an Apple GPU only if it computes right. A stand-in for one computes on the processor."""

import ast
import logging
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from helpers.base import device, device_check
from helpers.base.device import finest, memory_format, pick_device, pick_precision
from helpers.base.paths import our_sources
from helpers.models.segmenters.joining import enlarging_taps

MPS, CPU = torch.device("mps"), torch.device("cpu")


@pytest.fixture
def apple(monkeypatch) -> Callable[[Callable[[dict[str, Tensor]], dict[str, Tensor]]], list[torch.device]]:
    """Pretends an Apple GPU; `apple(change)` says what it makes of right numbers, and returns who was asked."""
    monkeypatch.delenv("IMAGE_COURSE_DEVICE", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(logging.getLogger("helpers"), "propagate", True)
    device._apple_gpu_is_right.cache_clear()
    usual, asked = device_check.small_step, []

    def pretend(change):
        def step(where: torch.device) -> dict[str, Tensor]:
            asked.append(where)
            return change(usual(CPU)) if where == MPS else usual(where)

        monkeypatch.setattr(device_check, "small_step", step)
        return asked

    yield pretend
    device._apple_gpu_is_right.cache_clear()


def test_one_that_computes_right_is_used_and_asked_once(apple, caplog):
    asked = apple(lambda found: found)
    assert pick_device() == pick_device() == MPS and pick_precision(MPS) == "float32"
    assert asked == [MPS, CPU] and caplog.text == ""


@pytest.mark.parametrize("name", list(device_check.small_step(CPU)))
@pytest.mark.parametrize("factor", [1.01, float("nan")])
def test_one_that_computes_anything_wrong_is_not_used_and_that_is_said_once(apple, caplog, name, factor):
    apple(lambda found: found | {name: found[name] * factor})
    assert pick_device() == pick_device() == CPU
    assert caplog.text.count("Apple GPU is not used") == 1 and name in caplog.text


def test_rounding_in_another_order_is_not_wrong(apple):
    apple(lambda found: {name: values * (1 + 1e-5) for name, values in found.items()})
    assert pick_device() == MPS


def test_one_that_fails_is_not_used(apple, caplog):
    def fail(_found):
        raise RuntimeError("MPS backend out of memory\nmore")

    apple(fail)
    assert pick_device() == pick_device() == CPU
    assert caplog.text.count("out of memory") == 1 and "more" not in caplog.text


def test_whoever_says_where_to_compute_is_obeyed(apple, monkeypatch):
    asked = apple(lambda found: found)
    monkeypatch.setenv("IMAGE_COURSE_DEVICE", "cpu")
    assert pick_device() == CPU and asked == []
    monkeypatch.delenv("IMAGE_COURSE_DEVICE")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert pick_device() == torch.device("cuda") and asked == []


def test_the_check_draws_nothing_that_others_would_have_drawn():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    device_check.small_step(CPU)
    assert torch.equal(torch.rand(3), expected)


def test_a_gradient_in_the_wrong_order_would_be_found():
    """As Apple GPUs had it for weights in channels-last memory: the same numbers, read in another order."""
    found = device_check.small_step(CPU)
    for name, values in found.items():
        if name.startswith("the gradient") and values.dim() == 4:
            assert not device_check._alike(values.flip(-1), values), name


def test_an_apple_gpu_is_given_what_it_can_hold():
    assert memory_format(MPS) == torch.contiguous_format and memory_format(CPU) == torch.channels_last
    assert finest(MPS) == torch.float32 and finest(CPU) == torch.float64
    taps = enlarging_taps(4, 9, CPU, torch.float32)
    assert taps.dtype == torch.float32 and taps.shape == (9, 12)


def test_memory_formats_and_float64_are_named_for_a_device_in_one_place():
    """Elsewhere they would be used on every device; networks are built, and scores added up, on the processor."""
    allowed = {
        "device.py": {"channels_last", "float64"},
        "augment.py": {"channels_last"},
        "joining.py": {"float64"},
    }
    allowed["__init__.py"] = {"channels_last"}
    for path in our_sources():
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        used = {ast.unparse(node).removeprefix("torch.") for node in nodes if isinstance(node, ast.Attribute)}
        assert used & {"channels_last", "float64"} <= allowed.get(path.name, set()), path
