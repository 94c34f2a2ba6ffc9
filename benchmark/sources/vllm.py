"""`vllm:PATH_OR_HUB_ID[@revision]`: gendiv starts a vLLM server for the checkpoint, asks it, and stops it."""

import importlib.util
from dataclasses import replace
from types import TracebackType
from typing import Self

from ...errors import NotInstalled
from ...tasks import Format
from .identity import CheckpointSource
from .openai import OpenAI
from .source import Abilities, Answer, Flaky, Request, SourceOptions
from .vllm_server import VLLMServer, cpu_has_bf16, is_cpu_build, vllm_version


def open_vllm(rest: str, options: SourceOptions) -> "VLLM":
    """Return the source for `PATH_OR_HUB_ID[@revision]`."""
    return VLLM(rest, options)


class VLLM(CheckpointSource):
    """A vLLM server of our own on a free loopback port."""

    def __init__(self, checkpoint: str, options: SourceOptions) -> None:
        if importlib.util.find_spec("vllm") is None:
            raise NotInstalled("vllm: models need vLLM: pip install 'gendiv[vllm]' (see `gendiv doctor`)")
        if options.dtype == "auto" and is_cpu_build() and not cpu_has_bf16():
            options = replace(options, dtype="float32")
        super().__init__("vllm", checkpoint, options)
        self._server: VLLMServer | None = None
        self._client: OpenAI | None = None

    async def __aenter__(self) -> Self:
        options = self._options
        self._server = VLLMServer(self._model.name, self._flags(), options.server_args, options.server_log)
        self.details.update(vllm=vllm_version(), flags=" ".join(self._server.flags))
        try:
            await self._server.start(options.log)
            served = self._adapter.name if self._adapter else self._model.name
            client = OpenAI([self._server.url], served, options)
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
        if self._client is None:
            raise RuntimeError("enter the source before asking it")
        return await self._client.examine(format)

    def _flags(self) -> list[str]:
        flags = {
            "--model": self._checkpoint.location,
            "--served-model-name": self._model.name,
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
        return flat
