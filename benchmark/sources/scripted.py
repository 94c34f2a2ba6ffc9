"""A source that plays a script: the product's own test double, for tests of suites, plugins and pipelines."""

import asyncio
import hashlib
from collections.abc import Callable
from typing import Literal

from .source import Answer, Choice, Model, Request, Source


class Scripted(Source):
    """Answers every request from a function of the prompt's text and the sample's seed; needs no model.

    >>> parrot = Scripted(lambda text, seed: f"{text[:9]} {seed % 7}")
    >>> parrot.model.identity
    'script'

    Args:
        answer: gives the text of one sample. The default is a sentence that varies with the seed.
        name: stands in tables and, hashed, as the fingerprint.
        finish_reason: what every sample says it ended by.
        delay: seconds each request takes.
    """

    def __init__(
        self,
        answer: Callable[[str, int], str] | None = None,
        *,
        name: str = "scripted",
        finish_reason: Literal["stop", "length"] = "stop",
        delay: float = 0.0,
    ) -> None:
        super().__init__()
        self._answer = answer or _sentence
        self._name = name
        self._finish_reason = finish_reason
        self._delay = delay

    @property
    def spec(self) -> str:
        """A spec for the record; the command line knows no scripts."""
        return f"scripted:{self._name}"

    @property
    def model(self) -> Model:
        """A model whose fingerprint is its name."""
        return Model(
            spec=self.spec,
            name=self._name,
            identity="script",
            fingerprint="script:" + hashlib.sha256(self._name.encode()).hexdigest(),
        )

    def peek(self) -> Model:
        """The model; it is known from the start."""
        return self.model

    async def draw(self, request: Request) -> Answer:
        """Answer from the script."""
        await asyncio.sleep(self._delay)
        choices = tuple(
            Choice(self._answer(request.text, request.seed + j), self._finish_reason) for j in range(request.n)
        )
        return Answer(choices, len(request.text.split()), sum(len(choice.text.split()) for choice in choices))


_WORDS = [
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "harbour",
    "island",
    "juniper",
    "kelp",
    "lagoon",
    "meadow",
    "north",
    "ocean",
    "pine",
]


def _sentence(text: str, seed: int) -> str:
    digest = hashlib.sha256(f"{seed}:{text}".encode()).digest()
    return " ".join(_WORDS[byte % len(_WORDS)] for byte in digest[:12])
