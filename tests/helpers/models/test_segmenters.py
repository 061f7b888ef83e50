"""Segmenters: the public project's network to the last parameter, weights that fit or say why not."""

import os
import pickle
from collections import OrderedDict

import numpy as np
import pytest
import torch
from deeplab_reference import Reference, expected_shapes
from made_up_networks import CITYSCAPES, segmenter, with_statistics
from torch import nn
from torch.nn import functional as F

from helpers.base.errors import CourseError
from helpers.models.batch_norm import folded_batch_norms
from helpers.models.published import published_file
from helpers.models.segmenters.joining import JoiningConvolution, enlarge_and_convolve
from helpers.models.segmenters.weights import load_backbone, load_segmenter_weights
from helpers.models.summary import count_multiply_adds


@pytest.fixture(scope="module")
def mobilenet():
    return with_statistics(segmenter())


# the public project's network


@pytest.mark.parametrize("backbone", ["mobilenet", "resnet50", "resnet101"])
def test_names_and_shapes_are_those_of_the_public_checkpoints(backbone):
    with torch.device("meta"):
        model = segmenter(f"deeplabv3plus_{backbone}")
    own = {name: tuple(tensor.shape) for name, tensor in model.network.state_dict().items()}
    assert own == expected_shapes(backbone, 19)


def test_the_number_of_parameters_follows_from_published_counts(mobilenet):
    classifier = 3_504_872  # torchvision's MobileNetV2
    left_out = (320 * 1280 + 2 * 1280) + (1280 * 1000 + 1000)  # its last convolution and its last layer
    pyramid = 2 * (320 * 256 + 512) + 3 * (320 * 256 * 9 + 512) + (5 * 256 * 256 + 512)
    head = (24 * 48 + 96) + (304 * 256 * 9 + 512) + (256 * 19 + 19)
    parameters = sum(parameter.numel() for parameter in mobilenet.parameters())
    assert parameters == classifier - left_out + pyramid + head == 5_225_203


@pytest.mark.parametrize(("backbone", "published"), [("mobilenet", 17.0), ("resnet50", 62.7), ("resnet101", 83.4)])
def test_multiply_adds_are_those_the_public_project_states(backbone, published):
    """Its table is for 513 × 513 pixels and 21 classes, and counts normalisation (about 1 %) too."""
    with torch.device("meta"):
        model = segmenter(f"deeplabv3plus_{backbone}", classes=tuple(map(str, range(21))))
    assert count_multiply_adds(model, 513) / 1e9 == pytest.approx(published, rel=0.012)


@pytest.mark.parametrize(
    ("backbone", "output_stride", "size"),
    [
        ("mobilenet", 16, (64, 64)), ("mobilenet", 16, (65, 98)), ("mobilenet", 8, (64, 96)),
        ("resnet50", 16, (65, 96)), ("resnet50", 8, (64, 64)), ("resnet101", 16, (64, 64)),
    ],
)  # fmt: skip
def test_the_output_is_that_of_the_public_project(backbone, output_stride, size):
    model = with_statistics(segmenter(f"deeplabv3plus_{backbone}", output_stride=output_stride)).double()
    batch = torch.randn(2, 3, *size, dtype=torch.float64)
    with torch.no_grad():
        own = model.network(batch)
        expected = Reference(model.network.state_dict(), backbone, output_stride)(batch)
    assert own.shape == (2, 19, *size) and expected.std() > 0.01
    torch.testing.assert_close(own, expected, rtol=1e-6, atol=1e-6)


def test_training_computes_the_same_gradients_as_the_public_project():
    """Batch statistics count the padded border, so the padding must be right in training too."""
    model = segmenter(classes=tuple("abc")).double().train()
    model.network.classifier.aspp.project[3].p = 0.0  # dropout draws its own numbers
    batch, target = torch.randn(3, 3, 64, 64, dtype=torch.float64), torch.randint(0, 3, (3, 64, 64))
    state = {
        name: tensor.clone().requires_grad_(name.endswith(("weight", "bias")))
        for name, tensor in model.network.state_dict().items()
    }
    F.cross_entropy(model.network(batch), target).backward()
    F.cross_entropy(Reference(state, "mobilenet", 16, training=True)(batch), target).backward()
    for name, parameter in model.network.named_parameters():
        torch.testing.assert_close(parameter.grad, state[name].grad, rtol=1e-5, atol=1e-7)


def test_every_parameter_and_every_statistic_changes_the_output(mobilenet):
    batch = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        before = mobilenet(batch)
        for name, tensor in mobilenet.network.state_dict().items():
            if tensor.is_floating_point():
                kept = tensor.clone()
                tensor.mul_(1.2).add_(0.1)
                assert not torch.equal(mobilenet(batch), before), name
                tensor.copy_(kept)
        torch.testing.assert_close(mobilenet(batch), before, rtol=0, atol=0)


# the widest convolution


@pytest.mark.parametrize(
    ("small", "large"), [((4, 4), (16, 16)), ((5, 7), (18, 28)), ((3, 2), (3, 9)), ((1, 1), (4, 3))]
)
def test_joining_equals_enlarging_first(small, large):
    torch.manual_seed(0)
    layer = JoiningConvolution(3, 5, 4).double()
    fine, coarse = torch.randn(2, 3, *large).double(), torch.randn(2, 5, *small).double()
    fine.requires_grad_(), coarse.requires_grad_()
    enlarged = F.interpolate(coarse, size=large, mode="bilinear", align_corners=False)
    expected = F.conv2d(torch.cat([fine, enlarged], 1), layer.weight, padding=1)
    own = layer(fine, coarse)
    torch.testing.assert_close(own, expected, rtol=1e-6, atol=1e-6)
    signal = torch.randn_like(own)
    wanted = [fine, coarse, layer.weight]
    for one, other in zip(
        torch.autograd.grad(own, wanted, signal), torch.autograd.grad(expected, wanted, signal), strict=True
    ):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-6)


def test_joining_stays_close_in_bfloat16():
    torch.manual_seed(0)
    maps, weight = torch.randn(1, 64, 8, 8), torch.randn(32, 64, 3, 3) / 24
    exact = enlarge_and_convolve(maps, weight, (32, 32))
    coarse = enlarge_and_convolve(maps.bfloat16(), weight.bfloat16(), (32, 32)).float()
    assert (coarse - exact).abs().mean() < 0.01 * exact.abs().mean()


# one interface


@pytest.mark.parametrize(
    "architecture",
    [
        "deeplabv3plus_mobilenet", "deeplabv3plus_resnet50", "lraspp_mobilenet_v3_large",
        "deeplabv3_mobilenet_v3_large", "fcn_resnet50",
    ],
)  # fmt: skip
def test_every_segmenter_has_the_same_interface(architecture):
    model = segmenter(architecture, classes=("road", "sky", "car")).eval()
    batch = model.preprocess(torch.randint(0, 256, (2, 3, 64, 96), dtype=torch.uint8))
    with torch.no_grad():
        scores, features = model(batch), model.features(batch)
        alone = model.network(batch)
    assert scores.shape == (2, 3, 64, 96) and scores.dtype == torch.float32
    torch.testing.assert_close(scores, alone["out"] if isinstance(alone, dict) else alone, rtol=1e-4, atol=1e-4)
    assert features.shape[0] == 2 and features.ndim == 2 and features.std() > 0
    parts = [{id(p) for p in part.parameters()} for part in (model.network.backbone, model.network.classifier)]
    assert not parts[0] & parts[1] and parts[0] | parts[1] == {id(p) for p in model.parameters()}


def test_preprocessing_follows_the_study():
    white = torch.full((1, 3, 2, 2), 255, dtype=torch.uint8)
    assert segmenter().preprocess(white)[0, 2, 0, 0].item() == pytest.approx((1 - 0.406) / 0.225)
    assert segmenter(normalize="symmetric").preprocess(white).unique().tolist() == [pytest.approx(1)]


def test_features_are_the_mean_of_the_last_map(mobilenet):
    batch = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        last = mobilenet.network.backbone(batch)["out"]
        torch.testing.assert_close(mobilenet.features(batch), last.mean((2, 3)))


# weights


def public_checkpoint(path, model, **how):
    """A file as the public project writes it; its best score is a NumPy number."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    state = {f"{how.get('before', '')}{name}": t for name, t in model.network.state_dict().items()}
    content = {
        "cur_itrs": 30000,
        "model_state": OrderedDict(state),
        "optimizer_state": optimizer.state_dict(),
        "scheduler_state": {"max_iters": 30000, "power": 0.9, "base_lrs": [0.01, 0.1], "last_epoch": 30000},
        "best_score": np.float64(0.721),
    }
    torch.save(content, path, _use_new_zipfile_serialization=not how.get("old_format"))
    return path


@pytest.mark.parametrize("how", [{}, {"old_format": True}, {"before": "module."}, {"before": "model._orig_mod."}])
def test_a_public_checkpoint_loads_and_gives_the_same_output(tmp_path, mobilenet, how):
    path = public_checkpoint(tmp_path / "best.pth", mobilenet, **how)
    fresh = segmenter(output_stride=16).eval()
    batch = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert not torch.equal(fresh(batch), mobilenet(batch))
        load_segmenter_weights(fresh, path)
        assert torch.equal(fresh(batch), mobilenet(batch))


def test_a_checkpoint_cannot_run_code(tmp_path, mobilenet):
    class Harmful:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "harmed"),)

    path = tmp_path / "harmful.pth"
    torch.save({"model_state": mobilenet.network.state_dict(), "best_score": Harmful()}, path)
    with pytest.raises(CourseError, match=r"harmful\.pth"):
        load_segmenter_weights(segmenter(), path)
    path.write_bytes(pickle.dumps(Harmful(), protocol=2))
    with pytest.raises(CourseError, match=r"harmful\.pth"):
        load_segmenter_weights(segmenter(), path)
    assert not (tmp_path / "harmed").exists()


def saved(path, state):
    torch.save({"model_state": state}, path)
    return path


@pytest.mark.parametrize(
    ("other", "classes", "words"),
    [
        ("deeplabv3plus_mobilenet", tuple("abc"), ["for 3 classes", "19 are asked for", "'weights'"]),
        ("deeplabv3plus_resnet50", CITYSCAPES, ["ResNet-50", "MobileNetV2", "'architecture'"]),
        ("lraspp_mobilenet_v3_large", CITYSCAPES, ["LR-ASPP", "MobileNetV3", "DeepLabV3+"]),
    ],
)
def test_weights_of_another_network_are_named(tmp_path, mobilenet, other, classes, words):
    path = saved(tmp_path / "other.pth", segmenter(other, classes=classes).network.state_dict())
    with pytest.raises(CourseError) as caught:
        load_segmenter_weights(mobilenet, path)
    for word in ("other.pth", *words):
        assert word in str(caught.value)


def test_weights_of_a_deeper_backbone_and_of_the_separable_form_are_named(tmp_path, mobilenet):
    with torch.device("meta"):
        deeper = segmenter("deeplabv3plus_resnet101").network.state_dict()
    few = {name: torch.zeros(tensor.shape[:1]) if "weight" not in name else torch.zeros(1, 1, 1, 1)
           for name, tensor in deeper.items() if tensor.ndim}  # fmt: skip
    with pytest.raises(CourseError, match="ResNet-101"):
        load_segmenter_weights(mobilenet, saved(tmp_path / "deeper.pth", few))
    separable = {f"{name}.body.0" if ".aspp.convs.1.0" in name else name: tensor
                 for name, tensor in mobilenet.network.state_dict().items()}  # fmt: skip
    with pytest.raises(CourseError, match="separable"):
        load_segmenter_weights(mobilenet, saved(tmp_path / "separable.pth", separable))


def test_weights_that_lack_a_parameter_or_are_no_segmenters_are_refused(tmp_path, mobilenet):
    state = mobilenet.network.state_dict()
    state.pop("classifier.aspp.convs.2.1.running_var")
    with pytest.raises(
        CourseError, match=r"1 parameters do not fit, 'classifier\.aspp\.convs\.2\.1\.running_var'"
    ):
        load_segmenter_weights(mobilenet, saved(tmp_path / "short.pth", state))
    with pytest.raises(CourseError, match="no segmenter"):
        load_segmenter_weights(mobilenet, saved(tmp_path / "linear.pth", nn.Linear(2, 2).state_dict()))


def test_published_weights_are_found_or_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path))
    with pytest.raises(CourseError) as caught:
        published_file("deeplabv3plus_mobilenet", "cityscapes")
    for word in ("best_deeplabv3plus_mobilenet_cityscapes_os16.pth", "github.com/VainF", "weights/"):
        assert word in str(caught.value)
    (tmp_path / "weights").mkdir()
    file = tmp_path / "weights" / "best_deeplabv3plus_resnet101_cityscapes_os16.pth.tar"
    file.write_bytes(b"")
    assert published_file("deeplabv3plus_resnet101", "cityscapes") == file
    with pytest.raises(CourseError, match="no published"):
        published_file("deeplabv3plus_resnet50", "cityscapes")


def test_a_backbone_starts_from_a_classifier(tmp_path):
    from torchvision.models import mobilenet_v2

    torch.manual_seed(2)
    classifier = mobilenet_v2(weights=None)
    torch.save(classifier.state_dict(), tmp_path / "classifier.pth")
    model = segmenter()
    load_backbone(model, tmp_path / "classifier.pth")
    own = model.network.backbone.state_dict()
    assert len(own) == len([name for name in classifier.features[:-1].state_dict()])
    for name, tensor in classifier.features[:-1].state_dict().items():
        part = "low_level_features" if int(name.split(".")[0]) < 4 else "high_level_features"
        assert torch.equal(own[f"{part}.{name}"], tensor)


def test_a_backbone_starts_from_another_segmenter_or_says_what_does_not_fit(tmp_path, mobilenet):
    path = saved(tmp_path / "segmenter.pth", mobilenet.network.state_dict())
    model = segmenter(classes=tuple("abc"))
    load_backbone(model, path)
    batch = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(model.eval().features(batch), mobilenet.features(batch))
    with pytest.raises(CourseError, match=r"segmenter\.pth does not fit the backbone.*'0\.0\.weight' first"):
        load_backbone(segmenter("lraspp_mobilenet_v3_large"), path)


def test_folded_normalisation_of_a_backbone_is_unfolded_for_training(tmp_path):
    model = segmenter()
    path = saved(tmp_path / "folded.pth", model.network.state_dict())  # fresh layers normalise nothing
    images = torch.randint(0, 256, (4, 3, 64, 64), dtype=torch.uint8)
    batch = model.preprocess(images)
    with torch.no_grad():
        before = model.eval().features(batch)
    load_backbone(model, path, images)
    with torch.no_grad():
        torch.testing.assert_close(model.eval().features(batch), before, rtol=1e-3, atol=1e-5)
    assert not folded_batch_norms(model)


def test_a_map_enlarged_while_predicting_can_serve_in_training():
    layer = JoiningConvolution(2, 3, 4)
    with torch.inference_mode():
        layer(torch.randn(1, 2, 10, 10), torch.randn(1, 3, 5, 5))
    layer(torch.randn(1, 2, 10, 10), torch.randn(1, 3, 5, 5)).sum().backward()
    assert layer.weight.grad.abs().sum() > 0
