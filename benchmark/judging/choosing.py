"""Choosing questions: a name, or a file of one's own, in; questions out."""

import json
import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

from ...errors import BadInput
from ...naming import nearest
from ...tasks.yamlfile import parse_yaml
from ..registry import find_questions
from .questions import Questions

SUFFIXES: Final = (".json", ".toml", ".yaml", ".yml")


def choose_questions(given: str | Path | Questions) -> Questions:
    """Return the questions that `--questions NAME|FILE` names.

    Raises:
        BadInput: no questions are called so, or the file holds none.
    """
    if isinstance(given, Questions):
        return given
    if isinstance(given, Path) or given.endswith(SUFFIXES):
        return read_questions(Path(given))
    return find_questions(given)


def read_questions(path: Path) -> Questions:
    """Read questions from a file that maps `name`, `version`, and one or more of `post`, `article`, `instruction`.

    Its content is part of its version, so that results of an edited file are not mixed with earlier ones.

    Raises:
        BadInput: the file cannot be read or holds no questions.
    """
    found = _parsed(path)
    known = [field.name for field in fields(Questions)]
    if not isinstance(found, dict):
        raise BadInput(f"{path}: wanted a mapping with {', '.join(known)}, found {found!r:.60}")
    for name in found:
        if name not in known:
            raise BadInput(f"{path}: questions have no {name!r}: {nearest(str(name), known)}")
    try:
        version = found.get("version", 1)
        own = Questions(**{"name": path.stem, **found, "version": str(version) if type(version) is int else version})
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
    return replace(own, version=f"{own.version}+{own.digest[:8]}")


def _parsed(path: Path) -> Any:  # noqa: ANN401  a file can hold anything
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"--questions {path}: {getattr(error, 'strerror', None) or error}") from error
    try:
        if path.suffix == ".json":
            return json.loads(text)
        if path.suffix == ".toml":
            return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path}: wanted {path.suffix[1:].upper()}, found something else ({error})") from error
    if path.suffix in SUFFIXES:
        return parse_yaml(path, text)
    raise BadInput(f"--questions {path}: wanted a file ending in {', '.join(SUFFIXES)}")
