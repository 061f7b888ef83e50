"""What a folder holds, as one hash: it follows content and names, not times or places."""

import os
from pathlib import Path

import pytest

from helpers.datasets import memory
from runner import contents as module
from runner.contents import contents


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path / "data"))
    (tmp_path / "mine" / "cat").mkdir(parents=True)
    (tmp_path / "mine" / "dog").mkdir()
    for name in ("cat/1.jpg", "cat/2.jpg", "dog/1.jpg", "labels.csv"):
        (tmp_path / "mine" / name).write_bytes(name.encode())
    return tmp_path / "mine"


def put_in_place(folder: Path) -> None:
    """Another content of the same length, with the times of the one before."""
    path = folder / "cat" / "1.jpg"
    times = path.stat()
    path.write_bytes(b"cat/9.jpg")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "cat" / "3.jpg").write_bytes(b"new"),
        lambda folder: (folder / "cat" / "2.jpg").unlink(),
        lambda folder: (folder / "cat" / "2.jpg").rename(folder / "cat" / "two.jpg"),
        lambda folder: (folder / "cat" / "2.jpg").rename(folder / "dog" / "2.jpg"),
        lambda folder: (folder / "labels.csv").write_text("other"),
        put_in_place,
    ],
)
def test_every_change_of_names_and_content_is_seen(folder: Path, change):
    before = contents(folder)
    change(folder)
    assert contents(folder) != before == before


def test_times_and_places_do_not_count(folder: Path):
    before = contents(folder)
    for path in folder.rglob("*.jpg"):
        os.utime(path, ns=(1, 1))
    assert contents(folder) == before
    elsewhere = folder.rename(folder.with_name("elsewhere"))
    assert contents(elsewhere) == before


def test_a_file_is_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch):
    first, read = contents(folder), []
    original = module._digest
    monkeypatch.setattr(module, "_digest", lambda path: read.append(path.name) or original(path))
    assert contents(folder) == first and read == []
    (folder / "cat" / "3.jpg").write_bytes(b"new")
    contents(folder)
    assert read == ["3.jpg"]


def test_links_that_lead_nowhere_or_in_circles_do_no_harm(folder: Path):
    before = contents(folder)
    (folder / "circle").symlink_to(folder)
    (folder / "cat" / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    assert contents(folder) != before


def test_a_damaged_or_unwritable_memory_is_no_memory(folder: Path, monkeypatch: pytest.MonkeyPatch):
    before = contents(folder)
    (index,) = (folder.parent / "data" / ".cache").glob("contents-*.json")
    for damage in ("", "{", "[]", '{"cat/1.jpg": 3}'):
        index.write_text(damage)
        assert contents(folder) == before
    monkeypatch.setattr(memory, "write_atomic", lambda *_: (_ for _ in ()).throw(OSError("read-only")))
    index.unlink()
    assert contents(folder) == before
