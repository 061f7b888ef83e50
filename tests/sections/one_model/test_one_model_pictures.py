"""Pictures of chapters 02 and 04 show the numbers they are given, for few classes and many."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from helpers.models import build
from helpers.models.summary import NetworkLayer, layer_table
from helpers.show.display import to_html
from helpers.study.phases import stages_of
from helpers.study.study import ModelSpec
from helpers.training.loop import Outputs
from sections.augmentation.draws import augmented
from sections.augmentation.gap import pictures as augmentation
from sections.one_model.learning import layers
from sections.one_model.learning import pictures as curves
from sections.one_model.scores import calibration
from sections.one_model.scores import pictures as confusion
from sections.one_model.scores.measured import ClassifierEvaluation


def make_run(epochs: int = 4, **spec) -> SimpleNamespace:
    history = {key: np.linspace(1, 0.2, epochs) for key in ("train_loss", "train_eval_loss", "val_loss")}
    history |= {
        key: np.linspace(0.1, 0.9, epochs) for key in ("train_accuracy", "train_eval_accuracy", "val_accuracy")
    }
    history["epoch"], recipe = np.arange(1.0, epochs + 1), ModelSpec(**spec)
    return SimpleNamespace(
        title="Net $x$ <i>", seed=3, history=history, best_epoch=epochs, spec=recipe, stages=stages_of(recipe),
        range_tests=[],
    )  # fmt: skip


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_learning_curves_hold_the_history():
    run = make_run()
    picture = curves.learning_curves(run)
    loss, accuracy = picture.figure.axes
    drawn = {line.get_label(): line.get_ydata() for line in loss.lines}
    assert (drawn["validation"] == run.history["val_loss"]).all() and len(drawn) == 4
    assert drawn.keys() >= {"training, as trained on", "training images as they are"}
    best = next(line for line in accuracy.lines if line.get_label() == "best epoch")
    assert list(best.get_xdata()) == [4, 4]
    assert "lowest at 0.20 after epoch 4" in picture.alt and "seed 3" in picture.caption
    assert "augmented images" not in picture.caption
    assert "augmented images" in curves.learning_curves(make_run(augment={"flip": 0.5})).caption


@pytest.mark.parametrize("epochs", [1, 2, 40])
def test_curves_of_any_length_become_html(epochs):
    html = to_html(curves.learning_curves(make_run(epochs)))
    assert "data:image/svg+xml" in html and "<i>" not in html
    assert "data:image/svg+xml" in to_html(curves.compared_curves(make_run(epochs), make_run(epochs)))


def test_range_test_is_shown_only_where_there_is_one():
    run = make_run()
    assert curves.range_test_curves(run) == []
    first = {
        "phase": 1,
        "title": "head",
        "lr": [1e-5, 1e-2, 1],
        "loss": [2, 1, 3],
        "limit": 1e-2,
        "suggestion": 1e-3,
    }
    run.range_tests = [first]
    (panel,) = curves.range_test_curves(run).figure.axes
    assert (
        "suggested rate 0.001" in curves.range_test_curves(run).alt
        and panel.get_title("left") == "Learning-rate range test"
    )
    run.range_tests = [first, first | {"phase": 2, "title": "all", "suggestion": 3e-4}]
    panels = curves.range_test_curves(run).figure.axes
    assert [axes.get_title("left") for axes in panels] == ["Phase 1: head", "Phase 2: all"]
    assert [list(line.get_xdata()) for line in panels[1].lines[1:]] == [[3e-4, 3e-4], [1e-2, 1e-2]]


def test_curves_name_the_phases_of_a_training():
    phases = [{"trainable": "head", "epochs": 1}, {"epochs": 3, "title": "everything"}]
    run = make_run(phases=phases)
    picture = curves.learning_curves(run)
    loss = picture.figure.axes[0]
    assert [tick.get_text() for tick in loss.child_axes[0].get_xticklabels()] == ["the head\nalone", "everything"]
    assert list(loss.child_axes[0].get_xticks()) == [1.0, 3.0]
    assert any(list(line.get_xdata()) == [1.5, 1.5] for line in loss.lines)
    assert "the head alone in epoch 1 and" in picture.caption and "everything in epochs 2 to 4" in picture.alt
    assert not curves.learning_curves(make_run()).figure.axes[0].child_axes
    assert "data:image/svg+xml" in to_html(curves.compared_curves(run, make_run()))


def test_confusion_matrices_write_counts():
    cm = np.array([[8, 2], [0, 5]])
    counts = confusion.confusion_heat_map(cm, ["cat", "dog $5 & a very long name indeed"])
    assert texts(counts.figure) == ["8", "2", "", "5"]
    assert "13 of 15 images lie on the diagonal" in counts.alt and "cat taken for dog" in counts.alt
    names = [label.get_text() for label in counts.figure.axes[0].get_yticklabels()]
    assert names == ["cat", "dog $5 & a very\nlong name indeed"]
    assert to_html(counts)


@pytest.mark.parametrize("num_classes", [2, 20, 60])
def test_confusion_matrices_of_many_classes_stay_readable(num_classes):
    cm = np.random.default_rng(0).integers(0, 9, (num_classes, num_classes))
    picture = confusion.confusion_heat_map(cm, [f"class {i}" for i in range(num_classes)])
    assert bool(texts(picture.figure)) == (num_classes <= confusion.MOST_WITH_NUMBERS)
    assert picture.figure.get_figheight() <= 6.5 and to_html(picture)


def test_reliability_diagram_leaves_out_empty_bins():
    labels = np.arange(60) % 2
    probabilities = np.where(labels[:, None] == np.arange(2), 0.8, 0.2)
    probabilities[:12] = probabilities[:12, ::-1]  # 80 % right at 80 % confidence
    outputs = Outputs(probabilities, np.zeros((60, 1)), labels, np.arange(60))
    picture = calibration.reliability_of_images(ClassifierEvaluation("m", "Net", ("a", "b"), outputs))
    points = picture.figure.axes[0].containers[0].lines[0].get_xydata()
    assert points.tolist() == pytest.approx(np.array([[0.8, 0.8]]))
    assert [text for text in texts(picture.figure) if text] == [
        "60"
    ] and "Mean confidence 80.0 %, accuracy 80.0 %" in picture.alt


def test_layers_are_listed_with_totals():
    stack = layer_table(build(ModelSpec(), 10, 64), 64)
    rows = layers.layer_rows(stack)
    assert rows[0]["Output"] == "32 × 64 × 64" and rows[0]["Parameters"] == 3 * 9 * 32 + 32
    assert rows[-1]["Parameters"] == sum(row["Parameters"] for row in rows[:-1])
    assert layers.block_rows(stack)[-1]["Parameters"] == rows[-1]["Parameters"]
    picture = layers.where_parameters_sit(stack)
    widths = [bar.get_width() for bar in picture.figure.axes[0].containers[0]]
    assert sum(widths) == pytest.approx(100) and len(widths) == 5 and "most in dense" in picture.alt


def test_deep_networks_are_told_by_blocks():
    names = ("conv1", "layer1.0.conv1", "layer1.1.conv2", "features.3.a", "features.3.b", "fc")
    stack = [NetworkLayer(name, "Conv2d", (i + 1, 4, 4), 10 * i, 100 * i) for i, name in enumerate(names)]
    rows = layers.block_rows(stack)
    assert [row["Block"] for row in rows] == ["conv1", "layer1", "features.3", "fc", "Total"]
    assert [row["Layers"] for row in rows] == [1, 2, 2, 1, 6]
    assert [row["Parameters"] for row in rows] == [0, 30, 70, 50, 150] and rows[1]["Output"] == "3 × 4 × 4"


def test_layers_that_tie_for_the_largest_number_are_all_named():
    stack = [NetworkLayer(name, "Conv2d", (4, 2, 2), size, 7) for name, size in (("a", 10), ("b", 45), ("c", 45))]
    alt = layers.where_parameters_sit(stack).alt
    assert "parameters: most in b and c, 45 % each; multiply-adds: most in a, b and c, 33 % each." in alt


def test_of_very_many_layers_the_largest_are_drawn():
    stack = [NetworkLayer(f"layer {i}", "Linear", (4,), i, i) for i in range(1, 60)]
    axes = layers.where_parameters_sit(stack).figure.axes[0]
    assert [len(bars) for bars in axes.containers] == [layers.MOST_BARS] * 2
    assert axes.get_yticklabels()[-1].get_text() == "layer 59"


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8)


def test_augmented_draws_differ_and_come_back(image):
    images = np.repeat(image[None], 4, axis=0)
    drawn = augmented(images, {"affine": 20, "jitter": 0.3}, seed=1)
    assert drawn.shape == (4, 16, 16, 3) and drawn.dtype == np.uint8
    assert len({one.tobytes() for one in drawn}) == 4
    assert (drawn == augmented(images, {"affine": 20, "jitter": 0.3}, seed=1)).all()
    flipped = augmented(images[:2], {"flip": 1.0})
    assert (flipped == image[:, ::-1]).all()


@pytest.mark.parametrize(
    ("strengths", "rows"), [({}, 1), ({"flip": 0.5}, 2), ({"flip": 0.5, "erasing": 0.5, "blur": 1.0}, 5)]
)
def test_the_sheet_has_a_row_for_each_augmentation_and_one_for_all(image, strengths, rows):
    picture = augmentation.sheet(image, image[None], strengths)
    assert len(picture.figure.axes) == rows * augmentation.DRAWS and picture.photo
    assert "data:image/webp" in to_html(picture)
    assert [row["Augmentation"] for row in augmentation.meaning_rows(strengths)] == list(strengths)


def test_mixed_images_tell_how_much_of_the_label_is_their_own(image):
    dark, light = np.zeros_like(image), np.full((2, *image.shape), 200, np.uint8)
    picture = augmentation.sheet(dark, light, {"mixup": 1.0, "cutmix": 1.0, "flip": 0.5})
    lines = np.array(picture.figure.axes).reshape(-1, augmentation.DRAWS)
    for line in lines[1:3]:
        told = [float(axes.get_xlabel().removesuffix(" %")) / 100 for axes in line]
        own = [1 - axes.images[0].get_array().mean() / 200 for axes in line]
        assert own == pytest.approx(told, abs=0.01) and len(set(told)) > 1
    assert all(axes.get_xlabel() for axes in lines[4]) and not any(axes.get_xlabel() for axes in lines[3])
    assert "how much of the label is still its own" in picture.caption
    assert "label" not in augmentation.sheet(dark, light, {"flip": 0.5}).caption


def test_the_accuracy_of_mixed_images_is_not_drawn():
    run = make_run(augment={"mixup": 0.2})
    run.history["train_accuracy"] = np.full(4, np.nan)
    picture = curves.learning_curves(run)
    assert "no accuracy is shown" in picture.caption and "unknown" not in picture.alt
    assert "data:image/svg+xml" in to_html(picture)


def test_the_sheet_leaves_the_global_generator_alone(image):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    augmentation.sheet(image, 255 - image[None], {"noise": 0.1, "rand_augment": 9, "mixup": 0.5, "cutmix": 1.0})
    assert (torch.get_rng_state() == before).all()
