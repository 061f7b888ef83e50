"""Starts processes that have their libraries already: `python -m runner.nursery MODULE ARGUMENTS…`.

Importing PyTorch and its friends takes seconds, and every job, kernel and page is a process of its own. On Linux
the command line therefore keeps one process, the nursery, that imports them once and forks a child for whoever
asks. The one that asks lends the child its terminal and environment, waits, and ends as the child ends; if it is
killed, so is the child. Who asks before all is imported waits for that. Where there is no nursery the module runs
right here.

The nursery computes nothing and has one thread only, so that a fork of it is as good as a process of its own.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from functools import partial
from secrets import token_hex
from typing import NamedTuple, NoReturn, TextIO

# The name of its socket, in Linux's abstract namespace: no file that a kill would leave behind.
NURSERY_NAME = "IMAGE_COURSE_NURSERY"
# No module may keep threads or temporary files: a fork lacks the threads, and takes the files away as it ends.
READY = (
    *("helpers.chapter", "runner.chapter", "runner.training", "runner.pages.render"),
    *("ipykernel.kernelapp", "papermill", "pandas", "scipy.stats", "sklearn.manifold", "torchvision", "cv2"),
    *("matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "seaborn", "plotly.graph_objects"),
)
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}  # NumPy's and SciPy's own; those of PyTorch start with the first sum
KILLED = 128 + 9  # by SIGKILL, a name that Windows lacks
READY_NOW = b"!"
NUMBER = struct.Struct("!I")
PEER = struct.Struct("3i")  # process, user and group of the other end
HANDLES = (0, 1, 2)


class Request(NamedTuple):
    """What a child shall run, and as whom it shall appear."""

    module: str
    arguments: list[str]
    environment: dict[str, str]
    folder: str


def main(arguments: list[str]) -> int:
    """Run a module's `main` on the other arguments, in a child of the nursery if there is one."""
    if arguments[0] == "--serve":
        request = Nursery(arguments[1]).serve()
        _run_and_end(request.module, request.arguments)
    module, *others = arguments
    status = _ask(module, others)
    if status is None:
        _run_and_end(module, others)
    return status


@contextlib.contextmanager
def nursery(environment: dict[str, str], log: TextIO, wanted: bool = True) -> Iterator[dict[str, str]]:
    """Keep a nursery if wanted; yields the environment with what others need to find it."""
    if sys.platform != "linux" or not wanted:
        yield environment
        return
    name = f"image-course-{token_hex(16)}"
    process = subprocess.Popen(
        [sys.executable, "-m", "runner.nursery", "--serve", name],
        env=environment | {"OMP_NUM_THREADS": environment["IMAGE_COURSE_THREADS"]},
        stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        start_new_session=True,  # Ctrl-C is for the command line
    )  # fmt: skip
    try:
        yield environment | {NURSERY_NAME: name}
    finally:
        process.kill()
        process.wait()


def _run(module: str, arguments: list[str]) -> int:
    sys.argv = [module, *arguments]
    return importlib.import_module(module).main(arguments)


def _run_and_end(module: str, arguments: list[str]) -> NoReturn:
    """Run a module and end as Python does, but without taking apart what is imported, which takes two seconds."""
    try:
        code = _run(module, arguments)
    except SystemExit as end:
        code = end.code
    except Exception:
        traceback.print_exc()
        code = 1
    if isinstance(code, str):
        print(code, file=sys.stderr)
    try:
        threading._shutdown()  # waits for the other threads
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    finally:
        os._exit(code if isinstance(code, int) else int(code is not None))


def _ask(module: str, arguments: list[str]) -> int | None:
    """The exit status of a child that ran it; None where there is no nursery of this user."""
    link = socket.socket(socket.AF_UNIX)
    try:
        link.connect(f"\0{os.environ[NURSERY_NAME]}")
    except (KeyError, OSError):
        return None
    if not _is_ours(link) or not _is_heard(link):
        return None
    request = json.dumps([module, arguments, dict(os.environ), os.getcwd()]).encode()
    socket.send_fds(link, [NUMBER.pack(len(request))], HANDLES)
    link.sendall(request)
    answer = link.recv(NUMBER.size)
    return NUMBER.unpack(answer)[0] if answer else KILLED


def _is_ours(link: socket.socket) -> bool:
    """Whether the other end is the same user's: in that namespace names are free for all."""
    return PEER.unpack(link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER.size))[1] == os.getuid()


def _is_heard(link: socket.socket) -> bool:
    """Whether the other end is ready, when it is; it may end before."""
    with contextlib.suppress(ConnectionError):
        return link.recv(len(READY_NOW)) == READY_NOW
    return False


class Nursery:
    """Forks a child for whoever asks, tells its end, and kills it when the one that asked has gone."""

    def __init__(self, name: str):
        from runner.processes import die_with_parent

        die_with_parent()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f"\0{name}")
        self.listener.listen(64)
        gc.disable()
        for module in READY:
            importlib.import_module(module)
        gc.freeze()  # what lives as long as the process need not be looked at again, by children least of all
        gc.enable()
        self.children: dict[int, socket.socket] = {}
        self.waiting = selectors.DefaultSelector()
        self.bell, ringer = socket.socketpair()
        self.ringer = ringer  # kept open
        ringer.setblocking(False)
        signal.set_wakeup_fd(ringer.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)  # else the end of a child would not ring
        self.waiting.register(self.listener, selectors.EVENT_READ, self._bear)
        self.waiting.register(self.bell, selectors.EVENT_READ, self._tell_ends)

    def serve(self) -> Request:
        """Never returns but in a child, with what it shall run."""
        while True:
            for key, _ in self.waiting.select():
                if request := key.data():
                    return request

    def _bear(self) -> Request | None:
        link, _ = self.listener.accept()
        head, handles = self._asked(link)
        text = _read(link, NUMBER.unpack(head)[0]) if head else b""
        if not text:
            link.close()
            return None
        if not (pid := os.fork()):
            return self._become(Request(*json.loads(text)), handles)
        for handle in handles:
            os.close(handle)
        self.children[pid] = link
        self.waiting.register(link, selectors.EVENT_READ, partial(self._abandon, pid))
        return None

    def _asked(self, link: socket.socket) -> tuple[bytes, list[int]]:
        """The size of a request and the terminal of who asks; nothing where that is another user, or has gone."""
        if _is_ours(link):
            with contextlib.suppress(ConnectionError):
                link.sendall(READY_NOW)
                return socket.recv_fds(link, NUMBER.size, len(HANDLES))[:2]
        return b"", []

    def _become(self, request: Request, handles: list[int]) -> Request:
        """In the child: nothing of the nursery is left but its libraries."""
        from runner.processes import die_with_parent

        die_with_parent()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for link in (self.listener, self.bell, self.ringer, self.waiting, *self.children.values()):
            link.close()
        for handle, own in zip(handles, HANDLES, strict=True):
            os.dup2(handle, own)
            os.close(handle)
        os.environ.clear()
        os.environ.update(request.environment)
        os.chdir(request.folder)
        return request

    def _abandon(self, pid: int) -> None:
        self.waiting.unregister(self.children[pid])
        os.kill(pid, signal.SIGKILL)

    def _tell_ends(self) -> None:
        self.bell.recv(1 << 12)
        while self.children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            with self.children.pop(pid) as link, contextlib.suppress(OSError, KeyError):
                code = os.waitstatus_to_exitcode(status)
                link.sendall(NUMBER.pack(code if code >= 0 else 128 - code))
                self.waiting.unregister(link)


def _read(link: socket.socket, size: int) -> bytes:
    """That many bytes; fewer, or none, where the other end has gone."""
    with link.makefile("rb") as file:
        return file.read(size)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
