"""Offering the right name to someone who gave a wrong one."""

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the tail of an error message that offers the nearest known names, or all where none is near.

    >>> nearest("distnct", ["distinct", "ead"])
    'did you mean distinct?'
    >>> nearest("bleu", ["distinct", "ead"])
    'known: distinct, ead'
    """
    names = sorted(known)
    near = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names)}"
