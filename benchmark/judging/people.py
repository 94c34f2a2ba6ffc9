"""People: choices between two answers that people made, by which a judge is measured."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import BadInput
from ...naming import nearest
from ...tasks import Kind
from ...tasks.preferences import PREFERENCES, Preference
from .questions import KINDS

ROW = '{"id": ..., "kind": "post", "shown": ..., "answers": [a, b], "choice": 0}'


@dataclass(frozen=True)
class Choices:
    """Human choices that were drawn from some data.

    Attributes:
        data: name of the data, or the file.
        drawn: in the order of the data.
        of: how many there are.
    """

    data: str
    drawn: tuple[Preference, ...]
    of: int


def draw_choices(data: str | Path, count: int | None, seed: int) -> Choices:
    """Draw human choices.

    Args:
        data: a name of `tasks.preferences.PREFERENCES`, or a JSONL file.
        count: how many, drawn by a hash of the seed and each one's id; all unless given or where there are fewer.
        seed: of the drawing.

    Raises:
        BadInput: there is no such data, it cannot be had, or a row of it is none.
    """
    if count is not None and count < 1:
        raise BadInput(f"-n: wanted at least 1 human choice, found {count}")
    found = load_choices(data)
    shuffled = sorted(found, key=lambda one: hashlib.sha256(f"{seed}:{one.id}".encode()).digest())
    kept = {one.id for one in shuffled[:count]}
    return Choices(str(data), tuple(one for one in found if one.id in kept), len(found))


def load_choices(data: str | Path) -> Sequence[Preference]:
    """Return all human choices of a data set or file.

    Raises:
        BadInput: there is no such data, it cannot be had, or a row of it is none.
    """
    if data in PREFERENCES:
        return PREFERENCES[str(data)].load()
    path = Path(data)
    if not path.is_file():
        raise BadInput(f"--data {data}: no such file, and no data are called so: {nearest(str(data), PREFERENCES)}")
    found = list(_rows(path))
    if not found:
        raise BadInput(f"{path} holds no rows; wanted {ROW} a line")
    if repeated := len(found) - len({one.id for one in found}):
        raise BadInput(f"{path}: wanted ids of their own, found {repeated} repeated")
    return found


def _rows(path: Path) -> Iterator[Preference]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise BadInput(f"--data {path}: {error.strerror}") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _parsed(json.loads(line))
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                reason = f"{type(error).__name__}: {error}"
                raise BadInput(f"{path}:{number}: wanted {ROW}, found {line[:60]!r} ({reason})") from error


def _parsed(row: dict[str, object]) -> Preference:
    kind: Kind | None = next((kind for kind in KINDS if kind == row["kind"]), None)
    answers, choice, shown = row["answers"], row["choice"], row["shown"]
    if kind is None:
        raise ValueError(f"kind is {', '.join(KINDS)}")
    if not (isinstance(answers, list) and len(answers) == 2 and all(isinstance(answer, str) for answer in answers)):
        raise ValueError("answers are two texts")
    if type(choice) is not int or choice not in (0, 1):
        raise ValueError("choice is 0 or 1")
    if not isinstance(shown, str):
        raise ValueError("shown is a text")
    return Preference(str(row["id"]), kind, shown, (answers[0], answers[1]), 0 if choice == 0 else 1)
