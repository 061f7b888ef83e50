"""Archives put into a set's folder: unpacked once and safely, whatever somebody has packed into them."""

import io
import os
import stat
import tarfile
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from datasets_pictures import packed, picture
from PIL import Image

from helpers.datasets import archives
from helpers.datasets.archives import unpack_archives
from helpers.datasets.catalogue import real_data_folder
from helpers.datasets.types import DataError
from helpers.study.study import Study

LAND_COVERS = ("cloudy", "desert", "green_area", "water")
KINDS = ("zip", "tar", "tar.gz", "tgz", "tar.bz2", "tar.xz")


def jpeg(seed: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture(seed, 16, 16)).save(buffer, "JPEG")
    return buffer.getvalue()


def land_covers(first_seed: int = 0) -> dict[str, bytes]:
    return {f"data/{name}/{i}.jpg": jpeg(first_seed + i) for name in LAND_COVERS for i in range(2)}


def inside(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_unpacked_beside_itself_and_left_in_place(tmp_path, kind):
    archive = packed(tmp_path / f"archive.{kind}", land_covers() | {"__MACOSX/._x": b"", "data/.DS_Store": b""})
    root = real_data_folder("satellite", tmp_path)
    assert root == tmp_path / "archive" / "data"
    assert archive.exists() and inside(tmp_path / "archive") == set(land_covers())
    assert (root / "water" / "1.jpg").read_bytes() == jpeg(1)


def test_a_study_finds_its_data_in_an_archive(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path))
    assert Study.load("satellite").is_sample
    packed(tmp_path / "satellite" / "archive.zip", land_covers())
    study = Study.load("satellite")
    assert not study.is_sample and study.data_root == tmp_path / "satellite" / "archive" / "data"
    (tmp_path / "satellite" / "broken.zip").write_text("?")
    with pytest.raises(DataError, match=r"broken\.zip is damaged"):
        Study.load("satellite")
    assert Study.load("satellite", {"source": "sample"}).is_sample


def test_it_is_unpacked_once_and_again_when_it_changes(tmp_path):
    archive = packed(tmp_path / "archive.zip", land_covers())
    root = real_data_folder("satellite", tmp_path)
    (root / "water" / "mine.jpg").write_bytes(jpeg(50))
    real_data_folder("satellite", tmp_path)
    assert (root / "water" / "mine.jpg").exists()
    packed(archive, land_covers(first_seed=10))
    real_data_folder("satellite", tmp_path)
    assert (root / "water" / "1.jpg").read_bytes() == jpeg(11) and not (root / "water" / "mine.jpg").exists()


def test_a_second_archive_is_unpacked_too(tmp_path):
    packed(tmp_path / "train.zip", {f"train/{name}/0.jpg": jpeg(0) for name in LAND_COVERS})
    real_data_folder("satellite", tmp_path)
    packed(tmp_path / "test.zip", {f"test/{name}/0.jpg": jpeg(1) for name in LAND_COVERS})
    real_data_folder("satellite", tmp_path)
    assert (tmp_path / "test" / "test" / "water" / "0.jpg").exists()


def test_what_somebody_unpacked_is_left_alone(tmp_path):
    packed(tmp_path / "archive.zip", land_covers())
    for name in LAND_COVERS:
        (tmp_path / "mine" / name).mkdir(parents=True)
    assert real_data_folder("satellite", tmp_path) == tmp_path / "mine"
    assert not (tmp_path / "archive").exists()
    (tmp_path / "other").mkdir()
    packed(tmp_path / "other.zip", {"x.jpg": b""})
    unpack_archives(tmp_path, in_place=False)
    assert list((tmp_path / "other").iterdir()) == []


def tar_with(path: Path, name: str, kind: bytes, target: str = "") -> Path:
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, target
        archive.addfile(member)
    return path


def zip_with_link(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("data/link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc")
    return path


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("a.zip", lambda path: packed(path, {"../out.jpg": b"x"}), "leads out"),
        ("a.tar", lambda path: packed(path, {"data/../../out.jpg": b"x"}), "leads out"),
        ("a.zip", lambda path: packed(path, {"/out.jpg": b"x"}), "leads out"),
        ("a.zip", lambda path: packed(path, {"..\\out.jpg": b"x"}), "leads out"),
        ("a.zip", lambda path: packed(path, {"C:\\out.jpg": b"x"}), "leads out"),
        ("a.zip", lambda path: packed(path, {"x" * 300: b"x"}), "too long"),
        ("a.tar", lambda path: packed(path, {"x\x1b[2J": b"x"}), "not printable"),
        ("a.zip", zip_with_link, "a link or a device"),
        ("a.tar", lambda path: tar_with(path, "link", tarfile.SYMTYPE, "/etc"), "a link or a device"),
        ("a.tar", lambda path: tar_with(path, "link", tarfile.LNKTYPE, "../../x"), "a link or a device"),
        ("a.tar", lambda path: tar_with(path, "null", tarfile.CHRTYPE), "a link or a device"),
        ("a.tar", lambda path: tar_with(path, "pipe", tarfile.FIFOTYPE), "a link or a device"),
    ],
)
def test_what_is_not_to_be_trusted_is_refused_as_a_whole(tmp_path, name, make, words):
    folder = tmp_path / "set"
    folder.mkdir()
    make(folder / name)
    with pytest.raises(DataError, match=rf"set/{name}.*{words}") as caught:
        unpack_archives(folder, in_place=False)
    assert "\n" not in str(caught.value) and "\x1b" not in str(caught.value)
    assert [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".lock")] == [
        folder / name
    ]
    assert os.listdir(tmp_path) == ["set"]


def test_two_files_of_one_name(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("x.jpg", "1")
        archive.writestr("x.jpg", "2")
    with pytest.raises(DataError, match="twice"):
        unpack_archives(tmp_path, in_place=False)


@pytest.mark.parametrize("kind", ["zip", "tar.gz", "tar.xz"])
def test_bombs_are_refused_before_they_fill_the_disk(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(archives, "FREE_GROWTH", 1 << 20)
    packed(tmp_path / f"bomb.{kind}", {f"{i}.jpg": bytes(1 << 20) for i in range(12)})
    with pytest.raises(DataError, match="would unpack to more than"):
        unpack_archives(tmp_path, in_place=False)
    assert inside(tmp_path) <= {f"bomb.{kind}", f".bomb.{kind}.lock"}


def test_too_many_files(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_FILES", 5)
    packed(tmp_path / "many.zip", {f"{i}.jpg": b"" for i in range(6)})
    with pytest.raises(DataError, match="more than 5 files"):
        unpack_archives(tmp_path, in_place=False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.3, 0.95])
def test_cut_short(tmp_path, kind, share):
    archive = packed(tmp_path / f"archive.{kind}", {f"data/{i}.jpg": jpeg(i) for i in range(8)})
    content = archive.read_bytes()
    archive.write_bytes(content[: int(share * len(content))])
    if kind == "tar":  # cut exactly between two files: nothing but the missing end tells
        archive.write_bytes(content[: 2 * 1024 if share < 0.5 else 1024])
    with pytest.raises(DataError, match=rf"archive\.{kind} is damaged or cut short .*fetch it again"):
        unpack_archives(tmp_path, in_place=False)
    assert not (tmp_path / "archive").exists()


def test_no_archive_at_all(tmp_path):
    (tmp_path / "page.zip").write_text("<html>Please log in</html>")
    with pytest.raises(DataError, match=r"page\.zip is damaged"):
        unpack_archives(tmp_path, in_place=False)


def test_full_disk(tmp_path, monkeypatch):
    packed(tmp_path / "archive.zip", land_covers())
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda path: SimpleNamespace(free=100))
    with pytest.raises(DataError, match="than the disk holds"):
        unpack_archives(tmp_path, in_place=False)
