"""Sentences of a text, by Punkt's rules with a fixed list of English abbreviations."""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from ..errors import NotInstalled

if TYPE_CHECKING:
    from nltk.tokenize.punkt import PunktSentenceTokenizer  # type: ignore[import-untyped]  # ships no types

ABBREVIATIONS: Final = frozenset(
    """
    mr mrs ms messrs dr prof rev fr hon pres gov sen rep gen col maj capt cmdr lt sgt cpl pvt adm supt insp st mt
    ft sr jr ph.d m.d b.a m.a b.sc m.sc d.c u.s u.k u.n e.u u.s.a a.m p.m a.d
    b.c e.g i.e cf al viz vs v etc ca approx est resp
    nos vol vols pp pg fig figs eq eqs sec secs ch eds trans repr dept univ assn bros co corp inc ltd llc
    ave blvd rd hwy apt bldg jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues thu thur thurs fri
    oz lb lbs tsp tbsp avg misc incl excl w.r.t a.k.a p.s
    """.split()  # noqa: SIM905  words read better in one string
)
"""Words whose full stop ends no sentence by itself, lower case, without their last stop."""

OPENERS: Final = frozenset(
    """
    the this that these those there here he she it i we they you his her its our their my your what who when where why
    how a an if in on at for from with after before although though while as but and so or yet however then also all
    some most
    """.split()  # noqa: SIM905  words read better in one string
)
"""Words that open a sentence if they stand behind an abbreviation in capitals: "at 5 p.m. The shop"."""

BLOCK: Final = 10_000
"""Characters Punkt gets at a time, about: NLTK gives its patterns 5 seconds, after which a long text would fail."""

_ITEM: Final = re.compile(r"\s*(?:[-*+\u2022\u2023\u25e6\u2043\u2013\u2014]|#{1,6}|\(?\d{1,3}[.)]|\(?[A-Za-z]\))\s+")
_FULL_WIDTH: Final = re.compile(
    "(?<=[\u3002\uff01\uff1f])(?![\u3002\uff01\uff1f\u300d\u300f\u201d\uff09])|(?<=[\u3002\uff01\uff1f][\u300d\u300f\u201d\uff09])"
)
_NUMBER: Final = re.compile(r"\(?\d{1,3}[.)]")
_LIKELY_END: Final = re.compile(r"[a-z]{4}[.?!]\s+(?=[A-Z])")
_POSSIBLE_END: Final = re.compile(r"[.?!]\s+")


def sentences(text: str) -> list[str]:
    r"""Return the sentences of a text in reading order, without the space around them; none if it is all space.

    A line break by itself ends no sentence (a line may be wrapped anywhere); a blank line does, and so does a line
    that starts a list item or a heading, whose mark is no part of it.

    >>> sentences("Dr. No, e.g., came at 5 p.m. He left! 1. Why?\n\nA list:\n- of one\n- and two")
    ['Dr. No, e.g., came at 5 p.m.', 'He left!', '1. Why?', 'A list:', 'of one', 'and two']
    """
    found: list[list[str]] = []
    for paragraph in _paragraphs(text):
        for piece in _pieces(paragraph):
            number_before = found and len(found[-1]) == 1 and _NUMBER.fullmatch(found[-1][0])
            marks_alone = found and not any(map(str.isalnum, piece))
            if number_before or marks_alone:
                found[-1].append(piece)
            else:
                found.append([piece])
    return [" ".join(pieces) for pieces in found]


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the stretches between blank lines and list items, each on one line; a heading is one line."""
    lines: list[str] = []
    heading = False
    for line in text.splitlines():
        item = _ITEM.match(line)
        if item or heading or not line.strip():
            yield " ".join(lines)
            lines = []
        heading = item is not None and "#" in item[0]
        lines.append(line[item.end() :].strip() if item else line.strip())
    yield " ".join(lines)


def _pieces(paragraph: str) -> Iterator[str]:
    """Yield what Punkt and the full-width stops make of a paragraph."""
    start = 0
    while start < len(paragraph):
        near, far = start + BLOCK, start + 2 * BLOCK
        end = _LIKELY_END.search(paragraph, near, far) or _POSSIBLE_END.search(paragraph, far)
        block = paragraph[start : end.end() if end else None]
        start += len(block)
        for stretch in _FULL_WIDTH.split(block):
            yield from filter(None, map(str.strip, _punkt().tokenize(stretch)))


def check_splitter() -> None:
    """Raise `NotInstalled` if nothing is there to split by."""
    _punkt()


@cache
def _punkt() -> "PunktSentenceTokenizer":
    try:
        from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer
    except ImportError as missing:
        raise NotInstalled(
            f"splitting sentences needs the package nltk ({missing}); run: pip install 'gendiv[nli]'"
        ) from missing
    parameters = PunktParameters()
    parameters.abbrev_types = set(ABBREVIATIONS)
    parameters.sent_starters = set(OPENERS)
    return PunktSentenceTokenizer(parameters)
