"""Ids of prompts: stable, and distinct even where a data set repeats a row."""

import hashlib
from collections.abc import Iterable


def distinct(ids: Iterable[str]) -> list[str]:
    """Return ids of which each is there once: what comes again is numbered.

    >>> distinct(["a", "b", "a", "a", "a#2"])
    ['a', 'b', 'a#2', 'a#3', 'a#2#2']
    """
    found: dict[str, None] = {}
    seen: dict[str, int] = {}
    for name in ids:
        times = seen.get(name, 0) + 1
        unused = name if times == 1 else f"{name}#{times}"
        while unused in found:
            times += 1
            unused = f"{name}#{times}"
        seen[name] = times
        found[unused] = None
    return list(found)


def content_id(text: str) -> str:
    """Return an id made of a text, for rows that have none: 16 hexadecimal digits of its SHA-256.

    >>> content_id("Name a river.")
    'c8dfd6a66a8def5b'
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
