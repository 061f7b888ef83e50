"""What Linux alone has is needed by nothing that a notebook imports: they are opened on macOS and Windows, too."""

import ast
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import helpers
from helpers.base import paths
from helpers.base.paths import ROOT, check_model_names, our_sources
from helpers.study.study import Study
from runner.processes import is_alive

# The libraries are imported first, as on a machine that has others of the same; then what it lacks is taken away.
SYSTEM = """
import os, signal, socket, sys
import cleanlab, cv2, filelock, ipykernel.kernelapp, ipywidgets, IPython.display, jupyter_client.manager
import kagglehub, latex2mathml.converter, matplotlib.pyplot, nbconvert, pandas, papermill.iorw, PIL.Image
import plotly.graph_objects, psutil, pydantic, scipy.stats, seaborn, sklearn.manifold, timm, torch, torchvision
import tqdm, wandb, yaml
import asyncio, concurrent.futures, ctypes, multiprocessing, pathlib, shutil, subprocess, tempfile, tarfile

class Nowhere:
    def find_spec(self, name, *_):
        if name in {missing!r}:
            raise ModuleNotFoundError(name)

for name in {missing!r}:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Nowhere())
for module, names in ((os, {of_os!r}), (signal, {of_signal!r}), (socket, {of_socket!r})):
    for name in names:
        vars(module).pop(name, None)
sys.platform = {platform!r}
import importlib
for name in {modules!r}:
    importlib.import_module(name)
import pathlib
from runner.processes import die_with_parent, is_alive, only_one
from runner.snakemake import usable_cores
from helpers.base.device import pick_device, pick_precision
die_with_parent()
with only_one(pathlib.Path(sys.argv[1]) / "lock") as alone:
    print(alone, is_alive(os.getpid()), is_alive(2**22 + 1), usable_cores() > 0)
print(pick_precision(pick_device()))
"""
LINUX = {
    "missing": ["spwd", "crypt"],
    "of_os": ["sched_getaffinity", "sched_setaffinity", "pidfd_open", "memfd_create", "posix_fadvise"],
    "of_signal": ["pidfd_send_signal", "SIGSTKFLT", "SIGPWR", "SIGPOLL"],
    "of_socket": ["SO_PEERCRED"],
}
POSIX = {
    "missing": [
        *("fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"),
        *LINUX["missing"],
    ],
    "of_os": [
        *("chown", "fchmod", "fork", "forkpty", "geteuid", "getgid", "getloadavg", "getpgid", "getuid", "kill"),
        *("killpg", "mkfifo", "setsid", "statvfs", "sysconf", "uname", "waitid", "wait", "WNOHANG"),
        *LINUX["of_os"],
    ],
    "of_signal": [
        *("SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGSTOP", "SIGUSR1", "SIGUSR2"),
        *("alarm", "pthread_sigmask", "setitimer", "sigwait"),
        *LINUX["of_signal"],
    ],
    "of_socket": ["AF_UNIX", "socketpair", "send_fds", "recv_fds", *LINUX["of_socket"]],
}


def modules() -> list[str]:
    found = pkgutil.walk_packages(helpers.__path__, "helpers.")
    return [module.name for module in found if not module.name.endswith("__main__")]


@pytest.mark.parametrize(("platform", "lacks"), [("win32", POSIX), ("darwin", LINUX)])
def test_every_module_is_imported_where_what_linux_has_is_missing(platform, lacks, tmp_path):
    assert len(modules()) > 100
    script = SYSTEM.format(platform=platform, modules=modules(), **lacks)
    variables = os.environ | {"PYTHONPATH": str(ROOT), "IMAGE_COURSE_DEVICE": "cpu"}
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=variables)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[0] == "True True False True"


def test_whether_a_process_runs_is_asked_without_a_signal(monkeypatch):
    """`os.kill(pid, 0)` ends the process on Windows."""
    monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("a signal was sent"))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert is_alive(process.pid)
        process.stdin.close()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not is_alive(process.pid)  # nobody has waited for it yet
    assert not is_alive(process.pid)


def _is_of_text(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    modes = [getattr(argument, "value", None) for argument in call.args]
    options = {word.arg for word in call.keywords}
    if name == "open":
        return modes in ([], ["r"], ["w"], ["a"]) and "fileobj" not in options
    return name in ("read_text", "write_text", "FileHandler") or "text" in options


def test_text_is_read_and_written_in_one_encoding():
    """Windows has another by default, in which class names and minus signs would be damaged or refused."""
    wrong = []
    for path in our_sources("drawings", "helpers", "sections"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _is_of_text(node):
                names = {word.arg for word in node.keywords}
                wrong += [] if "encoding" in names else [f"{path.name}:{node.lineno}"]
    assert wrong == []


def test_a_file_is_moved_over_another_as_soon_as_nobody_has_it_open(monkeypatch, tmp_path):
    tries, usual = [], Path.replace

    def busy(self, target):
        tries.append(target)
        if len(tries) < 3:
            raise PermissionError(13, "in use")
        return usual(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    (tmp_path / "new").write_text("new")
    with pytest.raises(PermissionError):  # elsewhere it would not help to try again
        paths.move_over(tmp_path / "new", tmp_path / "old")
    with monkeypatch.context() as windows:
        windows.setattr(paths.os, "name", "nt")
        windows.setattr(paths.time, "sleep", lambda _: None)
        paths.move_over(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old").read_text() == "new" and len(tries) == 3


@pytest.mark.parametrize(
    ("names", "reason"),
    [(["aux"], "Windows"), (["COM1"], "Windows"), (["cnn", "CNN"], "same name as 'cnn'"), (["a/b"], "letters")],
)
def test_models_that_could_not_be_folders_everywhere_are_refused(names, reason):
    with pytest.raises(ValueError, match=reason):
        check_model_names(names)
    check_model_names(["auxiliary", "com10", "cnn"])


def test_every_study_of_the_course_has_such_names():
    for path in sorted((ROOT / "studies").glob("*.yaml")):
        check_model_names(Study.load(path.stem).models)
