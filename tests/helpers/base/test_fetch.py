"""Fetching a file: resumed, checked, refused, and given up in time. The server stands on this machine."""

import hashlib
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from helpers.base.errors import CourseError
from helpers.base.fetch import fetch

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
