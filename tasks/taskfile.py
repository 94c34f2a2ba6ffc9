"""Tasks of your own: a YAML file that names data, says how a row becomes a prompt, and which side each split is on."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from ..errors import BadInput
from ..naming import nearest
from .task import Split, Task
from .taskkeys import TaskKeys
from .yamlfile import parse_yaml

_FILE: Final = re.compile(r"(?P<file>.*\.ya?ml)(?:/(?P<split>[^/]*))?")


WANTED: Final = {
    "string_type": "text",
    "int_type": "a whole number",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "too_short": "at least one",
    "string_too_short": "at least one character",
    "greater_than_equal": "a whole number from 1",
}
"""What was wanted, by pydantic's types of errors, where its own words would not read well."""


def is_task_file(name: str) -> bool:
    """Say whether a name of `--task` is a task file, `FILE.yaml`, or a split of one, `FILE.yaml/SPLIT`.

    >>> is_task_file("my/task.yaml"), is_task_file("task.yml/long"), is_task_file("mini-instructions/everyday")
    (True, True, False)
    """
    return _FILE.fullmatch(name) is not None


def splits_of_file(name: str, taken: Collection[str]) -> list[tuple[Task, Split]]:
    """Return the splits that a name of `--task` asks for, with their task.

    Args:
        name: `FILE.yaml` or `FILE.yaml/SPLIT`.
        taken: names that other tasks have.

    Raises:
        BadInput: the file is no task, has another task's name, or has no such split; in one line.
    """
    found = _FILE.fullmatch(name)
    if found is None:
        raise BadInput(f"--task: wanted FILE.yaml or FILE.yaml/SPLIT, found {name!r}")
    task = load_task(Path(found["file"]))
    if task.name in taken:
        raise BadInput(f"{found['file']}: name: another task is called {task.name!r}; choose another name")
    if found["split"] is None:
        return [(task, split) for split in task.splits]
    named = {split.name: split for split in task.splits}
    if found["split"] not in named:
        raise BadInput(f"{found['file']} has no split {found['split']!r}: {nearest(found['split'], named)}")
    return [(task, named[found["split"]])]


def load_task(path: Path) -> Task:
    """Return the task that a YAML file describes; its data is read when a split is loaded.

    Raises:
        BadInput: the file cannot be read or is no task, in one line: key, what was wanted, what was found.
    """
    found = _read_yaml(path)
    if not isinstance(found, dict):
        raise BadInput(f"{path}: wanted a mapping with name, max_tokens, prompt and splits, found {found!r:.60}")
    try:
        return TaskKeys.model_validate(found).task(path)
    except ValidationError as error:
        raise BadInput(f"{path}: {_explained(error)}") from error


def _read_yaml(path: Path) -> Any:  # noqa: ANN401  YAML can be anything
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"--task: cannot read {path} ({error.strerror}); name a YAML file") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: wanted YAML, found {error}") from error
    return parse_yaml(path, text)


def _explained(error: ValidationError) -> str:
    """Return pydantic's first finding as `key: wanted ..., found ...`."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"] if part != "[key]")
    before = f"{key}: " if key else ""
    message, kind, found = first["msg"], first["type"], first["input"]
    if kind == "value_error":
        return before + message.removeprefix("Value error, ")
    if kind == "missing":
        return f"{before}wanted a value, found none"
    wanted = WANTED.get(kind) or message.removeprefix("Input should be ")
    if kind == "string_pattern_mismatch":
        wanted = "64 hexadecimal digits" if key.endswith("sha256") else "letters, digits, '.', '_' and '-'"
    hint = "; quote it" if kind == "string_type" and isinstance(found, (int, float)) else ""
    return f"{before}wanted {wanted}, found {found!r:.60}{hint}"
