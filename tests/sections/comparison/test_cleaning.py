"""Suspicious images: judges never see what they judge, planted labels are found, what cleaning brought is told."""

from dataclasses import replace
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from made_up_runs import answering
from made_up_splits import made_up_splits

from helpers.datasets.planted import drawn_labels, wrong_labels
from helpers.datasets.types import DataError
from helpers.show.display import to_html
from helpers.study.images import load
from helpers.study.study import Study
from helpers.training import cleaning
from sections.comparison.cleaning import sentences as about
from sections.comparison.cleaning.measured import Cleaned, cleaned_models, cleaning_results, uncleaned_model
from sections.comparison.cleaning.pictures import belief
from sections.comparison.cleaning.tables import doubted_gallery, left_out_table, unsure_gallery

CLASSES, EACH = ("cat", "dog", "elk <b>"), 60


def shown_as(true: np.ndarray, noise: float = 0.3, seed: int = 0) -> np.ndarray:
    """Features of images that show these classes."""
    rng = np.random.default_rng(seed)
    centres = 3 * rng.normal(size=(len(CLASSES), 12))
    return (centres[true] + noise * rng.normal(size=(len(true), 12))).astype(np.float32)


def a_set(planted: int = 6, **more):
    """Training images 0 to 179, of which the first few of each class are labelled as the next; 60 test images."""
    true = np.concatenate([np.repeat(np.arange(3), EACH), np.arange(60) % 3])
    wrong = np.concatenate([np.arange(planted // 3) + EACH * c for c in range(3)]).astype(int)
    given = true.copy()
    given[wrong] = (true[wrong] + 1) % 3
    files = [f"{CLASSES[label]}/{number}.jpg" for number, label in enumerate(given)]
    manifest = {"wrong_labels": [{"file": files[i], "true_class": CLASSES[true[i]]} for i in wrong]}
    train = list(range(3 * EACH))
    splits = made_up_splits(
        given.tolist(), train, [180, 181, 182], list(range(183, 240)), classes=CLASSES, manifest=manifest, **more
    )
    return splits, shown_as(true), wrong


def test_planted_labels_are_found_and_little_else():
    splits, features, wrong = a_set()
    found = cleaning.judge(features[splits.train], splits)
    assert len(set(wrong) & set(found.index[found.mislabelled])) >= len(wrong) - 1
    assert found.mislabelled.sum() <= len(wrong) + 2
    assert np.array_equal(found.kept, np.setdiff1d(splits.train, found.index[found.left_out]))
    at = np.searchsorted(splits.train, wrong)
    assert (found.suggested[at] == drawn_labels(splits)[wrong]).all()
    assert not (found.mislabelled & found.unsure).any()


def test_clean_labels_are_left_alone():
    splits, features, _ = a_set(planted=0)
    assert cleaning.judge(features[splits.train], splits).mislabelled.sum() <= 1


def test_labels_of_validation_and_test_images_have_no_part_in_it():
    splits, features, _ = a_set()
    labels = splits.labels.copy()
    labels[180:] = (labels[180:] + 1) % 3
    other = replace(splits, labels=labels, original_labels=labels)
    one, two = (cleaning.judge(features[splits.train], part) for part in (splits, other))
    assert np.array_equal(one.probabilities, two.probabilities) and np.array_equal(one.kept, two.kept)


def test_no_judge_sees_a_near_duplicate_of_what_it_judges():
    rng = np.random.default_rng(0)
    pictures, labels = rng.normal(size=(60, 80)), rng.integers(0, 2, 60)  # labels have nothing to do with features
    features, labels, groups = np.repeat(pictures, 2, 0), np.repeat(labels, 2), np.repeat(np.arange(60), 2)
    told = [
        cleaning.out_of_fold(features, labels, numbers, ("cat", "dog")) for numbers in (groups, np.arange(120))
    ]
    right = [(one.argmax(1) == labels).mean() for one in told]
    assert right[0] < 0.65 < 0.75 < right[1]  # the second may look its answers up
    np.testing.assert_allclose(told[0].sum(1), 1, atol=1e-5)


def test_an_image_that_could_be_anything_is_left_out():
    splits, features, _ = a_set(planted=0)
    features[7] = features[splits.train].mean(0)
    found = cleaning.judge(features[splits.train], splits)
    assert found.unsure[7] and not found.mislabelled[7]


def test_of_no_class_more_than_a_quarter_is_left_out():
    splits, _, _ = a_set(planted=0)
    noise = np.random.default_rng(0).normal(size=(len(splits.train), 5))  # judges that know nothing
    found = cleaning.judge(noise, splits)
    assert (np.bincount(found.labels[found.left_out], minlength=3) <= EACH // 4).all()


def test_a_class_that_cannot_be_judged_is_named():
    splits, features, _ = a_set(planted=0, groups=[0] * EACH + list(range(1, 181)))
    with pytest.raises(DataError, match="class 'cat'"):
        cleaning.judge(features[splits.train], splits)


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    for name in ("DATA", "RUNS"):
        monkeypatch.setenv(f"IMAGE_COURSE_{name}", str(tmp_path / name.lower()))
    rng = np.random.default_rng(0)
    for number, name in enumerate(("cat", "dog")):
        (tmp_path / "mine" / name).mkdir(parents=True)
        for i in range(50):
            image = rng.integers(0, 60, (20, 20, 3), dtype=np.uint8)
            image[..., number if i else 1 - number] += 180  # the first of each has the wrong label
            cv2.imwrite(str(tmp_path / "mine" / name / f"{i:02d}.png"), image)
    return Study.load(tmp_path / "mine", {"image_size": "16", "models.cnn.blocks": "[[4, 2], [8, 2]]"})


def test_what_is_kept_comes_from_training_and_is_kept_on_disk(tiny, monkeypatch):
    splits = load(tiny)
    index = cleaning.learnt_from(tiny, splits, "cnn", 0)
    assert index.dtype == np.int64 and set(index) < set(splits.train)
    gone = {splits.files[i] for i in np.setdiff1d(splits.train, index)}
    planted = {splits.files[i] for i in splits.train} & {"cat/00.png", "dog/00.png"}
    assert planted and planted <= gone
    monkeypatch.setattr(cleaning, "_thumbnails", None)  # looking again would fail
    assert np.array_equal(cleaning.learnt_from(tiny, splits, "cnn", 0), index)
    with pytest.raises(TypeError):
        cleaning.learnt_from(tiny, splits, "cnn", 1)


def test_searching_draws_nothing_from_the_training_that_follows(tiny):
    import torch

    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    cleaning.find(tiny, load(tiny), "cnn", 0)
    assert torch.equal(before, torch.random.get_rng_state())


def made_up_study(**models):
    specs = {"plain": {"title": "Plain"}, "cleaned": {"title": "Cleaned", "clean": True}} | models
    return Study(name="toys", title="Toys", data="/toys", models=specs, chapters=dict.fromkeys(
        ("from_scratch", "fine_tuned", "augmented"), "plain"))  # fmt: skip


def test_the_twin_differs_in_cleaning_only():
    assert uncleaned_model(made_up_study(), "cleaned") == "plain"
    assert uncleaned_model(made_up_study(cleaned={"clean": True, "epochs": 3}), "cleaned") is None


def with_runs(right_before: int, right_after: int, monkeypatch) -> Cleaned:
    """57 test images; the first ones of both models are right, so that one model's right ones hold the other's."""
    splits, features, _ = a_set()
    truth = splits.labels[splits.test]
    runs = {}
    for name, right in (("plain", right_before), ("cleaned", right_after)):
        answers = np.where(np.arange(57) < right, truth, (truth + 1) % 3)
        run = answering(name, truth.tolist(), answers.tolist(), 3)
        run.parts["test"].index = splits.test
        run.seed = 0
        runs[name] = [run]
    monkeypatch.setattr(
        "sections.comparison.cleaning.measured.find", lambda *_: cleaning.judge(features[splits.train], splits)
    )
    (cleaned,) = cleaned_models(made_up_study(), splits, runs)
    return cleaned


def test_precision_and_recall_against_what_was_planted(monkeypatch):
    cleaned = with_runs(40, 40, monkeypatch)
    planted, doubted = cleaned.planted, cleaned.suspects.mislabelled
    hits = int(cleaned.is_wrong[doubted].sum())
    assert (planted.planted, planted.found, planted.doubted) == (6, hits, doubted.sum())
    assert planted.recall.value == hits / 6 and planted.precision.value == hits / doubted.sum()
    (told,) = about.search(cleaned)
    assert "6 wrong labels planted" in told and f"recall {100 * hits / 6:.1f} %" in told and "reach 3.3 %" in told
    unknown = replace(cleaned, drawn_as=None)
    assert unknown.planted is None and about.search(unknown) == []


@pytest.mark.parametrize(
    ("before", "after", "verdict"), [(30, 50, "helped."), (50, 30, "hurt."), (40, 41, "neither helped nor hurt")]
)
def test_the_verdict_follows_the_paired_test(before, after, verdict, monkeypatch):
    cleaned = with_runs(before, after, monkeypatch)
    assert (cleaned.gain.only_a, cleaned.gain.only_b) == (max(0, before - after), max(0, after - before))
    told = about.cleaning_effect(cleaned)
    assert verdict in told[0] and len(told) == 1  # no wrong label is in the test set, so nothing to say of those
    assert cleaning_results(cleaned)["uncleaned"] == "plain"


def test_wrong_test_labels_are_scored_by_what_the_images_show(monkeypatch):
    cleaned = with_runs(50, 50, monkeypatch)
    drawn = cleaned.drawn_as.copy()
    drawn[cleaned.splits.test[50:]] = (drawn[cleaned.splits.test[50:]] + 1) % 3  # what both models answer there
    other = replace(cleaned, drawn_as=drawn)
    assert other.wrong_test_labels == 7 and other.true_gain.accuracy_b == 1.0
    assert "7 wrong labels planted" in about.cleaning_effect(other)[1]


def test_no_twin_no_verdict(monkeypatch):
    alone = replace(with_runs(40, 41, monkeypatch), uncleaned=None, over_seeds=None)
    assert alone.gain is None and "cannot be said" in about.cleaning_effect(alone)[0]


def test_what_the_page_shows(monkeypatch):
    cleaned = with_runs(40, 41, monkeypatch)
    html = "".join(map(to_html, (left_out_table(cleaned), doubted_gallery(cleaned), belief(cleaned))))
    assert "elk <b>" not in html and "elk &lt;b&gt;" in html and "Drawn as: cat" in html
    assert "There is no training image" in unsure_gallery(cleaned).text() or cleaned.suspects.unsure.any()
    assert left_out_table(cleaned).rows()[0]["Planted"] == 2
    assert "180 training images" in about.left_out(cleaned)[0]


def test_merged_classes_keep_labels_that_are_right_within_the_group():
    labels = [0, 0, 1, 1]
    manifest = {
        "wrong_labels": [{"file": "x/0.jpg", "true_class": "bird"}, {"file": "x/2.jpg", "true_class": "bus"}]
    }
    splits = made_up_splits(
        labels, [0, 2], [1], [3], classes=("animal", "vehicle"), manifest=manifest,
        original_classes=("bird", "bus", "dog"), original_labels=np.array([2, 0, 1, 1]),
    )  # fmt: skip
    splits = replace(splits, files=["x/0.jpg", "x/1.jpg", "x/2.jpg", "x/3.jpg"])
    assert not wrong_labels(splits).any()  # a dog that is a bird is an animal all the same
    manifest["wrong_labels"][0]["true_class"] = "bus"
    assert wrong_labels(splits).tolist() == [True, False, False, False]
    assert wrong_labels(SimpleNamespace(manifest=None)) is None
