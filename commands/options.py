"""What several commands take: `--json`, and the printing that goes with it."""

import json
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def json_option(command: F) -> F:
    """Add `--json`: standard output is then JSON alone; progress and logs go to standard error either way."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON alone on standard output.")(command)


def print_json(value: object) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def note(line: str) -> None:
    """Print one line on standard error."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201  the command line's own output
