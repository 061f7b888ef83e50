"""The command line without running anything: options, mistakes, the graph, records and progress."""

import io
import json
import time
from pathlib import Path

import pytest
from course_chapters import CHAPTERS, IMAGE_CHAPTERS, SAID, STREET_CHAPTERS

from helpers.base.errors import CourseError
from helpers.base.paths import ROOT
from helpers.study.chapters import chapters
from helpers.study.study import Study, list_studies
from helpers.study.study import features as features_of
from runner import notebooks, options, plan, records, snakemake, work
from runner.__main__ import main
from runner.chapter import choose_cells
from runner.graph import ChapterFiles, choose_chapters, upstream
from runner.jobs import all_jobs
from runner.notebooks import cell_features, check_parameters
from runner.plan import study_file
from runner.progress import RunProgress, Tail, clock
from runner.records import Record, State


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of our own for runs, reports and notebooks."""
    for name in ("runs", "reports", "notebooks", "data"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(f"IMAGE_COURSE_{name.upper()}", str(tmp_path / name))
    for chapter in CHAPTERS:
        cells = ['study = "wildlife"  # which', "chapter.run(chapter.study.chapters.fine_tuned)"]
        asks = chapter == "03_fine_tuning"
        write_notebook(tmp_path / "notebooks" / f"{chapter}.ipynb", *(cells if asks else cells[:1]))
    return tmp_path


def write_notebook(path: Path, *sources: str, tags: tuple[str, ...] = ("parameters",), **rest) -> Path:
    cells = [
        {"cell_type": "code", "source": text, "metadata": {"tags": list(tags)}, "outputs": [], **rest}
        for text in sources
    ]
    metadata = SAID.get(path.stem, {})
    path.write_text(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
    return path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-study"], "no-such-study"),
        (["--set", "no_such_key=1"], "no_such_key"),
        (["--set", "epochs=two"], "epochs"),
        (["--set", "epochs"], "KEY=VALUE"),
        (["--seeds", "0"], "--seeds"),
        (["--jobs", "many"], "many"),
        (["--only", "02,77"], "77"),
        (["--data", "/no/such/folder"], "/no/such/folder"),
        (["--sampel"], "--sampel"),
        (["--set", "source=real"], "not in place"),
    ],
)
def test_mistakes_are_one_line_and_exit_2(places: Path, capsys, arguments: list[str], said: str):
    try:
        status = main(arguments)
    except SystemExit as end:  # argparse
        status = end.code
    output = capsys.readouterr()
    assert status == 2 and output.out == ""
    assert output.err.startswith("run_all.sh: ") and output.err.count("\n") == 1
    assert said in output.err
    assert not any((places / "runs").iterdir()), "something was begun"


def test_missing_notebook_is_named(places: Path, capsys):
    (places / "notebooks" / "03_fine_tuning.ipynb").unlink()
    assert main(["--sample"]) == 2
    assert "03_fine_tuning.ipynb" in capsys.readouterr().err
    assert plan.plan(options.parse_options(["--sample", "--only", "02"]))[0].chapters == ["02_cnn_from_scratch"]


def test_help_names_every_option(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    text = capsys.readouterr().out
    assert end.value.code == 0
    for option in (
        "--list",
        "--sample",
        "--data",
        "--only",
        "--jobs",
        "--shards",
        "--seeds",
        "--set",
        "STUDY",
        "-- ",
    ):
        assert option in text


def test_list_tells_what_each_study_needs(places: Path, capsys):
    assert main(["--list"]) == 0
    text = capsys.readouterr().out
    for study in list_studies():
        assert study.name in text and study.title in text
    assert "not in place" in text and "licence" in text


def test_everything_after_the_dashes_is_snakemakes():
    parsed = options.parse_options(["wildlife", "--jobs", "3", "--", "--dry-run", "--", "x"])
    assert (parsed.studies, parsed.jobs, parsed.snakemake) == (["wildlife"], 3, ["--dry-run", "--", "x"])


def test_options_become_keys_of_the_study():
    parsed = options.parse_options(["--set", "epochs=2", "--set", "title=a=b", "--seeds", "3", "--sample"])
    assert options.overrides(parsed) == {"epochs": "2", "title": "a=b", "seeds": "3", "source": "sample"}


def test_overrides_reach_the_study(places: Path):
    study = plan.plan(options.parse_options(["--sample", "--seeds", "3", "--only", "1"]))[0].study
    assert study.is_sample and study.seeds == 3


def test_chapters_by_number_or_name():
    available = list(CHAPTERS)
    assert choose_chapters(None, available) == available
    assert choose_chapters("3, 01_data,03", available) == ["01_data", "03_fine_tuning"]


def test_graph_has_every_chapter_after_those_it_waits_for():
    for number, (chapter, info) in enumerate(chapters().items()):
        assert {name for names in info.waits_for.values() for name in names} <= set(CHAPTERS[:number]), chapter
    asked = ["02_cnn_from_scratch", "05_feature_distances"]
    assert upstream(Study.load(""), "05_feature_distances", asked) == ["02_cnn_from_scratch"]


def due(*arguments: str) -> work.Work:
    """What a command would make."""
    plans = plan.plan(options.parse_options(["--sample", *arguments]))
    needs, jobs = all_jobs(plans, 0)
    found = work.find_work(plans, needs, jobs)
    work.write_graph(plans, found, one_at_a_time=True)
    return found


def test_graph_file_holds_what_is_due_and_what_it_waits_for(places: Path):
    found, graph = due("--only", "01,03,05"), work.read_graph()
    assert list(found.chapters) == [
        f"wildlife/{name}" for name in ("01_data", "03_fine_tuning", "05_feature_distances")
    ]
    assert graph["chapters"]["wildlife/01_data"]["waits"] == ["wildlife/data"]
    assert "wildlife/training.resnet18.0" in graph["chapters"]["wildlife/03_fine_tuning"]["waits"]
    assert "wildlife/03_fine_tuning" in graph["chapters"]["wildlife/05_feature_distances"]["waits"]
    assert all(set(job["waits"]) <= set(graph["jobs"]) for job in graph["jobs"].values())
    written = plan.study_file("wildlife").stat().st_mtime_ns
    assert due("--only", "01,03,05") == found and plan.study_file("wildlife").stat().st_mtime_ns == written


def test_what_is_done_is_not_due_and_its_jobs_are_not_looked_at(places: Path):
    first = due("--only", "01,03")
    state = first.states["wildlife"]
    files = ChapterFiles("wildlife", "03_fine_tuning")
    Record("ok", key=state.keys[files.chapter], reads={"resnet18": state.models["resnet18"]}).save(files.done)
    files.results.parent.mkdir(parents=True)
    files.results.write_text("{}")
    again = due("--only", "01,03")
    assert list(again.chapters) == ["wildlife/01_data"] and list(again.jobs) == ["wildlife/data"]
    assert again.pages == ["wildlife/01_data", "wildlife/03_fine_tuning"]  # its page is not there
    assert "wildlife/03_fine_tuning" not in due("--only", "03", "--set", "models.cnn.epochs=3").chapters
    assert "wildlife/03_fine_tuning" in due("--only", "03", "--set", "models.resnet18.epochs=3").chapters


def test_street_scenes_and_images_change_their_own_chapters_only(places: Path):
    def keys(*arguments: str) -> dict:
        return plan.plan(options.parse_options(["--sample", *arguments]))[0].keys

    def changed(setting: str) -> list[str]:
        first, now = keys(), keys("--set", setting)
        return [chapter for chapter in CHAPTERS if first[chapter] != now[chapter]]

    assert changed("image_size=48") == list(IMAGE_CHAPTERS)
    assert changed("epochs=3") == []  # but the chapters that look at the models: see Record.reads
    assert changed("segmentation.epochs=3") == list(STREET_CHAPTERS)
    assert changed("seed=3") == list(CHAPTERS)


def test_a_notebook_as_written_is_not_changed_by_running_it(tmp_path: Path):
    def seen(path: Path) -> str:
        return notebooks.as_written(notebooks.read_notebook(path)["cells"])

    path = tmp_path / "a.ipynb"
    plain = seen(write_notebook(path, "x = 1"))
    outputs = [{"output_type": "stream", "name": "stdout", "text": "1"}]
    assert seen(write_notebook(path, "x = 1", execution_count=4, outputs=outputs)) == plain
    assert seen(write_notebook(path, "x = 2")) != plain
    assert seen(write_notebook(path, "x = 1", tags=())) != plain


def test_a_notebook_that_is_none_is_named(tmp_path: Path):
    (tmp_path / "a.ipynb").write_text("{")
    with pytest.raises(CourseError, match=r"a\.ipynb"):
        notebooks.read_notebook(tmp_path / "a.ipynb")


def test_parameters_cell_must_know_the_study(tmp_path: Path):
    check_parameters(write_notebook(tmp_path / "good.ipynb", 'study = "wildlife"\n'), {"study": "x"})
    for path in (
        write_notebook(tmp_path / "other.ipynb", 'studie = "wildlife"'),
        write_notebook(tmp_path / "untagged.ipynb", 'study = "wildlife"', tags=()),
    ):
        with pytest.raises(CourseError, match=rf"{path.name}.*'study'"):
            check_parameters(path, {"study": "x"})


def keep(chapter: str, status: str, key: str = "now") -> None:
    files = ChapterFiles("wildlife", chapter)
    Record(status, 1.0, "" if status == "ok" else "broke", "2025-01-01", key).save(
        files.done if status == "ok" else files.failed
    )


def state(*asked: str) -> State:
    return State(
        dict.fromkeys(IMAGE_CHAPTERS, "now"), {}, {name: upstream(Study.load(""), name, asked) for name in asked}
    )


def test_outcome_after_a_failure(places: Path):
    keep("01_data", "ok")
    keep("02_cnn_from_scratch", "failed")
    keep("03_fine_tuning", "ok")
    keep("04_augmentation", "ok", key="before")
    found = records.chapter_records(
        "wildlife", state(*(name for name in IMAGE_CHAPTERS if name != "04_augmentation"))
    )
    assert {name: record.status for name, record in found.items()} == {
        "01_data": "ok",
        "02_cnn_from_scratch": "failed",
        "03_fine_tuning": "ok",
        "04_augmentation": "stale",  # not asked for, and made with other settings
        "05_feature_distances": "skipped",
        "06_model_comparison": "skipped",
    }
    assert found["05_feature_distances"].error == "waits for 02_cnn_from_scratch"
    assert found["06_model_comparison"].error == "waits for 05_feature_distances"


def test_what_a_chapter_looked_at_decides_whether_it_is_out_of_date(places: Path):
    files = ChapterFiles("wildlife", "03_fine_tuning")
    Record("ok", key="now", reads={"resnet18": "a"}).save(files.done)
    for models, status in (({"resnet18": "a", "cnn": "b"}, "ok"), ({"resnet18": "c"}, "stale"), ({}, "stale")):
        found = records.chapter_records("wildlife", State({files.chapter: "now"}, models, {}))
        assert found[files.chapter].status == status


def test_chapter_that_was_cut_off_has_failed_and_one_that_never_began_has_not(places: Path):
    files = ChapterFiles("wildlife", "01_data")
    assert records.chapter_records("wildlife", state("01_data")) == {}
    files.progress.parent.mkdir(parents=True)
    files.progress.write_text("starts\n")
    found = records.chapter_records("wildlife", state("01_data"))
    assert found["01_data"].status == "failed" and "01_data.log" in found["01_data"].error
    files.progress.unlink()
    files.page.parent.mkdir(parents=True)
    files.page.write_text("an old page")
    assert records.chapter_records("wildlife", state("01_data"))["01_data"].status == "stale"


def test_tail_gives_whole_lines_once(tmp_path: Path):
    path = tmp_path / "progress"
    path.write_text("of an earlier run\n")
    tail = Tail(path)
    assert tail.read() == []
    with path.open("a") as file:
        file.write("epoch 1\nepo")
        file.flush()
        assert tail.read() == ["epoch 1"]
        file.write("ch 2\n")
    assert (tail.read(), tail.read()) == (["epoch 2"], [])


def test_progress_names_the_chapter_once_and_the_study_if_there_are_several(places: Path):
    stream = io.StringIO()
    files = [ChapterFiles("a", "01_data"), ChapterFiles("b", "01_data")]
    progress = RunProgress(files, stream)
    for item, text in zip(files, ("one\ntwo\n", "three\n"), strict=True):
        item.progress.parent.mkdir(parents=True)
        item.progress.write_text(text)
    progress.show_news()
    lines = [line.split(maxsplit=1)[1].split() for line in stream.getvalue().splitlines()]
    assert lines == [["a/01_data", "one"], ["two"], ["b/01_data", "three"]]


def test_clock():
    assert [clock(seconds) for seconds in (0, 65.9, 3725)] == ["0:00", "1:05", "62:05"]


def test_jobs_share_the_cores(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(snakemake, "usable_cores", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert [snakemake.threads_of(jobs) for jobs in (1, 3, 99)] == [8, 2, 1]
    assert snakemake._environment(3)["IMAGE_COURSE_THREADS"] == "2"
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert snakemake.threads_of(1) == 5


def test_a_folder_that_cannot_be_a_study_is_refused_before_anything_runs(places: Path, capsys):
    root = places / "photos"
    (root / "images").mkdir(parents=True)
    (root / "images" / "a.jpg").write_bytes(b"x")
    for name, said in (("empty one", "empty one"), ("masks", "masks")):
        (root / name).mkdir()
        assert main([str(root)]) == 2
        message = capsys.readouterr().err
        assert said in message and message.count("\n") == 1
        (root / name).rmdir()
    assert not list((places / "runs").glob("photos*"))


def test_reading_the_options_and_studies_is_quick(places: Path):
    began = time.process_time()
    plan.plan(options.parse_options(["--sample"]))
    assert time.process_time() - began < 1


def test_maps_of_patches_wait_for_their_classifiers() -> None:
    assert upstream(Study.load("wildlife"), "07_segmentation", CHAPTERS) == []
    classifiers = ["03_fine_tuning", "04_augmentation"]
    assert upstream(Study.load("satellite"), "07_segmentation", CHAPTERS) == classifiers


def test_cells_for_other_studies_and_for_students_are_left_out(places: Path) -> None:
    tags = [[], ["only-streets"], ["only-patches"], ["hide", "only-streets"], ["exercise"]]
    cells = [{"cell_type": "markdown", "source": str(i), "metadata": {"tags": t}} for i, t in enumerate(tags)]
    (places / "notebooks" / "01_data.ipynb").write_text(json.dumps({"cells": cells}))
    files = ChapterFiles("wildlife", "01_data")
    Study.load("wildlife", {"source": "sample"}).save(study_file("wildlife"))
    choose_cells(files)
    kept = [cell["source"] for cell in json.loads(files.executed.read_text())["cells"]]
    assert kept == ["0", "1", "3"]


def test_every_condition_in_the_notebooks_is_a_feature() -> None:
    known = set(features_of(list_studies()[0]))
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            assert set(cell_features(cell)) <= known, path.name
            guarded = "".join(cell["source"]).startswith("if chapter.has(")
            assert cell["cell_type"] == "markdown" or not cell_features(cell) or guarded, path.name


def test_several_studies_run_two_chapters_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snakemake, "usable_cores", lambda: 2)
    assert [snakemake.usual_jobs(studies) for studies in (1, 2, 5)] == [1, 2, 2]
    monkeypatch.setattr(snakemake, "usable_cores", lambda: 1)
    assert snakemake.usual_jobs(5) == 1
