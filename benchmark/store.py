"""The sample store: one append-only JSONL file a split, safe against a crash at any moment."""

import contextlib
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from ..errors import StoreFailed

FSYNC_EVERY = 1.0
"""Seconds of samples a power cut may cost; a killed process costs none."""


@dataclass(frozen=True)
class Sample:
    """One row: sample `index` of prompt `prompt`, drawn with `seed`; `key` covers all that decided it."""

    key: str
    prompt: str
    index: int
    seed: int
    text: str
    finish_reason: str


def hash_samples(folder: Path, splits: Iterable[str]) -> str:
    """Return a hash over every sample of a run folder, by which scores know the samples they were computed from."""
    paths = ((split, split_file(folder, split)) for split in splits)
    return hash_of_splits({split: hash_file(path) for split, path in paths if path.exists()})


def hash_of_splits(hashes: Mapping[str, str]) -> str:
    """Return the hash over the samples of a run, from those of its files by split."""
    return hashlib.sha256("".join(f"{split}:{hashes[split]}\n" for split in sorted(hashes)).encode()).hexdigest()


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sample_rows(samples: Iterable[Sample]) -> bytes:
    """Return samples as a file of them holds them."""
    return "".join(json.dumps(asdict(sample)) + "\n" for sample in samples).encode()


def split_file(folder: Path, split: str) -> Path:
    """Return the file that holds the samples of `TASK/SPLIT` in a run folder."""
    return folder / "samples" / f"{split}.jsonl"


def read_samples(path: Path) -> Iterator[Sample]:
    """Yield a file's samples in the order they were drawn; a torn last line, left by a crash, is passed over.

    Raises:
        StoreFailed: a line is not a sample, with its number.
    """
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                row = json.loads(line)
                yield Sample(**row)
            except (ValueError, TypeError, RecursionError) as error:
                raise StoreFailed(
                    f"{path}:{number}: wanted a sample row, found {line[:60]!r} ({error}); "
                    "restore the file or use another --out"
                ) from error


def read_lines(path: Path) -> list[tuple[int, bytes]]:
    """Return the numbered lines of a file of rows that is written whole; none where there is no such file.

    Raises:
        StoreFailed: it cannot be read.
    """
    try:
        return list(enumerate(path.read_bytes().splitlines(), start=1)) if path.exists() else []
    except OSError as error:
        raise StoreFailed(f"cannot read {path}: {error.strerror}") from error


class Store:
    """A run folder opened for drawing: holds its lock, appends samples, mends what a crash tore.

    Raises:
        StoreFailed: the folder cannot be written, or another process draws into it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, IO[bytes]] = {}
        self._synced = time.monotonic()
        try:
            (folder / "samples").mkdir(parents=True, exist_ok=True)
            self._lock = (folder / ".lock").open("wb")
        except OSError as error:
            raise StoreFailed(
                f"cannot write the run folder {folder}: {error.strerror}; choose another --out"
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise StoreFailed(
                f"{folder} is in use by another gendiv process; wait for it or use another --out"
            ) from error

    def samples(self, split: str) -> Iterator[Sample]:
        """Yield what was drawn of `split` so far, after cutting off a torn last line."""
        path = split_file(self.folder, split)
        if path.exists():
            _mend(path)
            yield from read_samples(path)

    def append(self, split: str, samples: Sequence[Sample]) -> None:
        """Write samples in one go, so that siblings stay adjacent and a crash leaves whole rows."""
        rows = sample_rows(samples)
        try:
            file = self._files.get(split) or self._open(split)
            whole = os.fstat(file.fileno()).st_size  # not tell(): it stays past the end after a row was taken back
            try:
                rest = memoryview(rows)
                while rest:
                    rest = rest[file.write(rest) :]
                self._sync_now_and_then()
            except OSError:
                file.truncate(whole)
                raise
        except OSError as error:
            raise StoreFailed(
                f"cannot write {split_file(self.folder, split)}: {error.strerror}; "
                "every finished sample is kept: make room and give the same command again"
            ) from error

    def _open(self, split: str) -> IO[bytes]:
        path = split_file(self.folder, split)
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab", buffering=0)
        self._files[split] = file
        return file

    def _sync_now_and_then(self) -> None:
        if time.monotonic() - self._synced >= FSYNC_EVERY:
            self._sync()

    def _sync(self) -> None:
        for file in self._files.values():
            os.fsync(file.fileno())
        self._synced = time.monotonic()

    def close(self) -> None:
        """Bring everything to disk and let the folder go."""
        try:
            self._sync()
        finally:
            for file in self._files.values():
                file.close()
            self._lock.close()


def _mend(path: Path) -> None:
    """Cut off a last line without its newline: the only trace a killed process can leave."""
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        end = size
        while end:
            start = max(0, end - 65536)
            file.seek(start)
            newline = file.read(end - start).rfind(b"\n")
            if newline >= 0:
                end = start + newline + 1
                break
            end = start
        if end < size:
            file.truncate(end)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, if they are missing.

    Raises:
        StoreFailed: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreFailed(f"cannot make the folder {folder}: {error.strerror}; choose another one") from error


def write_whole(path: Path, text: str) -> None:
    """Replace a file by `text` so that a reader or a crash sees the old one or the new one, never half.

    Raises:
        StoreFailed: the folder cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")  # another process may be writing the same file
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise StoreFailed(f"cannot write {path}: {error.strerror}; make room or choose another folder") from error


def read_json(path: Path) -> Any:  # noqa: ANN401  JSON can be anything
    """Return the value in a JSON file.

    Raises:
        StoreFailed: there is no such file, or it is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StoreFailed(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise StoreFailed(f"{path}: wanted JSON, found {error}") from error
