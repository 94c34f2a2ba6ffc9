"""Rows: every reply of a judgement, beside its record, so that a reader can see what the figures rest on."""

import json
import math
from collections.abc import Iterable
from pathlib import Path

from ..store import write_whole
from .comparison import Outcome


def write_rows(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write one line for each reply, and one for each comparison that was not asked about.

    Raises:
        StoreFailed: the folder cannot be written.
    """
    write_whole(path, "".join(json.dumps(row) + "\n" for outcome in outcomes for row in _rows(outcome)))


def _rows(outcome: Outcome) -> list[dict[str, object]]:
    comparison = outcome.comparison
    head = {
        "split": comparison.split,
        "prompt": comparison.prompt,
        "index": comparison.index,
        "preference": None if math.isnan(outcome.preference) else outcome.preference,
    }
    if comparison.identical:
        return [{**head, "ours": None, "verdict": None, "reply": None}]
    return [
        {**head, "ours": "B" if one.swapped else "A", "verdict": one.verdict, "reply": one.reply}
        for one in outcome.answered
    ]
