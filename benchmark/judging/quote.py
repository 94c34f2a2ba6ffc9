"""Quote: what judging will ask and cost at most, said before anything is asked."""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

from .terms import Terms

BYTES_PER_TOKEN: Final = 4
"""UTF-8 bytes of a question per token: English has a little more of them, other scripts fewer."""

CHAT_TOKENS: Final = 16
"""What a chat template adds to a question."""


def prompt_tokens(question: str) -> int:
    """Return about how many tokens a question has, without any model's tokeniser."""
    return math.ceil(len(question.encode()) / BYTES_PER_TOKEN) + CHAT_TOKENS


@dataclass(frozen=True)
class Quote:
    """What judging will ask.

    Attributes:
        comparisons: in all.
        identical: those whose answers are the same, which are draws without being asked.
        questions: the distinct questions that the others make, repeats included.
        kept: the replies to them that are there from before; None where the judge is not known before it is asked.
        prompt_tokens: about how many tokens the questions have that will be asked.
        completion_tokens: most tokens of the replies to them.
        money: what that costs at most, in the currency of the prices; None without prices.
    """

    comparisons: int
    identical: int
    questions: int
    kept: int | None
    prompt_tokens: int
    completion_tokens: int
    money: float | None

    @classmethod
    def of(
        cls, comparisons: int, identical: int, questions: int, kept: int | None, to_ask: Iterable[str], terms: Terms
    ) -> "Quote":
        """Return the quote for the questions `to_ask`."""
        sizes = list(map(prompt_tokens, to_ask))
        prompts, replies = sum(sizes), len(sizes) * terms.max_tokens
        return cls(comparisons, identical, questions, kept, prompts, replies, terms.money(prompts, replies))

    @property
    def requests(self) -> int:
        """How many questions will be asked."""
        return self.questions - (self.kept or 0)

    @property
    def tokens(self) -> int:
        """Tokens in all, at most."""
        return self.prompt_tokens + self.completion_tokens

    def to_json(self) -> dict[str, object]:
        """Return the quote as a JSON value."""
        return {**asdict(self), "requests": self.requests, "tokens": self.tokens}

    def __str__(self) -> str:
        drawn = f", {self.identical} of identical answers: draws, not asked" if self.identical else ""
        kept = "what is kept of them is not known before the judge is up" if self.kept is None else f"{self.kept} kept"
        head = f"{self.comparisons} comparisons{drawn}; {self.questions} questions, {kept}"
        if not self.requests:
            return f"{head}; nothing to ask"
        text = (
            f"{head}, {self.requests} to ask: "
            f"about {self.prompt_tokens:,} prompt tokens (UTF-8 bytes / {BYTES_PER_TOKEN}) and at most "
            f"{self.completion_tokens:,} reply tokens"
        )
        return text if self.money is None else f"{text}; at most about {self.money:,.2f} at the prices given"
