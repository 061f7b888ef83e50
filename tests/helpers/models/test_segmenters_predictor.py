"""What evaluations ask of segmenters: probabilities, in the classes that are scored."""

import numpy as np
import pytest
import torch
from made_up_networks import segmenter, with_statistics
from torch import nn

from helpers.base.errors import CourseError
from helpers.datasets.streets.types import IGNORE
from helpers.models.segmenters.predictor import Predictor, Reduced, reduce_to, weights_digest

CLASSES = ("road", "sky", "car", "bus")


@pytest.fixture(scope="module")
def model():
    return with_statistics(segmenter(classes=CLASSES))


@pytest.fixture
def images():
    torch.manual_seed(3)
    return torch.randint(0, 256, (2, 3, 64, 96), dtype=torch.uint8)


@torch.no_grad()
def expected(model, images):
    return model(model.preprocess(images)).softmax(1)


@pytest.mark.parametrize(
    "architecture", ["deeplabv3plus_mobilenet", "deeplabv3plus_resnet50", "lraspp_mobilenet_v3_large"]
)
def test_probabilities_are_those_of_the_network_step_by_step(architecture, images):
    model = with_statistics(segmenter(architecture, classes=CLASSES))
    probabilities = Predictor(model)(images)
    assert probabilities.shape == (2, 4, 64, 96) and probabilities.dtype == torch.float32
    torch.testing.assert_close(probabilities.sum(1), torch.ones(2, 64, 96))
    torch.testing.assert_close(probabilities, expected(model, images), rtol=1e-3, atol=1e-4)
    assert probabilities.std() > 0.001


def test_nothing_is_left_of_a_normalisation(model):
    predictor = Predictor(model)
    assert any(isinstance(module, nn.BatchNorm2d) for module in model.modules())
    assert not any(isinstance(module, nn.BatchNorm2d) for module in predictor._folded.modules())


def test_the_network_itself_is_left_as_it_was(model, images):
    digest, before = weights_digest(model), expected(model, images)
    Predictor(model)(images)
    assert weights_digest(model) == digest
    assert torch.equal(expected(model, images), before)
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters())


def test_predictions_do_not_depend_on_the_layout_or_the_batch(model, images):
    predictor = Predictor(model)
    together = predictor(images)
    layout = images.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(predictor(layout), together, rtol=1e-4, atol=1e-5)
    alone = torch.cat([predictor(image[None]) for image in images])
    torch.testing.assert_close(alone, together, rtol=1e-4, atol=1e-5)


def test_features_are_those_of_the_backbone(model, images):
    predictor = Predictor(model)
    with torch.no_grad():
        torch.testing.assert_close(
            predictor.features(images), model.features(model.preprocess(images)), rtol=1e-3, atol=1e-4
        )


def test_the_key_follows_the_weights(model):
    key = Predictor(model).key
    assert Predictor(model).key == key
    other = with_statistics(segmenter(classes=CLASSES))
    with torch.no_grad():
        other.network.backbone.low_level_features[0][1].running_mean[0] += 1e-3
    assert Predictor(other).key != key
    dilated = segmenter(classes=CLASSES, output_stride=8)
    dilated.load_state_dict(model.state_dict())
    assert Predictor(dilated).key != key
    symmetric = segmenter(classes=CLASSES, normalize="symmetric")
    symmetric.load_state_dict(model.state_dict())
    assert Predictor(symmetric).key != key
    assert Predictor(model, key="run-1").key != Predictor(model, key="run-2").key


class ByColour:
    """A segmenter without any network: the reddest pixels are cars. Its scores come at half size."""

    classes = CLASSES

    def __call__(self, images):
        red = images[:, 0, ::2, ::2].float() - images[:, 2, ::2, ::2].float()
        return torch.stack([torch.zeros_like(red), torch.zeros_like(red) - 9, red, -red], dim=1)


def test_any_callable_that_names_its_classes_takes_part():
    images = torch.zeros(1, 3, 8, 8, dtype=torch.uint8)
    images[:, 0, :, 4:] = 200
    probabilities = Predictor(ByColour(), key="by colour")(images)
    assert probabilities.shape == (1, 4, 8, 8)
    assert (probabilities[0, 2, :, 5:] > 0.99).all() and (probabilities[0, 2, :, :3] < 0.5).all()
    with pytest.raises(TypeError, match="key"):
        Predictor(ByColour())
    with pytest.raises(CourseError, match="features"):
        Predictor(ByColour(), key="by colour").features(images)


class Fixed:
    classes, key = CLASSES, "fixed"

    def __call__(self, images):
        shares = torch.tensor([0.1, 0.2, 0.3, 0.4]).view(1, 4, 1, 1)
        return shares.expand(len(images), 4, *images.shape[2:])


def test_joined_classes_add_up_and_ignored_ones_are_shared_out(images):
    joined = Reduced(Fixed(), ("flat", "vehicle"), np.array([0, 0, 1, 1]))(images)
    torch.testing.assert_close(joined[1, :, 3, 4], torch.tensor([0.3, 0.7]))
    left = Reduced(Fixed(), ("vehicle", "flat"), np.array([1, IGNORE, 0, 0]))(images)
    torch.testing.assert_close(left[0, :, 0, 0], torch.tensor([0.7, 0.1]) / 0.8)


def test_reducing_goes_by_the_table_of_classes(images):
    coarse = (
        "drivable", "non-drivable", "living things", "vehicles", "roadside objects", "far objects", "sky",
    )  # fmt: skip
    predictor = Fixed()
    assert reduce_to(predictor, CLASSES) is predictor
    reduced = reduce_to(predictor, coarse)
    assert reduced.classes == coarse and reduced.key != predictor.key
    shares = dict(zip(coarse, reduced(images)[0, :, 0, 0].tolist(), strict=True))
    assert shares == pytest.approx(
        {"drivable": 0.1, "sky": 0.2, "vehicles": 0.7}
        | dict.fromkeys(set(coarse) - {"drivable", "sky", "vehicles"}, 0)
    )


def test_a_network_for_something_else_is_refused():
    class Animals(Fixed):
        classes = ("cat", "dog", "fish", "bird")

    with pytest.raises(CourseError, match=r"cat, dog.*nothing in common"):
        reduce_to(Animals(), ("road", "sky", "building"))
