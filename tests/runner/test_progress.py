"""What a run shows of itself: how far jobs are, the line at the bottom of a terminal, and the time left."""

import contextlib
import fcntl
import io
import json
import os
import pty
import re
import struct
import termios
import time
from pathlib import Path

import pytest

from helpers.base import telling
from helpers.base.lock import locked
from helpers.base.telling import LoopStage, stage, steps
from helpers.study.study import Study
from runner import bar, estimates, expectations, watched, work
from runner.estimates import ExpectedTime, TimedJob
from runner.graph import ChapterFiles
from runner.jobs import all_jobs
from runner.options import parse_options
from runner.plan import plan
from runner.progress import RunProgress
from runner.watched import read_told


@pytest.fixture
def now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this process tells how far it is, each time that it is asked to."""
    monkeypatch.setenv("IMAGE_COURSE_NOW", str(tmp_path / "job.now"))
    monkeypatch.setattr(telling, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(telling, "_telling", None)
    return tmp_path / "job.now"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DATA", "RUNS", "REPORTS"):
        monkeypatch.setenv(f"IMAGE_COURSE_{name}", str(tmp_path / name.lower()))
    return tmp_path


# Telling


def test_loops_within_loops_are_told_together_and_forgotten_at_the_end(now: Path):
    found = []
    for _ in steps(range(2), "epoch", 2):
        found += [read_told(now) for _ in steps(range(5), "batch", 5, (0.0, 0.5))]
    assert [one["text"] for one in found[3:6]] == [
        "epoch 1/2, batch 4/5",
        "epoch 1/2, batch 5/5",
        "epoch 2/2, batch 1/5",
    ]
    assert [one["fraction"] for one in found] == pytest.approx(
        [0.05 * i for i in range(5)] + [0.5 + 0.05 * i for i in range(5)]
    )
    assert {one["loop"] for one in found} == {"epoch"}
    assert not now.exists()


def test_a_loop_that_fails_is_forgotten_too(now: Path):
    with pytest.raises(KeyError), stage("scene", 3) as reach:
        reach(2)
        assert read_told(now)["text"] == "scene 2/3"
        raise KeyError
    assert not now.exists()


def test_nothing_is_told_where_nobody_asks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("IMAGE_COURSE_NOW", raising=False)
    items = [3, 4]
    assert list(steps(items, "epoch", 2)) == items
    with stage("epoch", 2) as reach:
        reach(1)
    assert telling._own() is None


def test_it_is_not_told_too_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    clock = [100.0]
    monkeypatch.setattr(telling.time, "monotonic", lambda: clock[0])
    own, loop = telling.Telling(tmp_path / "a.now"), LoopStage("batch", 100)
    with own.within(loop):
        own.reach(loop, 1)
        clock[0] += telling.SECONDS_BETWEEN / 2
        own.reach(loop, 2)
        assert read_told(own.path)["text"] == "batch 1/100"
        clock[0] += telling.SECONDS_BETWEEN
        own.reach(loop, 3)
        assert read_told(own.path)["text"] == "batch 3/100"


def test_a_disk_that_takes_nothing_does_not_stop_the_work(now: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("IMAGE_COURSE_NOW", str(now.parent / "missing" / "job.now"))
    assert list(steps(range(3), "batch", 3)) == [0, 1, 2]


def test_a_damaged_state_says_nothing(tmp_path: Path):
    path = tmp_path / "a.now"
    for text in (
        "",
        "{",
        "[]",
        "null",
        '{"stages": []}',
        '{"stages": [["a", 1]], "fraction": 0}',
        "\0" * 99,
        '{"stages": [["a", null, 2]], "fraction": 0}',
        '{"stages": [["a", 1, 2]], "fraction": "x"}',
        '{"stages": 3, "fraction": 1}',
        "[" * 4000,
        '{"stages": [["a", 1e999, 2]], "fraction": 0}',
    ):
        path.write_text(text)
        assert read_told(path) == {}, text
    path.write_bytes(b"\xff\xfe")
    assert read_told(path) == {} == read_told(tmp_path / "missing")


def test_what_is_told_cannot_steer_a_terminal(tmp_path: Path):
    path = tmp_path / "a.now"
    path.write_text(json.dumps({"stages": [["a\x1b[2Jb\n", 1, 2]], "fraction": 7}))
    assert read_told(path) == {"text": "a[2Jb 1/2", "loop": "a\x1b[2Jb\n", "fraction": 1.0}


# The line


RUNNING = [
    ("wildlife/training.resnet18.0", "epoch 3/6, batch 41/75"),
    ("birds/07_segmentation", "cell 5/9, scene 3/40"),
]


@pytest.mark.parametrize("room, text", [
    (99, "wildlife/training.resnet18.0: epoch 3/6, batch 41/75"),
    (51, "training.resnet18.0: epoch 3/6, batch 41/75"),
    (36, "resnet18.0: epoch 3/6, batch 41/75"),
    (30, "resnet18.0: epoch 3/6"),
    (12, "resnet18.0"),
    (6, "resne…"),
    (1, ""),
    (-5, ""),
])  # fmt: skip
def test_one_job_is_named_as_there_is_room(room: int, text: str):
    assert bar.running_text(RUNNING[:1], room) == text


def test_of_several_it_is_said_how_many():
    assert bar.running_text(RUNNING, 60) == "2 at work: resnet18.0: epoch 3/6; 07_segmentation: cell 5/9"
    assert bar.running_text(RUNNING, 40) == "2 at work: resnet18.0; 07_segmentation"
    assert bar.running_text(RUNNING, 30) == "2 at work: resnet18.0; 07_seg…"
    assert bar.running_text([], 30) == ""


@pytest.mark.parametrize("columns", [20, 40, 60, 75, 76, 80, 109, 110, 200])
@pytest.mark.parametrize("left", [None, 5.0, 300.0, 1e5])
def test_the_line_is_narrower_than_the_terminal(columns: int, left: float | None):
    form, text = bar.bar_line(12, 27, RUNNING, left, columns)
    width = int((re.search(r"\{bar:(\d+)\}", form) or [0, 0])[1])
    shown = re.sub(r"\{bar:\d+\}", "━" * width, form).replace("{desc}", text)
    assert len(shown) < columns or columns < 30
    assert shown.startswith("12/27 jobs") and (width > 0) == (columns >= 76)


def test_time_left_in_words():
    assert [estimates.left_in_words(seconds) for seconds in (None, 0, 59, 61, 420, 5395, 7200, 90000)] == [
        "", "less than a minute left", "less than a minute left", "about 1 min left", "about 7 min left",
        "about 1.5 h left", "about 2.0 h left", "about 25 h left",
    ]  # fmt: skip
    assert [estimates.left_in_words(seconds, narrow=True) for seconds in (None, 30, 420)] == [
        "",
        "< 1 min",
        "~7 min",
    ]


# Estimates


def ended(name: str, expected: float, took: float) -> TimedJob:
    return TimedJob(name, ExpectedTime(expected), elapsed=took, fraction=1.0, ended=True)


def test_nothing_is_said_before_there_is_ground_for_it():
    assert estimates.seconds_left([], 1) is None
    assert estimates.seconds_left([TimedJob("s/data", ExpectedTime(100.0))], 1) is None
    begun = TimedJob("s/data", ExpectedTime(100.0), elapsed=5.0, fraction=0.01)
    assert estimates.seconds_left([begun], 1) is None
    measured = TimedJob("s/data", ExpectedTime(100.0, "data 1", remembered=True))
    assert estimates.seconds_left([measured], 1) == 100.0


def test_none_is_left_when_all_are_done():
    assert estimates.seconds_left([ended("s/data", 50.0, 70.0)], 1) == 0.0


@pytest.mark.parametrize("ratio", [0.2, 0.5, 1.0, 3.0, 8.0])
def test_a_machine_of_another_speed_is_soon_found_out(ratio: float):
    behind = [ended(f"s/training.a.{seed}", 100.0, 100.0 * ratio) for seed in range(3)]
    left = estimates.seconds_left([*behind, TimedJob("s/training.b.0", ExpectedTime(200.0))], 1)
    assert left == pytest.approx(200 * ratio, rel=0.25)


def test_what_was_measured_here_is_believed_for_longer():
    slow = ended("s/data", 40.0, 160.0)
    rest = [TimedJob("s/training.a.0", ExpectedTime(1000.0, "a", remembered)) for remembered in (False, True)]
    unsure, sure = (estimates.slowness([slow, job], True) for job in rest)
    assert 1 < sure < 0.8 * unsure


def test_a_training_that_goes_on_is_not_taken_for_a_quick_one():
    onward = TimedJob("s/training.a.0", ExpectedTime(100.0), elapsed=10.0, fraction=0.7, found=0.6)
    assert estimates.seconds_behind(onward) == pytest.approx(10.0)
    assert estimates.left_of(onward, 1.0) == pytest.approx(30.0)
    at_once = TimedJob("s/training.a.0", ExpectedTime(100.0), elapsed=0.1, fraction=0.6, found=0.6)
    assert estimates.seconds_behind(at_once) == 0.0


def test_what_was_there_already_says_nothing_of_the_machine():
    assert estimates.seconds_behind(ended("s/training.a.0", 100.0, 0.4)) == 0.0
    assert estimates.seconds_behind(ended("s/training.a.0", 100.0, 50.0)) == 100.0
    assert estimates.seconds_behind(TimedJob("s/training.a.0", ExpectedTime(100.0))) == 0.0


def test_a_running_job_counts_by_its_own_pace():
    half = TimedJob("s/training.a.0", ExpectedTime(100.0), elapsed=200.0, fraction=0.5)
    assert estimates.seconds_behind(half) == 50.0 and estimates.slowness([half], True) > 2
    assert 100 < estimates.left_of(half, 4.0) <= 200
    late = TimedJob("s/06_model_comparison", ExpectedTime(10.0), elapsed=100.0)
    assert estimates.left_of(late, 1.0) == pytest.approx(15.0)
    assert estimates.left_of(TimedJob("s/a", ExpectedTime(10.0)), 3.0) == 30.0


def test_networks_may_be_faster_here_and_all_else_slower():
    behind = [ended("s/training.a.0", 200.0, 20.0), ended("s/01_data", 50.0, 100.0)]
    behind += [ended("s/training.a.1", 200.0, 22.0)]
    assert estimates.slowness(behind, True) < 0.3 and estimates.slowness(behind, False) > 1.0


def measured(name: str, seconds: float, *waits: str) -> TimedJob:
    return TimedJob(
        f"s/{name}", ExpectedTime(seconds, name, remembered=True, waits=tuple(f"s/{one}" for one in waits))
    )


def test_jobs_share_the_machine_but_a_chain_cannot_be_cut_short():
    apart = [measured(name, 10.0) for name in "abcd"]
    assert [estimates.seconds_left(apart, at_a_time) for at_a_time in (1, 2, 9)] == [40, 20, 10]
    chain = [measured("a", 10.0), measured("b", 10.0, "a"), measured("c", 5.0)]
    assert estimates.seconds_left(chain, 8) == 20
    chain[0].ended = True
    assert estimates.seconds_left(chain, 8) == 10


def test_hundreds_of_jobs_are_no_work():
    many = [measured(f"{number}", 10.0, f"{number - 100}", "data") for number in range(1000)]
    began = time.process_time()
    assert estimates.seconds_left(many, 10) == 1000.0
    assert time.process_time() - began < 0.1


def test_jobs_that_wait_for_one_another_do_not_hang():
    assert estimates.seconds_left([measured("a", 1.0, "b"), measured("b", 1.0, "a")], 2) == 2.0


def test_loops_that_follow_one_another_are_parts_of_a_job():
    assert estimates.overall_fraction("weights.sample.resnet18.standard", "epoch", 0.5) == pytest.approx(0.55)
    assert estimates.overall_fraction("data", "drawing", 1.0) == estimates.overall_fraction(
        "data", "decoding images", 0
    )
    assert estimates.overall_fraction("02_cnn_from_scratch", "cell", 0.5) is None


def test_durations_are_remembered_and_damage_is_forgotten(places: Path):
    assert estimates.read_durations() == {}
    estimates.remember("data 1", 3.14)
    estimates.remember("data 2", 4.0)
    assert estimates.read_durations() == {"data 1": 3.1, "data 2": 4.0}
    for text in ("{", "[]", '{"a": "x"}', '{"a": -1, "b": NaN, "c": Infinity}', "3"):
        estimates.durations_file().write_text(text)
        assert estimates.read_durations() == {}, text


# Work


def test_every_job_of_the_default_study_is_expected_and_quickly(places: Path):
    plans = plan(parse_options(["--sample"]))
    needs, made_before = all_jobs(plans, 0)
    due = work.find_work(plans, needs, made_before)
    began = time.process_time()
    found = expectations.expectations(plans, due)
    assert time.process_time() - began < 0.1
    assert set(made_before) < set(found) and "wildlife/09_cross_domain.page" in found
    assert all(1 <= one.seconds < 1000 and set(one.waits) <= set(found) for one in found.values())
    assert "wildlife/training.cnn.0" in found["wildlife/02_cnn_from_scratch"].waits
    estimates.remember(found["wildlife/training.cnn.0"].key, 77.0)
    again = expectations.expectations(plans, due)
    assert again["wildlife/training.cnn.0"][0::2] == (77.0, True)
    assert not again["wildlife/training.resnet18.0"].remembered


def test_chapters_that_train_for_themselves_take_as_long_as_the_jobs(places: Path):
    plans = plan(parse_options(["--sample"]))
    apart, alone = (
        expectations.expectations(plans, work.find_work(plans, *all_jobs(of, 0))) for of in (plans, [])
    )
    assert not [name for name in alone if "training" in name]
    assert sum(one.seconds for one in alone.values()) == pytest.approx(sum(one.seconds for one in apart.values()))
    chapter = "wildlife/02_cnn_from_scratch"
    assert alone[chapter].seconds > apart[chapter].seconds and alone[chapter].key != apart[chapter].key


def test_more_work_takes_longer_and_another_seed_does_not():
    study = Study.load("wildlife", {"source": "sample"})
    longer = Study.load("wildlife", {"source": "sample", "models.cnn.epochs": "20"})
    facts, seconds = expectations.work_of(study, "training.cnn.0")
    more, much_longer = expectations.work_of(longer, "training.cnn.0")
    assert much_longer > 1.7 * seconds and more != facts
    assert expectations.work_of(study, "training.cnn.5")[0] == facts
    other = "training.resnet18.0"
    assert expectations.work_of(study, other) == expectations.work_of(longer, other)


# All together


def write(files: ChapterFiles, *lines: str) -> None:
    files.progress.parent.mkdir(parents=True, exist_ok=True)
    with files.progress.open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


def tell(files: ChapterFiles, ending: str, *loops: tuple[str, int, int], fraction: float = 0.0) -> None:
    files.progress.with_suffix(ending).write_text(json.dumps({"stages": loops, "fraction": fraction}))


@pytest.fixture
def three(places: Path) -> list[ChapterFiles]:
    return [ChapterFiles("a", name) for name in ("training.cnn.0", "02_cnn_from_scratch", "03_fine_tuning")]


EXPECTED = {
    "a/training.cnn.0": ExpectedTime(100.0, "training 1"),
    "a/02_cnn_from_scratch": ExpectedTime(30.0, "02 1", waits=("a/training.cnn.0",)),
    "a/03_fine_tuning": ExpectedTime(30.0, "03 1", waits=("a/02_cnn_from_scratch",)),
}


def test_the_state_is_that_of_the_jobs(three: list[ChapterFiles]):
    progress = RunProgress(three, io.StringIO(), EXPECTED, at_a_time=2)
    assert progress.state() | {"seconds": 0} == {
        "done": 0,
        "total": 3,
        "running": [],
        "seconds_left": None,
        "seconds": 0,
    }
    write(three[0], "starts")
    tell(three[0], ".now", ("epoch", 2, 4), ("batch", 1, 9), fraction=0.5)
    progress.show_news()
    state = progress.state()
    fraction = estimates.overall_fraction("training.cnn.0", "epoch", 0.5)
    assert state["running"] == [
        {"study": "a", "job": "training.cnn.0", "text": "epoch 2/4, batch 1/9", "fraction": fraction}
    ]
    assert state["seconds_left"] is None  # it may have gone on from there
    tell(three[0], ".now", ("epoch", 4, 4), ("batch", 1, 9), fraction=0.75)
    progress.watched.jobs["a/training.cnn.0"].begun -= 50
    progress.drawn = 0
    progress.show_news()
    assert 90 < progress.state()["seconds_left"] < 180
    write(three[0], "done in 0:50")
    write(three[1], "starts")
    tell(three[1], ".now", ("cell", 3, 9))
    tell(three[1], ".within", ("scene", 1, 40))
    progress.drawn = 0
    progress.show_news()
    state = progress.state()
    assert (state["done"], state["running"][0]["text"]) == (1, "cell 3/9, scene 1/40")
    assert json.dumps(state)


def test_states_are_removed_at_the_start_when_a_job_ends_and_at_the_end(three: list[ChapterFiles]):
    three[0].progress.parent.mkdir(parents=True)
    tell(three[0], ".now", ("epoch", 1, 2))
    progress = RunProgress(three, io.StringIO(), EXPECTED)
    left = three[0].progress.parent
    assert not list(left.glob("*.now"))
    write(three[0], "starts", "done in 0:01")
    write(three[1], "starts")
    tell(three[0], ".now", ("epoch", 1, 2))
    for ending in (".now", ".within"):
        tell(three[1], ending, ("cell", 1, 2))
    progress.show_news()
    assert [path.name for path in sorted(left.glob("*.[nw]*"))] == [
        "02_cnn_from_scratch.now", "02_cnn_from_scratch.within"
    ]  # fmt: skip
    progress.close()
    assert not list(left.glob("*.[nw]*"))


def test_what_a_chapter_took_is_remembered_but_not_that_its_result_was_there(three: list[ChapterFiles]):
    seen = watched.WatchedJobs(three, EXPECTED)
    seen.heard("a/training.cnn.0", "starts")
    seen.jobs["a/training.cnn.0"].begun -= 1.0
    seen.heard("a/training.cnn.0", "done in 0:01")
    assert estimates.read_durations() == {}
    seen.heard("a/02_cnn_from_scratch", "starts")
    seen.jobs["a/02_cnn_from_scratch"].begun -= 2.0
    seen.heard("a/02_cnn_from_scratch", "done in 0:02")
    assert estimates.read_durations() == pytest.approx({"02 1": 2.0}, abs=0.2)
    seen.heard("a/training.cnn.0", "starts")
    seen.jobs["a/training.cnn.0"].begun -= 70.0
    seen.heard("a/training.cnn.0", "done in 1:10")
    assert estimates.read_durations() == pytest.approx({"02 1": 2.0, "training 1": 70.0}, abs=0.2)


def test_chapters_that_wait_for_a_failed_one_are_not_waited_for(three: list[ChapterFiles]):
    seen = watched.WatchedJobs(three, EXPECTED)
    seen.heard("a/training.cnn.0", "starts")
    seen.heard("a/training.cnn.0", "failed after 0:01: no")
    assert seen.state()["total"] == 3  # the chapter shows the error
    seen.heard("a/02_cnn_from_scratch", "starts")
    seen.heard("a/02_cnn_from_scratch", "failed after 0:01: no")
    assert (seen.state()["done"], seen.state()["total"]) == (2, 2)


def test_a_job_that_was_killed_no_longer_runs(three: list[ChapterFiles]):
    seen = watched.WatchedJobs(three, EXPECTED)
    three[0].lock.parent.mkdir(parents=True)
    with locked(three[0].lock):
        seen.heard("a/training.cnn.0", "starts")
        seen.jobs["a/training.cnn.0"].heard_at -= watched.GONE_SECONDS + 1
        seen.look()
        assert seen.state()["running"]
    seen.look()
    assert not seen.state()["running"]
    seen.heard("a/training.cnn.0", "starts")
    assert seen.state()["running"] and seen.jobs["a/training.cnn.0"].elapsed < 1


def test_a_log_is_not_silent_for_long(three: list[ChapterFiles], monkeypatch: pytest.MonkeyPatch):
    stream = io.StringIO()
    progress = RunProgress(three, stream, EXPECTED)
    write(three[0], "starts")
    tell(three[0], ".now", ("epoch", 1, 6), ("batch", 1, 75))
    progress.show_news()
    tell(three[0], ".now", ("epoch", 3, 6), ("batch", 41, 75), fraction=0.4)
    progress.drawn = 0
    progress.show_news()
    assert stream.getvalue().count("\n") == 1
    progress.spoke["a/training.cnn.0"] -= 31
    progress.drawn = 0
    progress.show_news()
    progress.drawn = 0
    progress.show_news()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2 and "  epoch 3/6, batch 41/75 · " in lines[1] and lines[1].endswith(" left")
    assert "\r" not in stream.getvalue()


def everything(terminal: int) -> str:
    """What has been written to a terminal, from its other end, which does not block."""
    found = b""
    with contextlib.suppress(BlockingIOError):
        while more := os.read(terminal, 1 << 12):
            found += more
    return found.decode()


def test_a_terminal_has_the_line_below_all_others_and_is_left_without_it(three: list[ChapterFiles]):
    main, other = pty.openpty()
    os.set_blocking(main, False)
    with open(other, "w", encoding="utf-8") as stream:
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 60, 0, 0))
        progress = RunProgress(three, stream, EXPECTED)
        write(three[0], "starts")
        tell(three[0], ".now", ("epoch", 3, 6), ("batch", 41, 75), fraction=0.4)
        progress.show_news()
        write(three[0], "  epoch 3/6  loss 0.5")
        progress.show_news()
        progress.close()
        shown = everything(main)
    rows = [row for row in re.split(r"[\r\n]+", shown) if row.strip()]
    assert rows[0].split() == ["0:00", "training.cnn.0", "starts"]
    assert rows[1] == "0/3 jobs training.cnn.0: epoch 3/6, batch 41/75"
    assert any("loss 0.5" in row for row in rows[2:])
    assert shown.endswith(f"\r{bar.CLEAR_BELOW}")
