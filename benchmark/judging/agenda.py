"""Agenda: the distinct questions of some comparisons, and which of their replies are there already."""

import hashlib
from collections.abc import Sequence

from .comparison import Comparison, questions_of
from .judge import Judge
from .quote import Quote
from .replies import Reply, find_replies
from .terms import Terms

FIRST, AGAIN = 0, 1
"""Which time a question is asked: the second time is there to see whether the judge agrees with itself."""


class Agenda:
    """What a judge is to be asked.

    Attributes:
        terms: on which it is asked.
        comparisons: what the questions are about.
        splits: the distinct questions, each with the split it was first asked for.
        takes: the questions by the time they are asked: all of them first, some of them again.
        judge: who is asked, once that is known.
        keys: of the replies in the cache, by time and question.
        there: the replies that are there, by time and question.
    """

    def __init__(self, comparisons: Sequence[Comparison], terms: Terms) -> None:
        self.terms = terms
        self.comparisons = comparisons
        self.splits: dict[str, str] = {}
        for comparison, _, question in questions_of(comparisons, terms.questions, terms.orders):
            self.splits.setdefault(question, comparison.split)
        self.takes: dict[int, list[str]] = {FIRST: list(self.splits), AGAIN: self._drawn()}
        self.judge: Judge | None = None
        self.keys: dict[int, dict[str, str]] = {}
        self.there: dict[int, dict[str, Reply]] = {FIRST: {}, AGAIN: {}}

    def _drawn(self) -> list[str]:
        """Return the questions that are asked twice, drawn by a hash of the seed and the question."""
        seed = self.terms.seed
        shuffled = sorted(self.splits, key=lambda text: hashlib.sha256(f"{seed}:{text}".encode()).digest())
        return shuffled[: self.terms.repeats]

    def assign(self, judge: Judge) -> None:
        """Say who is asked, and look up what that judge answered before."""
        self.judge = judge
        self.keys = {take: judge.keys(questions, take) for take, questions in self.takes.items()}
        if self.terms.fresh:
            return
        found = find_replies([key for keys in self.keys.values() for key in keys.values()])
        for take, keys in self.keys.items():
            self.there[take] = {question: found[key] for question, key in keys.items() if key in found}

    @property
    def missing(self) -> list[tuple[int, str]]:
        """The questions that have no reply yet, with the time it is."""
        return [
            (take, question)
            for take, questions in self.takes.items()
            for question in questions
            if question not in self.there[take]
        ]

    def quote(self) -> Quote:
        """Return what asking the missing ones takes."""
        kept = None if self.judge is None else sum(map(len, self.there.values()))
        return Quote.of(
            comparisons=len(self.comparisons),
            identical=sum(comparison.identical for comparison in self.comparisons),
            questions=sum(map(len, self.takes.values())),
            kept=kept,
            to_ask=(question for _, question in self.missing),
            terms=self.terms,
        )
