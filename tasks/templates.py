"""Prompt formats of Kirk et al. (2024): TL;DR forum posts, news articles, and Alpaca instructions."""

from typing import Final

TLDR: Final = "\nTL;DR:"
"""The cue that ends a text to be summarised."""


def tldr_post(forum: str, title: str, post: str) -> str:
    r"""Return a forum post as the paper's summarisation models saw it, without a trailing space.

    >>> tldr_post("tifu", "I sat on a cake", "It was my boss's.")
    "SUBREDDIT: r/tifu\nTITLE: I sat on a cake\nPOST: It was my boss's.\nTL;DR:"
    """
    return f"SUBREDDIT: r/{forum}\nTITLE: {title}\nPOST: {post}{TLDR}"


def tldr_article(article: str) -> str:
    r"""Return a news article as the paper's summarisation models saw it.

    >>> tldr_article("Rain fell on Monday.")
    'ARTICLE: Rain fell on Monday.\nTL;DR:'
    """
    return f"ARTICLE: {article}{TLDR}"


def alpaca(instruction: str) -> str:
    r"""Return an instruction in the Alpaca format without an input field.

    >>> alpaca("Name a river.").splitlines()[-3:]
    ['Name a river.', '', '### Response:']
    """
    preamble = (
        "Below is an instruction that describes a task. Write a response that appropriately completes the request."
    )
    return f"{preamble}\n\n### Instruction:\n{instruction}\n\n### Response:"


def with_input(instruction: str, given: str) -> str:
    r"""Return an instruction with the input that it is about, as one text.

    >>> with_input("Translate.", "Guten Tag")
    'Translate.\n\n### Input:\nGuten Tag'
    """
    return f"{instruction}\n\n### Input:\n{given}"


def summary_request(kind: str, text: str) -> str:
    """Return the user message that asks a chat model for a TL;DR of `text`, a piece of `kind`."""
    return f"Summarise this {kind} in one or two sentences.\n\n{text}"
