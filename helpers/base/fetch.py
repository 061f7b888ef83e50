"""Fetch one file from the network: resumed where it was cut off, checked, and put into place only when whole."""

import hashlib
import http.client
import logging
import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from helpers.base.errors import CourseError
from helpers.base.lock import locked
from helpers.base.paths import display_path, move_over, write_atomic
from helpers.base.telling import now_and_then

log = logging.getLogger(__name__)
BLOCK_BYTES = 1 << 18
RANGE_NOT_SATISFIABLE = 416


class WrongFile(Exception):
    """What was received is not the file that was asked for; the reason in a few words."""


def fetch(url: str, path: Path, *, md5: str = "", sha256: str = "", timeout: float = 10) -> Path:
    """The file at `path`, fetched from `url` unless it is there; what was cut off before is resumed.

    md5, sha256: checksums, or how they begin, as far as they are known.
    timeout: seconds to wait for the connection, and for the server whenever it falls silent.
    Raises CourseError, naming the file, its address and the folder to put it into, when the server cannot be
    reached or does not send what the checksum says.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with locked(path.with_name(f".{path.name}.lock")):
            if not path.exists():
                _fetch(url, part, {"md5": md5, "sha256": sha256}, timeout)
                move_over(part, path)
    except (OSError, http.client.HTTPException, ValueError, WrongFile) as error:
        raise CourseError(by_hand(url, path, error)) from None
    return path


def is_as_published(path: Path) -> bool:
    """Whether a file holds what its publisher sent: by the checksum in its name, or noted when it was fetched."""
    named = re.search(r"-([0-9a-f]{8,})\.\w+$", path.name)
    with suppress(OSError):
        expected = named[1] if named else _note_of(path).read_text(encoding="utf-8")
        return digest(path).startswith(expected)
    return False


def note_as_published(path: Path) -> None:
    """Note what was fetched, so that what somebody puts in its place is noticed."""
    write_atomic(_note_of(path), digest(path))


def _note_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.sha256")


def by_hand(url: str, path: Path, error: Exception) -> str:
    """What to do by hand when a file could not be fetched, in one sentence."""
    reason = " ".join(str(getattr(error, "reason", "") or error).split()) or type(error).__name__
    return (
        f"{path.name} is not in place and could not be fetched ({reason}): download {url} and put the file into "
        f"{display_path(path.parent)}/"
    )


def patiently(work: Callable[[], Any], timeout: float, progress: Callable[[], Any] = lambda: None) -> Any:
    """What `work` returns, or raises; given up when `progress` gives the same after `timeout` seconds as before.

    Not every wait on the network can be told to end: looking up a name cannot. Raises TimeoutError.
    """
    future: Future = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    before: Any = future  # equal to no progress
    while (now := progress()) != before:
        before = now
        wait([future], timeout)
        if future.done():
            return future.result()
    raise TimeoutError(f"no answer within {timeout:g} seconds")


def _fetch(url: str, part: Path, checksums: Mapping[str, str], timeout: float) -> None:
    begun = _size(part) > 0
    try:
        _receive_all(url, part, timeout)
        _check(part, checksums)
    except WrongFile:
        part.unlink(missing_ok=True)
        if not begun:
            raise
        _fetch(url, part, checksums, timeout)  # what was there before may have been of another file


def _check(path: Path, checksums: Mapping[str, str]) -> None:
    for kind, wanted in checksums.items():
        if wanted and not (found := digest(path, kind)).startswith(wanted.lower()):
            raise WrongFile(f"its {kind} is {found[: len(wanted)]} instead of {wanted}")
    with path.open("rb") as file:
        if file.read(256).lstrip().lower().startswith((b"<!doctype html", b"<html")):
            raise WrongFile("it is a web page")


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _receive_all(url: str, part: Path, timeout: float) -> None:
    """Resumed at once when the connection breaks, as long as every try brings something."""
    while True:
        before = _size(part)
        try:
            return _receive(url, part, timeout)
        except (ConnectionError, http.client.IncompleteRead) as error:
            if _size(part) <= before:
                raise
            log.info("%s; resuming", error)


def _receive(url: str, part: Path, timeout: float) -> None:
    """Append to `part` what is missing of it; all of it where the server cannot send from the middle."""
    done = _size(part)
    headers = {"User-Agent": "image-course", "Accept-Encoding": "identity"}
    request = Request(url, headers=headers | ({"Range": f"bytes={done}-"} if done else {}))
    try:
        with patiently(lambda: urlopen(request, timeout=timeout), timeout) as answer:
            _write(answer, part, _start(answer, done))
    except HTTPError as error:
        if not done or error.code != RANGE_NOT_SATISFIABLE:
            raise
        if error.headers.get("Content-Range", f"*/{done}").rpartition("/")[2] != str(done):
            raise WrongFile("what was there already is of another file") from None


def _start(answer: http.client.HTTPResponse, done: int) -> int:
    """Where in the file the answer begins."""
    if answer.status != http.client.PARTIAL_CONTENT:
        return 0
    if not answer.headers.get("Content-Range", "").startswith(f"bytes {done}-"):
        raise WrongFile("the server sent another part than the one asked for")
    return done


def _write(answer: http.client.HTTPResponse, part: Path, start: int) -> None:
    total = start + answer.length if answer.length is not None else None
    with part.open("r+b" if start else "wb") as file:
        file.seek(start)
        is_due, of_all = now_and_then(), f" of {total / 1e6:.0f}" if total else ""
        while block := answer.read1(BLOCK_BYTES):
            file.write(block)
            if is_due():
                log.info("fetching %s: %.0f%s MB", part.name.removesuffix(".part"), file.tell() / 1e6, of_all)
        if total is not None and file.tell() < total:
            raise ConnectionError(f"the connection broke after {file.tell()} of {total} bytes")


def digest(path: Path, kind: str = "sha256") -> str:
    """Checksum of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()
