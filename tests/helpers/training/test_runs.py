"""Runs: trained once, loaded afterwards, made again when damaged."""

import logging
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from datasets_pictures import two_coloured_classes

from helpers.base.errors import CourseError
from helpers.chapter import Chapter
from helpers.models import build
from helpers.study.images import load
from helpers.study.recipe import NORMALISATIONS
from helpers.study.study import Study
from helpers.training import runs
from helpers.training.runs import find_run, get_run

TINY = {
    "image_size": "16",
    "models.cnn.blocks": "[[4, 2], [8, 2]]",
    "models.cnn.epochs": "2",
    "models.cnn.lr": "0.01",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return two_coloured_classes(tmp_path_factory.mktemp("photos") / "mine")


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "disabled")
    for name in ("DATA", "RUNS", "REPORTS"):
        monkeypatch.setenv(f"IMAGE_COURSE_{name}", str(tmp_path / name.lower()))
    return tmp_path


def study_of(folder, **more):
    return Study.load(folder, TINY | more)


def test_a_run_is_trained_once_and_loaded_afterwards(folder, place, monkeypatch):
    study = study_of(folder)
    splits = load(study)
    first = get_run(study, splits, "cnn")
    monkeypatch.setattr(runs, "fit", None)  # training again would fail
    again = get_run(study, splits, "cnn")
    assert again.summary == first.summary and again.folder == first.folder
    outputs = again.outputs("test")
    assert np.array_equal(outputs.index, splits.test) and np.array_equal(
        outputs.labels, splits.labels[splits.test]
    )
    assert len(again.history["val_loss"]) == 2 == len(again.history["seconds"])
    assert not (again.folder / "checkpoint.pt").exists()


def test_the_stored_weights_give_the_stored_probabilities(folder, place):
    study = study_of(folder)
    splits = load(study)
    run = get_run(study, splits, "cnn")
    images, _ = splits.part("test").gather(np.arange(5))
    model = run.model()
    with torch.no_grad():
        again = model(model.preprocess(images)).softmax(1).numpy()
    np.testing.assert_allclose(again, run.outputs("test").probabilities[:5], atol=0.02)


def test_the_test_set_is_scored_once(folder, place, monkeypatch):
    scored = []
    original = runs.predict

    def counting(model, part):
        scored.append(len(part))
        return original(model, part)

    monkeypatch.setattr(runs, "predict", counting)
    study = study_of(folder)
    splits = load(study)
    get_run(study, splits, "cnn")
    get_run(study, splits, "cnn")
    assert scored == [len(splits.train), len(splits.val), len(splits.test)]


def test_what_goes_in_decides_which_run_it_is(folder, place):
    study = study_of(folder)
    splits = load(study)
    place = runs.find_run(study, splits, "cnn").place
    assert place == runs.find_run(study, load(study), "cnn", 0).place
    others = [study_of(folder, lr="0.02"), study_of(folder, epochs="3"), study_of(folder, image_size="20")]
    places = {runs.find_run(other, load(other), "cnn").place for other in others}
    places.add(runs.find_run(study, splits, "cnn", 1).place)
    assert len(places) == 4 and place not in places


@pytest.mark.parametrize(
    "change",
    [{"image_size": "20"}, {"resize": "squash"}, {"seed": "1"}, {"split": "{train: 0.6, val: 0.2, test: 0.2}"}],
)
def test_images_that_were_read_for_other_settings_are_refused(folder, place, change):
    splits = load(study_of(folder))
    with pytest.raises(CourseError, match=f"another {next(iter(change)).split('.')[0]} "):
        get_run(study_of(folder, **change), splits, "cnn")


def test_a_run_of_another_study_and_name_is_the_same_run(folder, place, monkeypatch):
    study = study_of(folder)
    first = get_run(study, load(study), "cnn")
    monkeypatch.setattr(runs, "fit", lambda *_, **__: pytest.fail("it was trained again"))
    other = study_of(folder, name="trial", title="Something else", **{"models.cnn.title": "Another name"})
    again = get_run(other, load(other), "cnn")
    assert again.folder == first.folder and again.title == "Another name"


def test_a_run_with_other_threads_is_another_run_that_will_do_unless_threads_are_asked_for(
    folder, place, monkeypatch
):
    study = study_of(folder)
    splits = load(study)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        monkeypatch.setenv("OMP_NUM_THREADS", "1")
        one = get_run(study, splits, "cnn")
        torch.set_num_threads(2)
        monkeypatch.delenv("OMP_NUM_THREADS")
        assert get_run(study, splits, "cnn").folder == one.folder
        monkeypatch.setenv("OMP_NUM_THREADS", "2")
        two = get_run(study, splits, "cnn")
    finally:
        torch.set_num_threads(before)
    assert two.folder != one.folder and two.place == one.place and two.key != one.key
    assert two.summary["device"] == "CPU, 2 threads"


def test_suspicious_images_are_left_out_of_training_only(folder, place, monkeypatch):
    from helpers.training import cleaning

    learnt = []
    original = runs.fit

    def noting(model, train, *rest, **options):
        learnt.append(train.index)
        return original(model, train, *rest, **options)

    monkeypatch.setattr(runs, "fit", noting)
    study = study_of(folder, clean="true")
    splits = load(study)
    kept = splits.train[3:]
    monkeypatch.setattr(cleaning, "learnt_from", lambda *_: kept)
    run = get_run(study, splits, "cnn")
    assert np.array_equal(learnt[0], kept)
    assert run.summary["left_out"] == 3 and run.summary["training_images"] == len(kept)
    assert np.array_equal(run.outputs("train").index, splits.train)
    assert np.array_equal(run.outputs("val").index, splits.val)
    assert run.folder != get_run(study_of(folder), splits, "cnn").folder


def test_a_run_in_phases_keeps_its_range_tests(folder, place):
    phases = "[{epochs: 1, title: first}, {epochs: 1, lr: 0.001}]"
    study = study_of(folder, **{"models.cnn.phases": phases, "models.cnn.lr": "find"})
    run = get_run(study, load(study), "cnn")
    assert [stage.title for stage in run.stages] == ["first", "the whole network"]
    (test,) = run.range_tests
    assert test["phase"] == 1 and run.history["lr"].tolist() == [test["suggestion"], 0.001]
    assert run.history["phase"].tolist() == [1, 2] and run.summary["epochs"] == 2


def test_a_run_depends_on_how_it_balances_stops_and_mixes(folder, place):
    def place_of(**keys: str):
        study = study_of(folder, **keys)
        return find_run(study, splits, "cnn").place

    splits = load(study_of(folder))
    changes = [
        {"balance": "weights"},
        {"balance": "sampling"},
        {"early_stopping": "1"},
        {"augment": "{mixup: 0.2}"},
    ]
    places = [place_of(), *(place_of(**keys) for keys in changes)]
    assert len(set(places)) == 5 and place_of(balance="none") == places[0]


def test_a_run_that_stopped_early_tells_of_the_epochs_that_it_took(folder, place):
    study = study_of(folder, early_stopping="1", **{"models.cnn.epochs": "12", "models.cnn.lr": "0.3"})
    run = get_run(study, load(study), "cnn")
    took = len(run.history["epoch"])
    assert took == run.best_epoch + 1 == run.summary["epochs"] < 12
    assert [(stage.took, stage.last, stage.recipe.epochs) for stage in run.stages] == [(took, took, 12)]


def test_a_run_of_mixed_images_keeps_that_their_accuracy_is_unknown(folder, place):
    study = study_of(folder, augment="{cutmix: 1.0}", balance="sampling")
    run = get_run(study, load(study), "cnn")
    assert np.isnan(run.history["train_accuracy"]).all() and np.isfinite(run.history["train_loss"]).all()


@pytest.mark.parametrize("name", ["test.npz", "weights.pt", "history.json", "summary.json"])
def test_a_damaged_run_is_made_again_and_it_is_said(folder, place, name, caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("helpers"), "propagate", True)
    study = study_of(folder)
    splits = load(study)
    first = get_run(study, splits, "cnn")
    before = first.outputs("test").probabilities
    damaged = first.folder / name
    damaged.write_bytes(damaged.read_bytes()[:20])
    with caplog.at_level(logging.WARNING, logger="helpers"):
        again = get_run(study, splits, "cnn")
    assert "damaged" in caplog.text
    np.testing.assert_array_equal(again.outputs("test").probabilities, before)


def own_file(study, splits, path):
    """A network, without its last layer, whose normalisation remembers the study's images from -1 to 1."""
    model = build(study.models["fine_tuned"], len(splits.classes), splits.images.shape[1])
    images, _ = splits.part("train").gather(np.arange(len(splits.train)))
    for module in model.network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
    with torch.no_grad():
        model.network.train()(images.float() / 127.5 - 1)
    state = model.network.state_dict()
    torch.save({name: one for name, one in state.items() if not name.startswith("fc.")}, path)


def test_what_a_file_of_weights_does_not_say_of_its_images_is_told_and_checked(folder, place, caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("helpers"), "propagate", True)
    path, spoken = place / "mine.pth", []

    def learn(**keys):
        tuned = {"models.fine_tuned.epochs": "1", "models.fine_tuned.weights": str(path)} | keys
        study = study_of(folder, **{"image_size": "32"} | tuned)
        run = get_run(study, splits, "fine_tuned")
        spoken.append(Chapter.weights_note(SimpleNamespace(study=study, run=lambda _: run), "fine_tuned").sentence)
        return run

    plain = study_of(folder, image_size="32")
    splits = load(plain)
    own_file(plain, splits, path)
    with caplog.at_level(logging.WARNING, logger="helpers"):
        silent = learn()
        told = silent.summary["notes"]
        assert "does not say how" in told[0] and "published weights of resnet18" in told[0]
        assert "with 'normalize: symmetric'" in told[1] and len(told) == 2
        assert all(note in spoken[0] and note in caplog.text for note in told)
        caplog.clear()
        assert learn(**{"models.fine_tuned.normalize": "symmetric"}).summary["notes"] == []
        path.with_suffix(".json").write_text('{"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}')
        recorded = learn()
    assert recorded.summary["notes"] == [] and not caplog.text and recorded.place != silent.place
    assert recorded.model().normalisation == NORMALISATIONS["symmetric"] == recorded.spec.normalize
    assert spoken[1] == spoken[2] == f"{recorded.title} starts from the weights in mine.pth."


def test_unknown_models_and_missing_weights_are_named(folder, place):
    study = study_of(folder)
    splits = load(study)
    with pytest.raises(CourseError, match=r"no model 'resnet'.*cnn"):
        get_run(study, splits, "resnet")
    gone = place / "file.pth"
    gone.write_bytes(b"")
    missing = study_of(folder, weights=str(gone))
    gone.unlink()
    with pytest.raises(CourseError, match=r"file\.pth"):
        get_run(missing, splits, "fine_tuned")
