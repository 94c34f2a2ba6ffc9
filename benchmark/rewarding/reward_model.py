"""The contract between whoever wants answers scored and whatever scores them."""

import abc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self, TypeAlias

from ...errors import BadInput
from ...metrics import Reward
from ..sources.source import Model

Pair: TypeAlias = tuple[str, str]
"""A prompt as it was sent, and an answer to it as it was drawn."""

LONGEST: Final = 4096
"""Tokens that a reward model reads at most, unless told otherwise or limited further by itself."""


@dataclass(frozen=True, kw_only=True)
class RewardOptions:
    """What a user may say about a reward model beside its spec.

    Attributes:
        format: "raw" reads prompt and answer as one text, "chat" puts them into the model's chat template; "auto" is
            chat where there is a template.
        ending: "eos" ends the text with the tokeniser's end token, "none" does without; "auto" does as the checkpoint
            was trained: see `Reader`.
        longest: most tokens read; longer inputs lose their beginning.
        dtype: "auto", "float32" or "bfloat16"; "auto" is bfloat16 where the hardware multiplies it.
        tokenizer: folder or hub id of the tokeniser and config, for `openai:` where the server names none.
        server_args: flags passed to the server that gendiv starts (`vllm:`).
        server_log: file for the output of a server that gendiv starts; a temporary one by default.
        timeout: seconds a request may take before it counts as lost.
        api_key_variable: environment variable that holds the key; the key itself is never stored.
        log: called with one line at a time while the model starts.
    """

    format: Literal["auto", "raw", "chat"] = "auto"
    ending: Literal["auto", "eos", "none"] = "auto"
    longest: int = LONGEST
    dtype: str = "auto"
    tokenizer: str | None = None
    server_args: tuple[str, ...] = ()
    server_log: Path | None = None
    timeout: float = 600.0
    api_key_variable: str = "GENDIV_API_KEY"
    log: Callable[[str], None] = field(default=lambda line: None, repr=False)

    def __post_init__(self) -> None:
        choices = {
            "format": (self.format, ("auto", "raw", "chat")),
            "ending": (self.ending, ("auto", "eos", "none")),
            "dtype": (self.dtype, ("auto", "float32", "bfloat16")),
        }
        for name, (given, known) in choices.items():
            if given not in known:
                raise BadInput(f"reward {name}: wanted {', '.join(known[:-1])} or {known[-1]}, found {given!r}")
        if self.longest < 1:
            raise BadInput(f"reward longest: wanted at least 1 token, found {self.longest}")

    def refuse(self, scheme: str, **given: object) -> None:
        """Raise BadInput if an option is set that `scheme` cannot honour."""
        for name, value in given.items():
            if value:
                raise BadInput(
                    f"--reward-{name.replace('_', '-')} does not apply to {scheme}: reward models ({value!r})"
                )


class RewardModel(abc.ABC):
    """Scores answers. An async context manager: entering starts and checks it, leaving stops it, whatever happened.

    Attributes:
        shortened: inputs so far that were too long and lost their beginning.
        details: facts about it that a record should keep (versions, flags).
    """

    def __init__(self) -> None:
        self.shortened = 0
        self.details: dict[str, str] = {}

    @property
    @abc.abstractmethod
    def spec(self) -> str:
        """What a user would write to get this model."""

    @property
    @abc.abstractmethod
    def model(self) -> Model:
        """Identity of what scores; known once the model has been entered."""

    @property
    @abc.abstractmethod
    def metric(self) -> Reward:
        """The metric that reads its scores: it names the model and all that decides a score; known as `model` is."""

    def peek(self) -> Model | None:
        """Return the identity if it is known without entering; what is scored already then needs no start at all."""
        return None

    @abc.abstractmethod
    async def score(self, pairs: Sequence[Pair]) -> list[float]:
        """Return the score of each answer, NaN where the model gives none.

        Raises:
            BadInput: the model refuses such inputs.
            SourceFailed: it can score nothing any more.
        """

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


def metric_of(model: Model, *, format: Literal["raw", "chat"], ending: str, longest: int) -> Reward:
    """Return the metric of a reward model of this identity that reads its inputs so."""
    _, _, digest = model.fingerprint.partition(":")
    return Reward(model=f"{model.name}@{digest[:8]}", format=format, ending=ending, longest=longest)  # type: ignore[arg-type]
