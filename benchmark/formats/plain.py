"""The plain format: `{"id": ..., "prompt": ..., "samples": [...], ...}`, one row for each input."""

import math
import reprlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from .records import Record, records, rows_of
from .row import Bad, Malformed, Row

ROW: Final = '{"id": ..., "prompt": ..., "samples": [...]}'


def read(path: Path, bad: Bad) -> Iterator[Row]:
    """Yield the rows of a file of lines, or of one array; fields that are not named above are passed over."""
    seen: set[str] = set()

    def row(record: Record) -> Row:
        name = record.get("id")
        if not isinstance(name, (str, int)) or isinstance(name, bool):
            raise Malformed(f"wanted {ROW} with a text or a whole number as id, found {_shown(record, 'id')}")
        if str(name) in seen:
            raise Malformed(f"the id {name!r} was there before; ids name inputs, once each")
        samples = _samples(record)
        found = Row(
            id=str(name),
            prompt=_text(record, "prompt"),
            samples=samples,
            quality=_quality(record, len(samples)),
            reference=_text(record, "reference"),
        )
        seen.add(found.id)
        return found

    return rows_of(path, bad, records(path, bad), row)


def _text(record: Record, name: str) -> str | None:
    text = record.get(name)
    if text is not None and not isinstance(text, str):
        raise Malformed(f"wanted a text as {name}, found {reprlib.repr(text)}")
    return text


def _samples(record: Record) -> tuple[str, ...]:
    samples = record.get("samples")
    if not isinstance(samples, list) or not samples:
        raise Malformed(f"wanted {ROW} with a list of at least one text, found {_shown(record, 'samples')}")
    for number, sample in enumerate(samples):
        if not isinstance(sample, str):
            raise Malformed(f"wanted texts as samples, found samples[{number}] = {reprlib.repr(sample)}")
    return tuple(samples)


def _quality(record: Record, samples: int) -> tuple[float, ...] | None:
    quality = record.get("quality")
    if quality is None:
        return None
    if not isinstance(quality, list) or len(quality) != samples:
        raise Malformed(f"wanted quality to hold {samples} numbers, one for each sample, found {reprlib.repr(quality)}")
    grades = []
    for number, grade in enumerate(quality):
        try:
            grades.append(float(grade) if isinstance(grade, (bool, int, float)) else math.nan)
        except OverflowError:
            grades.append(math.inf)
        if not math.isfinite(grades[-1]):
            raise Malformed(f"wanted finite numbers as quality, found quality[{number}] = {reprlib.repr(grade)}")
    return tuple(grades)


def _shown(record: Record, name: str) -> str:
    return f"{name} = {reprlib.repr(record[name])}" if name in record else f"no {name}"
