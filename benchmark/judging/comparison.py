"""Comparisons: two answers to one prompt, and the questions a judge is asked about them."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ...tasks import Kind
from .questions import Questions, tidy
from .verdict import Verdict, read_verdict

Orders: TypeAlias = Literal["both", "random"]
"""Every comparison asked in both orders, or in one that a hash of the prompt draws."""


@dataclass(frozen=True)
class Comparison:
    """Our answer to a prompt and somebody else's, as a judge sees them.

    Attributes:
        split: TASK/SPLIT, or the name of the data the comparison comes from.
        prompt: the prompt's id.
        index: which sample of the prompt.
        kind: of the prompt.
        shown: what is shown of it.
        ours: our answer.
        theirs: the other one.
    """

    split: str
    prompt: str
    index: int
    kind: Kind
    shown: str
    ours: str
    theirs: str

    @property
    def identical(self) -> bool:
        """Whether both answers are the same: a draw, which no judge need be asked about."""
        return tidy(self.ours) == tidy(self.theirs)

    def orders(self, orders: Orders) -> tuple[bool, ...]:
        """Return the orders to ask in; True where our answer comes second."""
        if self.identical:
            return ()
        if orders == "both":
            return (False, True)
        drawn = hashlib.sha256(json.dumps([self.prompt, self.index, self.shown]).encode()).digest()
        return (bool(drawn[0] & 1),)

    def question(self, questions: Questions, swapped: bool) -> str:
        """Return what the judge is asked in one order."""
        first, second = (self.theirs, self.ours) if swapped else (self.ours, self.theirs)
        return questions.ask(self.kind, self.shown, first, second)


@dataclass(frozen=True)
class Answered:
    """One order of a comparison: whether our answer came second, the judge's reply or None, and what it says."""

    swapped: bool
    reply: str | None
    verdict: Verdict | None

    @property
    def points(self) -> float | None:
        """1 for a win of ours, 1/2 for a tie, 0 for a loss; None where no reply could be read."""
        if self.verdict is None:
            return None
        return 0.5 if self.verdict == "tie" else float((self.verdict == "A") != self.swapped)


@dataclass(frozen=True)
class Outcome:
    """A comparison with what the judge said of it, order by order."""

    comparison: Comparison
    answered: tuple[Answered, ...]

    @property
    def points(self) -> tuple[float, ...]:
        """The points of the orders whose reply could be read."""
        return tuple(one.points for one in self.answered if one.points is not None)

    @property
    def preference(self) -> float:
        """Mean of the readable orders, 1/2 for identical answers; NaN where nothing could be read."""
        if self.comparison.identical:
            return 0.5
        return sum(self.points) / len(self.points) if self.points else float("nan")


def questions_of(
    comparisons: Iterable[Comparison], questions: Questions, orders: Orders
) -> Iterator[tuple[Comparison, bool, str]]:
    """Yield every question: its comparison, whether ours comes second, and its text."""
    for comparison in comparisons:
        for swapped in comparison.orders(orders):
            yield comparison, swapped, comparison.question(questions, swapped)


def outcomes_of(
    comparisons: Sequence[Comparison], questions: Questions, orders: Orders, replies: Mapping[str, str]
) -> list[Outcome]:
    """Return what came of each comparison, from the replies by question."""
    found = []
    for comparison in comparisons:
        answered = []
        for swapped in comparison.orders(orders):
            reply = replies.get(comparison.question(questions, swapped))
            answered.append(Answered(swapped, reply, None if reply is None else read_verdict(reply)))
        found.append(Outcome(comparison, tuple(answered)))
    return found
