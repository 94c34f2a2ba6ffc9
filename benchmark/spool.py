"""Spool: the draws of many inputs (sample 0 of each, sample 1 of each, ...) on disk, to be read one draw at a time."""

import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

from ..errors import StoreFailed
from .formats.row import Row


class Spool:
    """A temporary folder with a file a draw, so that memory holds one draw, however many inputs and draws there are."""

    def __init__(self) -> None:
        try:
            self._temporary = tempfile.TemporaryDirectory(prefix="gendiv-draws-")
        except OSError as error:
            raise StoreFailed(
                f"cannot make a temporary folder ({error.strerror}); name another one in TMPDIR"
            ) from error
        self._folder = Path(self._temporary.name)
        self._draws: int | None = None

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._temporary.cleanup()

    def add(self, rows: Iterable[Row]) -> None:
        """Append the samples of some inputs, each to its draw; an input with fewer than another limits the draws.

        Raises:
            StoreFailed: there is no room.
        """
        rows = list(rows)
        fewest = min(len(row.samples) for row in rows)
        self._draws = fewest if self._draws is None else min(self._draws, fewest)
        try:
            for draw in range(self._draws):
                with self._file(draw).open("a", encoding="ascii") as lines:
                    lines.writelines(json.dumps(row.samples[draw]) + "\n" for row in rows)
        except OSError as error:
            raise StoreFailed(
                f"cannot write to the temporary folder {self._folder} ({error.strerror}); name another one in TMPDIR"
            ) from error

    def __iter__(self) -> Iterator[list[str]]:
        """Give the draws in order, each with the texts of all inputs in the order they were added."""
        for draw in range(self._draws or 0):
            with self._file(draw).open(encoding="ascii") as lines:
                yield [json.loads(line) for line in lines]

    def _file(self, draw: int) -> Path:
        return self._folder / f"{draw}.jsonl"
