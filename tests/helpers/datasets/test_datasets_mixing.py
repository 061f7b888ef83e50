"""Two images in one: what becomes of them, and of their labels."""

import numpy as np
import pytest
import torch

from helpers.datasets.augment import Augment
from helpers.datasets.augmentations import check_augmentation, mixes
from helpers.datasets.mixing import Mixing

LABELS = torch.tensor([2, 0, 1, 1, 2])
PLAIN = torch.arange(5.0).view(5, 1, 1, 1).expand(5, 3, 8, 8) / 5  # each image of one grey


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("name", ["mixup", "cutmix"])
def test_labels_are_the_shares_of_the_images(name):
    mixing = Mixing({name: 1.0}, 4)
    for seed in range(20):
        mixed, shares = mixing(PLAIN.contiguous(), LABELS, generator(seed))
        assert mixed.shape == PLAIN.shape and shares.shape == (5, 4) and shares.dtype == torch.float32
        torch.testing.assert_close(shares.sum(1), torch.ones(5))
        own = shares[1, 0].item()  # the second image, of class 0, met the first, of class 2
        assert shares[1, 2].item() == pytest.approx(1 - own)
        assert shares[3, 1].item() == pytest.approx(1)  # its partner is of its class
        expected = own * PLAIN + (1 - own) * PLAIN.roll(1, 0)
        torch.testing.assert_close(mixed.mean((1, 2, 3)), expected.mean((1, 2, 3)))
        pixels = {round(value, 4) for value in mixed[1].unique().tolist()}
        assert pixels <= {0.2, 0.0} if name == "cutmix" else len(pixels) == 1


def test_a_small_alpha_leaves_one_image_prevailing():
    def larger(alpha: float) -> float:
        mixing = Mixing({"mixup": alpha}, 3)
        return np.mean([mixing(PLAIN, LABELS, generator(seed))[1][1].max().item() for seed in range(100)])

    assert larger(0.1) > 0.9 > 0.7 > larger(10.0)


def test_of_both_one_is_drawn_for_each_batch():
    mixing = Mixing({"flip": 0.5, "mixup": 1.0, "cutmix": 1.0}, 3)
    blended = [len(mixing(PLAIN, LABELS, generator(seed))[0][1].unique()) == 1 for seed in range(60)]
    assert 15 < sum(blended) < 45 + 10  # a rectangle may have no pixel, too


@pytest.mark.parametrize("strengths", [{"rand_augment": 9}, {"trivial_augment": 1.0}])
def test_a_policy_changes_each_image_by_itself(strengths):
    images = torch.randint(0, 256, (1, 3, 16, 16), generator=generator(), dtype=torch.uint8).expand(24, 3, 16, 16)
    changed = Augment(strengths)(images, generator(1))
    assert changed.shape == images.shape and changed.dtype == torch.float32
    assert changed.min() >= 0 and changed.max() <= 1
    assert len({one.numpy().tobytes() for one in changed}) > 12
    assert torch.equal(changed, Augment(strengths)(images, generator(1)))
    torch.testing.assert_close(changed, Augment(strengths)(images / 255, generator(1)), atol=1e-6, rtol=0)


def test_half_the_images_stay_as_they_are_where_the_probability_is_a_half():
    images = torch.randint(0, 256, (200, 3, 8, 8), generator=generator(), dtype=torch.uint8)
    changed = Augment({"trivial_augment": 0.5})(images, generator(1))
    same = (changed == images / 255).flatten(1).all(1).sum()
    assert 100 <= same < 150  # some changes are none: identity, or a strength of 0


def test_chance_follows_from_the_generator_and_leaves_that_of_pytorch_alone():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    images = torch.randint(0, 256, (4, 3, 8, 8), generator=generator(), dtype=torch.uint8)
    strengths = {"rand_augment": 9, "trivial_augment": 0.5, "mixup": 0.4, "cutmix": 1.0}
    augment, mixing = Augment(strengths), Mixing(strengths, 3)
    found = [mixing(augment(images, draw), LABELS[:4], draw) for draw in map(generator, (5, 5, 6))]
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(found[0][0], found[1][0]) and torch.equal(found[0][1], found[1][1])
    assert not torch.equal(found[0][0], found[2][0])


def test_what_mixes_is_known_and_a_magnitude_is_a_whole_number():
    assert mixes({"mixup": 0.2}) and mixes({"flip": 0.5, "cutmix": 1}) and not mixes({"flip": 0.5, "mixup": 0.0})
    with pytest.raises(ValueError, match="must be a whole number"):
        check_augmentation("rand_augment", 9.5)
    check_augmentation("rand_augment", 9.0)
