"""Kept: what a model made of a text or a pair of texts, on disk, so that no model reads the same thing twice.

The file is `models.sqlite3` in the cache folder, which the environment variable GENDIV_CACHE names. An entry is the
model's numbers as float32 beside a 20-byte frame: about 1.6 kB for the embedding of a text in 384 dimensions, 4.3 kB in
1024, 90 bytes for the label probabilities of a pair. Whoever wants the room back deletes the file.

The cache may fail, a computation may not: what goes wrong with the file is one warning, and the run goes on without it.
"""

import hashlib
import os
import sqlite3
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...cache import cache_folder
from ...errors import StoreFailed
from ..texts import text_hash

Content: TypeAlias = tuple[str, ...]
"""What the model read: one text, or the texts of a pair."""

FILE: Final = "models.sqlite3"
FORMAT: Final = "1"
CHUNK: Final = 2048
WAIT_SECONDS: Final = 20.0
LOOKUP: Final = 500
"""Keys per query; SQLite takes at least 999 variables."""

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS kept (key BLOB PRIMARY KEY, numbers BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS files (stamp TEXT PRIMARY KEY, digest TEXT NOT NULL);
"""
_IDLE: Final = frozenset({".md", ".png", ".onnx", ".h5", ".msgpack", ".ot"})
"""Files of a model folder that PyTorch does not read."""


def library(name: str) -> str:
    """Return the version of a library, or that it is absent: whoever needs it says so in its own words."""
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} absent"


class Kept:
    """The kept numbers of one model under one set of settings.

    Args:
        settings: everything, beside the content, that decides the numbers: what they are, the model's fingerprint,
            the number format. Without a fingerprint (None) nothing is found and nothing is kept.
    """

    def __init__(self, *settings: str | None) -> None:
        self._root = None if None in settings else text_hash((FORMAT, *map(str, settings)))

    def rows(
        self, contents: Sequence[Content], compute: Callable[[list[Content]], NDArray[np.float32]], width: int = 0
    ) -> NDArray[np.float32]:
        """Return one row of numbers per content: kept ones, and for the rest what `compute` makes of them.

        Each distinct content is computed once, the longest first, `CHUNK` at a time; a chunk is kept as soon as it is
        there, so an interruption loses no more than one. `width` is that of the rows where there are none.
        """
        rows = self.find(contents)
        missing = sorted({content for content in contents if content not in rows}, key=_size)
        for start in range(0, len(missing), CHUNK):
            some = missing[start : start + CHUNK]
            new = dict(zip(some, compute(some), strict=True))
            self.keep(new)
            rows |= new
        return np.array([rows[content] for content in contents]) if contents else np.empty((0, width), np.float32)

    def find(self, contents: Sequence[Content]) -> dict[Content, NDArray[np.float32]]:
        """Return the numbers of those contents that are kept."""
        if self._root is None or not contents:
            return {}
        keys = {_key(self._root, content): content for content in contents}
        found: dict[Content, NDArray[np.float32]] = {}
        with _unless_it_fails(), _open() as file:
            for some in _slices(list(keys), LOOKUP):
                # The marks are question marks; the keys travel as parameters.
                query = f"SELECT key, numbers FROM kept WHERE key IN ({','.join('?' * len(some))})"  # noqa: S608
                for key, blob in file.execute(query, some):
                    if len(blob) % 4 == 0 and blob[:4] == _check(key, blob[4:]):
                        found[keys[key]] = np.frombuffer(blob, dtype="<f4", offset=4)
        return found

    def keep(self, numbers: Mapping[Content, NDArray[np.float32]]) -> None:
        """Keep the numbers of some contents, in one transaction."""
        if self._root is None or not numbers:
            return
        entries = []
        for content, row in numbers.items():
            if not np.isfinite(row).all():
                continue
            key, blob = _key(self._root, content), np.asarray(row, dtype="<f4").tobytes()
            entries.append((key, _check(key, blob) + blob))
        with _unless_it_fails(), _open() as file, _transaction(file):
            file.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", entries)


def folder_fingerprint(folder: Path) -> str | None:
    """Return a hash of everything in a model folder that decides its numbers: weights, configs, tokenisers.

    None for an adapter, whose base model lies elsewhere. Contents that were hashed once are known by path, size and
    times, and are not read again.
    """
    if (folder / "adapter_config.json").exists():
        return None
    stamps = {}
    files = (Path(inside, name) for inside, _, names in os.walk(folder, followlinks=True) for name in names)
    for path in sorted(path for path in files if path.suffix not in _IDLE and path.is_file()):
        stat = path.stat()
        stamps[path] = f"{path.resolve()}:{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ctime_ns}:{stat.st_ino}"
    known: dict[str, str] = {}
    with _unless_it_fails(), _open() as file:
        for stamp in stamps.values():
            known.update(file.execute("SELECT stamp, digest FROM files WHERE stamp = ?", (stamp,)))
    new = {stamp: _hash_file(path) for path, stamp in stamps.items() if stamp not in known}
    if new:
        with _unless_it_fails(), _open() as file, _transaction(file):
            file.executemany("INSERT OR REPLACE INTO files VALUES (?, ?)", new.items())
    known |= new
    names = [(path.relative_to(folder).as_posix(), known[stamp]) for path, stamp in stamps.items()]
    return "folder:" + text_hash(part for pair in names for part in pair).hex()


def _slices(keys: list[bytes], size: int) -> Iterator[list[bytes]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def _size(content: Content) -> tuple[int, Content]:
    """Put the longest first, and what is equally long in an order of its own, so that a run repeats."""
    return -sum(map(len, content)), content


def _key(root: bytes, content: Content) -> bytes:
    return text_hash(content, root, 16)


def _check(key: bytes, blob: bytes) -> bytes:
    """Return what tells a damaged entry from a sound one, which SQLite does not."""
    return zlib.crc32(key + blob).to_bytes(4, "little")


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _open() -> Iterator[sqlite3.Connection]:
    """Open the file for a moment, so that nothing is held open across forks, threads or a long computation.

    The rollback journal stays: SQLite's write-ahead log needs shared memory, which network file systems lack.
    """
    path = cache_folder() / FILE
    with closing(sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)) as file:
        if not file.execute("SELECT 1 FROM sqlite_master WHERE name = 'files'").fetchone():
            file.executescript(_TABLES)
        yield file


@contextmanager
def _transaction(file: sqlite3.Connection) -> Iterator[None]:
    file.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        file.execute("ROLLBACK")
        raise
    file.execute("COMMIT")


@contextmanager
def _unless_it_fails() -> Iterator[None]:
    """Turn a failure of the file into a warning, which Python shows once."""
    try:
        yield
    except (sqlite3.Error, StoreFailed, OSError) as failure:
        warnings.warn(
            f"the cache of model outputs ({FILE} in the folder GENDIV_CACHE) is not usable ({failure}); "
            "going on without it; delete the file if it is damaged",
            RuntimeWarning,
            stacklevel=1,
        )
