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
    """Make foreign text (labels, server messages) plain in Markdown."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())
