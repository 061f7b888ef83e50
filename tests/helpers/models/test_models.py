"""Networks: exactly as specified, one interface, weights that cannot run code."""

import os
import pickle
from urllib.error import URLError

import numpy as np
import pytest
import torch
from torch import nn

import helpers.base.fetch
from helpers.base.errors import CourseError
from helpers.models import Classifier, build
from helpers.models.batch_norm import folded_batch_norms, unfold_batch_norms
from helpers.models.cam import class_activation
from helpers.models.cnn import cnn
from helpers.models.published import published_file
from helpers.models.summary import count_multiply_adds, count_parameters, layer_table
from helpers.models.weights import load_weights, read_weights
from helpers.study.recipe import ModelSpec


def resnet(classes=10, size=64):
    return build(ModelSpec(architecture="resnet18"), classes, size)


def test_the_cnn_of_chapter_02_layer_by_layer():
    layers = layer_table(Classifier(cnn(10, 64), "output"), 64)
    convolutions = [layer for layer in layers if layer.kind == "Conv2d"]
    assert [layer.output_shape for layer in convolutions] == [(32, 64, 64), (64, 16, 16), (128, 8, 8)]
    assert [layer.parameters for layer in convolutions] == [3 * 32 * 9 + 32, 32 * 64 * 9 + 64, 64 * 128 * 9 + 128]
    pools = [layer.output_shape for layer in layers if layer.kind == "MaxPool2d"]
    assert pools == [(32, 16, 16), (64, 8, 8), (128, 4, 4)]
    first = convolutions[0]
    assert first.multiply_adds == 32 * 64 * 64 * 27
    for module in cnn(10, 64):
        if isinstance(module, nn.Conv2d):
            assert (module.kernel_size, module.stride, module.padding) == ((3, 3), (1, 1), (1, 1))


def test_an_image_too_small_for_the_pooling_is_refused():
    with pytest.raises(CourseError, match="image_size"):
        build(ModelSpec(), 10, 8)


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "squeezenet1_1", "shufflenet_v2_x0_5", "cnn"])
def test_every_classifier_has_the_same_interface(name):
    model = build(ModelSpec(architecture=name), 7, 64).eval()
    batch = model.preprocess(torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8))
    logits, features = model.logits_and_features(batch)
    torch.testing.assert_close(logits, model(batch))
    assert logits.shape == (2, 7) and features.ndim == 2
    if isinstance(model.head, nn.Linear):
        torch.testing.assert_close(model.head(features), logits)
    maps = class_activation(model, batch, logits.argmax(1))
    assert maps.shape == (2, 64, 64) and maps.min() >= 0 and maps.max() <= 1


def test_preprocessing_scales_and_normalises():
    model = build(ModelSpec(architecture="resnet18", normalize="imagenet"), 10, 64)
    white = torch.full((1, 3, 4, 4), 255, dtype=torch.uint8)
    expected = (1 - 0.485) / 0.229
    assert model.preprocess(white)[0, 0, 0, 0].item() == pytest.approx(expected)
    torch.testing.assert_close(model.preprocess(white), model.preprocess(torch.ones(1, 3, 4, 4)))


def test_parameters_and_multiply_adds_are_those_torchvision_publishes():
    from torchvision.models import ResNet18_Weights

    published = ResNet18_Weights.DEFAULT.meta
    model = build(ModelSpec(architecture="resnet18"), 1000, 224)
    assert count_parameters(model) == published["num_params"]
    assert count_multiply_adds(model, 224) / 1e9 == pytest.approx(published["_ops"], abs=0.001)


def test_the_activation_map_shows_where_the_evidence_lies():
    network = nn.Sequential(nn.Conv2d(3, 2, 1, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 2))
    with torch.no_grad():  # channel 0 passes red on, channel 1 blue; class 0 is red, class 1 blue
        network[0].weight.copy_(torch.tensor([[1.0, 0, 0], [0, 0, 1.0]])[:, :, None, None])
        network[3].weight.copy_(torch.eye(2))
    image = torch.zeros(1, 3, 16, 16)
    image[0, 0, :8, :8], image[0, 2, 8:, 8:] = 1, 1
    model = Classifier(network, "3")
    red, blue = (class_activation(model, image, torch.tensor([target]))[0] for target in (0, 1))
    assert red[:6, :6].min() > 0.9 and red[8:, 8:].max() == 0
    assert blue[10:, 10:].min() > 0.9 and blue[:8, :8].max() == 0


def save(path, state):
    torch.save(state, path)
    return path


FORMS = {
    "plain": lambda state: state,
    "parallel": lambda state: {"state_dict": {f"module.{name}": tensor for name, tensor in state.items()}},
    "model_state": lambda state: {"model_state": state},
    "float16": lambda state: {n: t.half() if t.is_floating_point() else t for n, t in state.items()},
}


@pytest.mark.parametrize("form", FORMS)
def test_weights_are_read_in_the_forms_in_which_they_are_published(tmp_path, form):
    source, target = resnet(1000), resnet(5)
    before = target.head.weight.clone()
    load_weights(target, save(tmp_path / "w.pth", FORMS[form](source.network.state_dict())))
    torch.testing.assert_close(target.network.conv1.weight, source.network.conv1.weight, atol=1e-3, rtol=1e-2)
    torch.testing.assert_close(target.head.weight, before)  # another number of classes: left as drawn


def test_weights_of_another_architecture_are_refused(tmp_path):
    path = save(tmp_path / "mobile.pth", build(ModelSpec(architecture="mobilenet_v2"), 5, 64).network.state_dict())
    with pytest.raises(CourseError, match=r"mobile\.pth is of another architecture.*conv1\.weight"):
        load_weights(resnet(), path)


class Trap:
    def __reduce__(self):
        return os.mkdir, ("trap-was-run",)


def test_a_pickle_that_runs_code_is_refused_without_running_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": Trap()}, tmp_path / "evil.pth")
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(Trap()))
    for name in ("evil.pth", "plain.pth"):
        with pytest.raises(CourseError, match=name):
            read_weights(tmp_path / name)
    assert not (tmp_path / "trap-was-run").exists()


def test_files_that_are_not_weights_are_named(tmp_path):
    good = save(tmp_path / "good.pth", resnet().network.state_dict()).read_bytes()
    contents = {"cut.pth": good[: len(good) // 2], "text.pth": b"hello", "empty.pth": b""}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    save(tmp_path / "list.pth", [1, 2, 3])
    for name in [*contents, "list.pth", "absent.pth"]:
        with pytest.raises(CourseError, match=name):
            read_weights(tmp_path / name)


def test_without_network_the_message_says_which_file_to_put_where(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path))

    def refuse(*_args, **_kwargs):
        raise URLError("no route")

    monkeypatch.setattr(helpers.base.fetch, "urlopen", refuse)
    with pytest.raises(CourseError, match=r"resnet18-f37072fd\.pth.*put the file into"):
        published_file("resnet18")


def test_weights_in_place_are_used_without_network(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path))
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "resnet18-f37072fd.pth").write_bytes(b"x")
    assert published_file("resnet18") == tmp_path / "weights" / "resnet18-f37072fd.pth"


def test_only_the_head_learns_when_the_rest_is_frozen():
    model = resnet(4)
    model.train_only_head()
    model.train()
    before = {name: tensor.clone() for name, tensor in model.network.state_dict().items()}
    images = torch.from_numpy(np.random.default_rng(0).random((8, 3, 64, 64), dtype=np.float32))
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    model(images).logsumexp(1).sum().backward()
    optimizer.step()
    changed = {n for n, tensor in model.network.state_dict().items() if not torch.equal(tensor, before[n])}
    assert changed == {"fc.weight", "fc.bias"}


def test_folded_batch_norms_are_unfolded_without_changing_the_function():
    model = build(ModelSpec(architecture="resnet18", normalize="imagenet"), 4, 64).eval()
    for module in model.network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.bias)
    images = torch.rand(32, 3, 64, 64)
    before = model(images)
    assert unfold_batch_norms(model, images) == 20
    torch.testing.assert_close(model(images), before, rtol=1e-3, atol=1e-3)
    assert not folded_batch_norms(model)
    # In training mode the batch's own statistics are used: now they are those the layers hold.
    torch.testing.assert_close(model.train()(images), before, rtol=0.05, atol=0.05)


def test_ordinary_batch_norms_are_left_alone():
    model = build(ModelSpec(architecture="resnet18"), 4, 64)
    for module in model.network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.fill_(0.1)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    assert unfold_batch_norms(model, torch.rand(4, 3, 64, 64)) == 0
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
