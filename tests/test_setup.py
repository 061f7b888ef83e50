"""The environment that run_all.sh finds or makes, with stand-ins for uv and Python: nothing is installed here."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.cli import requirements
from helpers.paths import ROOT

PYTHON = f"""#!/usr/bin/env bash
# Notes how it is called; the modules of the course are not run.
case "$*" in
    "-m helpers.cli"*) echo "ran with $0: ${{*:3}}" ;;
    "-m venv"*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; echo venv >> "$CALLS" ;;
    "-m pip install"*) echo pip install >> "$CALLS" ;;
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
        [ -z "${KILL_SETUP:-}" ] || kill -9 $PPID
        [ -z "${NO_NETWORK:-}" ] || { echo "no route to host"; exit 1; }
        [ -z "${OWN_CERTIFICATES:-}" ] || [ -n "${UV_SYSTEM_CERTS:-}" ] ||
            { echo "invalid peer certificate: UnknownIssuer"; exit 1; } ;;
esac
"""


class Machine:
    """A copy of the project's shell parts, and a PATH with little on it."""

    def __init__(self, folder: Path):
        self.root, self.bin, self.calls_file = folder / "project with space", folder / "bin", folder / "calls"
        (self.root / "helpers" / "cli").mkdir(parents=True)
        self.bin.mkdir()
        for name in (
            "run_all.sh",
            "requirements.lock",
            "requirements.headless.lock",
            "helpers/cli/environment.sh",
            "helpers/cli/requirements.py",
        ):
            shutil.copy(ROOT / name, self.root / name)
        for tool in ("bash", "cat", "cmp", "cp", "cut", "dirname", "env", "grep", "mkdir", "rm", "tail", "touch"):
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.add("python3", PYTHON)

    def add(self, name: str, script: str) -> None:
        path = self.bin / name
        path.write_text(script)
        path.chmod(0o755)

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
        environment = {"PATH": str(self.bin), "HOME": str(self.root), "CALLS": str(self.calls_file), **variables}
        command = [str(self.root / "run_all.sh"), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    def calls(self) -> list[str]:
        """What was installed since the last time this was asked."""
        lines = self.calls_file.read_text().splitlines() if self.calls_file.exists() else []
        self.calls_file.unlink(missing_ok=True)
        return lines


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    found = Machine(tmp_path)
    found.add("uv", UV)
    return found


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


def test_without_uv_venv_and_pip_do(machine: Machine):
    (machine.bin / "uv").unlink()
    assert machine.run().returncode == 0
    assert machine.calls() == ["venv", "pip install", "pip install"]


def test_killed_set_up_is_done_again_from_the_start(machine: Machine):
    assert machine.run(KILL_SETUP="1").returncode != 0
    machine.calls()
    again = machine.run()
    assert again.returncode == 0 and "cut off" in again.stderr
    assert machine.calls()[0] == "venv"


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


def test_this_environment_satisfies_the_project():
    assert subprocess.run([sys.executable, requirements.__file__], capture_output=True).returncode == 0


def test_missing_and_outdated_packages_are_named():
    project = {"dependencies": ["numpy>=1", "numpy>=99", "no-such-package", "x; python_version < '3'"]}
    assert requirements.unmet(project) == ["numpy>=99", "no-such-package"]


def test_headless_opencv_counts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(requirements, "_installed", {"opencv-python-headless": "5.0"}.get)
    assert requirements.unmet({"dependencies": ["opencv-python>=4.10"]}) == []
    assert requirements.unmet({"dependencies": ["opencv-python>=6"]}) == ["opencv-python>=6"]


def locked(name: str) -> dict[str, list[str]]:
    """The lines that follow each package and version of a lock file."""
    blocks = re.split(r"\n(?! )", (ROOT / name).read_text().strip())
    return {block.split()[0]: block.split("\n")[1:] for block in blocks}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements.headless.lock"])
def test_lock_files_hold_a_checksum_of_everything_and_no_address(name: str):
    packages = locked(name)
    assert all(re.fullmatch(r"[a-z0-9.-]+==[\w.]+", package) for package in packages)
    for package, lines in packages.items():
        assert lines, f"{package} has no checksum"
        assert all(re.fullmatch(r" +--hash=sha256:[0-9a-f]{64}( \\)?", line) for line in lines), package
    text = (ROOT / name).read_text()
    assert "://" not in text and "@" not in text and len(text) < 1_000_000


def test_both_builds_of_opencv_are_locked_at_one_version():
    (headless,) = locked("requirements.headless.lock")
    assert headless.replace("-headless", "") in locked("requirements.lock")


def test_conda_users_get_the_project_itself():
    import yaml

    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert environment["name"] == "image-course"
    assert any(item["pip"][0].startswith("-e .") for item in environment["dependencies"] if isinstance(item, dict))


@pytest.mark.parametrize("name", ["run_all.sh", "run_tests.sh", ".ci/run"])
def test_scripts_can_be_run(name: str):
    assert os.access(ROOT / name, os.X_OK)
    assert (ROOT / name).read_text().startswith("#!/usr/bin/env bash\n")
