"""Remedies without labels: what they do to images and networks, and that they look at nothing they must not."""

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
import torch
from made_up_networks import segmenter, with_statistics
from made_up_scenes import MadeUpScenes, made_up_scenes
from torch import nn

from helpers.base.errors import CourseError
from helpers.models.segmenters.predictor import Predictor, weights_digest
from sections.abroad.unlabelled import Unlabelled
from sections.abroad.variants import (
    Averaged,
    Readjusted,
    Recoloured,
    Stretched,
    colour_table,
    colours_of,
    recolour,
    reestimate,
)

CLASSES = ("ground", "sky", "car")
SIZE = 64


@dataclass(frozen=True)
class Unread(MadeUpScenes):
    """Scenes whose labels nobody may look at."""

    def read_native(self, position: int) -> np.ndarray:
        raise AssertionError("a remedy without labels has read a label")


@pytest.fixture(scope="module")
def images():
    known = made_up_scenes(18, sequences=3)
    return Unlabelled(Unread(**vars(known)), SIZE)


@pytest.fixture(scope="module")
def model():
    return with_statistics(segmenter(classes=CLASSES))


@pytest.fixture
def batch():
    torch.manual_seed(1)
    return torch.randint(0, 256, (2, 3, SIZE, SIZE), dtype=torch.uint8)


def photograph(mean, spread, seed=0):
    """(n, n, 3) uint8 RGB whose CIELAB channels have about these means and spreads."""
    lab = np.random.default_rng(seed).normal(mean, spread, (80, 80, 3)).astype(np.float32)
    return np.rint(255 * np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1)).astype(np.uint8)


def measured(image):
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    return {"mean": lab.mean(0), "std": lab.std(0)}


def test_matched_colours_have_the_mean_and_spread_of_the_goal():
    source, goal = photograph([40, 10, 20], [6, 3, 4]), photograph([65, -5, 5], [9, 4, 6], seed=1)
    found = measured(recolour(source, colour_table(measured(source), measured(goal))))
    np.testing.assert_allclose(found["mean"], measured(goal)["mean"], atol=1)
    np.testing.assert_allclose(found["std"], measured(goal)["std"], rtol=0.15)


def test_colours_that_fit_already_are_left_alone():
    source = photograph([50, 0, 10], [8, 4, 5])
    table = colour_table(measured(source), measured(source))
    assert (table == np.arange(256)[:, None]).all()
    assert np.abs(recolour(source, table).astype(int) - source).max() <= 6  # CIELAB in bytes is a little coarse


def test_colours_of_a_set_are_those_of_all_its_pixels(images):
    pooled, found = measured(np.concatenate(list(images.images()))), colours_of(images)
    np.testing.assert_allclose(found["mean"], pooled["mean"], atol=0.5)
    np.testing.assert_allclose(found["std"], pooled["std"], atol=0.5)


def test_batches_hold_every_scene_once_and_span_the_drives(images):
    seen = torch.cat(list(images.batches(8)))
    assert len(seen) == 18
    everything = np.stack(list(images.images()))
    order = [number for first in range(3) for number in range(first, 18, 3)]
    assert np.array_equal(seen.permute(0, 2, 3, 1).numpy(), everything[order])
    assert min(len(one) for one in images.batches(17)) == 9


def test_some_scenes_are_chosen_evenly():
    chosen = Unlabelled.some_of(made_up_scenes(100), SIZE, 4).scenes
    assert [scene.image for scene in chosen.scenes] == ["0", "25", "50", "75"]
    assert len(Unlabelled.some_of(made_up_scenes(3), SIZE, 64)) == 3


class Toy:
    """A predictor that sees every pixel by itself, or looks to the left if `leaning`."""

    classes, key = CLASSES, "toy"

    def __init__(self, leaning: bool = False):
        self.leaning = leaning

    def __call__(self, images):
        scores = images.float() / 64
        return (scores + scores.roll(1, -1) if self.leaning else scores).softmax(1)


def test_averaging_cannot_tell_left_from_right(batch):
    toy, averaged = Toy(leaning=True), Averaged(Toy(leaning=True))
    assert not torch.allclose(toy(batch.flip(-1)), toy(batch).flip(-1))
    torch.testing.assert_close(averaged(batch.flip(-1)), averaged(batch).flip(-1), atol=0.005, rtol=0.05)
    torch.testing.assert_close(averaged(batch).sum(1), torch.ones(2, SIZE, SIZE))


def test_averaging_over_one_size_is_the_mean_of_two_looks(batch):
    toy = Toy(leaning=True)
    expected = (toy(batch) + toy(batch.flip(-1)).flip(-1)) / 2
    torch.testing.assert_close(Averaged(toy, (1.0,))(batch), expected)


def test_stretching_shows_the_width_asked_for_and_answers_in_the_old_one(batch):
    shown = []

    class Watching(Toy):
        def __call__(self, images):
            shown.append(tuple(images.shape[-2:]))
            return super().__call__(images)

    assert Stretched(Watching(), 48)(batch).shape == (2, 3, SIZE, SIZE)
    assert shown == [(SIZE, 48)]
    torch.testing.assert_close(Stretched(Toy(), SIZE)(batch), Toy()(batch))


def test_recoloured_images_reach_the_network(batch):
    dark, light = ({"mean": np.array([value, 0, 0]), "std": np.ones(3)} for value in (50.0, 70.0))
    table = colour_table(dark, light)
    shown = recolour(batch[0].permute(1, 2, 0).numpy(), table)
    expected = Toy()(torch.from_numpy(shown).permute(2, 0, 1)[None])
    torch.testing.assert_close(Recoloured(Toy(), table)(batch)[:1], expected)


def test_statistics_are_those_of_the_images(model, images):
    first = next(module for module in model.modules() if isinstance(module, nn.BatchNorm2d))
    inputs = []
    hook = first.register_forward_hook(lambda module, x, y: inputs.append(x[0]))
    with torch.no_grad():
        for batch in images.batches():
            model(model.preprocess(batch))
    hook.remove()
    changed = reestimate(with_statistics(segmenter(classes=CLASSES)), images)
    found = next(module for module in changed.modules() if isinstance(module, nn.BatchNorm2d))
    means = torch.stack([one.float().mean((0, 2, 3)) for one in inputs]).mean(0)
    variances = torch.stack([one.float().var((0, 2, 3)) for one in inputs]).mean(0)
    torch.testing.assert_close(found.running_mean, means, rtol=0.02, atol=0.02)
    torch.testing.assert_close(found.running_var, variances, rtol=0.05, atol=0.02)
    assert not changed.training and not any(module.training for module in changed.modules())


def test_nothing_but_statistics_changes(model, images):
    changed = reestimate(with_statistics(segmenter(classes=CLASSES)), images)
    for (name, before), after in zip(model.state_dict().items(), changed.state_dict().values(), strict=True):
        statistic = name.rsplit(".", 1)[-1] in ("running_mean", "running_var", "num_batches_tracked")
        assert torch.equal(before, after) or statistic, name


def test_statistics_are_taken_once_and_only_when_asked_for(model, images, batch):
    made = []

    def network():
        made.append(1)
        return with_statistics(segmenter(classes=CLASSES))

    digest = weights_digest(model)
    adapted = Readjusted(network, "w", CLASSES, images)
    assert not made
    first, second = adapted(batch), adapted(batch)
    assert len(made) == 1 and torch.equal(first, second)
    assert weights_digest(model) == digest
    assert not torch.allclose(first, Predictor(model)(batch), atol=1e-3)


def test_every_variant_has_a_key_of_its_own(images):
    toy, table = Toy(), np.zeros((256, 3), np.uint8)
    others = Unlabelled(made_up_scenes(9, first=30), SIZE)
    keys = [
        toy.key,
        Averaged(toy).key,
        Averaged(toy, (1.0, 0.5)).key,
        Stretched(toy, 48).key,
        Recoloured(toy, table).key,
        Recoloured(toy, table + 1).key,
        Averaged(Recoloured(toy, table)).key,
        *(Readjusted(None, *rest).key for rest in (("w", CLASSES, images), ("v", CLASSES, images))),
        Readjusted(None, "w", CLASSES, images, table).key,
        Readjusted(None, "w", CLASSES, others).key,
    ]
    assert len(set(keys)) == len(keys)
    assert Averaged(Toy()).key == Averaged(toy).key


def test_what_cannot_be_done_is_said(images):
    with pytest.raises(CourseError, match="fewer than two scenes"):
        Readjusted(None, "w", CLASSES, Unlabelled(made_up_scenes(1), SIZE))
    with pytest.raises(CourseError, match="no batch normalisation"):
        reestimate(nn.Conv2d(3, 3, 1), images)
