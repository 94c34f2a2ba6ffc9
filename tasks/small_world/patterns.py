"""Patterns: wordings with a slot, and which of them a sequence of words is."""

from collections.abc import Iterator, Mapping

from .wording import SLOT


class Patterns:
    """Wordings by what they state; at most one of them fits any words.

    >>> patterns = Patterns({"in the _": "place", "it rained": None})
    >>> patterns.read("in the attic"), patterns.read("it rained"), patterns.read("in an attic")
    (('place', 'attic'), (None, ''), None)
    """

    def __init__(self, meanings: Mapping[str, str | None]) -> None:
        self._meanings = {tuple(wording.split()): meaning for wording, meaning in meanings.items()}

    def read(self, text: str) -> tuple[str | None, str] | None:
        """Return what some words state and the word in the slot ("" where there is none), or None for no wording."""
        words = tuple(text.split())
        for value, wording in _readings(words):
            if wording in self._meanings:
                return self._meanings[wording], value
        return None


def _readings(words: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "", words
    for place, word in enumerate(words):
        yield word, (*words[:place], SLOT, *words[place + 1 :])
