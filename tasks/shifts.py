"""Shifts within TL;DR, as in the appendix of Kirk et al. (2024): by subreddit, by length, by sentiment."""

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Final, Literal

from ..errors import NotInstalled
from .data import Row
from .prompting import Keep, Prompting
from .summarisation import MAX_TOKENS, POST, PROMPT_TOKENS, TLDR_TEST
from .task import Shift, Split, Task

SUBREDDITS: Final = ("relationship_advice", "AskReddit", "relationships", "tifu", "dating_advice")
"""The subreddits that the published code can keep a model to."""

LONGEST_SHORT: Final = 245
"""Most pieces of a short post."""

Sentiment = Literal["positive", "negative"]


def pieces(post: str) -> int:
    r"""Return the length of a post as published: pieces between single spaces.

    A newline does not end a piece, and two spaces hold an empty one between them.

    >>> pieces("a b\nc"), pieces("a  b"), pieces("")
    (2, 3, 1)
    """
    return len(post.split(" "))


@lru_cache(maxsize=2)
def sentiments(posts: tuple[str, ...]) -> tuple[float, ...]:
    """Return VADER's compound score of each post, from -1 (most negative) to 1.

    Kept for the next call: a post takes more than a millisecond, and four splits of one data set ask.

    Source: Hutto and Gilbert (2014), by the package vaderSentiment and its lexicon.

    Raises:
        NotInstalled: that package is missing.
    """
    try:
        from vaderSentiment.vaderSentiment import (  # type: ignore[import-untyped]
            SentimentIntensityAnalyzer,
        )
    except ImportError as error:
        raise NotInstalled("the sentiment of posts needs vaderSentiment: pip install 'gendiv[tasks]'") from error
    analyzer = SentimentIntensityAnalyzer()
    return tuple(analyzer.polarity_scores(post)["compound"] for post in posts)


def most(scores: Sequence[float], sentiment: Sentiment) -> list[bool]:
    """Say of each post whether it is in the more positive (or more negative) half of all.

    Of an odd number that half is the smaller one; of posts with equal scores the earlier ones come first.

    >>> most([0.1, -0.9, 0.1, 0.8, 0.5], "positive"), most([0.1, -0.9, 0.1, 0.8, 0.5], "negative")
    ([False, False, False, True, True], [True, True, False, False, False])
    """
    sign = -1 if sentiment == "positive" else 1
    ranked = sorted(range(len(scores)), key=lambda index: (sign * scores[index], index))
    chosen = set(ranked[: len(scores) // 2])
    return [index in chosen for index in range(len(scores))]


def _of_subreddit(name: str, rows: Sequence[Row]) -> list[bool]:
    return [row["subreddit"] == name for row in rows]


def _short(rows: Sequence[Row]) -> list[bool]:
    return [pieces(str(row["post"])) <= LONGEST_SHORT for row in rows]


def _half(sentiment: Sentiment, rows: Sequence[Row]) -> list[bool]:
    return most(sentiments(tuple(str(row["post"]) for row in rows)), sentiment)


def _other(keep: Keep, rows: Sequence[Row]) -> list[bool]:
    return [not kept for kept in keep(rows)]


Side = tuple[str, str]
"""The name and the description of one side of a shift."""


def _task(name: str, description: str, keep: Keep, inside: Side, outside: Side) -> Task:
    """Return a task of two splits: what `keep` keeps is in distribution, the rest is near it."""

    def split(side: Side, shift: Shift, kept: Keep) -> Split:
        return Split(side[0], shift, side[1], "post", Prompting(TLDR_TEST, POST, kept), TLDR_TEST)

    return Task(
        name=name,
        version=1,
        description=description,
        licence=TLDR_TEST.licence,
        format="raw",
        max_tokens=MAX_TOKENS,
        stop=(),
        splits=(split(inside, "id", keep), split(outside, "near", partial(_other, keep))),
        prompt_tokens=PROMPT_TOKENS,
    )


def _subreddit(name: str) -> Task:
    return _task(
        f"tldr-subreddit-{name.lower()}",
        f"TL;DR split by forum: r/{name}, and every other subreddit.",
        partial(_of_subreddit, name),
        ("inside", f"posts of r/{name}"),
        ("outside", "posts of every other subreddit"),
    )


def _sentiment(sentiment: Sentiment, other: Sentiment) -> Task:
    return _task(
        f"tldr-sentiment-{sentiment}",
        f"TL;DR split by sentiment: the more {sentiment} half of the posts, and the rest.",
        partial(_half, sentiment),
        (sentiment, f"the more {sentiment} half of the posts"),
        (other, f"the more {other} half of the posts"),
    )


SHIFTS: Final = (
    *map(_subreddit, SUBREDDITS),
    _task(
        "tldr-length",
        f"TL;DR split by length: posts of up to {LONGEST_SHORT} pieces, and longer ones.",
        _short,
        ("short", f"posts of up to {LONGEST_SHORT} pieces"),
        ("long", "longer posts"),
    ),
    _sentiment("positive", "negative"),
    _sentiment("negative", "positive"),
)
"""TL;DR's own shifts, a task each."""
