"""Sets that are asked for by name: what comes of small ones, and what is said where a hub cannot be had."""

import gzip
import hashlib
import io
import socket
import struct
import sys
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torchvision
from datasets_pictures import class_folders, picture
from PIL import Image

from helpers.datasets.catalogue import describe, scan_set
from helpers.datasets.hub import fetching
from helpers.datasets.hub.fetching import downloads_of
from helpers.datasets.sources import About, about_fetched, hub_name
from helpers.datasets.types import DataError
from helpers.study.images import load
from helpers.study.study import Study

FASHION = "torchvision:FashionMNIST"


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise OSError("no route to host")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def idx(path: Path, values: np.ndarray) -> None:
    """A file in the format of MNIST."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    path.write_bytes(header + values.astype(np.uint8).tobytes())


def small_fashion(folder: Path, counts: tuple[int, int] = (40, 20)) -> dict[str, np.ndarray]:
    """The files of FashionMNIST with a few images, where torchvision looks for them."""
    images = {}
    for part, count in zip(("train", "t10k"), counts, strict=True):
        images[part] = np.array([picture(count + i, 28, 28)[..., 0] for i in range(count)])
        idx(folder / "FashionMNIST" / "raw" / f"{part}-images-idx3-ubyte", images[part])
        idx(folder / "FashionMNIST" / "raw" / f"{part}-labels-idx1-ubyte", np.arange(count) % 10)
    return images


def test_a_set_of_torchvision_is_fetched_once(data, tmp_path, monkeypatch):
    """From a server, as its publisher's: torchvision's own download, checked by torchvision's own sums."""
    images = small_fashion(tmp_path / "made")
    served, asked = tmp_path / "served", []
    served.mkdir()
    for path in (tmp_path / "made" / "FashionMNIST" / "raw").iterdir():
        (served / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))

    class Handler(SimpleHTTPRequestHandler):
        def log_request(self, *_):
            asked.append(self.path)

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=served)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        kind = torchvision.datasets.FashionMNIST
        sums = [(path.name, hashlib.md5(path.read_bytes()).hexdigest()) for path in sorted(served.iterdir())]
        monkeypatch.setattr(kind, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
        monkeypatch.setattr(kind, "resources", sums)
        splits = load(Study.load(FASHION, {"image_size": 28}))
        assert len(splits.test) == len(images["t10k"]) and len(splits.files) == 60
        server.shutdown()
    assert len(set(asked)) == 4
    assert len(load(Study.load(FASHION, {"image_size": 28})).files) == 60  # the server is gone


def test_a_set_of_torchvision_becomes_class_folders_with_its_own_names_and_order(data):
    images = small_fashion(downloads_of(hub_name(FASHION)))
    study = Study.load(FASHION, {"image_size": 28})
    assert study.class_names == tuple(torchvision.datasets.FashionMNIST.classes)  # one of them has a slash
    splits = load(study)
    assert splits.classes[0] == "T-shirt/top" and splits.published == ("train", "test")
    assert len(splits.test) == 20 and len(splits.train) + len(splits.val) == 40
    first = splits.files.index("test/3 Dress/000001.png")
    assert splits.labels[first] == 3 and np.array_equal(splits.images[first][..., 1], images["t10k"][3])
    assert splits.info.title == "Fashion-MNIST" and splits.info.home.startswith("https://github.com/zalando")
    assert "torchvision" in splits.info.licence and splits.ignored == []
    assert sorted(path.name for path in (data / "torchvision").iterdir() if not path.name.startswith(".")) == [
        "FashionMNIST"
    ]


def test_it_is_fetched_once(data, monkeypatch):
    small_fashion(downloads_of(hub_name(FASHION)))
    root = Study.load(FASHION).data_root
    monkeypatch.setattr(fetching, "FETCHERS", {})
    assert Study.load(FASHION).data_root == root


def test_a_kill_leaves_no_half_set(data, monkeypatch):
    from helpers.datasets.hub import vision

    small_fashion(downloads_of(hub_name(FASHION)))
    with monkeypatch.context() as patch:
        patch.setattr(vision, "_names", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            _ = Study.load(FASHION).data_root
    assert about_fetched(hub_name(FASHION)) is None and not hub_name(FASHION).place.exists()
    assert len(Study.load(FASHION).class_names) == 10


class Drawn(torchvision.datasets.VisionDataset):
    """A set as torchvision's classes are; each test says of which kind."""

    def __init__(self, root, split="train", transform=None, download=False):
        if split not in ("train", "val", "test"):
            raise ValueError(f"Unknown value '{split}' for argument split. Valid values are {{...}}.")
        self.split = split

    def __len__(self):
        return 4

    def __getitem__(self, number):
        return Image.fromarray(picture(number, 8, 8)), np.int64(number % 2 + 1)


def as_torchvision(monkeypatch, kind: type) -> str:
    monkeypatch.setattr(torchvision.datasets, "Drawn", kind, raising=False)
    monkeypatch.setattr(torchvision.datasets, "__all__", (*torchvision.datasets.__all__, "Drawn"))
    return "torchvision:Drawn"


def scanned(text: str):
    return scan_set(text, Study.load(text).data_root)


def test_the_signature_tells_the_parts_and_a_class_without_images_is_none(monkeypatch):
    class Kind(Drawn):
        classes = ("N/A", "one", "two")

    found = scanned(as_torchvision(monkeypatch, Kind))
    assert found.parts == ("train", "val", "test") and found.classes == ("one", "two")


def test_without_names_classes_are_called_by_numbers_and_without_labels_a_part_is_left_out(monkeypatch):
    class Kind(Drawn):
        def __getitem__(self, number):
            image, label = super().__getitem__(number)
            return image, None if self.split == "test" else int(label)

    found = scanned(as_torchvision(monkeypatch, Kind))
    assert found.classes == ("1", "2") and found.parts == ("train", "val")
    assert "called by their numbers" in " ".join(found.remarks) and "test have no labels" in " ".join(
        found.remarks
    )


def test_files_stay_as_they_are(monkeypatch, tmp_path):
    folder = class_folders(tmp_path / "mine", {"test": 3, "train": 3})  # names that could be parts

    class Kind(torchvision.datasets.ImageFolder):
        def __init__(self, root, transform=None, download=False):
            super().__init__(str(folder))

    found = scanned(as_torchvision(monkeypatch, Kind))
    assert found.parts == () and found.classes == ("test", "train")
    assert (found.root / found.files[0].path).read_bytes() == (folder / "test" / "000.jpg").read_bytes()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("torchvision:FashionMINST", r"knows no data set 'FashionMINST' \(did you mean 'FashionMNIST'\?\)"),
        ("torchvision:ImageFolder", "has no single class|could not be fetched"),
        ("torchvision:CocoDetection", "has no single class for each image"),
        ("torchvision:FakeData", "has no single class for each image"),
        ("torchvision:EMNIST", "is several sets: ask for one of .*torchvision:EMNIST:letters"),
        ("torchvision:MNIST:letters", "is one set: leave out ':letters'"),
    ],
)
def test_what_is_no_set_to_classify(text, said):
    with pytest.raises(DataError, match=said):
        _ = Study.load(text).data_root


def test_several_labels_are_not_a_class(monkeypatch):
    import torch

    class Kind(Drawn):
        def __getitem__(self, number):
            return super().__getitem__(number)[0], torch.zeros(40)

    with pytest.raises(DataError, match="has no single class for each image"):
        scanned(as_torchvision(monkeypatch, Kind))


@pytest.mark.usefixtures("no_network")
def test_without_network_torchvision_is_given_up_and_it_is_said_what_to_do():
    began = time.monotonic()
    with pytest.raises(DataError, match=r"could not be fetched .*github\.com/zalando.*FashionMNIST\.download/"):
        _ = Study.load(FASHION).data_root
    assert time.monotonic() - began < 10 and not hub_name(FASHION).place.exists()


def fake_kagglehub(monkeypatch, dataset_download) -> None:
    monkeypatch.setitem(sys.modules, "kagglehub", SimpleNamespace(dataset_download=dataset_download))


def test_a_set_of_kaggle_is_read_as_published(monkeypatch, data):
    def dataset_download(handle):
        folder = downloads_of(hub_name("kaggle:some1/pets")) / "versions" / "1"
        class_folders(folder / "archive", {"train/cat": 3, "train/dog": 3, "test/cat": 2, "test/dog": 2})
        return str(folder)

    fake_kagglehub(monkeypatch, dataset_download)
    study = Study.load("kaggle:some1/pets")
    assert study.class_names == ("cat", "dog") and study.name == "pets"
    assert describe(study.data).home == "https://www.kaggle.com/datasets/some1/pets"
    fake_kagglehub(monkeypatch, None)
    assert scanned("kaggle:some1/pets").parts == ("train", "test")


def test_kaggle_without_login_says_what_to_do(monkeypatch):
    def dataset_download(handle):
        raise PermissionError("403 Client Error")

    fake_kagglehub(monkeypatch, dataset_download)
    with pytest.raises(DataError, match=r"fetched \(403 Client Error\).*login.*licence.*KAGGLE_USERNAME"):
        _ = Study.load("kaggle:some1/pets").data_root


def test_without_the_package_it_is_said_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(DataError, match=r"pip install -e '\.\[hub\]'"):
        _ = Study.load("hf:some1/pets").data_root


class FakeTable(list):
    """Rows of one split, as `datasets` hands them out."""

    def __init__(self, rows, features):
        super().__init__(rows)
        self.features = features

    def cast_column(self, name, kind):
        assert kind.decode is False
        return self

    def unique(self, name):
        return list({row[name] for row in self})


class FakeImage:
    def __init__(self, decode=True):
        self.decode = decode


def fake_datasets(monkeypatch, splits: dict[str, list], names=("cat", "dog"), label="label") -> None:
    """What of `datasets` is used; `splits`: labels of the images."""
    hub = ModuleType("datasets")
    hub.Image, hub.ClassLabel = FakeImage, type("ClassLabel", (), {"names": list(names)})
    kind = hub.ClassLabel() if names else SimpleNamespace(dtype="string")
    features = {"id": SimpleNamespace(), "photo": FakeImage(), label: kind}

    def jpeg(seed):
        buffer = io.BytesIO()
        Image.fromarray(picture(seed, 8, 8)).save(buffer, "JPEG")
        return buffer.getvalue()

    tables = {
        split: FakeTable([{"photo": {"bytes": jpeg(i), "path": None}, label: one} for i, one in enumerate(labels)],
                         features)
        for split, labels in splits.items()
    }  # fmt: skip
    info = SimpleNamespace(license="CC0-1.0", homepage="", citation="")
    builder = SimpleNamespace(info=info, download_and_prepare=lambda: None, as_dataset=lambda: tables)
    hub.load_dataset_builder = lambda *_, **__: builder
    monkeypatch.setitem(sys.modules, "datasets", hub)


def test_a_set_of_hugging_face_by_its_features(monkeypatch):
    fake_datasets(
        monkeypatch, {"train": [0, 1, 0, 1], "validation": [0, 1], "test": [1, -1], "unsupervised": [-1]}
    )
    found = scanned("hf:some1/pets")
    assert found.classes == ("cat", "dog") and found.parts == ("train", "val", "test")
    assert len(found.files) == 7 and found.files[0].path.endswith(".jpg")
    assert "unsupervised is left out" in " ".join(found.remarks)
    about = describe("hf:some1/pets")
    assert (about.home, about.licence) == ("https://huggingface.co/datasets/some1/pets", "CC0-1.0")


def test_classes_of_hugging_face_may_be_texts(monkeypatch):
    fake_datasets(monkeypatch, {"train": ["b", "a", "b", "a"]}, names=(), label="species")
    found = scanned("hf:some1/pets")
    assert found.classes == ("a", "b") and found.parts == () and found.labels.tolist() == [0, 0, 1, 1]


def test_a_set_without_classes_or_images_names_its_columns(monkeypatch):
    fake_datasets(monkeypatch, {"train": ["b", "a"]}, names=(), label="caption")
    with pytest.raises(DataError, match="has no column of classes: its columns are id, photo, caption"):
        scanned("hf:some1/pets")


def test_what_is_known_of_a_set_is_kept_and_damage_is_told():
    name = hub_name("hf:some1/pets")
    name.place.mkdir(parents=True)
    (name.place / "about.json").write_text('{"title": "P", "home": "", "licence": "CC0", "classes": ["a", "b"]}')
    assert about_fetched(name) == About("P", "", "CC0", classes=("a", "b"))
    (name.place / "about.json").write_text("[")
    with pytest.raises(DataError, match=r"about\.json cannot be read: remove some1/pets/, and it is fetched"):
        about_fetched(name)
