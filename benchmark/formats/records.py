"""Records: the lines of a JSONL file or the elements of a JSON array, read one at a time, each with its line number.

An array is cut at the commas between its elements, by counting brackets outside strings, and each element then goes to
`json`. So a malformed element costs that element only, which no streaming parser tried could do (ijson also puts "?"
in the place of a lone surrogate), and memory holds one element, not the file.
"""

import gzip
import io
import json
import re
import reprlib
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias, cast

from .row import Bad, Malformed, Row

Record: TypeAlias = dict[str, object]

BOM: Final = b"\xef\xbb\xbf"
CHUNK: Final = 1 << 16
LINES: Final = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
"""Names of files that hold one record a line, whatever they begin with."""

_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["{}\[\],]', re.DOTALL)
"""A whole string, the quote of a string that goes on behind the window, or a mark."""


@contextmanager
def opened(path: Path, bad: Bad) -> Iterator[io.BufferedReader]:
    """Open a file for reading; one packed by gzip, whatever its name, is unpacked on the way.

    Gzip data that ends early, as that of a killed writer does, is bad; what came before it has been read by then.
    """
    with path.open("rb") as raw:
        if raw.peek(2)[:2] != b"\x1f\x8b":
            yield raw
            return
        try:
            with gzip.GzipFile(fileobj=raw) as unpacked, io.BufferedReader(unpacked) as stream:
                yield cast(io.BufferedReader, stream)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            bad.report(str(path), f"wanted whole gzip data, found it damaged or cut off ({error})")


def records(path: Path, bad: Bad) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a file, not yet parsed: the elements of an array, or the lines."""
    with opened(path, bad) as stream:
        beginning = stream.peek(CHUNK).removeprefix(BOM).lstrip()[:1]
        if beginning == b"[" and not path.name.lower().endswith(LINES):
            yield from elements(stream, path, bad)
        else:
            yield from lines(stream)


def rows_of(
    path: Path, bad: Bad, found: Iterator[tuple[int, bytes]], make: Callable[[Record], Row | None]
) -> Iterator[Row]:
    """Yield what `make` makes of each record; a record it finds malformed is bad, None is passed over."""
    for line, data in found:
        try:
            row = make(decode(data))
        except Malformed as wrong:
            bad.report(f"{path}:{line}", wrong)
        else:
            if row is not None:
                yield row


def decode(data: bytes) -> Record:
    """Parse one record.

    Raises:
        Malformed: it is no JSON object in UTF-8.
    """
    try:
        # (Given bytes, `json` would guess at UTF-16 and pass encoded surrogates.)
        found = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Malformed(f"wanted UTF-8, found {data[error.start : error.start + 8]!r}") from error
    except json.JSONDecodeError as error:  # its own message counts lines from the beginning of the record
        place = f"{error.msg}, character {error.pos + 1}"
        raise Malformed(f"wanted a JSON object, found {data[:40]!r} ({place})") from error
    except (ValueError, RecursionError) as error:
        raise Malformed(f"wanted a JSON object, found {data[:40]!r} ({error})") from error
    if not isinstance(found, dict):
        raise Malformed(f"wanted a JSON object, found {reprlib.repr(found)}")
    return found


def lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, with their numbers."""
    for number, line in enumerate(stream, start=1):
        text = (line.removeprefix(BOM) if number == 1 else line).strip()
        if text:
            yield number, text


def elements(stream: BinaryIO, path: Path, bad: Bad, key: str = "") -> Iterator[tuple[int, bytes]]:
    """Yield the elements of the top-level array, or of the array that the top-level object has under `key`."""
    window = _Window(stream)
    before = f'"{key}"'.encode() if key else b""
    depth, inside, last = 0, 0, b""
    for mark in window.marks():
        depth -= mark in (b"]", b"}")
        if inside and (depth < inside or (mark == b"," and depth == inside)):
            line, data = window.take()
            if data or mark == b",":
                yield line, data
            if depth < inside:
                break
        elif not inside:
            window.take()
            if mark == b"[" and depth == bool(key) and last == before:
                inside = depth + 1
        depth += mark in (b"[", b"{")
        last = mark
    else:
        if depth:
            if inside == depth and window.left:  # cut off between two elements
                yield window.next_line, window.left
            bad.report(f"{path}:{window.next_line}", "wanted a whole JSON value, found the end of the file inside it")
        return
    if not key and window.rest():
        bad.report(f"{path}:{window.next_line}", "wanted nothing after the array, found more")


@dataclass
class _Window:
    """The part of a stream that is being looked at.

    Attributes:
        stream: what it moves over.
        data: what was read and may still be needed.
        start: where in `data` the text begins that was not taken yet.
        at: where the last mark ends.
        line: the line of `start`.
    """

    stream: BinaryIO
    data: bytes = b""
    start: int = 0
    at: int = 0
    line: int = 1

    def marks(self) -> Iterator[bytes]:
        """Yield strings, brackets and commas to the end of the stream."""
        while True:
            for token in _TOKEN.finditer(self.data, self.at):
                if token.group() == b'"':
                    break
                self.at = token.end()
                yield token.group()
            if not self._read_on():
                return

    @property
    def left(self) -> bytes:
        """The text not taken yet."""
        return self.data[self.start :].strip()

    @property
    def next_line(self) -> int:
        """The line in which the text not taken yet begins, blanks left aside."""
        text = self.data[self.start :]
        return self.line + text[: len(text) - len(text.lstrip())].count(b"\n")

    def take(self) -> tuple[int, bytes]:
        """Return the text before the last mark, with the line it begins in, and move on behind the mark."""
        text = self.data[self.start : self.at - 1]
        line = self.line + text[: len(text) - len(text.lstrip())].count(b"\n")
        self.line += text.count(b"\n")
        self.start = self.at
        return line, text.strip()

    def rest(self) -> bytes:
        """Return what is left, or the next part of it."""
        self._read_on()
        return self.data.strip()

    def _read_on(self) -> bool:
        more = self.stream.read(max(CHUNK, len(self.data) - self.start))  # doubled, so that a long text is read in O(n)
        self.data, self.start, self.at = self.data[self.start :] + more, 0, self.at - self.start
        return bool(more)
