"""A real SLURM on one machine, in a folder of its own: one node with two CPUs, no accounting; gone when done.

`python tests/slurm_cluster.py COMMAND …` gives one to a command, such as a campaign of `benchmarks/`.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from runner.processes import die_with_parent

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol")
NODE = "node1"
CONFIGURATION = """\
ClusterName=course
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
PluginDir={plugins}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_min_interval=200000
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
KillWait=5
MinJobAge=3600
SlurmdParameters=config_overrides
NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=64000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def lacking() -> str:
    """Why there can be no cluster here; empty where there can."""
    missing = [program for program in PROGRAMS if not shutil.which(program, path=search_path())]
    if missing:
        return f"SLURM is not installed ({', '.join(missing)} missing; Debian: apt-get install slurm-wlm munge)"
    return "" if os.geteuid() == 0 else "a SLURM of one's own is started as root only"


def search_path() -> str:
    return os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])


@dataclass
class Cluster:
    """A running SLURM. `environment` is what its commands need to find it."""

    folder: Path
    daemons: list[subprocess.Popen] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(self.folder / "bin"), search_path()])
        return {"SLURM_CONF": str(self.folder / "slurm.conf"), "PATH": path}

    def ask(self, *command: str) -> str:
        """What a command of SLURM says."""
        done = subprocess.run(
            command, env=os.environ | self.environment, capture_output=True, text=True, timeout=60
        )
        return done.stdout + done.stderr

    def start(self, *command: str) -> None:
        with (self.folder / "daemons.log").open("a") as log:
            self.daemons.append(
                subprocess.Popen(
                    command, env=os.environ | self.environment, stdin=subprocess.DEVNULL, stdout=log,
                    stderr=log, start_new_session=True, preexec_fn=die_with_parent,
                )
            )  # fmt: skip

    def node_state(self) -> str:
        return self.ask("sinfo", "--noheader", "--format=%T").strip()

    def set_node(self, state: str) -> None:
        """Drain the node (it takes no more jobs) or resume it."""
        self.ask("scontrol", "update", f"NodeName={NODE}", f"State={state}", "Reason=test")

    def jobs(self, *states: str) -> list[str]:
        """The comments of jobs in these states, such as RUNNING; Snakemake puts rule and wildcards there."""
        return self.ask("squeue", "--noheader", "--format=%k", f"--states={','.join(states)}").split()

    def wait_for(self, what: str, condition, seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} did not come within {seconds:.0f} s\n{self.told()}")
            time.sleep(0.3)

    def told(self) -> str:
        """The ends of the daemons' logs."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"{path.name}: {path.read_text(errors='replace')[-1500:]}" for path in logs)

    def stop(self) -> None:
        self.ask("scancel", "--user=root", "--signal=KILL", "--full")
        for daemon in reversed(self.daemons):
            for number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(daemon.pid, number)
                    daemon.wait(5)
                    break
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    continue


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Start a SLURM in an empty folder with a short name; everything is ended again, whatever happens."""
    found = Cluster(folder)
    for name in ("state", "spool", "bin"):
        (folder / name).mkdir()
    (folder / "munge.key").write_bytes(secrets.token_bytes(128))
    (folder / "munge.key").chmod(0o400)
    plugins = next(Path("/usr/lib").glob("*/slurm-wlm"), Path("/usr/lib/slurm"))
    settings = CONFIGURATION.format(
        host=socket.gethostname().split(".")[0], ports=_free_ports(2), folder=folder, plugins=plugins, node=NODE
    )
    (folder / "slurm.conf").write_text(settings)
    srun = folder / "bin" / "srun"  # jobs are cleared of SLURM's variables, and this one lies in no usual place
    srun.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {shutil.which("srun")} "$@"\n')
    srun.chmod(0o755)
    try:
        places = [
            f"--{name}={folder}/munge.{name.split('-')[0]}" for name in ("key-file", "pid-file", "seed-file")
        ]
        found.start(
            "munged", "--foreground", "--force", f"--socket={folder}/munge.socket", *places,
            f"--log-file={folder}/munged.log", "--num-threads=2",
        )  # fmt: skip
        found.wait_for("munge", (folder / "munge.socket").exists, 20)
        found.start("slurmctld", "-D", "-f", f"{folder}/slurm.conf")
        found.start("slurmd", "-D", "-N", NODE, "-f", f"{folder}/slurm.conf")
        found.wait_for("the node", lambda: found.node_state() == "idle", 60)
        yield found
    finally:
        found.stop()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def main(command: list[str]) -> int:
    """Run a command that finds a SLURM; returns its exit status."""
    if reason := lacking():
        sys.exit(reason)
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder, cluster(Path(folder)) as found:
        return subprocess.run(command, env=os.environ | found.environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
