"""Fetching a file: resumed, checked, refused, and given up in time. The server stands on this machine."""

import hashlib
import os
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.base.errors import CourseError
from helpers.base.fetch import fetch
from helpers.datasets.catalogue import CATALOGUE
from helpers.datasets.types import DataError
from helpers.study import downloads
from helpers.study.downloads import download

CONTENT = np.random.default_rng(0).bytes(300_000)
MD5 = hashlib.md5(CONTENT).hexdigest()
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves CONTENT. `cut`: closes after that many bytes of the first answers; `ranges`: whether it resumes."""

    daemon_threads = True
    ranges, cuts, hangs, content = True, (), False, CONTENT

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str | None] = []
        self.stop = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/file.bin"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server, wanted = self.server, self.headers.get("Range")
        server.asked.append(wanted)
        if server.hangs:
            server.stop.wait(30)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and server.ranges else 0
        if start >= len(server.content) and start:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(server.content)}")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}")
        body = server.content[start:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        turn = len(server.asked) - 1
        self.wfile.write(body[: server.cuts[turn]] if turn < len(server.cuts) else body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.stop.set()
    server.shutdown()
    server.server_close()


def left(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


@pytest.mark.parametrize("known", [{}, {"md5": MD5}, {"sha256": SHA256}, {"sha256": SHA256[:8]}])
def test_a_file_arrives_whole_and_is_fetched_once(server, tmp_path, known):
    for _ in range(2):
        path = fetch(server.url, tmp_path / "new" / "file.bin", **known)
        assert path.read_bytes() == CONTENT
    assert server.asked == [None] and left(path.parent) == ["file.bin"]


def test_it_is_resumed_when_the_connection_breaks(server, tmp_path):
    server.cuts = (100_000, 50_000)
    assert fetch(server.url, tmp_path / "file.bin", md5=MD5).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=100000-", "bytes=150000-"]


def test_a_later_call_resumes_what_an_earlier_left(server, tmp_path):
    (tmp_path / "file.bin.part").write_bytes(CONTENT[:200_000])
    assert fetch(server.url, tmp_path / "file.bin", md5=MD5).read_bytes() == CONTENT
    assert server.asked == ["bytes=200000-"] and left(tmp_path) == ["file.bin"]


def test_a_server_that_cannot_resume_sends_all_again(server, tmp_path):
    server.ranges = False
    (tmp_path / "file.bin.part").write_bytes(b"?" * 400_000)
    assert fetch(server.url, tmp_path / "file.bin", md5=MD5).read_bytes() == CONTENT


def test_a_server_that_never_gets_further_is_given_up(server, tmp_path):
    server.ranges, server.cuts = False, (100_000,) * 9
    with pytest.raises(CourseError, match="the connection broke after 100000 of 300000 bytes"):
        fetch(server.url, tmp_path / "file.bin", md5=MD5)
    assert len(server.asked) == 2 and left(tmp_path) == ["file.bin.part"]


@pytest.mark.parametrize("leftover", [b"of another file" * 100, CONTENT + b"too much"])
def test_the_beginning_of_another_file_is_thrown_away(server, tmp_path, leftover):
    (tmp_path / "file.bin.part").write_bytes(leftover)
    assert fetch(server.url, tmp_path / "file.bin", sha256=SHA256).read_bytes() == CONTENT


def test_a_whole_part_that_was_never_moved(server, tmp_path):
    (tmp_path / "file.bin.part").write_bytes(CONTENT)
    assert fetch(server.url, tmp_path / "file.bin").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"md5": "0" * 32}, "its md5 is .* instead of 000"),
        ({"sha256": "0" * 64}, "its sha256 is"),
        ({"sha256": "00000000"}, f"its sha256 is {SHA256[:8]} instead of 00000000"),
    ],
)
def test_a_wrong_file_is_refused_and_removed(server, tmp_path, known, words):
    with pytest.raises(CourseError, match=words) as caught:
        fetch(server.url, tmp_path / "weights" / "file.bin", **known)
    assert left(tmp_path / "weights") == []
    for word in ("file.bin", server.url, "weights/"):
        assert word in str(caught.value)


def test_a_page_that_asks_to_log_in_is_refused(server, tmp_path):
    server.content = b"\n<!DOCTYPE html><title>Log in</title>"
    with pytest.raises(CourseError, match="it is a web page"):
        fetch(server.url, tmp_path / "file.bin")
    assert left(tmp_path) == []


def test_a_server_that_hangs_is_given_up_in_time(server, tmp_path):
    server.hangs = True
    started = time.monotonic()
    with pytest.raises(CourseError, match=r"file\.bin is not in place.*(no answer|timed out).*put the file into"):
        fetch(server.url, tmp_path / "file.bin", timeout=0.3)
    assert time.monotonic() - started < 2


def test_nobody_answers(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/file.bin"
    with pytest.raises(CourseError, match=r"could not be fetched .*refused"):
        fetch(url, tmp_path / "file.bin")
    with pytest.raises(CourseError, match="could not be fetched"):
        fetch("no address", tmp_path / "file.bin")


def test_looking_up_a_name_may_hang_too(tmp_path, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(3))
    started = time.monotonic()
    with pytest.raises(CourseError, match=r"no answer within 0\.2 seconds"):
        fetch("http://example.org/file.bin", tmp_path / "file.bin", timeout=0.2)
    assert time.monotonic() - started < 1.5


# The sets of the catalogue


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
