"""The device that models run on, and the number format in which it is fastest without emulation."""

import os
import shutil
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, Literal, TypeAlias

Device: TypeAlias = Literal["cuda", "cpu"]

DTYPES: Final = ("float32", "bfloat16")
BFLOAT16_FLAGS: Final = frozenset({"avx512_bf16", "amx_bf16"})
BFLOAT16_CAPABILITY: Final = 8.0
"""The first compute capability of NVIDIA GPUs (Ampere) that multiplies bfloat16 in hardware."""


def device() -> Device:
    """Return where models run: the GPU if PyTorch sees one."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def concrete_dtype(dtype: str) -> str:
    """Return the number format that a metric's setting means on this machine, so that its signature can name it.

    "auto" is bfloat16 where the hardware multiplies it and float32 elsewhere. Metrics ask when they are built, so
    PyTorch, which takes seconds to import, is not asked.

    Raises:
        ValueError: no such format.
    """
    if dtype == "auto":
        return "bfloat16" if has_bfloat16() else "float32"
    if dtype not in DTYPES:
        raise ValueError(f"dtype: wanted auto, {' or '.join(DTYPES)}, found {dtype!r}")
    return dtype


@cache
def has_bfloat16() -> bool:
    """Say whether the device that models will run on multiplies bfloat16 in hardware."""
    capabilities = _gpu_capabilities()
    if capabilities:
        return min(capabilities) >= BFLOAT16_CAPABILITY
    return bool(BFLOAT16_FLAGS & _cpu_flags())


def _gpu_capabilities() -> list[float]:
    """Return the compute capabilities of the NVIDIA GPUs that PyTorch can use, none if it cannot use any."""
    try:
        usable = not version("torch").endswith("+cpu") and os.environ.get("CUDA_VISIBLE_DEVICES") not in {"", "-1"}
    except PackageNotFoundError:
        usable = False
    program = shutil.which("nvidia-smi") if usable else None
    if program is None:
        return []
    try:
        answer = subprocess.run(  # noqa: S603  the driver's own program
            [program, "--query-gpu=compute_cap", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
        return [float(line) for line in answer.stdout.split()]
    except (OSError, subprocess.SubprocessError, ValueError):
        return []


def _cpu_flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return set()
    return next((set(line.partition(":")[2].split()) for line in lines if line.startswith("flags")), set())
