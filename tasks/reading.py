"""Reading a data set: from a folder or from the hub, checked to be what was pinned, once in a process."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from ..errors import BadInput
from ..naming import nearest
from .data import Data, Origin, Row
from .fetching import fetch
from .jsonfile import read_json_rows

VARIABLE: Final = "GENDIV_DATA"
"""The environment variable that names a folder of data sets, read in place of the hub."""


@dataclass(frozen=True)
class Loaded:
    """The rows of a data set in published order, and where they are from.

    Attributes:
        rows: the wanted columns of each row.
        numbers: of each row: its line in a file, its place from 1 on the hub.
        origin: where they were read.
    """

    rows: tuple[Row, ...]
    numbers: Sequence[int]
    origin: Origin

    def place(self, index: int) -> str:
        """Return where a row stands, as the beginning of a message about it."""
        number = self.numbers[index]
        return f"{self.origin.path}:{number}" if self.origin.path else f"{self.origin.data}: row {number}"


def read(data: Data) -> Loaded:
    """Return the rows of a data set; read once in a process while its file stays as it is.

    Raises:
        BadInput: it is not there, not to be reached, damaged, empty, lacks a column, or is not what was pinned; in one
            line that says the way out.
        NotInstalled: the hub is needed, and the packages that read it are missing.
    """
    folder = os.environ.get(VARIABLE)
    if data.path is None and not folder:
        return _read_hub(data)
    path = Path(data.path) if data.path is not None else Path(str(folder)).expanduser() / data.local_file
    try:
        stat = path.stat()
    except OSError as error:
        way_out = f"put it there, or unset {VARIABLE} to read the hub" if data.path is None else "name another file"
        raise BadInput(f"{data.name}: cannot read {path} ({error.strerror}); {way_out}") from error
    return _read_file(data, path, (stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=8)
def _read_file(data: Data, path: Path, stamp: tuple[int, int]) -> Loaded:  # noqa: ARG001  the stamp tells files apart
    numbers, rows = read_json_rows(path)
    found = Loaded(tuple(rows), numbers, Origin(data=data.name, path=str(path), rows=0, sha256="", verified=False))
    return _checked(data, found)


@lru_cache(maxsize=8)
def _read_hub(data: Data) -> Loaded:
    commit, rows = fetch(data)
    origin = Origin(data=data.name, revision=data.revision, commit=commit, rows=0, sha256="", verified=False)
    return _checked(data, Loaded(tuple(rows), range(1, len(rows) + 1), origin))


def _checked(data: Data, found: Loaded) -> Loaded:
    """Return the wanted columns of what was found, hashed.

    Raises:
        BadInput: there is nothing, a column is missing, or the content is not what was pinned.
    """
    if not found.rows:
        raise BadInput(f"{found.origin.path or data.name}: wanted rows, found none")
    wanted = []
    for index, row in enumerate(found.rows):
        if absent := [column for column in data.columns if column not in row]:
            missing = f"{', '.join(absent)} {'is' if len(absent) == 1 else 'are'} missing"
            raise BadInput(
                f"{found.place(index)}: wanted the columns {', '.join(data.columns)}, and {missing}; "
                f"{nearest(absent[0], row) if row else 'the row is empty'}"
            )
        wanted.append({column: row[column] for column in (*data.columns, *data.optional) if column in row})
    sha256 = content_hash(wanted)
    if data.sha256 is not None and sha256 != data.sha256:
        raise BadInput(
            f"{found.origin.path or data.name}: its content is not what was pinned: wanted sha256 {data.sha256[:16]}, "
            f"found {sha256[:16]} over {len(wanted)} rows; restore the pinned version"
            + ("" if data.path else f" ({data.hub} at revision {data.revision})")
        )
    origin = replace(found.origin, rows=len(wanted), sha256=sha256, verified=data.sha256 is not None)
    return replace(found, rows=tuple(wanted), origin=origin)


def content_hash(rows: Sequence[Row]) -> str:
    r"""Return the SHA-256 of rows: of each its JSON with sorted keys, no spaces, ASCII alone, and a newline.

    >>> content_hash([{"b": "é", "a": 1}]) == hashlib.sha256(b'{"a":1,"b":"\\u00e9"}\n').hexdigest()
    True
    """
    whole = hashlib.sha256()
    for row in rows:
        whole.update(json.dumps(row, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    return whole.hexdigest()
