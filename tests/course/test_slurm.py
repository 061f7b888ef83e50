"""The course on a real SLURM: a node that is drained, a command line that dies; the numbers stay the same."""

import os
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from slurm_cluster import Cluster, cluster, lacking
from tiny_course import CNN, Course, differences, results, tiny_study

from helpers.base.paths import ROOT

REASON = lacking() or (
    "" if find_spec("snakemake_executor_plugin_slurm") else "the extra 'slurm' is not installed"
)
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)

# A cluster without accounting, asked often because its jobs are short.
ON_SLURM = [
    "--", "--profile", str(ROOT / "profiles" / "slurm"), "--slurm-no-account", "--slurm-status-command", "squeue",
    "--slurm-init-seconds-before-status-checks", "1",
]  # fmt: skip


@pytest.fixture(scope="module")
def slurm() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder, cluster(Path(folder)) as found:  # short: sockets
        yield found


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_study(tmp_path_factory.mktemp("study"), long=CNN | {"epochs": 100})


def course(study: Path, name: str, *options: str, **variables: str) -> Course:
    """Chapter 02, which compares the networks of the study."""
    threads = {"OMP_NUM_THREADS": "1", "IMAGE_COURSE_DEVICE": "cpu", "WANDB_MODE": "disabled"}
    return Course(study.parent / name, [str(study), "--only", "02", *options], variables=threads | variables)


@pytest.fixture(scope="module")
def local(study: Path) -> dict[str, object]:
    """All result files of a run on this machine, where the chapter trains what it needs."""
    run = course(study, "local", "--seeds", "2", "--jobs", "1")
    run.finish()
    return results(run)


def test_a_run_on_slurm_equals_a_local_one(slurm: Cluster, study: Path, local: dict[str, object]):
    run, began = course(study, "slurm", "--seeds", "2", *ON_SLURM, **slurm.environment), time.monotonic()
    assert run.start().wait(900) == 0, run.said() + slurm.told()
    done = slurm.jobs("COMPLETED")
    assert len(done) == 6, done  # data, two models with two seeds each, the chapter
    found = results(run)
    assert len(found) == len(local) > 12 and differences(local, found) == []
    print(f"SLURM: {len(done)} jobs, {len(found)} result files equal, {time.monotonic() - began:.0f} s")


def test_a_node_drained_and_back_and_a_command_line_that_dies(
    slurm: Cluster, study: Path, local: dict[str, object]
):
    run = course(study, "disturbed", "--seeds", "2", *ON_SLURM, **slurm.environment)
    process = run.start()
    slurm.wait_for("a training", lambda: any("training" in job for job in slurm.jobs("RUNNING")), 600)
    slurm.set_node("drain")
    outside = [pid for pid in run.processes() if _is_of_the_command_line(pid)]
    for pid in {process.pid, *outside}:
        os.kill(pid, 9)
    process.wait()
    again = run.start()  # while the jobs of the first still run, on a node that takes no others
    time.sleep(20)
    slurm.set_node("resume")
    assert again.wait(900) == 0, run.said() + slurm.told()
    assert differences(local, results(run)) == []
    slurm.wait_for("the end of all jobs", lambda: not slurm.jobs("RUNNING", "PENDING"), 60)


def test_who_stops_the_command_takes_the_jobs_back(slurm: Cluster, study: Path):
    run = course(study, "stopped", *ON_SLURM, **slurm.environment)
    process = run.start()
    slurm.wait_for("a job", lambda: slurm.jobs("RUNNING"), 600)
    process.terminate()  # as Ctrl-C does
    assert process.wait(120) == 130 and "continues from here" in run.said()
    slurm.wait_for("the end of all jobs", lambda: not slurm.jobs("RUNNING", "PENDING", "COMPLETING"), 60)
    assert run.processes() == []


def _is_of_the_command_line(pid: int) -> bool:
    command = Path(f"/proc/{pid}/cmdline").read_bytes()
    environment = Path(f"/proc/{pid}/environ").read_bytes()
    return b"snakemake" in command and b"SLURM_JOB_ID=" not in environment
