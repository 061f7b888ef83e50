"""Bad files by the dozen, by seeds; `python benchmarks/bad_files.py` tries them by the hundred."""

import pytest
from datasets_pictures import class_folders, picture, save, study_of
from fuzz_images import KINDS, bad_image
from fuzz_runner import LAUGHTER, campaign, check_reason

from helpers.base.errors import StudyError
from helpers.datasets.reading import read_file
from helpers.study.images import load
from helpers.study.study import Study
from sections.data.tables import facts_table, unreadable_table

COUNTS = {"images": 112, "labels": 42, "packed": 20, "kept": 42}


@pytest.mark.parametrize("family", COUNTS)
def test_bad_files_are_read_rightly_or_named(family, tmp_path):
    tally = campaign(family, COUNTS[family], tmp_path)
    print(tally)
    assert tally.faults == [] and tally.tried == COUNTS[family]
    assert len(tally.outcomes) == 2  # some of them can be read, others cannot


def test_bad_study_files_and_settings_are_loaded_or_refused_in_words(tmp_path, monkeypatch):
    pytest.importorskip("hypothesis")
    import fuzz_studies

    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path / "data"))
    tally = fuzz_studies.campaign(40, tmp_path)
    print(tally)
    assert tally.faults == [] and tally.tried >= 40


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("title: &t [*t]", {}),
        (f"{LAUGHTER}look_alikes: *l10", {}),
        (f"weights: {'x' * 300}", {}),
        (f"name: {'x' * 300}", {}),
        ("seed: 18446744073709551616", {}),
        ("models: {cnn: {lr: .inf}}", {}),
        ("models: {cnn: {blocks: 3}}", {}),
        ("models: {cnn: 5}", {"epochs": "1"}),
        ("segmentation: 5", {"segmentation.epochs": "1"}),
    ],
)
def test_study_files_that_once_ended_in_a_traceback_or_in_none(text, given, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(f"data: {tmp_path}\n{text}\n")
    with pytest.raises(StudyError, match=r"mine\.yaml") as error:
        Study.load(path, given)
    check_reason(str(error.value))


def test_a_date_that_there_is_not_is_a_text(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(f"data: {tmp_path}\ntitle: 2001-13-45\n")
    assert Study.load(path).title == "2001-13-45"


def test_chapter_01_counts_every_file_once(tmp_path, monkeypatch):
    """A folder in which most files are bad: none is lost, none counted twice, and each class has its own."""
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path / "data"))
    root = class_folders(tmp_path / "photos", {"cat": 6, "dog": 6}, first_seed=7000)
    names = {name: [f"{name}/{number:03d}.jpg" for number in range(6)] for name in ("cat", "dog")}
    for seed in range(4 * len(KINDS)):
        name, _, bad = bad_image(seed)
        class_name = ("cat", "dog")[seed % 2]
        (root / class_name / name).write_bytes(bad)
        names[class_name].append(f"{class_name}/{name}")
    splits = load(study_of(root))
    bad = [one.path for one in splits.unreadable]
    assert sorted([*splits.files, *bad]) == sorted([*names["cat"], *names["dog"]])
    for label, name in enumerate(("cat", "dog")):
        assert sum(splits.labels == label) == len(set(names[name]) - set(bad))
    facts = {row[""]: row["What we know"] for row in facts_table(splits).rows()}
    assert facts["Images"] == len(splits.files) and facts["Unreadable files"] == len(bad)
    assert [row["File"] for row in unreadable_table(splits).rows()] == bad[:30]


def test_a_part_of_the_picture_that_never_came_is_noticed(tmp_path):
    """Bytes that were reserved on disk and never filled: decoders take zeros for grey picture."""
    path = save(tmp_path / "a.jpg", picture(0, 300, 400), quality=90)
    data = path.read_bytes()
    for share in (0.5, 0.9, 0.99):
        filled = int(len(data) * share)
        path.write_bytes(data[:filled] + bytes(len(data) - filled))
        assert "cut short" in read_file(path, 32, "crop").reason
