"""The folder of a training: a checkpoint at the end, and `training/` from the beginning; one command, one folder."""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import IO, Any, Final

from ...errors import BadInput, StoreFailed
from ..checkpoint import Checkpoint
from ..installed import installed
from ..store import make_folder, read_json, write_whole
from .settings import Settings
from .state import forget_states

SCHEMA: Final = 1
PACKAGES: Final = ("gendiv", "torch", "transformers", "accelerate", "peft")


def hash_rows(rows: Iterable[Any]) -> str:
    """Return a hash of rows (dataclasses, texts, JSON values) in their order."""
    whole = hashlib.sha256()
    for row in rows:
        value = asdict(row) if is_dataclass(row) and not isinstance(row, type) else row
        whole.update(json.dumps(value, sort_keys=True).encode() + b"\n")
    return f"sha256:{whole.hexdigest()}"


@dataclass(frozen=True)
class Purpose:
    """What a folder is for: two commands with equal purposes may work on one folder, one after the other.

    Attributes:
        trainer: "sft", "reward" or "ppo".
        settings: all of them; only those that decide weights are compared.
        base: what is trained.
        data: hashes of what is learned from, by role, such as {"train": ..., "held_out": ...}.
        more: what else decides, such as the fingerprint of a reward model.
    """

    trainer: str
    settings: Settings
    base: Checkpoint
    data: dict[str, str]
    more: dict[str, str] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what is compared."""
        return {
            "trainer": self.trainer,
            "settings": self.settings.deciding(),
            "base": self.base.fingerprint(),
            "data": self.data,
            **({"more": self.more} if self.more else {}),
        }


class TrainingFolder:
    """OUT of one training; the first process holds its lock.

    Args:
        out: made if missing.
        purpose: what it is for.
        main: whether this is the first of the processes that train together, which alone writes.

    Attributes:
        finished: what training ended with (JSON), or None while it has not.

    Raises:
        BadInput: it holds something else: another model, a training with other settings, data or base.
        StoreFailed: it cannot be written, or another process trains into it.
    """

    def __init__(self, out: Path, purpose: Purpose, *, main: bool = True) -> None:
        self.out = out
        self.training = out / "training"
        self.state = self.training / "state"
        self.finished: dict[str, Any] | None = None
        self._record: dict[str, Any] = {"schema": SCHEMA, **purpose.to_json()}
        self._all = purpose.settings.model_dump(mode="json")
        self._base = purpose.base.location
        self._main = main
        self._lock: IO[bytes] | None = None
        known = self.training / "settings.json"
        if known.exists():
            self._compare(read_json(known))
        elif out.exists() and any(path.name != "training" for path in out.iterdir()):
            raise BadInput(f"--out: {out} holds something else; choose a folder that is new, or one of this training")

    def open(self) -> None:
        """Take the lock and write what the folder is for; call it on every process."""
        if not self._main:
            return
        make_folder(self.training)
        self._lock = (self.training / ".lock").open("wb")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise StoreFailed(f"{self.out} is in use by another training; wait for it or use another --out") from error
        self._write()

    def save(self, write: Callable[[Path], None], result: dict[str, Any]) -> None:
        """Write the checkpoint by `write(folder)`, so that a crash leaves none or all of it, and finish.

        Only the first process comes here. The config comes last: a folder without one is no model for anybody.
        """
        beside = self.training / "saving"
        shutil.rmtree(beside, ignore_errors=True)
        make_folder(beside)
        try:
            write(beside)
            for path in filter(Path.is_file, beside.rglob("*")):
                with path.open("rb") as file:
                    os.fsync(file.fileno())  # before anything says that training is finished
            for path in sorted(beside.iterdir(), key=lambda one: one.name == "config.json"):
                target = self.out / path.name
                if target.is_dir():
                    shutil.rmtree(target)
                path.replace(target)
        except OSError as error:
            raise StoreFailed(f"cannot write {self.out}: {error}; make room and give the same command again") from error
        shutil.rmtree(beside, ignore_errors=True)
        self.finished = result
        self._write()
        forget_states(self.state)

    def close(self) -> None:
        """Let the folder go."""
        if self._lock is not None:
            self._lock.close()

    def _write(self) -> None:
        told = {
            "model": self._base,
            "all_settings": self._all,
            "versions": installed(*PACKAGES),
            "processes": int(os.environ.get("WORLD_SIZE", "1")),
        }
        record = {**self._record, **told, "finished": self.finished}
        write_whole(self.training / "settings.json", json.dumps(record, indent=2, ensure_ascii=False) + "\n")

    def _compare(self, found: Any) -> None:  # noqa: ANN401  JSON
        if not isinstance(found, dict) or found.get("schema") != SCHEMA:
            raise BadInput(f"--out: {self.training / 'settings.json'} is no record of a training; use another --out")
        wanted = json.loads(json.dumps(self._record))
        for name in ("trainer", "base", "data", "more"):
            if found.get(name) != wanted.get(name):
                what = {"base": "another --model", "data": "other data", "more": "another reward or other parts"}
                raise BadInput(
                    f"--out: {self.out} holds a training with {what.get(name, f'trainer {found.get(name)!r}')}; use "
                    "another --out"
                )
        for name, value in wanted["settings"].items():
            before = found["settings"].get(name)
            if before != value:
                raise BadInput(
                    f"--out: {self.out} holds a training with {name} {before}, and now {value} is asked; use another "
                    "--out, or the same settings"
                )
        self.finished = found.get("finished")


@contextlib.contextmanager
def opened(folder: TrainingFolder) -> Iterator[TrainingFolder]:
    """Hold a folder while it is trained into."""
    folder.open()
    try:
        yield folder
    finally:
        folder.close()
