"""Weights in the forms in which they are published: Places365, DenseNet's old names, safetensors, timm."""

import io
import logging
import pickletools
from urllib.error import URLError

import pytest
import torch

import helpers.base.fetch
from helpers.base.errors import CourseError
from helpers.models import build
from helpers.models.published import published_file
from helpers.models.weights import load_weights, read_weights
from helpers.study.recipe import ModelSpec
from helpers.training.starting_weights import describe_start, starting_file, starting_key


def model_of(architecture: str, classes: int = 6, size: int = 64, **keys):
    return build(ModelSpec(architecture=architecture, **keys), classes, size)


def as_python_2(pickled: bytes) -> bytes:
    """The same pickle with its texts as the byte strings that Python 2 wrote."""
    opcodes = list(pickletools.genops(pickled))
    ends = [position for _, _, position in opcodes[1:]] + [len(pickled)]
    out = io.BytesIO()
    for (opcode, value, start), end in zip(opcodes, ends, strict=True):
        if opcode.name == "BINUNICODE" and len(value) < 256:
            out.write(b"U" + bytes([len(value)]) + value.encode("ascii"))
        else:
            out.write(pickled[start:end])
    return out.getvalue()


def places_checkpoint(path, state, architecture):
    """A file as Places365 publishes it: an old format, `module.` before each name, texts of Python 2."""
    content = {"epoch": 90, "arch": architecture, "best_prec1": 54.7, "state_dict": state}
    torch.save(content, path, _use_new_zipfile_serialization=False)
    whole = path.read_bytes()
    out, start = io.BytesIO(), 0
    for _ in range(5):  # magic number, protocol, system, content, keys of the storages
        end = start + next(p for opcode, _, p in pickletools.genops(whole[start:]) if opcode.name == "STOP") + 1
        out.write(as_python_2(whole[start:end]))
        start = end
    path.write_bytes(out.getvalue() + whole[start:])
    return path


def test_a_checkpoint_of_places365_is_read(tmp_path):
    source, target = model_of("resnet18", 365), model_of("resnet18")
    state = {f"module.{name}": tensor for name, tensor in source.network.state_dict().items()}
    path = places_checkpoint(tmp_path / "resnet18_places365.pth.tar", state, "resnet18")
    assert b"Umodule" not in path.read_bytes() and b"module.conv1.weight" in path.read_bytes()
    load_weights(target, path)
    torch.testing.assert_close(target.network.conv1.weight, source.network.conv1.weight)
    torch.testing.assert_close(target.network.layer4[1].bn2.running_var, source.network.layer4[1].bn2.running_var)
    assert target.head.weight.shape == (6, 512)


def test_names_inside_a_network_trained_in_parallel_are_restored(tmp_path):
    source, target = model_of("alexnet", 365), model_of("alexnet")
    state = {name.replace("features.", "features.module."): t for name, t in source.network.state_dict().items()}
    torch.save({"state_dict": state}, tmp_path / "alexnet_places365.pth.tar")
    load_weights(target, tmp_path / "alexnet_places365.pth.tar")
    torch.testing.assert_close(target.network.features[0].weight, source.network.features[0].weight)
    torch.testing.assert_close(target.network.classifier[1].weight, source.network.classifier[1].weight)


def test_old_names_of_densenet_are_todays(tmp_path):
    source, target = model_of("densenet121"), model_of("densenet121")
    kinds = {f"{kind}{number}.": f"{kind}.{number}." for kind in ("norm", "conv") for number in (1, 2)}

    def old(name):
        for new, before in kinds.items():
            name = name.replace(new, before) if "denselayer" in name else name
        return name

    state = {old(name): tensor for name, tensor in source.network.state_dict().items()}
    assert "features.denseblock1.denselayer1.norm.1.weight" in state
    torch.save({f"module.{name}": tensor for name, tensor in state.items()}, tmp_path / "dense.pth")
    load_weights(target, tmp_path / "dense.pth")
    for name, tensor in target.network.state_dict().items():
        torch.testing.assert_close(tensor, source.network.state_dict()[name])


def test_safetensors_are_read_and_a_cut_file_is_named(tmp_path):
    from safetensors.torch import save_file

    source, target = model_of("timm/resnetv2_18", 1000), model_of("timm/resnetv2_18", head=[16])
    save_file(
        {name: t.contiguous() for name, t in source.network.state_dict().items()}, tmp_path / "whole.safetensors"
    )
    load_weights(target, tmp_path / "whole.safetensors")
    torch.testing.assert_close(target.network.stem.conv.weight, source.network.stem.conv.weight)
    torch.testing.assert_close(target.network.norm.weight, source.network.norm.weight)
    (tmp_path / "cut.safetensors").write_bytes((tmp_path / "whole.safetensors").read_bytes()[:100_000])
    with pytest.raises(CourseError, match=r"cut\.safetensors is not a file of weights"):
        read_weights(tmp_path / "cut.safetensors")


def test_a_small_stem_is_drawn_anew_and_it_is_said(tmp_path, caplog):
    source, target = model_of("resnet18"), model_of("resnet18", size=32, stem="small")
    drawn = target.network.conv1.weight.clone()
    torch.save(source.network.state_dict(), tmp_path / "resnet18.pth")
    with caplog.at_level(logging.INFO, "helpers"):
        load_weights(target, tmp_path / "resnet18.pth")
    assert "'conv1'" in caplog.text and "drawn anew" in caplog.text
    assert torch.equal(target.network.conv1.weight, drawn)
    torch.testing.assert_close(target.network.layer1[0].conv1.weight, source.network.layer1[0].conv1.weight)
    again = model_of("resnet18", size=32, stem="small")
    torch.save(target.network.state_dict(), tmp_path / "small.pth")
    load_weights(again, tmp_path / "small.pth")
    assert torch.equal(again.network.conv1.weight, drawn)


def test_an_own_head_leaves_out_the_published_last_layers(tmp_path):
    source, target = model_of("alexnet", 1000), model_of("alexnet", head=[32])
    before = target.top.dense.weight.clone()
    torch.save(source.network.state_dict(), tmp_path / "alexnet.pth")
    load_weights(target, tmp_path / "alexnet.pth")
    torch.testing.assert_close(target.network.features[0].weight, source.network.features[0].weight)
    assert torch.equal(target.top.dense.weight, before)


def test_dense_layers_that_a_file_lacks_are_drawn_anew(tmp_path, caplog):
    source, target = model_of("alexnet", head=[]), model_of("alexnet")
    state = {name: t for name, t in source.network.state_dict().items() if name.startswith("features.")}
    torch.save(state, tmp_path / "base.pth")
    with caplog.at_level(logging.INFO, "helpers"):
        load_weights(target, tmp_path / "base.pth")
    assert "'classifier'" in caplog.text
    state.pop("features.0.weight")
    torch.save(state, tmp_path / "less.pth")
    with pytest.raises(CourseError, match=r"'features\.0\.weight' first"):
        load_weights(target, tmp_path / "less.pth")


@pytest.fixture
def offline(tmp_path, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise URLError("no route")

    monkeypatch.setattr(helpers.base.fetch, "urlopen", refuse)
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path))
    return tmp_path / "weights"


ADDRESSES = {
    ("resnet50", "places365"): r"resnet50_places365\.pth\.tar .*csail\.mit\.edu/.*/resnet50_places365\.pth\.tar",
    (
        "timm/resnetv2_50",
        "imagenet",
    ): r"resnetv2_50\.a1h_in1k\.safetensors .*timm/resnetv2_50\.a1h_in1k/resolve/main",
    ("timm/resnet18", "imagenet"): r"resnet18_a1_0-d63eafa0\.pth .*github\.com",
    ("vgg16", "imagenet"): r"vgg16-397923af\.pth .*download\.pytorch\.org",
}


@pytest.mark.parametrize(("architecture", "collection"), ADDRESSES)
def test_without_network_file_address_and_folder_are_named(offline, architecture, collection):
    with pytest.raises(CourseError, match=ADDRESSES[architecture, collection] + ".*put the file into"):
        published_file(architecture, collection)


def test_a_file_in_place_is_used_under_any_of_its_names(offline):
    offline.mkdir()
    for name in ("resnet18.a1_in1k.safetensors", "resnet18_a1_0-d63eafa0.pth"):
        (offline / name).write_bytes(b"x")
        assert published_file("timm/resnet18") == offline / name


def test_what_is_not_published_is_said(offline):
    with pytest.raises(CourseError, match=r"not published for 'vgg16'.*resnet50"):
        published_file("vgg16", "places365")


def test_where_a_model_starts(tmp_path, offline):
    spec, file = ModelSpec(architecture="resnet18", pretrained=True), tmp_path / "mine.pth"
    file.write_bytes(b"weights")
    assert starting_file(spec, None) is None and starting_key(spec, None) is None
    assert starting_file(spec, str(file)) == file and len(starting_key(spec, str(file))) == 64
    keys = [starting_key(spec, chosen) for chosen in ("imagenet", "places365", "sample", "sample-places")]
    small = starting_key(spec.model_copy(update={"stem": "small"}), "sample")
    assert len({*keys, small}) == 5
    words = [describe_start(spec, chosen) for chosen in (None, "imagenet", "places365", "sample", str(file))]
    assert words[0] == "random numbers" and "mine.pth" in words[-1] and len(set(words)) == 5
    with pytest.raises(CourseError, match="absent"):
        starting_key(spec, str(tmp_path / "absent.pth"))
