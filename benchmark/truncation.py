"""Truncation: tokens without what has no place among them: end tokens of a tokeniser, a beginning too long."""

from collections.abc import Container, Sequence


def without_end(tokens: Sequence[int], end: int) -> list[int]:
    """Return tokens without the end tokens that they close with.

    >>> without_end([5, 2, 7, 2, 2], end=2)
    [5, 2, 7]
    """
    found = list(tokens)
    while found and found[-1] == end:
        found.pop()
    return found


def fitted(tokens: list[int], room: int, marks: Container[int | None]) -> list[int]:
    """Return tokens that fit: longer ones lose their beginning, but keep a first token that marks the beginning.

    >>> fitted([1, 5, 6, 7], 3, marks={1}), fitted([5, 6, 7, 8], 3, marks={1}), fitted([1, 5], 1, marks={1})
    ([1, 6, 7], [6, 7, 8], [5])
    """
    if len(tokens) <= room:
        return tokens
    head = tokens[:1] if tokens[0] in marks and room > 1 else []
    return head + tokens[len(tokens) - (room - len(head)) :]
