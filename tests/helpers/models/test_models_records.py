"""Networks are given what their weights were trained on: by the record of the very weights, or of a file."""

import json

import pytest
import torch
from torch import nn

from helpers.base.errors import CourseError
from helpers.models import build, networks
from helpers.models.classifier import Classifier, Normalising
from helpers.models.input_check import check_input
from helpers.models.records import recorded_normalisation
from helpers.models.weights import load_weights
from helpers.study.recipe import (
    NORMALISATIONS,
    ModelSpec,
    Normalisation,
    timm_classifiers,
    torchvision_classifiers,
)

VALUES = {"mean": [0.1, 0.2, 0.3], "std": [0.4, 0.5, 0.6]}
RECORDED = Normalisation(**VALUES)


def some_images(count=2, size=8):
    return torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8, generator=torch.manual_seed(0))


def pretrained(architecture, **keys):
    return ModelSpec(architecture=architecture, pretrained=True, **keys)


def as_published(architecture):
    """torchvision's own network, built as with its published weights, which are not fetched."""
    from torchvision.models import get_model

    with torch.device("meta"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(nn.Module, "load_state_dict", lambda *_, **__: None)
        patch.setattr("torchvision.models._api.WeightsEnum.get_state_dict", lambda *_, **__: {})
        return get_model(architecture, weights="DEFAULT")


def entering(network, batch):
    """The batch behind torchvision's own re-normalisation, where the network has it switched on."""
    return network._transform_input(batch) if hasattr(network, "transform_input") else batch


@pytest.mark.parametrize("architecture", torchvision_classifiers())
def test_networks_of_torchvision_get_what_the_transforms_of_their_weights_give(architecture):
    from torchvision.models import get_model_weights
    from torchvision.transforms import v2

    images, how = some_images(), get_model_weights(architecture).DEFAULT.transforms()
    expected = v2.functional.normalize(images.float() / 255, how.mean, how.std)
    normalisation, interpolation = networks.preprocessing_of(pretrained(architecture))
    ours = Normalising(normalisation).preprocess(images)
    assert interpolation == how.interpolation.value
    if architecture in {"googlenet", "inception_v3"}:  # the only ones with a step of their own, as is held below
        expected = entering(as_published(architecture), expected)
        with torch.device("meta"):
            ours = entering(build(pretrained(architecture), 5, 96).network, ours)
        torch.testing.assert_close(ours, images.float() / 255 * 2 - 1, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(ours, expected, atol=1e-5, rtol=1e-5)


def test_no_other_network_of_torchvision_changes_its_input():
    import inspect

    from torchvision import models

    having = {
        name
        for name in torchvision_classifiers()
        if "transform_input" in inspect.getsource(inspect.getmodule(models.get_model_builder(name)))
    }
    assert having == {"googlenet", "inception_v3"}


def test_networks_of_timm_get_what_the_configuration_of_their_weights_says():
    import timm
    from timm.data import resolve_data_config
    from torchvision.transforms import v2

    images, names = some_images(), timm_classifiers()
    for architecture in names:
        known = timm.get_pretrained_cfg(architecture.removeprefix("timm/"))
        how = resolve_data_config(pretrained_cfg=known.to_dict())
        expected = v2.functional.normalize(images.float() / 255, how["mean"], how["std"])
        normalisation, _ = networks.preprocessing_of(pretrained(architecture))
        torch.testing.assert_close(
            Normalising(normalisation).preprocess(images), expected, atol=1e-5, rtol=1e-5, msg=architecture
        )
    assert len(names) > 1000


@pytest.mark.parametrize("architecture", ["googlenet", "efficientnet_v2_l", "timm/tf_efficientnet_lite0"])
def test_a_study_and_random_numbers_have_their_own_normalisation(architecture):
    with torch.device("meta"):
        asked = build(pretrained(architecture, normalize="imagenet"), 5, 96)
        fresh = build(ModelSpec(architecture=architecture), 5, 96)
    assert asked.normalisation == NORMALISATIONS["imagenet"]
    assert fresh.normalisation == NORMALISATIONS["symmetric"]
    assert not getattr(asked.network, "transform_input", False)
    assert not getattr(fresh.network, "transform_input", False)


def test_images_are_enlarged_as_the_weights_record_says():
    with torch.device("meta"):
        kinds = {
            build(pretrained(name, input_size=96), 5, 64).interpolation
            for name in ("resnet18", "efficientnet_b0", "timm/resnet18")
        }
    assert kinds == {"bilinear", "bicubic"}


def test_every_normalisation_is_what_its_name_says():
    images = torch.tensor([255, 0, 102], dtype=torch.uint8).view(1, 3, 1, 1)  # red, green, blue

    def entered(normalize):
        return Normalising(normalize).preprocess(images).flatten().tolist()

    assert entered("none") == pytest.approx([1, 0, 0.4])
    assert entered("symmetric") == pytest.approx([1, -1, -0.2])
    assert entered("bytes") == pytest.approx([255, 0, 102])
    assert entered("caffe") == pytest.approx([102 - 103.939, 0 - 116.779, 255 - 123.68], abs=1e-3)
    assert entered(Normalisation(**VALUES)) == pytest.approx([2.25, -0.4, 1 / 6])
    for same in (images, images.float() / 255):
        assert Normalising("caffe").preprocess(same)[0, 2].item() == pytest.approx(255 - 123.68, abs=1e-3)


# What a file says


def in_metadata(path, metadata):
    from safetensors.torch import save_file

    save_file({"weight": torch.zeros(1)}, path, metadata)


@pytest.mark.parametrize("record", [VALUES, {"image_mean": VALUES["mean"], "image_std": VALUES["std"]},
                                    {"pretrained_cfg": VALUES | {"input_size": [3, 224, 224]}}])  # fmt: skip
def test_a_file_records_its_normalisation(tmp_path, record):
    checkpoint, hub, mine = tmp_path / "checkpoint.pth", tmp_path / "model.safetensors", tmp_path / "mine.pth"
    torch.save({"state_dict": {"weight": torch.zeros(1)}} | record, checkpoint)
    in_metadata(hub, {key: json.dumps(value) for key, value in record.items()})
    assert recorded_normalisation(checkpoint) == recorded_normalisation(hub) == RECORDED
    in_metadata(hub, {"format": "pt"})
    torch.save({"weight": torch.zeros(1)}, mine)
    assert recorded_normalisation(hub) is recorded_normalisation(mine) is None
    (tmp_path / "mine.json").write_text(json.dumps(record))
    (tmp_path / "config.json").write_text(json.dumps(record))
    assert recorded_normalisation(hub) == recorded_normalisation(mine) == RECORDED
    (tmp_path / "mine.json").unlink()
    assert recorded_normalisation(mine) is None  # config.json is about the file that is called as on the hub


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"mean": 3, "std": "x"}', b'{"mean": [1], "std": [0]}'])
def test_what_is_no_record_says_nothing(tmp_path, content):
    path = tmp_path / "mine.pth"
    path.write_bytes(b"no weights")
    path.with_suffix(".json").write_bytes(content)
    assert recorded_normalisation(path) is None


# Whether images enter as those that a network was trained on


def network_trained_on(images, normalisation):
    """A convolution with the statistics that training on these images would have left in its normalisation."""
    torch.manual_seed(3)
    network = nn.Sequential(nn.Conv2d(3, 32, 3, stride=2, bias=False), nn.BatchNorm2d(32, momentum=None),
                            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 5))  # fmt: skip
    with torch.no_grad():
        network(Normalising(normalisation).preprocess(images))
    return network


def photographs(seed, brightness=110, contrast=60):
    """Images with as much of every size of structure as photographs have: (64, 3, 32, 32) uint8."""
    generator = torch.Generator().manual_seed(seed)
    colours = torch.randn(64, 3, 32, 32, generator=generator) * 0.3 + torch.randn(
        64, 1, 32, 32, generator=generator
    )
    frequency = torch.fft.fftfreq(32)
    fall = 1 / (frequency[:, None] ** 2 + frequency**2).sqrt().clamp_min(1 / 32)
    found = torch.fft.ifft2(torch.fft.fft2(colours) * fall).real
    found = (found - found.mean()) / found.std()
    return (found * contrast + brightness).clamp(0, 255).round().to(torch.uint8)


@pytest.mark.parametrize("trained", ["imagenet", "symmetric", "none", "bytes", "caffe"])
def test_wrong_input_is_seen_and_right_input_is_not_doubted(trained):
    network = network_trained_on(photographs(0, 115, 58), trained)
    sets = [photographs(1), photographs(2, 60, 25), photographs(3, 180, 20), photographs(4, 128, 90)]
    for images in sets:
        assert check_input(Classifier(network, "4", trained), images).likelier is None
    for other in {*NORMALISATIONS} - {trained} - ({"bytes", "caffe"} if trained in {"bytes", "caffe"} else set()):
        assert check_input(Classifier(network, "4", other), sets[0]).likelier == trained, other


def test_a_network_of_its_own_kind_of_images_is_not_doubted_on_them():
    for brightness, contrast in ((30, 10), (220, 12), (120, 4)):
        images = photographs(0, brightness, contrast)
        for normalisation in NORMALISATIONS:
            model = Classifier(network_trained_on(images, normalisation), "4", normalisation)
            assert check_input(model, photographs(1, brightness, contrast)).likelier is None


def test_a_network_without_statistics_says_nothing():
    plain = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))
    assert check_input(Classifier(plain, "3"), some_images()) is None
    folded = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)
    )
    assert check_input(Classifier(folded, "4"), some_images()) is None


# Transformers at another size


@pytest.mark.parametrize("architecture", ["vit_b_32", "timm/vit_tiny_patch16_224", "timm/swinv2_cr_tiny_224"])
def test_positions_of_another_size_are_interpolated(tmp_path, architecture):
    source = networks.classifier(pretrained(architecture), 3, 224)
    state = source.network.state_dict()
    positions = [name for name in state if name.endswith(("pos_embedding", "pos_embed"))]
    for name in positions:
        state[name].copy_(torch.arange(state[name].shape[-1]))  # the same everywhere: so it has to stay
    torch.save(state, tmp_path / "w.pth")
    target = build(pretrained(architecture), 3, 128)
    load_weights(target, tmp_path / "w.pth")
    for name in positions:
        found = target.network.state_dict()[name]
        assert found.shape[1] < state[name].shape[1]
        torch.testing.assert_close(found, state[name][:, :1].expand_as(found), atol=1e-3, rtol=1e-3)


def test_a_size_that_a_transformer_cannot_take_is_told_with_the_one_that_it_can():
    with torch.device("meta"), pytest.raises(CourseError, match="set 'input_size: 224', which it was made for"):
        build(pretrained("maxvit_t"), 3, 64)
    with torch.device("meta"), pytest.raises(CourseError, match="input_size: 224"):
        build(pretrained("vit_b_32"), 3, 100)
