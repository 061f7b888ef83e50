"""The environment that run_all.sh finds or makes, with stand-ins for uv and Python: nothing is installed here."""

import http.server
import os
import pty
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

from helpers.base.paths import ROOT
from runner import packages, requirements

PYTHON = f"""#!/usr/bin/env bash
# Notes how it is called; the modules of the course are not run.
case "$*" in
    *"-m runner.first"*) echo first >> "$CALLS"; exit "${{FIRST:-10}}" ;;
    "-m runner"*) echo "ran with $0: ${{*:3}}" ;;
    "-m pytest"*) echo "tested with $0" ;;
    "-m venv"*)
        mkdir -p "$3/bin" "$3/lib/python3.13/site-packages"; cp "$0" "$3/bin/python"
        echo venv >> "$CALLS" ;;
    "-m pip config list") echo "${{PIP_CONFIG:-}}" ;;
    "-c import pip") ;;
    "-m pip install"*)
        echo "pip install ${{*:5}}" >> "$CALLS"
        [ -z "${{NO_NETWORK:-}}" ] || {{ echo "no route to host"; exit 1; }}
        case "$*" in
            *headless*) touch "$CALLS.headless" ;;
            *uv.lock*) [ -n "${{UV_OF_LOCK:-}}" ] || exit 1; cp "$UV_OF_LOCK" "$(dirname "$0")/uv" ;;
            *cpu.lock*) [ -z "${{NO_CPU:-}}" ] || exit 1 ;;
        esac ;;
    "-c import cv2")
        [ -z "${{BROKEN_CV2:-}}" ] || [ -e "$CALLS.headless" ] || {{ echo "$BROKEN_CV2" >&2; exit 1; }} ;;
    *requirements.py*) [ -z "${{LACKS:-}}" ] || {{ echo "it lacks $LACKS"; exit 1; }} ;;
    *) exec {sys.executable} "$@" ;;
esac
"""
UV = """#!/usr/bin/env bash
case "$1 $2" in
    "venv --quiet")
        mkdir -p "${@: -1}/bin"; cp "$(dirname "$0")/python3" "${@: -1}/bin/python"
        echo venv >> "$CALLS" ;;
    "pip install")
        echo "uv install ${*:5}" >> "$CALLS"
        case "$*" in *headless*) touch "$CALLS.headless" ;; esac
        [ -z "${KILL_SETUP:-}" ] || kill -9 $(cat "$KILL_SETUP")
        [ -z "${UV_FAILS:-}${NO_NETWORK:-}" ] || { echo "no route to host"; exit 1; }
        [ -z "${OWN_CERTIFICATES:-}" ] || [ -n "${UV_SYSTEM_CERTS:-}" ] ||
            { echo "invalid peer certificate: UnknownIssuer"; exit 1; }
        case "$*" in *cpu.lock*) [ -z "${NO_CPU:-}" ] || exit 1 ;; esac ;;
esac
"""
FILES = (
    "pyproject.toml",
    "run_all.sh",
    "run_tests.sh",
    "requirements.lock",
    "requirements.cpu.lock",
    "requirements.tests.lock",
    "requirements.headless.lock",
    "requirements.sizes",
    "runner/environment.sh",
    "runner/packages.py",
    "runner/requirements.py",
)
TOOLS = ("bash", "cat", "cmp", "cp", "cut", "dirname", "env", "grep", "mkdir", "rm", "tail", "touch")


class Machine:
    """A copy of the project's shell parts, and a PATH with little on it."""

    def __init__(self, folder: Path):
        self.root, self.bin, self.calls_file = folder / "project with space", folder / "bin", folder / "calls"
        (self.root / "runner").mkdir(parents=True)
        self.bin.mkdir()
        for name in FILES:
            shutil.copy(ROOT / name, self.root / name)
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.add("python3", PYTHON)

    def add(self, name: str, script: str) -> Path:
        path = self.bin / name
        path.write_text(script)
        path.chmod(0o755)
        return path

    def run(self, *arguments: str, script: str = "run_all.sh", **variables: str) -> subprocess.CompletedProcess:
        """Run a script. PyTorch's own index is not asked, unless the variables say so."""
        environment = {
            "PATH": str(self.bin),
            "HOME": str(self.root),
            "CALLS": str(self.calls_file),
            "IMAGE_COURSE_TORCH": "cuda",
            **variables,
        }
        command = [str(self.root / script), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    def calls(self) -> list[str]:
        """What was installed since the last time this was asked."""
        lines = self.calls_file.read_text().splitlines() if self.calls_file.exists() else []
        self.calls_file.unlink(missing_ok=True)
        return [line for line in lines if line != "first"]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    found = Machine(tmp_path)
    found.add("uv", UV)
    return found


@pytest.fixture
def index() -> Iterator[str]:
    """The address of a server that answers as PyTorch's own index would."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/whl/torch/" else 404)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/whl"
    server.shutdown()


def test_first_call_installs_and_the_second_does_not(machine: Machine):
    first = machine.run("--only", "02")
    assert first.returncode == 0, first.stderr
    assert first.stdout.strip() == f"ran with {machine.root}/.venv/bin/python: --only 02"
    assert "setting up: installing" in first.stderr and "minutes" in first.stderr
    calls = machine.calls()
    assert calls[0] == "venv" and "--no-deps --require-hashes -r" in calls[1]
    assert "--no-deps --no-build-isolation -e" in calls[2]
    second = machine.run()
    assert (second.returncode, second.stderr, machine.calls()) == (0, "", [])


def test_another_lock_file_installs_again(machine: Machine):
    machine.run()
    machine.calls()
    with (machine.root / "requirements.lock").open("a") as file:
        file.write("# newer\n")
    assert machine.run().returncode == 0
    assert [call.split()[0] for call in machine.calls()] == ["uv", "uv"]  # into the same .venv


def test_another_folder_of_the_project_is_linked(machine: Machine):
    assert machine.run().returncode == 0 and machine.calls()
    project = machine.root / "pyproject.toml"
    project.write_text(project.read_text().replace('"sections*"', '"sections*", "more*"'))
    assert machine.run().returncode == 0 and machine.calls()
    assert machine.run().returncode == 0 and not machine.calls()


@pytest.mark.parametrize("status", [0, 2, 141])
def test_what_needs_no_packages_is_answered_before_anything_is_made(machine: Machine, status: int):
    answered = machine.run("--help", FIRST=str(status))
    assert (answered.returncode, answered.stdout, answered.stderr) == (status, "", "")
    assert machine.calls() == [] and not (machine.root / ".venv").exists()


@pytest.mark.parametrize("status", [1, 10, 127])
def test_where_nothing_is_answered_the_set_up_begins(machine: Machine, status: int):
    assert "ran with" in machine.run("--list", FIRST=str(status)).stdout
    assert "first" not in machine.run(FIRST="2").stderr and machine.run(FIRST="2").returncode == 0


def test_without_uv_pip_fetches_that_of_the_lock_file(machine: Machine):
    stand_in = machine.add("uv", UV).rename(machine.root / "stand-in")
    done = machine.run(UV_OF_LOCK=str(stand_in))
    assert done.returncode == 0, done.stderr
    calls = machine.calls()
    assert calls[0] == "venv" and [call.split()[0] for call in calls[1:]] == ["pip", "uv", "uv"]
    assert "--no-deps --require-hashes -r" in calls[1]
    uv = (machine.root / ".venv" / "uv.lock").read_text().splitlines()
    assert re.fullmatch(r"uv==[\d.]+ \\", uv[0]) and all("--hash=sha256:" in line for line in uv[1:]) and uv[1:]


def test_where_uv_cannot_be_had_pip_installs(machine: Machine):
    (machine.bin / "uv").unlink()
    done = machine.run()
    assert done.returncode == 0 and "about 8 minutes" in done.stderr
    assert [call.split()[0] for call in machine.calls()] == ["venv", "pip", "pip", "pip"]


def test_what_uv_fails_at_pip_tries(machine: Machine):
    done = machine.run(UV_FAILS="1")
    assert done.returncode == 0, done.stderr
    assert [call.split()[0] for call in machine.calls()] == ["venv", "uv", "pip", "uv", "pip"]


@pytest.mark.parametrize(
    ("variables", "installer"),
    [
        ({"PIP_CONFIG": "global.index-url='https://mirror.school'"}, "pip"),
        ({"PIP_CONFIG": "global.timeout='60'"}, "uv"),
        ({"PIP_FIND_LINKS": "/wheels"}, "pip"),
        ({"PIP_CONSTRAINT": "/fixed"}, "pip"),
        ({"PIP_CERT": "/etc/cert"}, "uv"),
        ({"PIP_INDEX_URL": "https://mirror.school", "UV_DEFAULT_INDEX": "https://mirror.school"}, "uv"),
    ],
)
def test_where_pip_knows_a_mirror_pip_installs(machine: Machine, variables: dict[str, str], installer: str):
    assert machine.run(**variables).returncode == 0
    assert {call.split()[0] for call in machine.calls()[1:]} == {installer}


def test_killed_set_up_is_done_again_from_the_start(machine: Machine):
    assert machine.run(KILL_SETUP=str(machine.root / ".venv" / "unfinished")).returncode != 0
    machine.calls()
    again = machine.run()
    assert again.returncode == 0 and "cut off" in again.stderr
    assert machine.calls()[0] == "venv"


def test_a_set_up_at_work_is_waited_for_and_help_is_given_meanwhile(machine: Machine):
    (machine.root / ".venv").mkdir()
    (machine.root / ".venv" / "unfinished").write_text(str(os.getpid()))
    asked = machine.run()
    assert asked.returncode == 1 and f"process {os.getpid()} is setting up" in asked.stderr
    assert machine.run("--help", FIRST="0").returncode == 0


def test_failed_set_up_shows_why_and_is_tried_again(machine: Machine):
    failed = machine.run(NO_NETWORK="1")
    assert failed.returncode == 1
    assert "no route to host" in failed.stderr and ".venv/setup.log" in failed.stderr
    assert failed.stdout == ""
    again = machine.run()
    assert again.returncode == 0 and "cut off" not in again.stderr


def test_certificates_of_the_system_are_tried(machine: Machine):
    done = machine.run(OWN_CERTIFICATES="1")
    assert done.returncode == 0, done.stderr
    assert len([call for call in machine.calls() if "requirements.lock" in call]) == 2


def test_no_python_is_said_in_one_line(machine: Machine):
    (machine.bin / "uv").unlink()
    machine.add("python3", "#!/usr/bin/env bash\nexit 1\n")  # too old
    failed = machine.run()
    assert failed.returncode == 1
    assert len(failed.stderr.splitlines()) == 1 and "Python 3.11" in failed.stderr


def test_without_python_uv_fetches_one_even_where_pip_has_settings(machine: Machine):
    machine.add("stand-in", PYTHON)
    machine.add("uv", UV.replace("python3", "stand-in"))
    machine.add("python3", "#!/usr/bin/env bash\nexit 1\n")
    assert machine.run(PIP_INDEX_URL="https://mirror.school").returncode == 0
    assert [call.split()[0] for call in machine.calls()] == ["venv", "pip", "pip"]


def test_a_python_with_wheels_is_preferred(machine: Machine):
    (machine.bin / "uv").unlink()
    newest = PYTHON.replace('case "$*" in', 'case "$*" in\n    *"< (3, 14)"*) exit 1 ;;', 1)
    machine.add("python3", newest.replace("echo venv", "echo venv of 3.14"))
    assert machine.run().returncode == 0
    assert machine.calls()[0] == "venv of 3.14"  # where there is no other
    shutil.rmtree(machine.root / ".venv")
    machine.add("python", PYTHON)
    assert machine.run().returncode == 0
    assert machine.calls()[0] == "venv"


def test_opencv_without_its_system_library_is_replaced(machine: Machine):
    problem = "ImportError: libGL.so.1: cannot open shared object file: No such file or directory"
    done = machine.run(BROKEN_CV2=problem)
    assert done.returncode == 0, done.stderr
    assert "libGL.so.1" in done.stderr and "opencv-python-headless takes its place" in done.stderr
    assert f"--require-hashes -r {machine.root}/requirements.headless.lock" in machine.calls()[-1]


def test_activated_environment_is_used_if_it_satisfies(machine: Machine, tmp_path: Path):
    (tmp_path / "mine" / "bin").mkdir(parents=True)
    shutil.copy(machine.bin / "python3", tmp_path / "mine" / "bin" / "python")
    used = machine.run(VIRTUAL_ENV=str(tmp_path / "mine"))
    assert used.stdout.startswith(f"ran with {tmp_path}/mine/bin/python") and machine.calls() == []
    refused = machine.run(CONDA_PREFIX=str(tmp_path / "mine"), LACKS="torch>=2.11")
    assert "lacks torch>=2.11" in refused.stderr
    assert refused.stdout.startswith(f"ran with {machine.root}/.venv/bin/python")


def test_test_tools_are_installed_for_the_tests_alone(machine: Machine):
    machine.run()
    assert not any("tests.lock" in call for call in machine.calls())
    tested = machine.run(script="run_tests.sh")
    assert tested.stdout.startswith("tested with") and "16 packages" in tested.stderr
    (call,) = machine.calls()
    assert f"--no-deps --require-hashes -r {machine.root}/requirements.tests.lock" in call
    assert machine.run(script="run_tests.sh").stderr == "" and machine.run().stderr == ""
    assert machine.calls() == []


def test_the_tests_alone_install_everything(machine: Machine):
    assert machine.run(script="run_tests.sh").returncode == 0
    installed = " ".join(machine.calls())
    assert "requirements.lock" in installed and "requirements.tests.lock" in installed


def with_cpu(machine: Machine, index: str, **variables: str) -> subprocess.CompletedProcess:
    return machine.run(IMAGE_COURSE_TORCH="", IMAGE_COURSE_TORCH_INDEX=index, **variables)


@pytest.mark.skipif(
    sys.platform != "linux" or os.path.exists("/proc/driver/nvidia"), reason="has a card, or no Linux"
)
class TestTorchWithoutCuda:
    def test_it_is_installed_where_no_card_is(self, machine: Machine, index: str):
        done = with_cpu(machine, index)
        assert done.returncode == 0, done.stderr
        assert re.search(r"\d+ packages, \d+ MB to download", done.stderr)  # not 3.3 GB
        rest, torch = machine.calls()[1:3]
        assert rest.endswith("-r " + f"{machine.root}/.venv/rest.lock")
        assert f"--require-hashes -r {machine.root}/requirements.cpu.lock --index-url {index}" in torch
        names = re.findall("^[a-z0-9-]+", (machine.root / ".venv" / "rest.lock").read_text(), re.MULTILINE)
        assert {"numpy", "timm", "sympy", "setuptools"} <= set(names)
        assert not [name for name in names if re.match("(torch|torchvision|triton|nvidia-.*|cuda-.*)$", name)]
        again = with_cpu(machine, "http://127.0.0.1:9")  # which is not asked again
        assert (again.returncode, again.stderr, machine.calls()) == (0, "", [])

    def test_a_card_that_comes_later_is_served(self, machine: Machine, index: str):
        with_cpu(machine, index)
        machine.calls()
        machine.add("nvidia-smi", "#!/usr/bin/env bash\n")
        assert with_cpu(machine, index).returncode == 0
        calls = machine.calls()
        assert calls[0] == "venv" and not any("cpu.lock" in call for call in calls)

    def test_where_a_card_or_no_index_is_nothing_changes(self, machine: Machine, index: str):
        with_cpu(machine, "http://127.0.0.1:9/whl")
        assert not any("cpu.lock" in call for call in machine.calls())
        with_cpu(machine, index)  # what is there stays
        assert machine.calls() == []

    def test_where_it_fails_the_other_takes_its_place(self, machine: Machine, index: str):
        done = with_cpu(machine, index, NO_CPU="1")
        assert done.returncode == 0 and "the one with CUDA takes its place" in done.stderr
        assert any(f"-r {machine.root}/requirements.lock" in call for call in machine.calls())
        assert (with_cpu(machine, index).stderr, machine.calls()) == ("", [])
        assert (machine.run(IMAGE_COURSE_TORCH="cuda").stderr, machine.calls()) == ("", [])

    def test_asked_for_it_comes_whatever_there_is(self, machine: Machine):
        machine.add("nvidia-smi", "#!/usr/bin/env bash\n")
        assert machine.run(IMAGE_COURSE_TORCH="cpu").returncode == 0
        assert any(
            "requirements.cpu.lock --index-url https://download.pytorch.org/" in call for call in machine.calls()
        )
        assert (machine.run(IMAGE_COURSE_TORCH="cpu").stderr, machine.calls()) == ("", [])
        assert machine.run().returncode == 0 and machine.calls()[0] == "venv"  # cuda


def test_an_unknown_build_of_torch_is_refused(machine: Machine):
    refused = machine.run(IMAGE_COURSE_TORCH="gpu")
    assert refused.returncode == 1 and "'gpu'; it can be cpu or cuda" in refused.stderr and machine.calls() == []


def test_a_full_disk_is_said_before_anything_is_fetched(machine: Machine):
    sizes = machine.root / "requirements.sizes"
    sizes.write_text(re.sub(r"^torch .*", "torch" + " 9000000000000" * 5, sizes.read_text(), flags=re.MULTILINE))
    full = machine.run()
    assert full.returncode == 1
    assert re.search(
        r"\.venv lies on a disk with [\d.]+ GB free, and the packages need \d{7,}\.\d GB: ", full.stderr
    )
    assert machine.calls() == ["venv"]
    shutil.copy(ROOT / "requirements.sizes", sizes)
    assert machine.run().returncode == 0  # not called a set-up that was cut off


def test_what_is_needed_is_the_sum_of_what_the_lock_file_has(tmp_path: Path, monkeypatch, capsys):
    (tmp_path / "sizes").write_text("# kB\na 100 100 100 100 300\nb 7 7 7 7 0\nc 50 50 50 50 1\n")
    conditions = "b==2 ; os_name != 'x' \\\nc==1 ; os_name == 'x'\n"
    (tmp_path / "lock").write_text("a==1 \\\n    --hash=sha256:0\n" + conditions)
    monkeypatch.setattr(packages, "SIZES_FILE", tmp_path / "sizes")
    monkeypatch.setattr(packages, "PLATFORMS", [f"{sys.platform}-{packages.platform.machine()}"])
    found = packages.wanted_packages([tmp_path / "lock"])
    assert found == [packages.Package("a", 100, 300), packages.Package("b", 7, 4 * 7)]
    assert packages.need(tmp_path, [str(tmp_path / "lock")]) == 0
    assert capsys.readouterr().out.startswith("2 packages, 0 MB to download, ")


def test_progress_is_read_from_what_pip_and_uv_say(tmp_path: Path):
    site = tmp_path / "lib" / "python3.13" / "site-packages"
    site.mkdir(parents=True)
    lock = tmp_path / "lock"
    lock.write_text("torch==2\nnumpy==2\npy-cpuinfo==9\nscipy==1\n")
    sizes = {item.name: item.fetched for item in packages.wanted_packages([lock])}
    log = tmp_path / "log"
    log.write_text("")
    installer = packages.Installer(log, tmp_path, [str(lock)])
    assert (
        installer.line(0) == f"  0:00  0 of {sum(sizes.values()) / 1000:.0f} MB fetched, 0 of 4 packages installed"
    )
    log.write_text(
        "Collecting numpy==2 (from -r lock (line 1))\n  Downloading numpy-2.whl (1 MB)\n"
        "Processing /a/place/py_cpuinfo-9-py3-none-any.whl (from -r lock (line 3))\nCollecting torch==2 (from x)\n"
    )
    assert installer.fetched() == sizes["numpy"] + sizes["py-cpuinfo"]  # torch is on its way
    log.write_text("Downloading torch (514.2MiB)\nDownloading scipy (3MiB)\n Downloaded scipy\n")
    assert installer.fetched() == sizes["scipy"]
    for name in ("a", "b", "c"):
        (site / f"{name}.dist-info").mkdir()
    assert installer.line(75).startswith("  1:15  ") and installer.line(75).endswith("3 of 4 packages installed")
    assert installer.fetched() == sum(sizes.values())


def test_on_a_terminal_progress_stays_in_one_line(tmp_path: Path):
    (tmp_path / "lock").write_text("numpy==2\n")
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        packages.__file__,
        "watch",
        str(tmp_path / "log"),
        str(tmp_path),
        str(tmp_path / "lock"),
    ]
    watching = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=theirs)
    seen = b""
    while seen.count(b"\r") < 2:
        seen += os.read(ours, 1000)
    watching.stdin.close()
    assert watching.wait(timeout=20) == 0
    assert b"\n" not in seen and b"0 of 1 packages installed\x1b[K" in seen


def test_this_environment_satisfies_the_project():
    assert subprocess.run([sys.executable, requirements.__file__], capture_output=True).returncode == 0


def test_missing_and_outdated_packages_are_named():
    project = {"dependencies": ["numpy>=1", "numpy>=99", "no-such-package", "x; python_version < '3'"]}
    assert requirements.unmet(project) == ["numpy>=99", "no-such-package"]


def test_headless_opencv_counts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(requirements, "_installed", {"opencv-python-headless": "5.0"}.get)
    assert requirements.unmet({"dependencies": ["opencv-python>=4.10"]}) == []
    assert requirements.unmet({"dependencies": ["opencv-python>=6"]}) == ["opencv-python>=6"]


LOCKS = ["requirements.lock", "requirements.tests.lock", "requirements.cpu.lock", "requirements.headless.lock"]


def locked(name: str) -> dict[str, list[str]]:
    """The lines that follow each package and version of a lock file."""
    blocks = re.split(r"\n(?! )", (ROOT / name).read_text().strip())
    return {block.split()[0]: block.split("\n")[1:] for block in blocks if not block.startswith("#")}


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_hold_a_checksum_of_everything_and_no_address(name: str):
    found = locked(name)
    assert found and all(re.fullmatch(r"[a-z0-9.-]+==[\w.+]+", package) for package in found)
    for package, lines in found.items():
        assert lines, f"{package} has no checksum"
        assert all(re.fullmatch(r" +--hash=sha256:[0-9a-f]{64}( \\)?", line) for line in lines), package
    text = (ROOT / name).read_text()
    assert "://" not in text and "@" not in text and len(text) < 1_000_000


def test_both_builds_of_opencv_are_locked_at_one_version():
    (headless,) = locked("requirements.headless.lock")
    assert headless.replace("-headless", "") in locked("requirements.lock")


def names(lock: str) -> set[str]:
    return {package.partition("==")[0] for package in locked(lock)}


def test_each_lock_file_has_what_it_is_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    course = {Requirement(text).name for text in [*project["dependencies"], *extras["slurm"], *extras["install"]]}
    tests = {Requirement(text).name for text in extras["test"]}
    assert course <= names("requirements.lock")
    assert tests <= names("requirements.tests.lock") | names("requirements.lock")
    assert not names("requirements.tests.lock") & names("requirements.lock")


def test_the_build_without_cuda_satisfies_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = {Requirement(text).name: Requirement(text) for text in project["dependencies"]}
    versions = dict(package.split("==") for package in locked("requirements.cpu.lock"))
    assert set(versions) == {"torch", "torchvision"}
    assert all(asked[name].specifier.contains(version) for name, version in versions.items())
    assert all(
        len(lines) == 8 for lines in locked("requirements.cpu.lock").values()
    )  # 4 Pythons, 2 kinds of computer


def test_every_package_has_its_sizes_and_its_condition_is_understood():
    sizes = packages._sizes()
    for lock in LOCKS[:2]:
        for name, _, marker in packages.LOCKED.findall((ROOT / lock).read_text()):
            assert len(sizes[name]) == len(packages.PLATFORMS) + 1 and min(sizes[name][:-1]) > 0, name
            if marker:
                assert packages.holds(marker) == Marker(marker).evaluate(), marker
    assert sizes["torch+cpu"][0] < sizes["torch"][0]


def test_conda_users_get_the_locked_packages():
    import yaml

    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert environment["name"] == "image-course"
    (pip,) = (item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    assert pip == ["--require-hashes", "-r requirements.lock"]


@pytest.mark.parametrize("name", ["run_all.sh", "run_tests.sh", ".ci/run"])
def test_scripts_can_be_run(name: str):
    assert os.access(ROOT / name, os.X_OK)
    assert (ROOT / name).read_text().startswith("#!/usr/bin/env bash\n")
