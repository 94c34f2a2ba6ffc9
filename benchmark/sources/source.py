"""The contract between sampling and whatever answers prompts."""

import abc
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from ...errors import BadInput, SourceFailed
from ...tasks import Format
from ..decoding import Decoding


@dataclass(frozen=True)
class Model:
    """What was asked, precisely enough that another run can be known to have asked the same.

    Attributes:
        spec: as the user wrote it.
        name: short, for tables and folders.
        identity: what the fingerprint rests on: hashed `weights`, a hub `revision`, an `endpoint`'s word, or
            what was `stated` by whoever imported the samples.
        fingerprint: hash over weights, dtype and adapter, or over what an endpoint tells of itself.
        weights: hash of the checkpoint's files or its hub commit; None where only a server knows them.
        dtype: as asked of the engine, or as the checkpoint says where that is "auto"; None where unknown.
        adapter: path or name of the LoRA adapter, or None.
        chat_template: SHA-256 of the template's text, or None where there is none or only the server knows it.
        context: longest prompt plus sample in tokens, or None where unknown.
    """

    spec: str
    name: str
    identity: Literal["weights", "revision", "endpoint", "script", "stated"]
    fingerprint: str
    weights: str | None = None
    dtype: str | None = None
    adapter: str | None = None
    chat_template: str | None = None
    context: int | None = None


@dataclass(frozen=True)
class Request:
    """`n` samples of one prompt, to be drawn together.

    Attributes:
        text: the prompt as text or as user message, by `format`.
        seed: of the first sample; sample j of the request has seed + j, as vLLM derives it too.
        prompt_seed: of the prompt's first sample, where it is known; what its samples have in common rests on it.
    """

    text: str
    format: Format
    decoding: Decoding
    n: int
    seed: int
    prompt_seed: int | None = None


@dataclass(frozen=True)
class Choice:
    """One sample as it came: its text and why it ended ("stop", "length", or the server's own word)."""

    text: str
    finish_reason: str


@dataclass(frozen=True)
class Answer:
    """What came back for a request, in seed order, at most `n` choices; token counts where the server tells them."""

    choices: tuple[Choice, ...]
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True)
class Abilities:
    """What a source was found to do, recorded because it decides what the samples are worth.

    Attributes:
        choices_per_request: how many samples one request may ask for; 0 is no limit.
        seeded: whether the same seed gave the same text again; None where that could not be told.
        unsent: decoding parameters that are off and that the server does not know, so they are not sent.
    """

    choices_per_request: int = 0
    seeded: bool | None = None
    unsent: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SourceOptions:
    """What a user may say about a source beside its spec.

    Attributes:
        adapter: folder or hub id of a LoRA adapter (`vllm:` and `hf:`).
        chat_template: file with a Jinja chat template that replaces the checkpoint's.
        dtype: "auto", "float32", "float16" or "bfloat16".
        server_args: flags passed to the server that gendiv starts (`vllm:`).
        server_log: file for the output of a server that gendiv starts; a temporary one by default.
        timeout: seconds a request may take before it counts as lost.
        api_key_variable: environment variable that holds the key; the key itself is never stored.
        log: called with one line at a time while the source starts.
    """

    adapter: str | None = None
    chat_template: str | None = None
    dtype: str = "auto"
    server_args: tuple[str, ...] = ()
    server_log: Path | None = None
    timeout: float = 600.0
    api_key_variable: str = "GENDIV_API_KEY"
    log: Callable[[str], None] = field(default=lambda line: None, repr=False)

    def refuse(self, scheme: str, **given: object) -> None:
        """Raise BadInput if an option is set that `scheme` cannot honour."""
        for name, value in given.items():
            if value:
                raise BadInput(f"{name} does not apply to {scheme}: models (found {value!r})")


class Overloaded(Exception):
    """The source asks for fewer requests; `retry_after` seconds when it says how long to wait."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Flaky(Exception):
    """This request failed in a way that another try may cure."""


class Refused(Exception):
    """The source will never answer this prompt, and said why."""


class Source(abc.ABC):
    """Answers prompts. An async context manager: entering starts and checks it, leaving stops it, whatever happened.

    Attributes:
        slots: most requests worth having under way at once.
        details: facts about the source that a record should keep (server version, flags).
    """

    slots: int = 256

    def __init__(self) -> None:
        self.details: dict[str, str] = {}

    @property
    @abc.abstractmethod
    def spec(self) -> str:
        """What a user would write to get this source."""

    @property
    @abc.abstractmethod
    def model(self) -> Model:
        """Identity of what answers; known once the source has been entered."""

    def peek(self) -> Model | None:
        """Return the model if it is known without entering; a finished run then needs no start at all."""
        return None

    def require(self, format: Format, decoding: Decoding) -> None:  # noqa: B027  most take any
        """Raise BadInput if the source cannot draw prompts of `format` so; a run asks before it starts anything."""

    @abc.abstractmethod
    async def draw(self, request: Request) -> Answer:
        """Answer one request.

        Raises:
            Overloaded: fewer requests are wanted.
            Flaky: another try may succeed.
            Refused: this prompt can never be answered.
            SourceFailed: nothing can be answered any more.
        """

    async def examine(self, format: Format) -> Abilities:  # noqa: ARG002  for overriding
        """Find out, by asking, what the source can do with prompts of `format`."""
        return Abilities()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


Opener = Callable[[str, SourceOptions], Source]
"""Makes a source, not yet entered, from the part of a model spec behind `SCHEME:`."""

__all__ = [
    "Abilities",
    "Answer",
    "Choice",
    "Flaky",
    "Model",
    "Opener",
    "Overloaded",
    "Refused",
    "Request",
    "Source",
    "SourceFailed",
    "SourceOptions",
]
