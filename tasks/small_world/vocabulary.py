"""The vocabulary of the small world, in a fixed order."""

from functools import lru_cache

from .posts import CUE
from .summaries import SEPARATOR
from .wording import HEDGES, PASSING, SLOT, WORDINGS
from .words import TOPICS, passing_words


@lru_cache(maxsize=1)
def vocabulary() -> tuple[str, ...]:
    """Return every word that posts and summaries can hold, each once, sorted.

    >>> len(vocabulary()), vocabulary()[:4]
    (247, (',', '.', ':', 'TL;DR:'))
    """
    texts = [SEPARATOR, ".", ":", CUE, *HEDGES, *passing_words()]
    for topic in TOPICS:
        texts += [topic.name, *(word for words in topic.values.values() for word in words)]
    for wording in WORDINGS.values():
        texts += [*wording.plain, *wording.chatty, *wording.formal, *wording.clauses]
    for passing in PASSING:
        texts += [passing.sentence, passing.clause]
    return tuple(sorted({word for text in texts for word in text.split()} - {SLOT}))
