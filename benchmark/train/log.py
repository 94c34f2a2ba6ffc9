"""Log: what each step measured, one JSON row a step, and the same for TensorBoard if asked."""

import importlib.util
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Protocol

from ...errors import NotInstalled, StoreFailed
from ..store import read_lines, write_whole


class Log:
    """The log of a training, cut back to the step that it goes on from.

    Args:
        folder: OUT/training.
        step: steps done; rows of later ones, of a process that was killed, are dropped.
        tensorboard: write event files there too.

    Raises:
        NotInstalled: TensorBoard is missing.
        StoreFailed: the log cannot be written.
    """

    def __init__(self, folder: Path, step: int, *, tensorboard: bool = False) -> None:
        if tensorboard and importlib.util.find_spec("tensorboard") is None:
            raise NotInstalled("--tensorboard needs: pip install tensorboard; log.jsonl is written without it")
        path = folder / "log.jsonl"
        kept = [row for row in read_log(folder) if row["step"] <= step]
        write_whole(path, "".join(json.dumps(row) + "\n" for row in kept))
        try:
            self._file: IO[str] = path.open("a", encoding="utf-8")
        except OSError as error:
            raise StoreFailed(f"cannot write {path}: {error.strerror}") from error
        self._events: Any = None
        if tensorboard:
            from torch.utils.tensorboard import SummaryWriter

            self._events = SummaryWriter(str(folder), purge_step=step + 1)

    def write(self, step: int, metrics: Mapping[str, Any]) -> None:
        """Append a row: numbers, None where one is undefined, or small JSON values."""
        try:
            self._file.write(json.dumps({"step": step, **metrics}, allow_nan=False) + "\n")
            self._file.flush()
        except OSError as error:
            raise StoreFailed(f"cannot write {self._file.name}: {error.strerror}; make room and go on") from error
        if self._events is not None:
            for name, value in _flat(metrics):
                self._events.add_scalar(name, value, step)

    def close(self) -> None:
        """Bring everything to disk."""
        self._file.close()
        if self._events is not None:
            self._events.close()


def _flat(metrics: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, float]]:
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}/")
        elif isinstance(value, (int, float)):
            yield f"{above}{name}", value


class Quiet:
    """The log of every process but the first: it writes nothing."""

    def write(self, step: int, metrics: Mapping[str, Any]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Writes(Protocol):
    """What takes rows of a log."""

    def write(self, step: int, metrics: Mapping[str, Any]) -> None:
        """Append a row."""

    def close(self) -> None:
        """Bring everything to disk."""


def read_log(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of the log in OUT/training; a torn last line, left by a crash, is passed over.

    Raises:
        StoreFailed: it cannot be read, or an earlier line is no row.
    """
    path = folder / "log.jsonl"
    lines, rows = read_lines(path), []
    for number, line in lines:
        try:
            row = json.loads(line)
            rows.append({**row, "step": int(row["step"])})
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines):
                break
            raise StoreFailed(f"{path}:{number}: wanted a row of a log, found {line[:60]!r}") from error
    return rows
