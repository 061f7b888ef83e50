"""What is handed on tells nothing of the user, the machine and the keys in the environment."""

import base64
import re
from pathlib import Path

import pytest
from hostile_course import HOST, SECRETS, USER, failed_course, hostile_course, marked

from runner import privacy

OWN = {"study.yaml", "graph.json"}  # say where the data lies, which is what they are for


def told(folder: Path) -> dict[str, list[str]]:
    """What each file below a folder tells, in its name or its content."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in OWN]
    assert files
    found = {str(path): marked(path.name + path.read_bytes().decode("latin1")) for path in files}
    return {name: words for name, words in found.items() if words}


@pytest.mark.parametrize("part", ["reports", "runs"])
def test_no_page_notebook_log_result_or_record_tells(part):
    course = hostile_course()
    assert course.status == 0, course.output[-3000:]
    assert told(course.place / part) == {}


def test_of_all_kinds_there_are_files():
    """Pages, notebooks, logs, results, and W&B's records: else the test above would say nothing."""
    place = hostile_course().place
    for pattern in ("reports/**/*.html", "reports/**/*.json", "reports/**/*.csv", "runs/**/*.ipynb",
                    "runs/hostile/logs/*.log", "runs/snakemake.log", "runs/.snakemake/log/*.log",
                    "runs/wandb/*/*.wandb", "runs/wandb/*/logs/*.log", "runs/**/summary.json"):  # fmt: skip
        assert list(place.glob(pattern)), pattern


@pytest.mark.parametrize("part", ["reports", "runs"])
def test_a_failed_chapter_does_not_tell_either(part):
    course = failed_course()
    assert course.status == 1, course.output[-3000:]
    assert told(course.home / part) == {}


def test_a_failed_chapter_still_says_what_failed():
    course = failed_course()
    page = (course.home / "reports" / "hostile" / "01_data.html").read_text(encoding="utf-8")
    assert "OSError: nothing in ~/images for [hidden]" in page and "\x1b" not in page
    assert "http://127.0.0.1:9" in page and "\x1b" not in course.output


@pytest.fixture
def alice(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", "/home/alice")
    monkeypatch.setenv("IMAGE_COURSE_RUNS", str(tmp_path / "runs"))
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("File /home/alice/course/x.py:3", "File ~/course/x.py:3"),
        ("'/home/alice'", "'~/'"),
        ("/home/alicexyz/a /data/home/alice", "/home/alicexyz/a /data/home/alice"),
        (f"key={SECRETS['WANDB_API_KEY']}&x", "key=[hidden]&x"),
        ("https://a:b@host/x and a@b.org", "https://host/x and a@b.org"),
        ("class wild_boar: 0.5 $x$ {y}", "class wild_boar: 0.5 $x$ {y}"),
        (str(privacy.ROOT / "helpers" / "training" / "runs.py"), "helpers/training/runs.py"),
    ],
)
def test_what_is_taken_out(alice, text, clean):
    assert privacy.private(text) == clean


def test_pictures_are_left_alone(alice, monkeypatch):
    monkeypatch.setenv("HOME", "/root")
    picture = base64.b64encode(b"abc" + base64.b64decode("/root/rootroot/+/root/root==")).decode()
    address = f'<img src="data:image/webp;base64,{picture}a/root/b">'
    assert "/root" in address and privacy.private(address) == address


def test_logs_are_cleaned_where_they_lie(alice, tmp_path):
    for name in ("snakemake.log", "mine/logs/01_data.log", ".snakemake/log/x.log", "wandb/run-1/logs/debug.log"):
        (tmp_path / "runs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "runs" / name).write_text(f"/home/alice/x {SECRETS['MY_PASSWORD']} done\n")
    privacy.tidy_logs()
    texts = {path.read_text() for path in (tmp_path / "runs").rglob("*.log")}
    assert texts == {"~/x [hidden] done\n"}


def test_logs_of_a_cluster_name_neither_machine_nor_user(alice, tmp_path):
    log = tmp_path / "runs" / ".snakemake" / "slurm_logs" / "rule_training" / "5.log"
    log.parent.mkdir(parents=True)
    log.write_text(
        "SNAKEMAKE\n  Host: n1.site.org\n  User: bob\n  Python version: 3.12\nbobsled by bob on n1.site.org\n"
        "slurmstepd: error: *** JOB 5 ON node-7 CANCELLED AT 2026-01-01T00:00:00 DUE TO TIME LIMIT ***\n"
    )
    privacy.tidy_logs()
    assert log.read_text() == (
        "SNAKEMAKE\n  Host: [hidden]\n  User: [hidden]\n  Python version: 3.12\nbobsled by [hidden] on [hidden]\n"
        "slurmstepd: error: *** JOB 5 ON [hidden] CANCELLED AT 2026-01-01T00:00:00 DUE TO TIME LIMIT ***\n"
    )


def test_the_markers_would_be_found():
    assert marked(f"/home/{USER}/x on {HOST}") == [USER, HOST] and not re.search(USER, "root")
