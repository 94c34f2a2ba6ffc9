"""Reasons of rows that have no number, each said once."""

from collections.abc import Iterable
from typing import Final

NAMED: Final = 4
"""Rows that a shared reason names before it only counts them."""


def grouped(found: Iterable[tuple[str, str | None]], between: str = ", ") -> list[str]:
    """Return each reason behind the rows that it is about.

    >>> grouped([("a", "no value"), ("b", None), ("c", "no value")])
    ['a, c: no value']

    Args:
        found: rows by name, and why they have no number, if they have none.
        between: what parts the names.
    """
    by_reason: dict[str, list[str]] = {}
    for name, reason in found:
        if reason:
            by_reason.setdefault(reason, []).append(name)
    return [
        f"{between.join(names[:NAMED])}{f' and {len(names) - NAMED} more' if len(names) > NAMED else ''}: {reason}"
        for reason, names in by_reason.items()
    ]
