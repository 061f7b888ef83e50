"""Fetching the sets of the catalogue: from where, and what is said where that cannot be."""

import os
import sys
import time
from types import SimpleNamespace

import pytest

from helpers.datasets.catalogue import CATALOGUE
from helpers.datasets.types import DataError
from runner import downloads
from runner.downloads import download


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path))
    return tmp_path


def study_of(name: str) -> SimpleNamespace:
    return SimpleNamespace(name="mine", data=name)


@pytest.mark.parametrize(
    ("name", "files"), [("svhn", ["train_32x32.mat", "test_32x32.mat"]), ("cifar10", ["cifar-10-python.tar.gz"])]
)
def test_addresses_are_those_torchvision_knows(data, monkeypatch, name, files):
    asked = []
    monkeypatch.setattr(downloads, "fetch", lambda url, path, md5: asked.append((url, path, md5)))
    with pytest.raises(DataError, match=f"was fetched into .*{name}/ but its classes are not there"):
        download(study_of(name))
    assert [path for _, path, _ in asked] == [data / name / file for file in files]
    assert all(url.startswith("http") and url.endswith(path.name) and len(md5) == 32 for url, path, md5 in asked)


def fake_kagglehub(monkeypatch, dataset_download) -> None:
    monkeypatch.setitem(sys.modules, "kagglehub", SimpleNamespace(dataset_download=dataset_download))


def test_kaggle_sets_are_moved_into_the_sets_folder(data, monkeypatch):
    def dataset_download(handle):
        assert handle == "mahmoudreda55/satellite-image-classification"
        folder = data / "satellite" / ".kagglehub" / "versions" / "1"
        assert os.environ["KAGGLEHUB_CACHE"] == str(data / "satellite" / ".kagglehub")
        for name in ("cloudy", "desert", "green_area", "water"):
            (folder / "data" / name).mkdir(parents=True)
        return str(folder)

    fake_kagglehub(monkeypatch, dataset_download)
    assert download(study_of("satellite")) == data / "satellite" / "satellite-image-classification" / "data"
    assert "KAGGLEHUB_CACHE" not in os.environ
    fake_kagglehub(monkeypatch, None)  # in place: nobody is asked again
    assert download(study_of("satellite")).is_dir()


def test_kaggle_without_network_or_login_says_what_to_do(data, monkeypatch):
    def dataset_download(handle):
        try:
            raise OSError("no route\nto host")
        except OSError as error:
            raise ConnectionError("HTTPSConnectionPool: Max retries exceeded") from error

    fake_kagglehub(monkeypatch, dataset_download)
    with pytest.raises(
        DataError, match=r"no route to host\): download archive\.zip from https.*data/intel_scenes"
    ):
        download(study_of("intel_scenes"))
    monkeypatch.setattr(downloads, "PATIENCE", 0.2)
    fake_kagglehub(monkeypatch, lambda handle: time.sleep(3))
    with pytest.raises(DataError, match=r"no answer within 0\.2 seconds"):
        download(study_of("intel_scenes"))


def test_sets_that_no_program_can_fetch(data, tmp_path):
    with pytest.raises(DataError, match=r"cannot be fetched by a program.*Cropped_final"):
        download(study_of("russian_wildlife"))
    with pytest.raises(DataError, match="a folder of your own"):
        download(study_of(str(tmp_path)))


def test_what_was_read_of_torchvision_is_what_it_says():
    from torchvision.datasets import CIFAR10, SVHN

    assert downloads.published_files(CATALOGUE["svhn"]) == [
        tuple(SVHN.split_list[part]) for part in ("train", "test")
    ]
    assert downloads.published_files(CATALOGUE["cifar10"]) == [(CIFAR10.url, CIFAR10.filename, CIFAR10.tgz_md5)]
