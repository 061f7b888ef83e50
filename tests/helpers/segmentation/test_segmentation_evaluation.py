"""The streaming evaluation: equal to slow code pixel by pixel, goes on after a kill, notices damage."""

import dataclasses
import logging
import tracemalloc

import numpy as np
import pytest
import torch
from made_up_evaluations import CALLED_RIM, SIZE, ByColour, assert_equal
from made_up_scenes import MadeUpScenes, made_up_scenes

from helpers.base.errors import CourseError
from helpers.datasets.streets.resized import resize_image, resize_label
from helpers.datasets.streets.types import IGNORE, NativeClass
from helpers.metrics.segmentation import segmentation_scores
from helpers.segmentation import pieces as parts
from helpers.segmentation.evaluation import evaluate, evaluation_key, predict_scene
from helpers.segmentation.types import SegmenterEvaluation


def scenes(count: int = 7) -> MadeUpScenes:
    """Cars are debatable; a rim is ignored."""
    plain = made_up_scenes(count, sequences=2)
    native = tuple(dataclasses.replace(one, debatable=one.name == "car") for one in plain.native)
    return dataclasses.replace(plain, native=native)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(parts, "SCENES_EACH", 3)
    monkeypatch.setattr(parts, "LEAST_PARTS", 1)


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory) -> SegmenterEvaluation:
    return evaluate(ByColour(), scenes(), tmp_path_factory.mktemp("evaluation"), size=SIZE, model_name="colour")


def seen_by(position: int, size: int = SIZE) -> np.ndarray:
    """(C, S, S): the probabilities of one scene, asked of the segmenter directly."""
    small = resize_image(scenes().read_image(position), size)
    return ByColour()(torch.from_numpy(small).permute(2, 0, 1)[None])[0].numpy()


def counted_one_by_one(label: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """Confusion matrix by a loop over pixels, as IDD's own evaluator counts."""
    matrix = np.zeros((3, 3), np.int64)
    for row in range(label.shape[0]):
        for column in range(label.shape[1]):
            if label[row, column] != IGNORE:
                matrix[label[row, column], prediction[row, column]] += 1
    return matrix


def nearest(prediction: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Each pixel takes the value of the pixel under its centre."""
    rows = ((np.arange(shape[0]) + 0.5) * len(prediction) / shape[0]).astype(int)
    columns = ((np.arange(shape[1]) + 0.5) * len(prediction) / shape[1]).astype(int)
    return prediction[rows][:, columns]


def test_matrices_equal_a_loop_over_pixels(evaluation):
    for position in range(7):
        label, prediction = scenes().read_label(position), seen_by(position).argmax(0)
        full = nearest(prediction, label.shape)
        matrix = counted_one_by_one(label, full)
        np.testing.assert_array_equal(evaluation.matrices[position], matrix)
        only_cars = np.where(label == 2, label, IGNORE)
        np.testing.assert_array_equal(evaluation.debatable[position], counted_one_by_one(only_cars, full))
        small = resize_label(label, SIZE)
        network = counted_one_by_one(small, prediction)
        np.testing.assert_array_equal(evaluation.network_matrices[position], network)
    assert 0.5 < segmentation_scores(evaluation.matrix).mean_iou < 0.98
    assert evaluation.debatable.sum() > 0


def test_scores_and_confidence_equal_slow_counts(evaluation):
    edges = evaluation.score_edges
    bins = np.zeros_like(evaluation.score_bins)
    confident = np.zeros_like(evaluation.confidence_bins)
    sums = np.zeros_like(evaluation.confidence_sums)
    for position in range(7):
        label, probabilities = resize_label(scenes().read_label(position), SIZE), seen_by(position)
        for row, column in zip(*np.nonzero(label != IGNORE), strict=True):
            truth, scores = label[row, column], probabilities[:, row, column]
            for c in range(3):
                bins[c, int(truth == c), np.searchsorted(edges, scores[c], side="right") - 1] += 1
            chosen = scores.argmax()
            place = min(int(scores[chosen] * np.float32(100)), 99)
            confident[chosen, int(chosen == truth), place] += 1
            sums[chosen, place] += scores[chosen]
    np.testing.assert_array_equal(evaluation.score_bins, bins)
    np.testing.assert_array_equal(evaluation.confidence_bins, confident)
    np.testing.assert_allclose(evaluation.confidence_sums, sums)


def test_all_tables_count_the_same_pixels(evaluation):
    network = evaluation.network_matrix
    np.testing.assert_array_equal(evaluation.band_matrices.sum(0), network)
    np.testing.assert_array_equal(evaluation.segment_matrices.sum(0), network)
    np.testing.assert_array_equal(evaluation.score_bins.sum((1, 2)), [network.sum()] * 3)
    np.testing.assert_array_equal(evaluation.score_bins[:, 1].sum(1), network.sum(1))
    np.testing.assert_array_equal(evaluation.confidence_bins.sum((1, 2)), network.sum(0))
    np.testing.assert_array_equal(evaluation.confidence_bins[:, 1].sum(1), np.diag(network))
    errors = evaluation.band_matrices.sum((1, 2)) - np.trace(evaluation.band_matrices, axis1=1, axis2=2)
    assert errors[:2].sum() > errors[3:].sum()  # this segmenter errs at borders


def test_it_says_what_it_was_made_of(evaluation):
    assert (evaluation.set_name, evaluation.part, evaluation.model) == ("toys", "train", "colour")
    assert evaluation.classes == CALLED_RIM and evaluation.size == SIZE and len(evaluation) == 7
    assert evaluation.files == tuple("0123456")
    assert evaluation.sequences == ("drive 0", "drive 1", "drive 0", "drive 1", "drive 0", "drive 1", "drive 0")
    assert all(values.shape == (7,) for values in evaluation.facts.values())
    np.testing.assert_array_equal(evaluation.facts["width"], 72)
    labelled = [np.mean(scenes().read_label(position) != IGNORE) for position in range(7)]
    np.testing.assert_allclose(evaluation.facts["labelled_share"], labelled)
    assert evaluation.timings["seconds"] >= evaluation.timings["network_seconds"] > 0


@pytest.mark.parametrize("batch_size", [1, 2, 5, 100])
def test_going_on_makes_the_same_batches(batch_size, monkeypatch):
    for least in (1, 16, 200):
        monkeypatch.setattr(parts, "LEAST_PARTS", least)
        positions = [list(part) for part in parts.split(77, batch_size)]
        assert [one for part in positions for one in part] == list(range(77))
        assert all(len(part) % batch_size == 0 for part in positions[:-1])


@pytest.mark.parametrize("batch_size", [2, 5])
def test_the_size_of_batches_changes_nothing(evaluation, tmp_path, batch_size):
    assert_equal(evaluate(ByColour(), scenes(), tmp_path, size=SIZE, batch_size=batch_size), evaluation)


def test_a_finished_evaluation_is_loaded(evaluation, tmp_path):
    evaluate(ByColour(), scenes(), tmp_path, size=SIZE)
    nobody = ByColour(fail_after=0)
    assert_equal(evaluate(nobody, scenes(), tmp_path, size=SIZE), evaluation)
    assert nobody.seen == 0


def test_an_interrupted_evaluation_goes_on(evaluation, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        evaluate(ByColour(fail_after=5), scenes(), tmp_path, size=SIZE)
    again = ByColour()
    found = evaluate(again, scenes(), tmp_path, size=SIZE)
    assert_equal(found, evaluation)
    assert again.seen == 4  # the first part, three scenes, was there


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))


def empty(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut, flip, empty])
def test_a_damaged_part_is_named_and_made_again(evaluation, tmp_path, caplog, damage):
    evaluate(ByColour(), scenes(), tmp_path, size=SIZE)
    (part,) = tmp_path.glob("*/scenes-00003-00006.npz")
    damage(part)
    again = ByColour()
    with caplog.at_level(logging.WARNING, "helpers"):
        assert_equal(evaluate(again, scenes(), tmp_path, size=SIZE), evaluation)
    assert again.seen == 3
    assert "scenes-00003-00006.npz is cut short or damaged" in caplog.text


def test_what_the_numbers_depend_on_is_in_the_key():
    def key(predictor=None, of=None, size=SIZE, observers="all"):
        return evaluation_key(predictor or ByColour(), of or scenes(), size, observers)

    other = ByColour()
    other.key = "other"
    different = [key(), key(other), key(of=scenes(6)), key(size=41), key(observers="matrices")]
    different.append(evaluation_key(ByColour(), scenes(), SIZE, "all", batch_size=2))
    assert len(set(different)) == len(different)
    assert key() == key()


def test_matrices_alone(evaluation, tmp_path):
    found = evaluate(ByColour(), scenes(), tmp_path, size=SIZE, observers="matrices")
    for name in ("matrices", "network_matrices", "debatable"):
        np.testing.assert_array_equal(getattr(found, name), getattr(evaluation, name))
    assert not found.score_bins.any() and found.score_bins.shape == evaluation.score_bins.shape
    np.testing.assert_array_equal(found.facts["labelled_share"], evaluation.facts["labelled_share"])


def test_a_scene_for_a_picture():
    image, label, prediction, confidence = predict_scene(ByColour(), scenes(), 2, SIZE)
    np.testing.assert_array_equal(image, scenes().read_image(2))
    np.testing.assert_array_equal(label, scenes().read_label(2))
    probabilities = seen_by(2)
    np.testing.assert_array_equal(prediction, nearest(probabilities.argmax(0), label.shape))
    np.testing.assert_array_equal(confidence, nearest(probabilities.max(0), label.shape))


def test_a_scene_leaves_little_behind_in_memory(tmp_path, monkeypatch):
    """Its rows and facts (1 KB), not its pixels and histograms (700 KB); threads make the peak vary a little."""
    monkeypatch.setattr(parts, "SCENES_EACH", 10)
    evaluate(ByColour(), scenes(20), tmp_path / "warm", size=SIZE)
    peaks = []
    for toys in (scenes(20), scenes(120)):
        tracemalloc.start()
        evaluate(ByColour(), toys, tmp_path / str(len(toys)), size=SIZE)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (peaks[1] - peaks[0]) / 100 < 10_000


def test_other_classes_are_refused(tmp_path):
    named = ByColour()
    named.classes = ("ground", "sky", "bus")
    with pytest.raises(CourseError, match=r"ground, sky, bus.*ground, sky, car"):
        evaluate(named, scenes(), tmp_path, size=SIZE)


def test_a_set_without_scenes_is_refused(tmp_path):
    with pytest.raises(CourseError, match="no scene"):
        evaluate(ByColour(), scenes().choose(np.array([], int)), tmp_path)


def test_scores_that_are_no_probabilities_are_refused(tmp_path):
    class Broken(ByColour):
        def __call__(self, images):
            return super().__call__(images) * torch.nan

    class Small(ByColour):
        def __call__(self, images):
            return super().__call__(images)[:, :, ::2, ::2]

    class Logits(ByColour):
        def __call__(self, images):
            return super().__call__(images).log()

    with pytest.raises(CourseError, match="NaN"):
        evaluate(Broken(), scenes(), tmp_path, size=SIZE)
    with pytest.raises(CourseError, match="softmax"):
        evaluate(Logits(), scenes(), tmp_path, size=SIZE)
    with pytest.raises(CourseError, match=r"\(1, 3, 20, 20\)"):
        evaluate(Small(), scenes(), tmp_path, size=SIZE)


def test_unknown_observers_are_refused(tmp_path):
    with pytest.raises(ValueError, match="all, matrices"):
        evaluate(ByColour(), scenes(), tmp_path, observers="some")


def test_what_cannot_be_read_stops_it_with_its_name(tmp_path):
    @dataclasses.dataclass(frozen=True)
    class Uneven(MadeUpScenes):
        def read_native(self, position):
            native = super().read_native(position)
            return native[:-1] if position == 4 else native

    uneven = Uneven(**{field.name: getattr(scenes(), field.name) for field in dataclasses.fields(scenes())})
    with pytest.raises(CourseError, match="72 × 48 pixels, its label 4 72 × 47"):
        evaluate(ByColour(), uneven, tmp_path, size=SIZE)


def test_a_class_without_truth_and_one_without_predictions(tmp_path):
    """Never-predicted and never-true classes leave empty columns and rows, and no error."""
    other = dataclasses.replace(
        scenes(),
        native=(NativeClass("ground", "ground"), NativeClass("sky", None), NativeClass("car", "ground")),
    )
    found = evaluate(ByColour(), other, tmp_path, size=SIZE)
    np.testing.assert_array_equal(found.matrix.sum(1)[1:], 0)
    assert not found.debatable.any()
