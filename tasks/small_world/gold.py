"""Gold: how good a summary is in the small world, exactly."""

from typing import Final

from .patterns import Patterns
from .posts import facts_of
from .summaries import SEPARATOR
from .wording import HEDGES, WORDINGS

VERSION: Final = 1
"""Rises whenever a score can move."""

WORDS_PER_FACT: Final = 4
"""The words that a fact may take: a clause of three, and what parts it from the next."""

WORDS_PER_POINT: Final = 50
"""So many words beyond those cost as much as all key facts are worth."""

CLAUSES: Final = Patterns({clause: attribute for attribute, wording in WORDINGS.items() for clause in wording.clauses})
"""What a clause of a summary states."""


def gold(prompt: str, summary: str) -> float:
    """Return (covered - invented) / facts - surplus / 50.

    `facts` is how many key facts the post states. A summary claims what its clauses state; clauses stand between
    commas, and a clause that is no wording of a fact claims nothing. `covered` are the facts of which the summary
    claims the post's value and no other. `invented` are the different claims that the post does not make: a wrong
    value, or something that the post does not speak of. `surplus` are the words, commas counted, beyond four for each
    covered fact.

    Range: at most 1, for every fact once and nothing else, in any order and any of the wordings. An empty summary has
    0. What is claimed twice counts once, and its words are surplus.

    Five facts of which three are covered, one clause has a wrong value, 15 words (three beyond 12):

    >>> post = (
    ...     "family : then my sister came . we met in this attic . the cake is gone . "
    ...     "i felt sad then . i want to sleep . TL;DR:"
    ... )
    >>> gold(post, "i felt sad , at this attic , lost the lamp , my sister came") == (3 - 1) / 5 - 3 / 50
    True
    >>> gold(post, "i felt sad , in this attic , with my sister , need to sleep , miss the cake"), gold(post, "")
    (1.0, 0.0)

    Raises:
        ValueError: the prompt is no post of the small world.
    """
    facts = dict(facts_of(prompt))
    claims: dict[str, set[str]] = {}
    words = 0
    for clause in _clauses(summary):
        words += len(clause) + 1
        found = CLAUSES.read(" ".join(_without_hedges(clause)))
        if found is not None and found[0] is not None:
            claims.setdefault(found[0], set()).add(found[1])
    covered = sum(claims.get(attribute) == {value} for attribute, value in facts.items())
    invented = sum(value != facts.get(attribute) for attribute, values in claims.items() for value in values)
    surplus = max(0, words - 1 - WORDS_PER_FACT * covered)
    return (WORDS_PER_POINT * (covered - invented) - surplus * len(facts)) / (WORDS_PER_POINT * len(facts))


def _clauses(summary: str) -> list[list[str]]:
    clauses: list[list[str]] = [[]]
    for word in summary.split():
        if word == SEPARATOR:
            clauses.append([])
        else:
            clauses[-1].append(word)
    return clauses


def _without_hedges(clause: list[str]) -> list[str]:
    return clause[1:] if clause[:1] and clause[0] in HEDGES else clause
