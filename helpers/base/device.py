"""Where to compute, and how precisely."""

import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path

import torch

log = logging.getLogger("helpers")

PRECISIONS = ("bfloat16", "float32")


def pick_device() -> torch.device:
    """A CUDA GPU, else an Apple GPU that computes right, else the processor, or what IMAGE_COURSE_DEVICE says."""
    if chosen := os.environ.get("IMAGE_COURSE_DEVICE"):
        return torch.device(chosen)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() and _apple_gpu_is_right() else "cpu")


@cache
def _apple_gpu_is_right() -> bool:
    """Whether it computes as the processor does; asked once, and a no is told."""
    from helpers.base.device_check import differences

    try:
        wrong = differences(torch.device("mps"))
    except Exception as error:  # whatever it is: the processor can do it
        wrong = [str(error).splitlines()[0] if str(error) else type(error).__name__]
    if wrong:
        log.warning("the Apple GPU is not used, since it does not compute as the processor does: %s", wrong[0])
    return not wrong


def pick_precision(device: torch.device) -> str:
    """What training computes in: 'bfloat16' where the hardware multiplies it natively, otherwise 'float32'.

    Native means: an NVIDIA GPU of compute capability 8 or more, or a processor with AVX512-BF16 or AMX. Apple GPUs
    compute in float32. IMAGE_COURSE_PRECISION decides instead if set.
    """
    chosen = os.environ.get("IMAGE_COURSE_PRECISION")
    if chosen in PRECISIONS:
        return chosen
    if device.type == "mps":
        return "float32"
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.get_device_capability(device)[0] >= 8 else "float32"
    return "bfloat16" if {"avx512_bf16", "amx_bf16"} & _cpu_flags() else "float32"


@cache
def _cpu_flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return set()
    return set(next((line for line in lines if line.startswith("flags")), "").split())


def autocast(device: torch.device) -> AbstractContextManager:
    """For the forward pass of training: mixed precision if `pick_precision` says so.

    Parameters and the optimiser's state stay float32. What is scored or shown is computed in `full_precision`.
    """
    return torch.autocast(device.type, torch.bfloat16, enabled=pick_precision(device) == "bfloat16")


@contextmanager
def full_precision(device: torch.device) -> Iterator[None]:
    """For all that is scored, compared or shown: float32, the same on every machine but for rounding.

    Neither autocast nor the TF32 that NVIDIA GPUs otherwise use in convolutions: with its ten bits, as with the
    seven of bfloat16, predictions flip.
    """
    now = torch.backends.cudnn
    flags = now.flags(now.enabled, now.benchmark, deterministic=now.deterministic, allow_tf32=False)
    with torch.autocast(device.type, enabled=False), flags if device.type == "cuda" else nullcontext():
        yield


def memory_format(device: torch.device) -> torch.memory_format:
    """How batches and weights lie in memory: channels last is quicker, but Apple GPUs made wrong gradients of it.

    https://github.com/pytorch/pytorch/pull/181411 and /189233; some even end the process.
    """
    return torch.contiguous_format if device.type == "mps" else torch.channels_last


def finest(device: torch.device) -> torch.dtype:
    """What long sums are kept in: float64, which Apple GPUs lack."""
    return torch.float32 if device.type == "mps" else torch.float64


def synchronize(device: torch.device) -> None:
    """Wait until a GPU has computed all that it was given, as when time is taken."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def device_name(device: torch.device) -> str:
    """The device in words, such as 'NVIDIA H200' or 'CPU, 2 threads'."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU"
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' * (threads != 1)}"
