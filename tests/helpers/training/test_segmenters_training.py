"""Training of segmenters: crops, selection, the cache of scenes, and runs that survive a kill."""

import logging

import numpy as np
import pytest
import torch
from made_up_scenes import CLASSES, made_up_scenes
from sklearn.metrics import jaccard_score, log_loss

from helpers.datasets.streets import resized as cache
from helpers.datasets.streets.resized import open_scenes
from helpers.datasets.streets.types import IGNORE
from helpers.datasets.types import DataError
from helpers.models.segmenters import build_segmenter
from helpers.study.streets import SegmenterSpec
from helpers.training import epochs
from helpers.training.optimizer import make_optimizer, schedule_factor, set_rates
from helpers.training.segmenters import loop as training
from helpers.training.segmenters.crops import RandomCrops
from helpers.training.segmenters.depthwise import quick_depthwise
from helpers.training.segmenters.loop import crop_order, fit_segmenter, groups_of, measure_segmenter
from helpers.training.segmenters.selection import selection_split

CPU = torch.device("cpu")
SIZE = 64
SPEC = SegmenterSpec(crop=32, batch_size=4, epochs=3, lr=3e-3, scale=(0.5, 1.5))


@pytest.fixture(autouse=True)
def place(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path_factory.getbasetemp() / "data"))
    monkeypatch.setenv("IMAGE_COURSE_DEVICE", "cpu")
    monkeypatch.setenv("IMAGE_COURSE_PRECISION", "float32")


def scenes(labels):
    """A batch whose images show their labels: red 10 × class, and grey where ignored."""
    labels = torch.as_tensor(labels, dtype=torch.uint8)
    images = torch.where(labels == IGNORE, 200, labels * 10)[:, None].expand(-1, 3, -1, -1)
    return images.to(torch.uint8), labels


def cut(labels, seed=0, **options):
    return RandomCrops(**options)(*scenes(labels), torch.Generator().manual_seed(seed))


def test_a_crop_of_the_whole_scene_changes_nothing():
    labels = torch.randint(0, 19, (3, 24, 24))
    images, found = cut(labels, side=24)
    assert torch.equal(found, labels) and found.dtype == torch.int64
    torch.testing.assert_close(images[:, 0], labels * 10 / 255)


def test_image_and_label_are_cut_at_the_same_place():
    blocks = torch.randint(0, 19, (8, 4, 4)).repeat_interleave(16, 1).repeat_interleave(16, 2)
    images, labels = cut(blocks, side=24, scale=(0.7, 1.6), flip=0.5)
    same = (images[:, 0] - labels * 10 / 255).abs() < 1e-3
    assert same.float().mean() > 0.7  # all but the borders of the blocks, which are blended
    assert not torch.equal(labels[0], labels[1])


def test_the_scale_is_how_much_larger_things_become():
    half = torch.zeros(64, 64, 64, dtype=torch.long)
    half[:, :, 32:] = 1
    for factor, least in ((2.0, 0), (1.0, 64)):
        _, labels = cut(half, side=64, scale=(factor, factor))
        one_class = (labels.amin((1, 2)) == labels.amax((1, 2))).sum()
        assert one_class <= 8 and ((labels[:, 0, 1:] != labels[:, 0, :-1]).sum(1) <= 1).all()
        assert (labels == 1).sum((1, 2)).unique().numel() > 20 or factor == 1.0, least


def test_what_lies_outside_the_scene_is_ignored_and_black():
    images, labels = cut(torch.ones(6, 32, 32), side=64, scale=(0.5, 1.0))
    inside = labels != IGNORE
    assert (labels[inside] == 1).all() and (~inside).any()
    assert (images[:, 0][~inside] < 10 / 255).all()
    assert torch.allclose(inside.float().mean((1, 2)), inside.float().amax(1).mean(1) ** 2, atol=0.05)


def test_half_of_the_crops_are_mirrored():
    half = torch.zeros(200, 8, 8, dtype=torch.long)
    half[:, :, 4:] = 1
    _, labels = cut(half, side=8, flip=0.5)
    assert 70 < int(labels[:, 0, 0].sum()) < 130
    assert int(cut(half, side=8, flip=0.0)[1][:, 0, 0].sum()) == 0


def test_crops_come_from_the_generator_alone():
    labels = torch.randint(0, 19, (4, 32, 32))
    options = {"side": 16, "scale": (0.5, 2.0), "flip": 0.5, "jitter": 0.5}
    first, same, other = (cut(labels, seed, **options) for seed in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(first, same, strict=True))
    assert not torch.equal(first[0], other[0])


def test_whole_sequences_are_held_out_where_there_are_several():
    sequences = [f"drive {i // 5}" for i in range(100)]
    split = selection_split(sequences, 0.1, seed=3)
    held = {sequences[i] for i in split.val}
    assert len(split.val) == 10 and held.isdisjoint(sequences[i] for i in split.train)
    assert "2 whole sequences" in split.how
    assert np.array_equal(np.sort(np.concatenate(split[:2])), np.arange(100))
    assert np.array_equal(selection_split(sequences, 0.1, seed=3).val, split.val)
    assert not np.array_equal(selection_split(sequences, 0.1, seed=4).val, split.val)


@pytest.mark.parametrize("sequences", [["a"] * 40, ["a", "b", "c", "d"] * 10, ["a", "b"] * 20])
def test_single_scenes_are_held_out_where_sequences_are_few_or_long(sequences):
    split = selection_split(sequences, 0.1, seed=0)
    assert len(split.val) == 4 and len(split.train) == 36 and "at random" in split.how


def test_one_scene_is_too_few():
    with pytest.raises(DataError, match="at least two"):
        selection_split(["a"], 0.1, 0)


def test_scenes_are_resized_once(monkeypatch):
    made = made_up_scenes(5, first=40)
    arrays = open_scenes(made, SIZE)
    monkeypatch.setattr(cache, "ArrayFile", None)  # making them again would fail
    again = open_scenes(made, SIZE)
    images, labels = again.gather(np.array([3, 1]))
    assert images.shape == (2, 3, SIZE, SIZE) and images.dtype == labels.dtype == torch.uint8
    expected = cache.resize_image(made.read_image(3), SIZE), cache.resize_label(made.read_label(3), SIZE)
    assert np.array_equal(images[0].permute(1, 2, 0), expected[0]) and np.array_equal(labels[0], expected[1])
    assert set(np.unique(arrays.labels)) == {0, 1, 2, IGNORE}
    assert np.array_equal(again.choose(np.array([3, 1])).gather(np.array([1]))[1][0], labels[1])


def test_a_damaged_cache_is_said_and_made_again(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("helpers"), "propagate", True)
    made = made_up_scenes(4, first=60)
    before = np.array(open_scenes(made, SIZE).labels)
    path = next(path for path in cache.cache_dir().glob("scenes-*/labels.npy") if len(np.load(path)) == 4)
    content = bytearray(path.read_bytes())
    content[-7] ^= 1
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING, logger="helpers"):
        assert np.array_equal(open_scenes(made, SIZE).labels, before)
    assert "damaged" in caplog.text


def test_other_classes_are_another_cache():
    made = made_up_scenes(4, first=80)
    fewer = made_up_scenes(4, first=80, classes=("ground", "sky"))
    assert np.array_equal(open_scenes(made, SIZE).images, open_scenes(fewer, SIZE).images)
    assert set(np.unique(open_scenes(fewer, SIZE).labels)) == {0, 1, IGNORE}


def parts():
    return open_scenes(made_up_scenes(10), SIZE), open_scenes(made_up_scenes(4, first=20), SIZE)


def trained(spec=SPEC, seed=0, **options):
    torch.manual_seed(seed)
    model = build_segmenter(spec, CLASSES)
    return model, fit_segmenter(model, *parts(), spec, seed=seed, **options)


def test_it_learns_and_keeps_the_weights_of_the_best_epoch():
    spec = SPEC.model_copy(update={"epochs": 4, "crops_per_scene": 3, "crop": 48, "scale": (1.0, 1.0)})
    model, state = trained(spec)
    ious = [row["val_mean_iou"] for row in state.history]
    assert state.history[-1]["train_accuracy"] > 0.75 > state.history[0]["train_accuracy"]
    assert state.best_epoch == int(np.argmax(ious)) + 1
    assert measure_segmenter(model, parts()[1])[0]["val_mean_iou"] == pytest.approx(max(ious))


def test_the_weights_of_the_highest_mean_iou_are_kept(monkeypatch):
    scripted = iter([0.3, 0.5, 0.4])
    kept = []

    def scored(model, *_):
        kept.append(next(model.parameters()).detach().clone())
        return {"val_loss": 1.0, "val_accuracy": 0.5, "val_mean_iou": next(scripted)}, np.eye(3)

    monkeypatch.setattr(training, "measure_segmenter", scored)
    model, state = trained()
    assert state.best_epoch == 2 and torch.equal(next(model.parameters()), kept[1])


class Killed(BaseException):
    pass


@pytest.mark.parametrize("changes", [
    {"jitter": 0.3, "crops_per_scene": 2},
    {"optimizer": "sgd", "schedule": "polynomial", "lr": 0.01, "backbone_lr": 0.1},
])  # fmt: skip
def test_a_training_that_was_killed_ends_with_the_same_numbers(tmp_path, monkeypatch, changes):
    monkeypatch.setattr(epochs, "CHECKPOINT_SECONDS", -1.0)
    spec = SPEC.model_copy(update=changes)
    undisturbed_model, undisturbed = trained(spec)

    def kill(row):
        if row["epoch"] == 2:
            raise Killed

    with pytest.raises(Killed):
        trained(spec, checkpoint=tmp_path / "c.pt", on_epoch=kill)
    seen = []
    model, state = trained(spec, checkpoint=tmp_path / "c.pt", on_epoch=lambda row: seen.append(row["epoch"]))
    assert seen == [2, 3] and state.history == undisturbed.history
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, undisturbed_model.state_dict()[name]), name


def test_another_seed_gives_other_numbers():
    assert trained()[1].history != trained(seed=1)[1].history


def test_measurements_equal_those_of_scikit_learn():
    torch.manual_seed(0)
    model, part = build_segmenter(SPEC, CLASSES), parts()[1]
    row, matrix = measure_segmenter(model, part)
    images, labels = part.gather(np.arange(len(part)))
    with torch.no_grad():
        logits = torch.cat([model.eval()(model.preprocess(image[None])) for image in images])
    labelled = labels != IGNORE
    truth, probabilities = labels[labelled].numpy(), logits.softmax(1).permute(0, 2, 3, 1)[labelled].numpy()
    assert matrix.sum() == len(truth)
    assert row["val_loss"] == pytest.approx(log_loss(truth, probabilities, labels=[0, 1, 2]), rel=1e-4)
    assert row["val_mean_iou"] == pytest.approx(jaccard_score(truth, probabilities.argmax(1), average="macro"))


def test_ignored_pixels_change_neither_loss_nor_gradient():
    logits = torch.randn(2, 3, 4, 4, requires_grad=True)
    labels = torch.randint(0, 3, (2, 4, 4))
    labels[:, 2:] = IGNORE
    loss = training.summed_loss(logits, labels)
    loss.backward()
    assert not logits.grad[:, :, 2:].any() and logits.grad[:, :, :2].any()
    upper = torch.nn.functional.cross_entropy(logits[:, :, :2], labels[:, :2], reduction="sum")
    assert loss.item() == pytest.approx(upper.item())


def test_an_epoch_takes_as_many_crops_from_each_scene_as_the_study_says():
    spec = SPEC.model_copy(update={"crops_per_scene": 3, "batch_size": 8})
    order = crop_order(10, spec, seed=0, epoch=2)
    counts = np.bincount(order, minlength=10)
    assert len(order) == 24 and counts.max() == 3 and counts.min() >= 1
    assert not np.array_equal(order, crop_order(10, spec, seed=0, epoch=3))
    assert len(crop_order(3, SPEC.model_copy(update={"batch_size": 8}), 0, 0)) == 8


def test_the_schedules_and_the_backbones_share():
    assert [schedule_factor("polynomial", step, 4) for step in (0, 2)] == [1.0, pytest.approx(0.5**0.9)]
    assert schedule_factor("one_cycle", 3, 10) == 1.0 and schedule_factor("one_cycle", 9, 10) < 0.2
    spec = SPEC.model_copy(update={"backbone_lr": 0.1, "schedule": "polynomial", "lr": 0.01})
    model = build_segmenter(spec, CLASSES)
    optimizer = make_optimizer(groups_of(model, spec), spec)
    assert set_rates(optimizer, 0.01 * schedule_factor("polynomial", 2, 4)) == pytest.approx(0.01 * 0.5**0.9)
    backbone, head = optimizer.param_groups
    assert backbone["lr"] == pytest.approx(head["lr"] / 10)
    assert sum(len(group["params"]) for group in optimizer.param_groups) == len(list(model.parameters()))


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_quick_depthwise_convolutions_compute_the_same(precision):
    torch.manual_seed(0)
    model = build_segmenter(SPEC, CLASSES).eval()
    X = torch.rand(2, 3, 64, 64)
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"), torch.no_grad():
        plain = model(X)
        with quick_depthwise(model, CPU):
            quick = model(X)
        again = model(X)
    assert torch.equal(plain, again)
    torch.testing.assert_close(quick, plain, atol=0.05 if precision == "bfloat16" else 0, rtol=0)


def test_rare_classes_count_more_but_not_without_end():
    train = parts()[0]
    even, weights = (training.class_weights(train, 4, kind) for kind in ("none", "log"))
    counts = np.bincount(train.labels[train.labels != IGNORE], minlength=4)
    shares = counts / counts.sum()
    assert torch.equal(even, torch.ones(4)) and counts[3] == 0
    assert np.array_equal(np.argsort(weights.numpy()), np.argsort(-shares))
    assert float((weights.numpy() * shares).sum()) == pytest.approx(1)
    assert weights[3] / weights[0] == pytest.approx(np.log(1.02 + shares[0]) / np.log(1.02), rel=1e-4)
