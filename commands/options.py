"""What several commands take: `--json` and the printing that goes with it, the choice of metrics, how to decode."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from ..benchmark.decoding import Decoding

if TYPE_CHECKING:
    from ..metrics import Metric

F = TypeVar("F", bound=Callable[..., Any])

DECODING: Final = (
    ("temperature", float, "0 is greedy."),
    ("top_p", float, "1 is off."),
    ("top_k", int, "Off unless given."),
    ("min_p", float, "0 is off."),
    ("repetition_penalty", float, "1 is off."),
    ("presence_penalty", float, "0 is off."),
    ("frequency_penalty", float, "0 is off."),
    ("max_tokens", int, "The task's own unless given."),
    ("prompt_tokens", int, "Longer prompts lose their beginning; the task's own unless given; raw format only."),
)
"""Options that set a field of `Decoding`."""


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


def decoding_options(command: F) -> F:
    """Add an option for each decoding parameter."""
    stop_help = "Ends a sample; the task's own unless given; repeatable."
    command = click.option("--stop", multiple=True, metavar="TEXT", help=stop_help)(command)
    for name, kind, help_text in reversed(DECODING):
        default = getattr(Decoding(), name) if name not in ("top_k", "max_tokens", "prompt_tokens") else None
        shown = f"{help_text} [default: {default}]" if default is not None else help_text
        command = click.option(f"--{name.replace('_', '-')}", type=kind, metavar=kind.__name__.upper(), help=shown)(
            command
        )
    return command


def decoding_of(given: Mapping[str, Any]) -> dict[str, object]:
    """Return the decoding parameters that were given."""
    decoding = {name: given[name] for name, _, _ in DECODING if given[name] is not None}
    return decoding | ({"stop": given["stop"]} if given["stop"] else {})


def include_path_option(command: F) -> F:
    """Add `--include-path`."""
    return click.option(
        "--include-path",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Where lm-eval:NAME is looked for first, before lm-eval's own tasks.",
    )(command)


def print_json(value: object) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def note(line: str) -> None:
    """Print one line on standard error."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201  the command line's own output
