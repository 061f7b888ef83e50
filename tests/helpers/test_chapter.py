"""A notebook in a person's hands: other settings, other images, and results that are no report's."""

import json
from pathlib import Path

import pytest
from datasets_pictures import two_coloured_classes

from helpers import chapter as chapters
from helpers.base.errors import CourseError, Interrupted
from helpers.chapter import Chapter
from helpers.study.study import Study
from helpers.training import runs

TINY = {"image_size": "16", "models.cnn.blocks": "[[4, 2]]", "models.cnn.epochs": "1", "models.cnn.lr": "0.01"}


@pytest.fixture
def chapter(tmp_path, monkeypatch) -> Chapter:
    monkeypatch.setenv("WANDB_MODE", "disabled")
    for name in ("DATA", "RUNS", "REPORTS"):
        monkeypatch.setenv(f"IMAGE_COURSE_{name}", str(tmp_path / name.lower()))
    monkeypatch.delenv("IMAGE_COURSE_HEADLESS", raising=False)
    folder = two_coloured_classes(tmp_path / "mine")
    return Chapter("02_cnn_from_scratch", Study.load(folder, TINY))


def other(chapter: Chapter, **changes: str) -> Study:
    return Study.load(chapter.study.data, TINY | changes)


def test_setting_a_study_forgets_what_was_read_for_the_old_one(chapter):
    first, run = chapter.splits, chapter.run("cnn")
    chapter.study = other(chapter, image_size="24")
    assert chapter.splits.images.shape[1] == 24 != first.images.shape[1]
    larger = chapter.run("cnn")
    assert larger.summary["image_size"] == 24 and larger.key != run.key
    with pytest.raises(CourseError, match="another image_size"):
        runs.get_run(chapter.study, first, "cnn")
    chapter.study = other(chapter)
    assert chapter.run("cnn").key == run.key


def test_what_a_trial_has_trained_the_report_finds_and_the_other_way_round(chapter, monkeypatch):
    run = chapter.run("cnn")
    monkeypatch.setattr(runs, "fit", lambda *_, **__: pytest.fail("it was trained again"))
    chapter.study = other(chapter, name="trial")
    assert chapter.run("cnn").folder == run.folder


def test_a_trial_does_not_write_where_the_report_reads(chapter, tmp_path, monkeypatch):
    chapter.write({"mine": 1})
    assert not (tmp_path / "reports").exists()
    kept = tmp_path / "runs" / "trials" / "mine" / "02_cnn_from_scratch.json"
    assert json.loads(kept.read_text())["mine"] == 1
    monkeypatch.setenv("IMAGE_COURSE_HEADLESS", "1")
    chapter.write({"mine": 2})
    assert json.loads((tmp_path / "reports" / "mine" / "02_cnn_from_scratch.json").read_text())["mine"] == 2
    timings = json.loads((tmp_path / "reports" / "mine" / "02_cnn_from_scratch.timings.json").read_text())
    assert "runs" in timings


def test_recipes_that_a_chapter_looks_at_are_noted(chapter, tmp_path, monkeypatch):
    from helpers.base import headless

    monkeypatch.setenv(headless.READS, str(tmp_path / "reads"))
    monkeypatch.setattr(headless, "_noted", set())
    study = other(chapter)
    assert list(study.models) and len(study.models) > 1 and study.variants == [] and study.has("variants") is False
    assert not (tmp_path / "reads").exists()
    assert study.models["cnn"].epochs == 1
    study.models.get("cnn")
    assert (tmp_path / "reads").read_text() == "cnn\n"
    assert len(list(study.models.values())) == len((tmp_path / "reads").read_text().splitlines())


def test_a_person_who_opens_what_is_not_trained_sees_a_first_look_and_afterwards_the_whole(
    chapter, monkeypatch, capsys
):
    folder, whole = chapter.study.data, {"models.cnn.epochs": 3}
    file = Path(folder).parent / "mine.yaml"
    Study.load(folder, TINY | whole).save(file)
    monkeypatch.setattr(chapters, "start_log", lambda: None)

    def opened() -> Chapter:
        return Chapter.open("02_cnn_from_scratch", str(file))

    first = opened()
    run = first.run("cnn")
    assert (len(run.history["train_loss"]), run.title) == (1, "CNN from scratch, 1 of 3 epochs")
    assert capsys.readouterr().out.count("is not trained yet") == 1
    assert first.splits is first.splits and first.study.name == "mine"
    monkeypatch.setenv("IMAGE_COURSE_HEADLESS", "1")  # the report takes no notice of it
    trained = opened().run("cnn")
    assert (len(trained.history["train_loss"]), trained.title) == (3, "CNN from scratch")
    monkeypatch.delenv("IMAGE_COURSE_HEADLESS")
    capsys.readouterr()
    assert opened().run("cnn").key == trained.key
    assert "is not trained yet" not in capsys.readouterr().out


def test_a_first_look_is_not_said_to_be_trained_from_several_seeds(chapter, monkeypatch, capsys):
    file = Path(chapter.study.data).parent / "mine.yaml"
    Study.load(chapter.study.data, TINY | {"models.cnn.epochs": 3, "seeds": 2}).save(file)
    monkeypatch.setattr(chapters, "start_log", lambda: None)
    assert Chapter.open("02_cnn_from_scratch", str(file)).study.seeds == 1
    assert "was trained 2 times" not in capsys.readouterr().out
    monkeypatch.setenv("IMAGE_COURSE_HEADLESS", "1")
    Chapter.open("02_cnn_from_scratch", str(file))
    assert "was trained 2 times" in capsys.readouterr().out


def test_a_first_look_trains_each_phase_for_an_epoch_from_one_seed(chapter):
    from helpers.study.phases import total_epochs
    from helpers.training.first_look import shortened

    phases = "[{epochs: 4, trainable: head}, {epochs: 3}]"
    study = other(chapter, **{"models.fine_tuned.phases": phases, "seeds": "3"})
    short = shortened(study, ["cnn", "fine_tuned"])
    assert short.seeds == 1 and total_epochs(short.models["fine_tuned"]) == 2
    assert short.models["fine_tuned"].title == "Fine-tuned network, 2 of 7 epochs"
    assert short.models["cnn"] == study.models["cnn"]  # of one epoch anyway
    assert short.models["augmented"] == study.models["augmented"]  # not asked for
    assert short.data_settings == study.data_settings


def test_a_first_look_waits_for_no_long_pretraining_on_drawings(monkeypatch, tmp_path):
    from helpers.training.first_look import shortened
    from helpers.training.pretraining import EPOCHS, IMAGE_SIZE, affordable, sample_file

    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path))
    study = Study.load("wildlife", {"source": "sample"})
    assert shortened(study, ["cnn", "resnet18"]).weights_of("resnet18") == "sample-short"
    spec = study.models["resnet18"]
    assert [one.epochs for one, _ in (affordable(spec, 100, drawn) for drawn in ("sample", "sample-short"))] == [
        EPOCHS,
        1,
    ]
    assert affordable(spec, 100, "sample-short")[1] == IMAGE_SIZE // 2
    path = sample_file("resnet18", "sample", spec.stem)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()  # those that are there are taken
    assert shortened(study, ["resnet18"]).weights_of("resnet18") == "sample"
    assert shortened(study, ["cnn"]).weights_of("cnn") is None


def test_who_stops_a_training_is_told_what_is_kept_and_goes_on_from_there(chapter, monkeypatch):
    chapter.study = other(chapter, **{"models.cnn.epochs": "3"})
    seen = []

    def stop(row: dict[str, float]) -> None:
        seen.append(row["epoch"])
        if len(seen) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Chapter, "_live", lambda self, title: stop)
    with pytest.raises(Interrupted, match="its last whole epoch is kept"):
        chapter.run("cnn")
    assert Interrupted("said").__getattribute__("_render_traceback_")() == ["Interrupted: said"]
    chapter.run("cnn")
    assert seen == [1, 2, 3, 3]  # the third had not been kept yet
