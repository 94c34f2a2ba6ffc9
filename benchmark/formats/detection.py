"""Detection of a format by what a file holds and, where that leaves it open, by its name."""

import re
from itertools import islice
from pathlib import Path
from typing import Final

from ...errors import BadInput
from . import FORMATS
from .records import BOM, CHUNK, LINES, decode, elements, lines, opened
from .row import Bad, Malformed

LOOKED_AT: Final = 5
"""Records that are looked at: the first may be damaged, or still be being written."""

FIELDS: Final = {
    "lm_eval": {"doc_id", "resps"},
    "alpaca_eval": {"instruction", "output"},
    "plain": {"samples"},
}
"""Fields that tell the formats that are records apart, the more telling ones first."""

PATTERNS: Final = {
    "lm_eval": ("samples_*.jsonl", "samples_*.jsonl.gz"),
    "lighteval": ("details_*.parquet",),
    "inspect_ai": ("*.eval",),
}
"""What the tools call the files in the folders they write."""

_INSPECT_JSON: Final = re.compile(rb'\s*\{\s*"version"\s*:\s*\d+\s*,\s*"status"\s*:')


def detect(path: Path) -> str:
    """Return the name of the format of a file.

    Raises:
        BadInput: nothing in it tells.
    """
    if not path.is_file():
        raise BadInput(f"{path} is no plain file, and only those tell their format: name it with --format")
    with opened(path, Bad()) as stream:
        head = stream.peek(CHUNK).removeprefix(BOM)
        if head.startswith(b"PK"):
            return "inspect_ai"
        if head.startswith(b"PAR1"):
            return "lighteval"
        if _INSPECT_JSON.match(head):
            return "inspect_ai"
        named_lines = path.name.lower().endswith(LINES)
        array = head.lstrip().startswith(b"[") and not named_lines
        found = elements(stream, path, Bad(skip=True)) if array else lines(stream)
        for _, data in islice(found, LOOKED_AT):
            try:
                fields = decode(data).keys()
            except Malformed:
                continue
            for name, telling in FIELDS.items():
                if telling <= fields:
                    return name
    if named_lines or not head.strip():
        return "plain"  # whose reader says what is wrong, and in which line
    raise BadInput(f"{path} is in no format that tells itself: name one with --format ({', '.join(FORMATS)})")


def find_file(folder: Path, format: str | None) -> Path:
    """Return the one file of samples in a folder that a tool wrote, however deep.

    Raises:
        BadInput: there is none, or there are several.
    """
    if (folder / "run.json").exists():
        raise BadInput(f"{folder} is a run folder, which is scored alone; wanted files of samples")
    wanted = PATTERNS if format is None else {format: PATTERNS.get(format, ())}
    patterns = [pattern for name in wanted for pattern in PATTERNS.get(name, ())]
    if not patterns:
        raise BadInput(f"{folder} is a folder; wanted a file in the format {format}")
    found = sorted({file for pattern in patterns for file in folder.rglob(pattern) if file.is_file()})
    if not found:
        raise BadInput(f"{folder} holds no run.json and no log of samples; wanted one of {', '.join(patterns)}")
    if len(found) > 1:
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        raise BadInput(f"{folder} holds {len(found)} logs, name one: {', '.join(map(str, found[:3]))}{more}")
    return found[0]
