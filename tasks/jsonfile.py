"""Rows of a JSON file: one object a line, or one array of objects."""

import json
from pathlib import Path
from typing import Any

from ..errors import BadInput


def read_json_rows(path: Path) -> tuple[list[int], list[dict[str, Any]]]:
    """Return the rows of a file and the line each stands on (of an array: its place from 1); blank lines are none.

    Raises:
        BadInput: the file cannot be read, or something in it is no JSON object, with its line.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {path} ({error.strerror}); name a JSONL file") from error
    if content.lstrip()[:1] == b"[":
        return _array(path, content)
    numbers, rows = [], []
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.strip():
            rows.append(_object(f"{path}:{number}", line))
            numbers.append(number)
    return numbers, rows


def _array(path: Path, content: bytes) -> tuple[list[int], list[dict[str, Any]]]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path}: wanted a JSON array of rows ({error}); is the file whole?") from error
    for number, row in enumerate(found, start=1):
        if not isinstance(row, dict):
            raise BadInput(f"{path}: wanted a JSON object as element {number}, found {str(row)[:60]!r}")
    return list(range(1, len(found) + 1)), found


def _object(where: str, line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{where}: wanted a JSON object, found {_start(line)} ({error})") from error
    if not isinstance(row, dict):
        raise BadInput(f"{where}: wanted a JSON object, found {_start(line)}")
    return row


def _start(line: bytes) -> str:
    return repr(line[:60].decode("utf-8", errors="replace").strip())
