"""Verdicts: what a judge's reply says, or that it says nothing clear; nothing is ever guessed."""

import re
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

Verdict: TypeAlias = Literal["A", "B", "tie"]
"""The first of the two answers shown, the second, or neither."""

_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)
_MARK = re.compile(r"(?<![a-z])verdict(?![a-z])", re.IGNORECASE)
_CHOICE = re.compile(
    r"[\W_]*(?:(?:the|my|better|best|summary|answer|choice|is)[\W_]+)*(?<![a-z0-9])(?P<choice>a|b|tie)(?![a-z0-9])"
    r"(?: is (?:the )?better(?: one| summary| answer)?)?(?P<rest>[\W_]*$|[ *_\"'\])]*[.,;:!(\u2014\u2013-].*)",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?<![A-Za-z0-9])(?:A|B|[Tt]ie|TIE)(?![A-Za-z0-9])")
_KNOWN: Final[Mapping[str, Verdict]] = {"a": "A", "b": "B", "tie": "tie"}


def read_verdict(reply: str) -> Verdict | None:
    r"""Return the verdict of a reply, or None where it holds none that is clear.

    What a reasoning model thinks aloud between `<think>` and `</think>` is passed over. Of lines that say "Verdict",
    the last one that says something counts, because a judge may correct itself; it must name one choice alone. Without
    such a line, lines that hold a choice and nothing else count, if they all agree.

    >>> read_verdict("Verdict: A")
    'A'
    >>> read_verdict("Both are fine, but B covers the ending.\n**Verdict:** Summary B.")
    'B'
    >>> read_verdict("tie")
    'tie'
    >>> [read_verdict(reply) for reply in ("Verdict: A, B or tie", "A is better than B", "A\nB", "")]
    [None, None, None, None]
    """
    lines = _THOUGHT.sub("", reply).splitlines()
    marked = [_MARK.split(line)[1:] for line in lines]
    said = [[part for part in parts if re.search(r"[^\W_]", part)] for parts in marked]
    if last := next((parts for parts in reversed(said) if parts), None):
        found = {_choice(part) for part in last}
        return found.pop() if len(found) == 1 else None
    alone = {choice for line in lines if (choice := _choice(line, alone=True))}
    return alone.pop() if len(alone) == 1 else None


def _choice(text: str, *, alone: bool = False) -> Verdict | None:
    """Return the one choice that a text names at its beginning; `alone` allows nothing else in it."""
    found = _CHOICE.match(text)
    if not found or (alone and re.search(r"[^\W_]|:", found["rest"])):  # "A:" is a label
        return None
    named: set[Verdict] = {_KNOWN[choice.lower()] for choice in (found["choice"], *_NAMED.findall(found["rest"]))}
    return named.pop() if len(named) == 1 else None
