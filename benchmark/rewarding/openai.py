"""`openai:BASE_URL[,BASE_URL...]#MODEL`: a reward model behind a vLLM pooling server that is already up."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self, TypeVar

from ...errors import BadInput, GendivError
from ...metrics import Reward
from ..checkpoint import find_checkpoint
from ..sources.openai import NotFound, OpenAI
from ..sources.openai import open_openai as open_client
from ..sources.source import Model, SourceOptions
from .classify import Classify
from .reader import Reader, find_reader
from .reward_model import Pair, RewardModel, RewardOptions, metric_of

T = TypeVar("T")


def open_openai(rest: str, options: RewardOptions) -> "OpenAIReward":
    """Return the reward model for `BASE_URL[,BASE_URL...]#MODEL`; `#MODEL` may be left out where one is served."""
    options.refuse("openai", server_flag=options.server_args, dtype=options.dtype if options.dtype != "auto" else None)
    names = SourceOptions(timeout=options.timeout, api_key_variable=options.api_key_variable, log=options.log)
    return OpenAIReward(open_client(rest, names), options)


class OpenAIReward(RewardModel):
    """A reward model on somebody's vLLM pooling server.

    Its inputs are made here, token by token, like those of the other kinds; so its tokeniser and config must be at
    hand: from where the server says that it loaded the model, or from where `tokenizer` says.
    """

    def __init__(self, client: OpenAI, options: RewardOptions) -> None:
        super().__init__()
        self._client = client
        self._options = options
        self._running = AsyncExitStack()
        self._reader: Reader | None = None
        self._classify: Classify | None = None

    @property
    def spec(self) -> str:
        """The spec in full, with the model's name."""
        return self._client.spec

    @property
    def model(self) -> Model:
        """Identity as the server tells it."""
        return self._client.model

    @property
    def metric(self) -> Reward:
        """The metric that reads its scores."""
        reader = self._entered(self._reader)
        return metric_of(self.model, format=reader.format, ending=reader.ending, longest=reader.longest)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as starting:
            await starting.enter_async_context(self._client)
            self.details.update(self._client.details)
            self._reader = self._find_reader()
            self._classify = Classify(self._client)
            try:
                await self.score([("Is it raining?", "No.")])
            except NotFound as missing:
                raise BadInput(
                    f"{self.spec} serves no /classify: start it as a reward model, vllm serve MODEL --runner pooling"
                ) from missing
            self.shortened = 0
            self._running = starting.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._running.aclose()

    async def score(self, pairs: Sequence[Pair]) -> list[float]:
        """Return the score of each answer."""
        reader = self._entered(self._reader)
        tokens, shortened = reader.read(pairs)
        self.shortened += shortened
        return reader.centred(await self._entered(self._classify).scores(tokens))

    def _find_reader(self) -> Reader:
        where = self._options.tokenizer or self._client.root
        if where is None:
            raise BadInput(f"{self.spec} does not say what it has loaded: pass --reward-tokenizer PATH_OR_HUB_ID")
        try:
            checkpoint = find_checkpoint(where, weights=False)
        except GendivError as absent:
            raise BadInput(
                f"{self.spec}: the tokeniser of what it serves is not at hand ({absent}); pass --reward-tokenizer "
                "PATH_OR_HUB_ID of the same model"
            ) from absent
        return find_reader(self.spec, checkpoint, self._options, self.model.context)

    def _entered(self, part: T | None) -> T:
        if part is None:
            raise RuntimeError("enter the reward model before asking it")
        return part
