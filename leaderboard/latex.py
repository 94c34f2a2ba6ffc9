r"""LaTeX: tables of the package booktabs in which foreign text stays plain, for every engine."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\`{}",
    "[": "{[}",  # which, behind the end of a row, would begin a length
}

ROWS: Final = 40
"""Rows that a table takes: more would not fit a page."""


def latex_table(title: str, heads: Sequence[str], blocks: Sequence[Sequence[Sequence[str]]]) -> str:
    """Return one `table` of booktabs or, where blocks of rows do not fit a page together, several."""
    parts: list[list[Sequence[Sequence[str]]]] = [[]]
    for block in blocks:
        if parts[-1] and sum(map(len, parts[-1])) + len(block) > ROWS:
            parts.append([])
        parts[-1].append(block)
    return "\n".join(
        _table(f"{title}, part {number} of {len(parts)}" if len(parts) > 1 else title, heads, part)
        for number, part in enumerate(parts, start=1)
    )


def _table(title: str, heads: Sequence[str], blocks: Sequence[Sequence[Sequence[str]]]) -> str:
    lines = [
        r"\begin{table}[htbp]",
        r"\centering\footnotesize",
        rf"\caption{{{escaped(title)}}}",
        rf"\begin{{tabular}}{{{'l' * len(heads)}}}",
        r"\toprule",
        _row(heads),
        r"\midrule",
    ]
    for place, block in enumerate(blocks):
        lines += ([r"\addlinespace"] if place else []) + [_row(row) for row in block]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}", ""])


def latex_list(lines: Sequence[str]) -> str:
    """Return lines of text as a list."""
    items = [rf"\item {escaped(line)}" for line in lines]
    return "\n".join([r"\begin{itemize}", *items, r"\end{itemize}", ""])


def escaped(text: str) -> str:
    r"""Make foreign text plain in LaTeX.

    Letters beyond ASCII stay where every engine with its usual fonts has them (those of Western Europe); other signs
    are named by their code, because one that no font has stops the compilation.

    >>> escaped("a_b & 50% é")
    'a\\_b \\& 50\\% é'
    """
    spoken = re.sub(r"(?<![\w.-])-(?=\d| )", "\N{MINUS SIGN}", " ".join(text.split()))
    return re.sub("-(?=-)", "-{}", "".join(map(_plain, spoken)))  # two of which would be joined to a longer one


def _plain(sign: str) -> str:
    if sign in SPECIAL:
        return SPECIAL[sign]
    if sign == "\N{MINUS SIGN}":
        return "$-$"
    if sign.isascii():
        return sign if sign.isprintable() else " "
    western = ord(sign) < 256 and unicodedata.category(sign) in ("Lu", "Ll") and sign not in "ðÐþÞµ"
    return sign if western else f"U+{ord(sign):04X}"


def _row(cells: Sequence[str]) -> str:
    return " & ".join(map(escaped, cells)) + r" \\"
