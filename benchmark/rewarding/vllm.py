"""`vllm:PATH_OR_HUB_ID[@revision]`: gendiv starts a vLLM pooling server for the reward model, asks it, and stops it."""

import importlib.util
from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from ...errors import NotInstalled
from ..sources.openai import OpenAI
from ..sources.source import SourceOptions
from ..sources.vllm_server import VLLMServer, vllm_version
from .checkpoint_reward import CheckpointReward
from .classify import Classify
from .reward_model import Pair, RewardOptions


def open_vllm(rest: str, options: RewardOptions) -> "VLLMReward":
    """Return the reward model `PATH_OR_HUB_ID[@revision]`."""
    return VLLMReward(rest, options)


class VLLMReward(CheckpointReward):
    """A reward model behind a vLLM server of our own on a free loopback port."""

    def __init__(self, checkpoint: str, options: RewardOptions) -> None:
        if importlib.util.find_spec("vllm") is None:
            raise NotInstalled("vllm: models need vLLM: pip install 'gendiv[vllm]' (see `gendiv doctor`)")
        super().__init__("vllm", checkpoint, options)
        self._running = AsyncExitStack()
        self._classify: Classify | None = None

    async def __aenter__(self) -> Self:
        options = self._options
        name = f"the reward model {self.model.name}"
        server = VLLMServer(name, self._flags(), options.server_args, options.server_log)
        self.details.update(vllm=vllm_version(), flags=" ".join(server.flags))
        async with AsyncExitStack() as starting:
            starting.push_async_callback(server.stop)
            await server.start(options.log)
            client = OpenAI([server.url], self.model.name, SourceOptions(timeout=options.timeout, log=options.log))
            self._classify = Classify(await starting.enter_async_context(client), server.check)
            self._running = starting.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._running.aclose()

    async def score(self, pairs: Sequence[Pair]) -> list[float]:
        """Return the score of each answer; a server that died is reported with its last lines."""
        if self._classify is None:
            raise RuntimeError("enter the reward model before asking it")
        return self._reader.centred(await self._classify.scores(self._read(pairs)))

    def _flags(self) -> list[str]:
        flags = {
            "--model": self._checkpoint.location,
            "--served-model-name": self.model.name,
            "--runner": "pooling",
            "--dtype": self._dtype,
            "--max-model-len": str(self._reader.longest),  # the cache of a longer one may not fit beside a generator
        }
        if self._checkpoint.revision:
            flags["--revision"] = self._checkpoint.revision
        return [part for flag in flags.items() for part in flag]
