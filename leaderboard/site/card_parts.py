"""A metric's card as parts of a page; the card itself is one page of Markdown."""

import re
from dataclasses import dataclass, field

from ...metrics import Metric
from ...metrics.card import card

_FACT = re.compile(r"- \*\*(.+?)\*\*: (.*)")
_CODE = re.compile(r"`([^`]+)`")


@dataclass
class CardParts:
    """What a card says: paragraphs, then terms and what they are, then paragraphs and the worked example."""

    before: list[str] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    example: str = ""


def card_parts(metric: type[Metric]) -> CardParts:
    """Take a card apart.

    >>> from gendiv.metrics import METRICS
    >>> [term for term, _ in card_parts(METRICS["length"]).facts][-1]
    'Version'
    """
    found = CardParts()
    head, _, example = card(metric).partition("```pycon\n")
    found.example = example.partition("\n```")[0]
    for line in filter(None, head.splitlines()[1:]):
        if fact := _FACT.fullmatch(line):
            found.facts.append((fact[1], fact[2]))
        else:
            (found.after if found.facts else found.before).append(line)
    return found


def pieces(text: str) -> list[tuple[bool, str]]:
    """Return a text in pieces, each with whether it is code.

    >>> pieces("as `sbert` does")
    [(False, 'as '), (True, 'sbert'), (False, ' does')]
    """
    return [(bool(place % 2), piece) for place, piece in enumerate(_CODE.split(text)) if piece]
