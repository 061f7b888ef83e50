"""The notebook's kernel: this very Python, ended with the job that started it."""

import sys

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from helpers.cli.processes import die_with_parent


class OwnKernel(AsyncKernelManager):
    """Starts the running interpreter, whatever `python3` kernel may be installed for the user."""

    @property
    def kernel_spec(self) -> KernelSpec:
        command = [sys.executable, "-m", "helpers.cli.kernel", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name="Python 3", language="python")


def main() -> None:
    """Run the kernel."""
    die_with_parent()
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()


if __name__ == "__main__":
    main()
