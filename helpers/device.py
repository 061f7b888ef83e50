"""Where to compute, and how precisely."""

import os
from contextlib import AbstractContextManager
from pathlib import Path

import torch

PRECISIONS = ("bfloat16", "float32")


def pick_device() -> torch.device:
    """A CUDA GPU where there is one, otherwise the processor. IMAGE_COURSE_DEVICE decides instead if set."""
    chosen = os.environ.get("IMAGE_COURSE_DEVICE")
    return torch.device(chosen or ("cuda" if torch.cuda.is_available() else "cpu"))


def pick_precision(device: torch.device) -> str:
    """'bfloat16' where the hardware multiplies it natively, otherwise 'float32'.

    Native means: an NVIDIA GPU of compute capability 8 or more, or a processor with AVX512-BF16 or AMX.
    IMAGE_COURSE_PRECISION decides instead if set.
    """
    chosen = os.environ.get("IMAGE_COURSE_PRECISION")
    if chosen in PRECISIONS:
        return chosen
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.get_device_capability(device)[0] >= 8 else "float32"
    return "bfloat16" if {"avx512_bf16", "amx_bf16"} & _cpu_flags() else "float32"


def _cpu_flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return set()
    return set(next((line for line in lines if line.startswith("flags")), "").split())


def autocast(device: torch.device, precision: str) -> AbstractContextManager:
    """Mixed precision for the forward pass; parameters and optimiser state stay float32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16")


def device_name(device: torch.device) -> str:
    """The device in words, such as 'NVIDIA H200' or 'CPU, 2 threads'."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' * (threads != 1)}"
