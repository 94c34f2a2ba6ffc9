"""Rollouts by a vLLM server: it draws the answers; each step's weights reach it as a LoRA adapter under a new name."""

import asyncio
import contextlib
import importlib.util
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
import torch

from ....errors import NotInstalled, SourceFailed
from ...progress import Progress
from ...sources.vllm_server import VLLMServer
from ..seeds import seed_of
from .generation import Draws
from .policy import Policy
from .ppo_settings import PPOSettings

RANKS: Final = (8, 16, 32, 64, 128, 256, 320, 512)
"""Ranks that vLLM makes room for."""

RUNTIME_LORA: Final = {"VLLM_ALLOW_RUNTIME_LORA_UPDATING": "1"}
"""Without it a server takes the adapters that it was started with, and no others."""

SEEDS: Final = 2**31
"""Seeds sent are below this, as a server's integers have 32 bits."""


@contextlib.contextmanager
def no_server() -> Iterator[None]:
    """Stand in where transformers draws."""
    yield None


class VLLMRollouts:
    """A context manager: entering starts the server, leaving stops it.

    What it draws are tokens alone: log-probabilities are read anew by transformers, as servers round otherwise.

    Args:
        policy: whose adapter is sent; its base model is what the server loads.
        base: location and revision of that.
        settings: how answers are drawn.
        progress: told while the server starts.
    """

    def __init__(self, policy: Policy, base: tuple[str, str | None], settings: PPOSettings, progress: Progress) -> None:
        if importlib.util.find_spec("vllm") is None:
            raise NotInstalled("--rollouts vllm needs vLLM: pip install 'gendiv[vllm]' (see `gendiv doctor`)")
        self._policy, self._settings, self._progress = policy, settings, progress
        self._runner = asyncio.Runner()
        self._folder = Path(tempfile.mkdtemp(prefix="gendiv-adapters-"))
        self._server = VLLMServer("rollouts", _flags(policy, base, settings), environment=RUNTIME_LORA)
        self._loaded: str | None = None

    def __enter__(self) -> Self:
        try:
            self._runner.run(self._server.start(self._progress.note))
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._server.stop())
        self._runner.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def draw(self, prompts: Sequence[Sequence[int]], number: int) -> Draws:
        """Draw an answer to each prompt by the policy as it is now.

        Raises:
            SourceFailed: the server died or refused.
        """
        name = f"step-{number}"
        self._policy.network.save_pretrained(str(self._folder / name))
        answers = self._runner.run(self._drawn(prompts, number, name))
        shutil.rmtree(self._folder / name)
        longest = max(map(len, answers))
        tokens = torch.tensor([[*answer, *[0] * (longest - len(answer))] for answer in answers])
        mask = torch.arange(longest) < torch.tensor([[len(answer)] for answer in answers])
        device = self._policy.device
        return Draws([list(prompt) for prompt in prompts], tokens.to(device), mask.to(device))

    async def _drawn(self, prompts: Sequence[Sequence[int]], number: int, name: str) -> list[list[int]]:
        connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            if self._loaded is not None:
                await self._ask(session, "unload_lora_adapter", {"lora_name": self._loaded})
            await self._ask(session, "load_lora_adapter", {"lora_name": name, "lora_path": str(self._folder / name)})
            self._loaded = name
            bodies = [self._body(prompt, number, row, name) for row, prompt in enumerate(prompts)]
            replies = await asyncio.gather(*(self._ask(session, "completions", body) for body in bodies))
        return [self._answer(reply) for reply in replies]

    def _body(self, prompt: Sequence[int], number: int, row: int, name: str) -> dict[str, Any]:
        """Return a request with everything in it that decides an answer, so that no default of the server does."""
        settings = self._settings
        return {
            "model": name,
            "prompt": list(prompt),
            "max_tokens": settings.max_tokens,
            "min_tokens": settings.min_tokens,
            "temperature": settings.temperature,
            "top_p": 1.0,
            "top_k": 0,
            "min_p": 0.0,
            "repetition_penalty": 1.0,
            "presence_penalty": 0.0,
            "frequency_penalty": 0.0,
            "seed": seed_of(settings.seed, "answers", number, row) % SEEDS,
            "ignore_eos": True,  # the server may know further end tokens
            "stop_token_ids": [self._policy.end],
            "return_token_ids": True,
            "add_special_tokens": False,
        }

    def _answer(self, reply: dict[str, Any]) -> list[int]:
        choice = reply["choices"][0]
        tokens = choice.get("token_ids")
        if not tokens:
            raise SourceFailed(f"{self._server.name} gave no token ids; wanted a vLLM that knows return_token_ids")
        if choice["finish_reason"] == "stop" and tokens[-1] != self._policy.end:
            tokens = [*tokens, self._policy.end]
        return list(tokens)

    async def _ask(self, session: aiohttp.ClientSession, what: str, body: dict[str, Any]) -> Any:  # noqa: ANN401  JSON
        try:
            async with session.post(f"{self._server.url}/{what}", json=body) as response:
                if response.status == 200:
                    return await response.json() if what == "completions" else None
                said = (await response.text())[:300]
        except aiohttp.ClientError as error:
            self._server.check()
            raise SourceFailed(f"{self._server.name} does not answer ({error}); {self._server.last_words()}") from error
        self._server.check()
        raise SourceFailed(f"{self._server.name} refused {what} ({response.status}): {said}")


def _flags(policy: Policy, base: tuple[str, str | None], settings: PPOSettings) -> list[str]:
    context = getattr(policy.bare.config.get_text_config(), "max_position_embeddings", None)
    wanted = settings.prompt_tokens + settings.max_tokens
    location, revision = base
    flags = {
        "--model": location,
        "--dtype": settings.dtype,
        "--max-model-len": str(min(wanted, context or wanted)),
        "--max-lora-rank": str(next((rank for rank in RANKS if rank >= settings.lora_rank), settings.lora_rank)),
        "--generation-config": "vllm",
    }
    if revision:
        flags["--revision"] = revision
    return [part for flag in flags.items() for part in flag] + ["--enable-lora"]
