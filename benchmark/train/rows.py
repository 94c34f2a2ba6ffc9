"""Rows: what `--data` names, read for a trainer; a name of `LESSONS`, or a JSONL file."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from ...errors import BadInput
from ...naming import nearest
from ...tasks import LESSONS
from ...tasks.jsonfile import read_json_rows
from ...tasks.lessons import Demonstration, Lessons, Ranked

T = TypeVar("T", Demonstration, Ranked, str)

TRAIN: Final = "train"
HELD_OUT: Final = "validation"
"""The part of lessons that is in distribution and not trained on; a file's rows that are held out are called so too."""


def find_demonstrations(data: Sequence[str], part: str = TRAIN) -> list[Demonstration]:
    """Return the demonstrations that `--data` names; a file's columns are prompt and completion.

    Raises:
        BadInput: there is no such data, or a row of it is malformed, with file and line.
    """
    return _find(data, part, lambda lessons: lessons.demonstrations, Demonstration, ("prompt", "completion"))


def find_rankings(data: Sequence[str], part: str = TRAIN) -> list[Ranked]:
    """Return the ranked answers that `--data` names; a file's columns are prompt, chosen and rejected.

    Raises:
        BadInput: there is no such data, or a row of it is malformed, with file and line.
    """
    return _find(data, part, lambda lessons: lessons.rankings, Ranked, ("prompt", "chosen", "rejected"))


def find_prompts(data: Sequence[str], part: str = TRAIN) -> list[str]:
    """Return the prompts that `--data` names: those of demonstrations, or a file's column prompt.

    Raises:
        BadInput: there is no such data, or a row of it is malformed, with file and line.
    """
    found: list[str] = []
    for one in data:
        if one in LESSONS:
            found += [row.prompt for row in find_demonstrations([one], part)]
        else:
            found += _file(one, str, ("prompt",))
    return found


def find_words(data: str) -> list[str]:
    """Return the closed vocabulary that `--words` names: that of lessons, or the different words of a text file.

    Raises:
        BadInput: there is none.
    """
    if data in LESSONS:
        words = LESSONS[data].words
        if words is None:
            raise BadInput(f"--words: the lessons {data} have no closed vocabulary; pass a text file of words")
        return list(words())
    try:
        found = dict.fromkeys(Path(data).read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"--words: cannot read {data} ({error}); name a text file, or lessons: {nearest(data, LESSONS)}"
        ) from error
    return list(found)


def held_out_demonstrations(data: Sequence[str], files: Sequence[str]) -> list[Demonstration]:
    """Return what is measured and not trained on: the files given, and the validation part of lessons."""
    named = [one for one in data if one in LESSONS and HELD_OUT in LESSONS[one].demonstrations]
    return find_demonstrations(files) + find_demonstrations(named, HELD_OUT)


def held_out_prompts(data: Sequence[str], files: Sequence[str]) -> list[str]:
    """Return the prompts that are watched and not trained on: the files given, and the validation part of lessons."""
    return find_prompts(files) + [row.prompt for row in held_out_demonstrations(data, ())]


def held_out_rankings(data: Sequence[str], files: Sequence[str]) -> dict[str, list[Ranked]]:
    """Return the parts that are measured and not trained on, the first in distribution.

    Args:
        data: as for training; lessons bring all their parts but "train".
        files: `FILE`, which is the part "validation", or `NAME=FILE`.
    """
    parts: dict[str, list[Ranked]] = {}
    for one in files:
        name, equals, file = one.partition("=")
        if not equals or Path(one).exists():
            name, file = HELD_OUT, one
        parts.setdefault(name, []).extend(find_rankings([file]))
    for one in data:
        for part in LESSONS[one].rankings if one in LESSONS else ():
            if part != TRAIN:
                parts.setdefault(part, []).extend(find_rankings([one], part))
    return dict(sorted(parts.items(), key=lambda item: item[0] != HELD_OUT))


def _find(
    data: Sequence[str],
    part: str,
    parts: Callable[[Lessons], Mapping[str, Callable[[], Sequence[T]]]],
    kind: type[T],
    columns: tuple[str, ...],
) -> list[T]:
    found: list[T] = []
    for one in data:
        if one not in LESSONS:
            found += _file(one, kind, columns)
            continue
        loaders = parts(LESSONS[one])
        if part not in loaders:
            have = f"it has {', '.join(loaders)}" if loaders else "it has none; name other lessons or a JSONL file"
            raise BadInput(f"--data: the lessons {one!r} have no {kind.__name__} rows called {part!r}: {have}")
        found += loaders[part]()
    return found


def _file(name: str, kind: type[T], columns: tuple[str, ...]) -> list[T]:
    path = Path(name).expanduser()
    if not path.exists() and path.suffix not in (".json", ".jsonl") and "/" not in name:
        raise BadInput(f"--data: no lessons and no file are called {name!r}: {nearest(name, LESSONS)}")
    numbers, rows = read_json_rows(path)
    if not rows:
        raise BadInput(f"{path}: wanted rows with {_listed(columns)}, found none; is the file whole?")
    for number, row in zip(numbers, rows, strict=True):
        _check(f"{path}:{number}", row, columns)
    if kind is str:
        return [row["prompt"] for row in rows]
    return [kind(**{column: row[column] for column in columns}) for row in rows]


def _check(where: str, row: dict[str, Any], columns: tuple[str, ...]) -> None:
    for column in columns:
        if column not in row:
            raise BadInput(f"{where}: wanted the columns {_listed(columns)}, found {_listed(tuple(row)) or 'none'}")
        if not isinstance(row[column], str) or not row[column].strip():
            raise BadInput(f"{where}: wanted a text as {column}, found {str(row[column])[:60]!r}")
    if "chosen" in columns and row["chosen"] == row["rejected"]:
        raise BadInput(f"{where}: chosen and rejected are the same text, which teaches nothing; leave the row out")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else "".join(names)
