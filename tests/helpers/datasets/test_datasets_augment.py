"""Augmentations against cases worked out by hand."""

import math

import pytest
import torch

from helpers.base.errors import CourseError
from helpers.datasets.augment import ERASED_AREA, GREY, Augment, _hue_turn
from helpers.datasets.augmentations import AUGMENTATIONS, MIXED

ALL = {"flip": 0.5, "rotation": 10, "affine": 15, "crop": 0.7, "brightness": 0.2, "contrast": 0.2}
ALL |= {
    "shift": 0.1,
    "scale": 0.2,
    "rgb_shift": 0.1,
    "saturation": 0.2,
    "hue": 0.05,
    "jitter": 0.2,
    "erasing": 0.5,
    "noise": 0.02,
    "blur": 0.8,
}


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def batch() -> torch.Tensor:
    return torch.rand(64, 3, 16, 16, generator=generator(99))


def test_every_known_augmentation_changes_something(batch):
    for name, known in AUGMENTATIONS.items():
        if name in MIXED:  # test_datasets_mixing.py
            continue
        strength = 0.5 if name == "crop" else min(known.highest, 0.5 if known.highest <= 1 else 2.0)
        assert not torch.allclose(Augment({name: strength})(batch, generator()), batch, atol=1e-3), name


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_weakest_strength_changes_nothing(batch, name):
    weakest = 1.0 if name == "crop" else 0.0
    assert torch.allclose(Augment({name: weakest})(batch, generator()), batch, atol=2e-5)


def test_flip_mirrors_exactly(batch):
    assert torch.equal(Augment({"flip": 1.0})(batch, generator()), batch.flip(-1))
    half = Augment({"flip": 0.5})(batch, generator())
    mirrored = torch.tensor([torch.equal(a, b.flip(-1)) for a, b in zip(half, batch, strict=True)])
    same = torch.tensor([torch.equal(a, b) for a, b in zip(half, batch, strict=True)])
    assert (mirrored ^ same).all()
    assert 16 < mirrored.sum() < 48


def test_flip_within_a_resampling_mirrors_too(batch):
    assert torch.allclose(Augment({"flip": 1.0, "rotation": 0.0})(batch, generator()), batch.flip(-1), atol=1e-5)


def test_rotation_turns_by_at_most_the_angle():
    spot = torch.zeros(200, 3, 65, 65)
    spot[:, :, 32, 48] = 1  # 16 pixels right of the centre
    turned = Augment({"rotation": 30.0})(spot, generator())[:, 0]
    at = torch.stack([torch.arange(65.0) - 32] * 65)
    x, y = (turned * at).sum((1, 2)) / turned.sum((1, 2)), (turned * at.T).sum((1, 2)) / turned.sum((1, 2))
    angles = torch.atan2(y, x) * 180 / math.pi
    assert torch.allclose(torch.hypot(x, y), torch.full((200,), 16.0), atol=0.5)
    assert angles.abs().max() <= 30.5 and angles.max() > 25 and angles.min() < -25
    assert angles.unique().numel() > 190


def test_affine_stays_within_its_limits():
    spot = torch.zeros(300, 3, 101, 101)
    spot[:, :, 50, 50] = 1
    moved = Augment({"affine": 15.0})(spot, generator())[:, 0]
    x = (moved * torch.arange(101.0)).sum((1, 2)) / moved.sum((1, 2)) - 50
    assert 5 < x.abs().max() <= 101 * 0.075 * 1.1 + 1


def drawn(count: int, low: float, high: float, random: torch.Generator) -> torch.Tensor:
    """What the batch draws, image by image."""
    return torch.rand(count, generator=random) * (high - low) + low


def looked_up(image: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """One image (3, S, S) read at x, y (S, S), in pixels, between neighbours, mirrored at its borders."""
    size = image.shape[-1]

    def mirrored(at: torch.Tensor) -> torch.Tensor:
        at = (at + 0.5).remainder(2 * size)
        return torch.minimum(at, 2 * size - at).sub(0.5).clamp(0, size - 1)

    x, y = mirrored(x), mirrored(y)
    left, above = x.floor().long(), y.floor().long()
    right, below = (left + 1).clamp_max(size - 1), (above + 1).clamp_max(size - 1)
    upper = torch.lerp(image[:, above, left], image[:, above, right], x - left)
    lower = torch.lerp(image[:, below, left], image[:, below, right], x - left)
    return torch.lerp(upper, lower, y - above)


def test_shift_and_scale_are_those_of_one_image_after_the_other(batch):
    size, count = batch.shape[-1], len(batch)
    at = torch.arange(float(size))
    y, x = torch.meshgrid(at, at, indexing="ij")
    random = generator(5)
    shifts = [drawn(count, -0.2 * size, 0.2 * size, random) for _ in "xy"]
    expected = [looked_up(image, x + dx, y + dy) for image, dx, dy in zip(batch, *shifts, strict=True)]
    assert torch.allclose(Augment({"shift": 0.2})(batch, generator(5)), torch.stack(expected), atol=1e-5)
    factors, centre = drawn(count, 0.7, 1.3, generator(6)), (size - 1) / 2
    expected = [
        looked_up(image, (x - centre) / f + centre, (y - centre) / f + centre)
        for image, f in zip(batch, factors, strict=True)
    ]
    assert torch.allclose(Augment({"scale": 0.3})(batch, generator(6)), torch.stack(expected), atol=1e-5)


def test_rgb_shift_adds_a_number_of_its_own_to_each_channel(batch):
    random = generator(7)
    shifts = torch.stack([drawn(len(batch), -0.2, 0.2, random) for _ in "rgb"], dim=1)
    expected = [(image + shift[:, None, None]).clamp(0, 1) for image, shift in zip(batch, shifts, strict=True)]
    assert torch.allclose(Augment({"rgb_shift": 0.2})(batch, generator(7)), torch.stack(expected), atol=1e-5)


def test_scale_makes_things_larger_and_smaller_by_at_most_its_strength():
    spots = torch.zeros(200, 3, 65, 65)
    spots[:, :, 32, 12] = spots[:, :, 32, 52] = 1  # 40 pixels apart
    scaled = Augment({"scale": 0.25})(spots, generator())[:, 0].sum(1)
    at = torch.arange(65.0)
    left, right = ((scaled * at)[:, part].sum(1) / scaled[:, part].sum(1) for part in (at < 32, at > 32))
    apart = (right - left) / 40
    assert 0.74 < apart.min() < 0.8 and 1.2 < apart.max() < 1.26


def test_crop_shows_between_the_least_area_and_all():
    at = (torch.arange(64.0) + 0.5) / 64
    ramps = torch.stack([at.expand(64, 64), at[:, None].expand(64, 64), torch.zeros(64, 64)]).expand(
        300, 3, 64, 64
    )
    shown = Augment({"crop": 0.25})(ramps.contiguous(), generator())
    width = (shown[:, 0, 0, 63] - shown[:, 0, 0, 0]) * 64 / 63
    height = (shown[:, 1, 63, 0] - shown[:, 1, 0, 0]) * 64 / 63
    area = width * height
    assert 0.24 < area.min() < 0.35 and 0.9 < area.max() <= 1.001
    assert (width / height).max() <= 4 / 3 + 0.05
    assert shown[:, :2].min() >= 0.5 / 64 - 1e-4 and shown.max() <= 1 - 0.5 / 64 + 1e-4  # nothing from outside


def test_brightness_scales_each_image_by_its_own_factor(batch):
    bright = Augment({"brightness": 0.4})(batch * 0.5, generator())
    factors = (bright / (batch * 0.5).clamp_min(1e-6)).flatten(1)
    assert torch.allclose(factors, factors[:, :1].expand_as(factors), atol=1e-3)
    assert 0.6 <= factors.min() < 0.7 and 1.3 < factors.max() <= 1.4001


def test_contrast_keeps_the_mean_luminance(batch):
    middle = batch * 0.2 + 0.4
    changed = Augment({"contrast": 0.5})(middle, generator())
    weights = torch.tensor([0.299, 0.587, 0.114])[None, :, None, None]
    means = [(x * weights).sum(1).mean((1, 2)) for x in (middle, changed)]
    assert torch.allclose(*means, atol=1e-5)
    spread = changed.std((1, 2, 3)) / middle.std((1, 2, 3))
    assert spread.min() < 0.7 and spread.max() > 1.3


def test_saturation_and_hue_leave_grey_alone():
    grey = torch.rand(32, 1, 8, 8, generator=generator()).expand(32, 3, 8, 8).contiguous()
    for name, strength in (("saturation", 1.0), ("hue", 0.5)):
        assert torch.allclose(Augment({name: strength})(grey, generator()), grey, atol=2e-3)


def test_half_a_turn_of_hue_is_the_opposite_colour_and_a_whole_turn_none():
    colour = torch.tensor([0.6, 0.5, 0.4])
    luminance = float(torch.tensor([0.299, 0.587, 0.114]) @ colour)
    half, whole = _hue_turn(torch.tensor([0.5, 1.0])) @ colour
    assert torch.allclose(half, 2 * luminance - colour, atol=1e-3)
    assert torch.allclose(whole, colour, atol=1e-5)


def test_erasing_greys_one_rectangle_of_the_right_area():
    erased = Augment({"erasing": 1.0})(torch.zeros(300, 3, 64, 64), generator()) == GREY
    assert (erased[:, 0] == erased[:, 1]).all()
    areas = erased[:, 0].float().mean((1, 2))
    assert ERASED_AREA[0] * 0.8 < areas.min() < 0.03 and 0.17 < areas.max() < ERASED_AREA[1] * 1.1
    rows, columns = erased[:, 0].any(2).sum(1), erased[:, 0].any(1).sum(1)
    assert torch.equal(rows * columns, erased[:, 0].sum((1, 2)))  # full rectangles


def test_erasing_takes_its_share_of_the_images():
    erased = Augment({"erasing": 0.3})(torch.zeros(1000, 3, 16, 16), generator()).flatten(1).any(1)
    assert 240 < erased.sum() < 360


def test_noise_has_its_standard_deviation():
    noisy = Augment({"noise": 0.1})(torch.full((16, 3, 32, 32), 0.5), generator())
    assert noisy.std() == pytest.approx(0.1, rel=0.02)


def test_blur_spreads_a_point_by_its_width_and_keeps_the_sum():
    point = torch.zeros(200, 3, 33, 33)
    point[:, :, 16, 16] = 1
    blurred = Augment({"blur": 2.0})(point, generator())[:, 0]
    assert torch.allclose(blurred.sum((1, 2)), torch.ones(200), atol=1e-4)
    at = torch.arange(33.0) - 16
    widths = (blurred.sum(1) * at**2).sum(1).sqrt()
    assert widths.max() < 2.1 and widths.max() > 1.8 and widths.min() < 0.3


def test_parameters_differ_between_images_and_follow_the_generator(batch):
    same = batch[:1].expand(8, -1, -1, -1).contiguous()
    augment = Augment(ALL)
    out, again, other = (augment(same, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(out, again)
    assert not torch.equal(out, other)
    assert all(not torch.equal(out[0], out[i]) for i in range(1, 8))


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_integers_and_floats_give_the_same_in_the_same_format(memory_format):
    integers = torch.randint(0, 256, (8, 3, 16, 16), dtype=torch.uint8, generator=generator())
    integers = integers.contiguous(memory_format=memory_format)
    a, b = Augment(ALL)(integers, generator(3)), Augment(ALL)(integers.float() / 255, generator(3))
    assert torch.allclose(a, b, atol=1e-6)
    assert a.dtype == torch.float32 and a.is_contiguous(memory_format=memory_format)
    assert a.min() >= 0 and a.max() <= 1


def test_input_is_left_as_it_was(batch):
    before = batch.clone()
    Augment(ALL)(batch, generator())
    assert torch.equal(batch, before)


@pytest.mark.parametrize(("strengths", "message"), [({"filp": 0.5}, "flip"), ({"flip": 2.0}, "between 0 and 1")])
def test_unknown_name_or_strength_is_explained(strengths, message):
    with pytest.raises(CourseError, match=message):
        Augment(strengths)
