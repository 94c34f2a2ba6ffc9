"""Markdown: cells and rows in which foreign text stays plain."""

from collections.abc import Iterable


def piped(cells: Iterable[str]) -> str:
    """Return a row of a table."""
    return "| " + " | ".join(escaped(cell) for cell in cells) + " |"


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Return the lines of a table."""
    heads = list(heads)
    return [piped(heads), piped(["---"] * len(heads)), *map(piped, rows)]


def escaped(text: str) -> str:
    r"""Make foreign text (labels, server messages) plain in Markdown: no cell, tag, code, emphasis or link of its own.

    >>> print(escaped("a_b | c <script> *d* [here](http://there)"))
    a_b \| c &lt;script> \*d\* [here]\(http://there)
    """
    for mark, plain in (("\\", "\\\\"), ("|", "\\|"), ("<", "&lt;"), ("`", "\\`"), ("*", "\\*"), ("](", "]\\(")):
        text = text.replace(mark, plain)
    return " ".join(text.split())
