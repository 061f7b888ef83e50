"""What a study may ask of a network: the keys of the custom one, small stems, own heads, one output, enlarging."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers.base.errors import CourseError
from helpers.models import Classifier, build
from helpers.models.cam import class_activation
from helpers.models.cnn import cnn
from helpers.models.summary import count_multiply_adds, count_parameters, layer_table
from helpers.study.recipe import ModelSpec

SOURCE = {  # the custom network of the study of vehicles and animals
    "blocks": [(32, 2), (64, 2), (128, 2)], "convolutions": 2, "batch_norm": True, "dropout": 0.3,
    "pooling": "average", "hidden": [128], "output": "sigmoid",
}  # fmt: skip
KINDS = ["cnn", "resnet18", "vgg11_bn", "squeezenet1_1", "convnext_tiny", "timm/resnetv2_18"]


def model_of(size: int = 32, classes: int = 2, **keys) -> Classifier:
    torch.manual_seed(0)
    return build(ModelSpec(**keys), classes, size).eval()


def pictures(count: int = 4, size: int = 32) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8, generator=generator)


def test_every_key_of_the_custom_network_stands_in_it():
    kinds = [type(module).__name__ for module in model_of(**SOURCE).network]
    convolution = ["Conv2d", "BatchNorm2d", "ReLU"]
    block = [*convolution, *convolution, "MaxPool2d", "Dropout"]
    dense = ["AdaptiveAvgPool2d", "Flatten", "Linear", "ReLU", "Dropout", "Linear"]
    assert kinds == block * 3 + dense
    network = model_of(**SOURCE).network
    assert {module.p for module in network if isinstance(module, nn.Dropout)} == {0.3}
    assert [m.out_channels for m in network if isinstance(m, nn.Conv2d)] == [32, 32, 64, 64, 128, 128]
    assert network.dense.weight.shape == (128, 128) and network.output.weight.shape == (1, 128)


def test_hidden_layers_are_a_number_or_a_list():
    widths = {given: [m.out_features for m in cnn(5, 16, [(8, 2)], given) if isinstance(m, nn.Linear)]
              for given in (0, 7, (9, 6), ())}  # fmt: skip
    assert widths == {0: [5], 7: [7, 5], (9, 6): [9, 6, 5], (): [5]}


def test_one_output_is_a_sigmoid_with_binary_cross_entropy():
    model = model_of(**SOURCE)
    batch = model.preprocess(pictures())
    z, logits, labels = model.network(batch)[:, 0], model(batch), torch.tensor([0, 1, 1, 0])
    torch.testing.assert_close(logits, torch.stack([torch.zeros(4), z], dim=1))
    torch.testing.assert_close(logits.softmax(1)[:, 1], z.sigmoid())
    expected = F.binary_cross_entropy_with_logits(z, labels.float())
    torch.testing.assert_close(F.cross_entropy(logits, labels), expected)


def test_both_classes_of_a_single_output_have_an_activation_map():
    model = model_of(**SOURCE)
    batch = model.preprocess(pictures())
    maps = [class_activation(model, batch, torch.full((4,), target)) for target in (0, 1)]
    assert all(one.shape == (4, 32, 32) for one in maps)
    assert not torch.allclose(*maps) and sum(one.amax() for one in maps) > 0
    both = (maps[0] > 0) & (maps[1] > 0)
    assert both.float().mean() < 0.2  # what speaks for one class speaks against the other


def test_one_output_is_for_two_classes():
    with pytest.raises(CourseError, match="two classes and there are 3"):
        model_of(classes=3, **SOURCE)
    with pytest.raises(CourseError, match="give it a 'head'"):
        model_of(64, architecture="squeezenet1_1", output="sigmoid")


@pytest.mark.parametrize("keys", [{}, {"head": [16, 8], "dropout": 0.3, "output": "sigmoid"}], ids=["own", "head"])
@pytest.mark.parametrize("architecture", KINDS)
def test_top_is_the_end_of_every_network(architecture, keys):
    model = model_of(64, architecture=architecture, **keys)
    batch = model.preprocess(pictures(3, 64))
    inputs = model.top_inputs(batch)
    torch.testing.assert_close(model.from_top(inputs), model(batch))
    logits, features = model.logits_and_features(batch)
    assert logits.shape == (3, 2)
    if keys and architecture != "cnn":
        assert inputs.ndim == 2 and features.shape == (3, 8)
        assert [m.out_features for m in model.top if isinstance(m, nn.Linear)] == [16, 8, 1]
        assert model.head is model.top.output


@pytest.mark.parametrize("architecture", KINDS)
def test_layer_groups_hold_every_parameter_once_and_end_with_the_new_ones(architecture):
    model = model_of(64, architecture=architecture)
    groups = model.layer_groups()
    parameters = [id(parameter) for group in groups for parameter in group]
    assert sorted(parameters) == sorted(id(parameter) for parameter in model.parameters())
    assert {id(p) for p in groups[-1]} == {id(p) for p in model.top.parameters()}
    assert len(groups) == (1 if architecture == "cnn" else 6)


def test_groups_of_a_resnet_are_its_stages():
    model = model_of(64, architecture="resnet18")
    network = model.network
    stages = [[*network.conv1.parameters(), *network.bn1.parameters()]]
    stages += [
        list(layer.parameters()) for layer in (network.layer1, network.layer2, network.layer3, network.layer4)
    ]
    found = [{id(p) for p in group} for group in model.layer_groups()]
    assert found == [{id(p) for p in group} for group in [*stages, list(network.fc.parameters())]]


def test_new_weights_are_those_of_the_new_layers_without_biases():
    assert [tuple(w.shape) for w in model_of(64, architecture="resnet18", head=[16]).new_weights()] == [
        (16, 512),
        (2, 16),
    ]
    custom = model_of(**SOURCE)
    assert len(custom.new_weights()) == 6 + 2 and all(weight.ndim > 1 for weight in custom.new_weights())


def test_with_a_frozen_base_the_head_trains_and_the_base_evaluates():
    model = model_of(64, architecture="vgg11_bn", head=[16], dropout=0.5)
    model.train_only_head()
    model.train()
    trained = {name for name, parameter in model.network.named_parameters() if parameter.requires_grad}
    assert trained == {f"classifier.new.{part}" for part in
                       ("dense.weight", "dense.bias", "output.weight", "output.bias")}  # fmt: skip
    modes = {type(m).__name__: m.training for m in model.network.modules() if isinstance(m, nn.BatchNorm2d)}
    assert modes == {"BatchNorm2d": False} and model.top.dropout_dense.training


def test_a_small_stem_keeps_the_size():
    model = model_of(32, 10, architecture="resnet18", stem="small")
    first = layer_table(model, 32)[0]
    assert (first.output_shape, first.multiply_adds) == ((64, 32, 32), 32 * 32 * 64 * 27)
    # Of the 32 × 32 network for CIFAR of He et al. (2016), 4.2, with a ResNet-18's widths: 0.56 G multiply-adds
    assert count_multiply_adds(model, 32) == pytest.approx(0.556e9, rel=0.01)
    assert not any(layer.kind in ("MaxPool2d", "Identity") for layer in layer_table(model, 32))
    with pytest.raises(CourseError, match="begin like a ResNet"):
        model_of(32, architecture="vgg11", stem="small")


def test_images_are_enlarged_before_the_network():
    small, large = model_of(architecture="resnet18"), model_of(architecture="resnet18", input_size=96)
    large.load_state_dict(small.state_dict())
    batch = small.preprocess(pictures())
    enlarged = F.interpolate(batch, (96, 96), mode="bilinear", align_corners=False)
    torch.testing.assert_close(large(batch), small(enlarged))
    assert count_multiply_adds(large, 32) == count_multiply_adds(small, 96)
    assert class_activation(large, batch, torch.zeros(4, dtype=torch.int64)).shape == (4, 32, 32)


def test_a_size_that_is_enough_changes_nothing():
    model = model_of(architecture="cnn", input_size=32)
    batch = model.preprocess(pictures())
    assert torch.equal(model(batch), model.network(batch))


def test_layers_of_timm_add_up_to_all_parameters():
    model = model_of(64, architecture="timm/resnetv2_18")
    assert sum(layer.parameters for layer in layer_table(model, 64)) == count_parameters(model)


def test_networks_of_timm_normalise_as_their_weights_expect():
    expected = {"timm/resnetv2_50": 1.0, "timm/resnet18": (1 - 0.485) / 0.229}
    for architecture, value in expected.items():
        model = model_of(64, architecture=architecture, pretrained=True)
        white = model.preprocess(torch.full((1, 3, 4, 4), 255, dtype=torch.uint8))
        assert white[0, 0, 0, 0].item() == pytest.approx(value)


def test_an_own_head_of_vgg_averages_all_places():
    model = model_of(64, architecture="vgg16", head=[256])
    batch = model.preprocess(pictures(2, 64))
    torch.testing.assert_close(model.top_inputs(batch), model.network.features(batch).mean(dim=(2, 3)))
    assert count_parameters(model) < 15.1e6  # the published dense layers, 120 million, are left out
