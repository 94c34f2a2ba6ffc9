"""Terms: how a judge is asked, and what it may cost."""

from dataclasses import dataclass, field
from typing import get_args

from ...errors import BadInput
from ...tasks import Format
from ..decoding import Decoding
from .comparison import Orders
from .kirk2023 import KIRK2023
from .questions import Questions


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The terms on which a judge is asked.

    Attributes:
        questions: what it is asked.
        orders: "both", or "random" for one order drawn from a hash of the prompt.
        repeats: how many questions are asked a second time, to see whether the judge agrees with itself.
        format: "chat" or "raw"; chat unless the judge's checkpoint has no chat template.
        max_tokens: of one reply; a judge that thinks aloud needs more.
        seed: sent with every question, and draws which of them are repeated.
        fresh: ask again what was answered before.
        max_judge_tokens: tokens, prompts and replies, that may be spent; None is no limit.
        price_in: of a million prompt tokens.
        price_out: of a million reply tokens.
        most_under_way: ceiling of the requests under way at once.
    """

    questions: Questions = field(default=KIRK2023)
    orders: Orders = "both"
    repeats: int = 0
    format: Format | None = None
    max_tokens: int = 32
    seed: int = 0
    fresh: bool = False
    max_judge_tokens: int | None = None
    price_in: float | None = None
    price_out: float | None = None
    most_under_way: int | None = None

    def __post_init__(self) -> None:
        prices = (self.price_in, self.price_out)
        checks = {
            "orders": (self.orders in get_args(Orders), "both or random"),
            "repeats": (self.repeats >= 0, "a whole number from 0"),
            "format": (self.format in (None, *get_args(Format)), "chat or raw"),
            "max_tokens": (self.max_tokens >= 1, "at least 1 token a reply"),
            "max_judge_tokens": (self.max_judge_tokens is None or self.max_judge_tokens >= 1, "at least 1 token"),
            "price_in": (self.price_in is None or 0 <= self.price_in < float("inf"), "a number from 0"),
            "price_out": (self.price_out is None or 0 <= self.price_out < float("inf"), "a number from 0"),
        }
        for name, (good, wanted) in checks.items():
            if not good:
                raise BadInput(f"--{name.replace('_', '-')}: wanted {wanted}, found {getattr(self, name)!r}")
        if prices.count(None) == 1:
            raise BadInput("--price-in and --price-out: wanted both, found one; a price of 0 is 0")

    def decoding(self) -> Decoding:
        """Return how replies are drawn: greedily."""
        return Decoding(temperature=0.0, max_tokens=self.max_tokens)

    def money(self, prompt_tokens: float, completion_tokens: float) -> float | None:
        """Return what tokens cost, in the currency of the prices; None without prices."""
        if self.price_in is None or self.price_out is None:
            return None
        return (prompt_tokens * self.price_in + completion_tokens * self.price_out) / 1e6
