"""The notebook's kernel: this very Python, ended with the job that started it."""

import os
import sys
from secrets import token_hex
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from runner.processes import die_with_parent

INLINE = "module://matplotlib_inline.backend_inline"  # figures of pyplot are shown below their cell


class OwnKernel(AsyncKernelManager):
    """Starts the running interpreter, whatever `python3` kernel may be installed for the user.

    On Linux they talk by a name, not by ports: that needs no network, and no two jobs can want the same.
    """

    def __init__(self, **settings: Any):
        by_name = {"transport": "ipc", "ip": f"@kernel-{token_hex(16)}"} if sys.platform == "linux" else {}
        super().__init__(**settings | by_name)

    @property
    def kernel_spec(self) -> KernelSpec:
        command = [sys.executable, "-m", "runner.nursery", "runner.kernel", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name="Python 3", language="python")


def main(arguments: list[str]) -> int:
    """Run the kernel."""
    die_with_parent()
    os.environ["JPY_PARENT_PID"] = str(os.getppid())  # not who asked, if that was the nursery
    from ipykernel.kernelapp import launch_new_instance

    if matplotlib := sys.modules.get("matplotlib"):  # which chose in the nursery, before there was a notebook
        matplotlib.rcParams["backend"] = INLINE
    launch_new_instance(arguments)
    return 0
