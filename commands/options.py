"""What several commands take: `--json` and the printing that goes with it, the choice of metrics."""

import json
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ..metrics import Metric

F = TypeVar("F", bound=Callable[..., Any])


def json_option(command: F) -> F:
    """Add `--json`: standard output is then JSON alone; progress and logs go to standard error either way."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON alone on standard output.")(command)


def metric_options(default: str) -> Callable[[F], F]:
    """Add the options that choose metrics, and the models of those that need one."""
    options = (
        click.option("--metrics", multiple=True, metavar="NAME,...", help=f"Such as ead:n=2,length. {default}"),
        click.option(
            "--metric",
            "own_metrics",
            multiple=True,
            metavar="MODULE:CLASS",
            help="A metric of your own, in a module here or installed; settings may follow as in --metrics.",
        ),
        click.option("--sbert-model", metavar="MODEL", help="Sentence encoder: a hub id, a path, or minilm."),
        click.option("--nli-model", metavar="MODEL", help="NLI classifier: a hub id or a path."),
    )

    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def selection_options(command: F) -> F:
    """Add the options that say which prompts of a split are taken."""
    select = click.option(
        "--select",
        default="first",
        show_default=True,
        metavar="first|random",
        help="Take the first prompts in published order, or a random sample, which a larger -n extends.",
    )
    seed = click.option("--select-seed", type=int, metavar="SEED", help="Of --select random. [default: 0]")
    return select(seed(command))


def metric_specs(given: Mapping[str, Any]) -> "list[str | Metric]":
    """Return what the options `--metrics` and `--metric` name."""
    from ..benchmark.choosing import load_metric  # which not every command needs

    return [*given["metrics"], *map(load_metric, given["own_metrics"])]


def print_json(value: object) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def note(line: str) -> None:
    """Print one line on standard error."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201  the command line's own output
