"""Starts processes that have their libraries already: `python -m runner.nursery MODULE ARGUMENTS…`.

Importing PyTorch and its friends takes seconds, and every job, kernel and page is a process of its own. On Linux
the command line therefore keeps one process, the nursery, that imports them once and forks a child for whoever
asks. The one that asks lends the child its terminal and environment, waits, and ends as the child ends; if it is
killed, the child ends too. Who asks before all is imported waits for that. Where there is no nursery the module
runs right here.

The nursery computes nothing and has one thread only, so that a fork of it is as good as a process of its own.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from secrets import token_hex
from typing import Any, NoReturn, TextIO

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
PEER = struct.Struct("3i")
HANDLES = (0, 1, 2)


def main(arguments: list[str]) -> int:
    """Run a module's `main` on the other arguments, in a child of the nursery if there is one."""
    if arguments[0] == "--serve":
        link = _serve(arguments[1])
        _run_and_end(lambda: _become_what_is_asked(link), link)
    module, *others = arguments
    status = _ask(module, others)
    if status is None:
        _run_and_end(lambda: (module, others))
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


def _run_and_end(asked: Callable[[], tuple[str, list[str]]], link: socket.socket | None = None) -> NoReturn:
    """Run a module on arguments, tell whoever waits at the link how it ended, and end.

    As Python ends, but without taking apart what is imported: that takes two seconds.
    """
    code: Any = 1
    try:
        module, arguments = asked()
        sys.argv = [module, *arguments]
        code = importlib.import_module(module).main(arguments)
    except SystemExit as end:
        code = end.code
    except BaseException:  # Ctrl-C, too: who waits at the link is told
        traceback.print_exc()
    if isinstance(code, str):
        print(code, file=sys.stderr)
    status = code if isinstance(code, int) else int(code is not None)
    try:
        threading._shutdown()  # waits for the other threads
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        if link:
            link.sendall(NUMBER.pack(status))
    finally:
        os._exit(status)


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
    answer = _read(link)  # which ends with the child
    return NUMBER.unpack(answer)[0] if answer else KILLED


def _is_heard(link: socket.socket) -> bool:
    """Whether the other end is ready, when it is; it may end before."""
    with contextlib.suppress(ConnectionError):
        return link.recv(len(READY_NOW)) == READY_NOW
    return False


def _serve(name: str) -> socket.socket:
    """Fork a child for whoever asks. Returns in the children alone, each with its link to the one that asked."""
    from runner.processes import die_with_parent

    die_with_parent()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"\0{name}")
    listener.listen(64)
    gc.disable()
    for module in READY:
        importlib.import_module(module)
    gc.freeze()  # what lives as long as the process need not be looked at again, by children least of all
    gc.enable()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for children: each tells its end itself
    while True:
        link, _ = listener.accept()
        if _is_ours(link) and not os.fork():
            die_with_parent()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listener.close()
            return link
        link.close()


def _become_what_is_asked(link: socket.socket) -> tuple[str, list[str]]:
    """Take over terminal, environment and folder of the one that asked, and its end; the module and arguments."""
    from runner.processes import end_with

    link.sendall(READY_NOW)
    head, handles, *_ = socket.recv_fds(link, NUMBER.size, len(HANDLES))
    module, arguments, environment, folder = json.loads(_read(link, NUMBER.unpack(head)[0]))
    for handle, own in zip(handles, HANDLES, strict=True):
        os.dup2(handle, own)
        os.close(handle)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    end_with(_peer(link)[0])
    return module, arguments


def _peer(link: socket.socket) -> tuple[int, int, int]:
    """Process, user and group of the other end."""
    return PEER.unpack(link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER.size))


def _is_ours(link: socket.socket) -> bool:
    """Whether the other end is the same user's: in that namespace names are free for all."""
    return _peer(link)[1] == os.getuid()


def _read(link: socket.socket, size: int = -1) -> bytes:
    """That many bytes, or all until the other end has gone; fewer, or none, where it goes before."""
    with link.makefile("rb") as file:
        return file.read(size)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
