"""An archive, or a set of a hub by its name, in the place of a folder."""

import zipfile
from pathlib import Path

import pytest
from datasets_pictures import class_folders, packed

from helpers.base.errors import CourseError
from helpers.base.paths import display_path
from helpers.datasets.catalogue import scan_set
from helpers.datasets.sources import HubName, hub_name, to_do_first, unpacked_place
from helpers.datasets.types import DataError
from helpers.study.images import load
from helpers.study.study import Study
from runner import first, naming
from runner.options import parse_options
from runner.plan import plan

TABLE = b"file,kind\n" + b"".join(b"%03d.jpg,%s\n" % (i, kind) for i, kind in enumerate([b"cat", b"dog"] * 6))


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    for name in ("DATA", "RUNS", "REPORTS"):
        monkeypatch.setenv(f"IMAGE_COURSE_{name}", str(tmp_path / name.lower()))
    return tmp_path / "data"


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def images(tmp_path) -> dict[str, bytes]:
    return files_of(class_folders(tmp_path / "mine", {"cat": 6, "dog": 6}))


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tgz", "tar.bz2", "tar.xz"])
@pytest.mark.parametrize("top", ["", "photos/", "a/b/"])
def test_an_archive_is_a_study_as_the_folder_in_it_would_be(tmp_path, images, kind, top):
    clutter = {"__MACOSX/x/._000.jpg": b"", "__MACOSX/._photos": b""}
    archive = packed(tmp_path / f"My Photos.{kind}", {top + name: one for name, one in images.items()} | clutter)
    study = Study.load(archive)
    assert (study.name, study.title, study.class_names) == ("my_photos", "My Photos", ("cat", "dog"))
    as_folder, as_archive = (load(Study.load(one, {"image_size": 16})) for one in (tmp_path / "mine", archive))
    assert as_archive.files == as_folder.files and as_archive.fingerprint == as_folder.fingerprint
    assert "unpacked" in as_archive.info.how_to_get and as_archive.ignored == []


def test_it_is_unpacked_once_and_again_when_it_has_changed(tmp_path, images):
    archive = packed(tmp_path / "photos.zip", images)
    root = Study.load(archive).data_root
    assert root == unpacked_place(archive) and root.is_relative_to(tmp_path / "data" / "unpacked")
    (root / "cat" / "mine.jpg").write_bytes(b"")
    assert Study.load(archive).data_root == root and (root / "cat" / "mine.jpg").exists()
    packed(archive, images | {"dog/new.jpg": images["dog/000.jpg"]})
    assert Study.load(archive).data_root == root
    assert (root / "dog" / "new.jpg").exists() and not (root / "cat" / "mine.jpg").exists()
    archive.unlink()  # what was unpacked serves as well
    assert scan_set(str(archive), root).classes == ("cat", "dog")


@pytest.mark.parametrize("top", ["", "photos/"])
@pytest.mark.parametrize("below", ["", "images/"])
def test_a_table_beside_the_images_is_found_in_an_archive(tmp_path, images, top, below):
    flat = {f"{top}{below}{i:03d}.jpg": one for i, one in enumerate(images.values())}
    archive = packed(tmp_path / "photos.zip", flat | {f"{top}labels.csv": TABLE})
    assert Study.load(archive).class_names == ("cat", "dog")
    named = Study.load(archive, {"labels": {"file": "labels.csv", "label": "kind"}})
    assert named.class_names == ("cat", "dog")


def test_parts_of_an_archive_are_parts(tmp_path, images):
    parts = {f"{part}/{name}": one for part in ("train", "test") for name, one in images.items()}
    found = Study.load(packed(tmp_path / "photos.zip", parts))
    assert scan_set(found.data, found.data_root).parts == ("train", "test")


def test_a_study_file_names_an_archive_beside_it(tmp_path, images):
    packed(tmp_path / "photos.zip", images)
    path = tmp_path / "mine.yaml"
    path.write_text("data: photos.zip\n")
    assert first.main([str(path)]) == first.GO_ON
    assert Study.load(path).class_names == ("cat", "dog")
    path.write_text("data: none.zip\n")
    with pytest.raises(CourseError, match=r"line 1: data: unknown data set 'none\.zip': there is no such folder"):
        first.refuse(parse_options([str(path)]))


def encrypted(path: Path) -> Path:
    packed(path, {"cat/0.jpg": b"x"})
    content = bytearray(path.read_bytes())
    for start, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(start) + place] |= 1
    path.write_bytes(content)
    return path


def strange(path: Path) -> Path:
    packed(path, {"cat/0.jpg": b"x" * 100})
    content = bytearray(path.read_bytes())
    for start, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        content[content.index(start) + place] = 9  # Deflate64
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_bytes(b"PK\x03\x04 and no more"), "is damaged or cut short"),
        (encrypted, "is protected by a password: unpack it yourself, and name the folder"),
        (strange, "is packed in a way that is not read"),
        (lambda path: packed(path, {"../cat/0.jpg": b"x"}), r"holds '\.\./cat/0\.jpg', which leads out"),
    ],
)
def test_what_cannot_be_unpacked_is_refused_before_anything_runs(tmp_path, data, make, said):
    make(tmp_path / "photos.zip")
    assert first.main([str(tmp_path / "photos.zip")]) == first.GO_ON  # it looks into no archive
    with pytest.raises(DataError, match=rf"photos\.zip {said}") as caught:
        plan(parse_options([str(tmp_path / "photos.zip")]))
    assert "\n" not in str(caught.value)
    assert not list((data / "unpacked").glob("photos*"))


def test_where_it_goes_is_said(tmp_path, images, capsys):
    archive = packed(tmp_path / "photos.zip", images)
    plan(parse_options([str(archive)]))
    assert f"photos.zip is read from {display_path(unpacked_place(archive))}" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["photos.rar", "photos.7z", "labels.csv"])
def test_other_files_are_no_study(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    said = "is no study file" if name.endswith("csv") else r"is no archive that is read \(zip, tar"
    with pytest.raises(CourseError, match=said):
        Study.load(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "name", "place"),
    [
        ("torchvision:FashionMNIST", "fashionmnist", "torchvision/FashionMNIST"),
        ("torchvision:EMNIST:letters", "emnist_letters", "torchvision/EMNIST@letters"),
        ("hf:beans", "beans", "hf/beans"),
        ("hf:some-one/My_Set.v2", "my_set_v2", "hf/some-one/My_Set.v2"),
        ("hf:some-one/set:small", "set_small", "hf/some-one/set@small"),
        ("kaggle:some1/cats-and-dogs", "cats-and-dogs", "kaggle/some1/cats-and-dogs"),
    ],
)
def test_sets_of_hubs_have_names_that_are_safe(text, name, place, data, tmp_path):
    study = Study.load(text)
    assert (study.name, study.data) == (name, text)
    assert hub_name(text).place == data / place and to_do_first(text).startswith(f"fetching {text} into ")
    assert first.main([text, "--only", "1"]) == first.GO_ON
    file = tmp_path / "mine.yaml"
    file.write_text(f"data: '{text}'\n")
    assert first.main([str(file)]) == first.GO_ON and Study.load(file).data == text
    origin = naming.origin_of(text)
    assert naming.name_for(name, text, origin, {})[0] == name
    assert naming.name_for(name, text, origin, {name: "another"})[0].endswith(f"-{name}")


@pytest.mark.parametrize(
    "text",
    ["torchvision:", "torchvision:../x", "torchvision:a/b", "kaggle:alone", "kaggle:a/b/c", "hf:a/b/c", "hf:a/..",
     "hf:-x", "hf:a b", "hf:.x", "torchvision:x\n"],
)  # fmt: skip
def test_names_that_no_hub_can_know(text, tmp_path, capsys):
    with pytest.raises(DataError, match="names no data set: give it as "):
        hub_name(text)
    assert first.main([text]) == 2 and "names no data set" in capsys.readouterr().err
    with pytest.raises(CourseError, match="names no data set"):
        Study.load(text)


def test_other_texts_name_no_set_of_a_hub():
    assert [hub_name(text) for text in ("photos", "c:/photos", "./hf:x", "svhn", "https://hf.co/x")] == [None] * 5
    assert str(HubName("hf", "a/b", "c")) == "hf:a/b:c"


def test_a_file_that_only_looks_packed(tmp_path):
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    with pytest.raises(DataError, match="0 class folders"):
        plan(parse_options([str(tmp_path / "empty.zip")]))
