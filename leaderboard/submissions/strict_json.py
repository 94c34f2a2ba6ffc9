"""JSON that a stranger wrote: small, shallow, with finite numbers, no key twice and no text without a UTF-8 form."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...errors import StoreFailed
from . import limits


def read_strict(path: Path) -> tuple[Any, bytes]:
    """Return the value in a JSON file, and the bytes it was read from; the file has been found to be a plain one.

    Raises:
        StoreFailed: with the reason, without the path.
    """
    size = path.stat().st_size
    if size > limits.JSON_BYTES:
        raise StoreFailed(f"has {size} bytes, more than {limits.JSON_BYTES}")
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StoreFailed(f"is not UTF-8 (byte {error.start})") from error
    try:
        found = json.loads(text, parse_constant=_constant, parse_float=_number, object_pairs_hook=_object)
    except RecursionError:
        raise StoreFailed(f"is nested more than {limits.JSON_DEPTH} deep") from None
    except ValueError as error:
        raise StoreFailed(f"is no JSON as wanted: {error}") from error
    if any(depth > limits.JSON_DEPTH for _, depth in _parts(found)):
        raise StoreFailed(f"is nested more than {limits.JSON_DEPTH} deep")
    for part, _ in _parts(found):
        if isinstance(part, str) and not _has_utf8(part):
            raise StoreFailed("holds a lone surrogate, which has no UTF-8 form")
    return found, data


def _parts(value: object) -> Iterator[tuple[object, int]]:
    """Yield every value and key with its depth."""
    stack: list[tuple[object, int]] = [(value, 0)]
    while stack:
        part, depth = stack.pop()
        yield part, depth
        if isinstance(part, dict):
            stack += [(item, depth + 1) for pair in part.items() for item in pair]
        elif isinstance(part, list):
            stack += [(item, depth + 1) for item in part]


def _has_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:20]} is too large")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)[:40]!r} stands there twice")
    return found
