"""`gendiv train`: the trainers, one command each; and the options that they share."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import NoneType
from typing import Any, Final, Literal, TypeVar, get_args, get_origin

import click

from ...benchmark.train.loop import Outcome
from ...benchmark.train.settings import Settings
from ...tasks import LESSONS
from ..lazy import Lazy
from ..options import note, print_json

F = TypeVar("F", bound=Callable[..., Any])
S = TypeVar("S", bound=Settings)

COMMANDS: Final[Mapping[str, str]] = {
    "scratch": "Make a small language model from nothing: random weights, a tokeniser of whole words.",
    "sft": "Fine-tune a language model on demonstrations: the loss is on completions alone.",
    "reward": "Train a reward model on ranked answers.",
    "ppo": "Train a language model to answer for a high reward, near what it was (RLHF).",
}


@click.group("train", cls=Lazy, package=__package__, listed=COMMANDS)
def command() -> None:
    """Train checkpoints: a folder that vllm: and hf: serve comes out, and the same command goes on after a kill."""


def checkpoint_options(model: str, columns: str) -> Callable[[F], F]:
    """Add `--model`, `--data` and `--out`."""
    options = (
        click.option("--model", required=True, metavar="MODEL", help=model),
        click.option(
            "--data",
            multiple=True,
            required=True,
            metavar="NAME|FILE",
            help=f"Lessons by name ({', '.join(LESSONS) or 'none yet'}), or JSONL with {columns}; repeatable.",
        ),
        click.option(
            "--out",
            required=True,
            type=click.Path(path_type=Path),
            metavar="OUT",
            help="Folder of the checkpoint; state and log are in OUT/training.",
        ),
    )

    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def print_outcome(outcome: Outcome, *, as_json: bool) -> None:
    """Print what training ended with, in the first of its processes."""
    if os.environ.get("RANK", "0") != "0":
        return
    if as_json:
        print_json(outcome.to_json())
        return
    done = "was finished before" if outcome.already else "is finished"
    note(f"training {done}: {outcome.steps} steps; the checkpoint is in {outcome.out}")
    parts = outcome.metrics.get("held_out", {})
    for name, value in outcome.metrics.items():
        if isinstance(value, (int, float)):
            click.echo(f"{name:<20} {value:.6g}")
    for name, part in parts.items():
        width = f" [{part['low']:.3f}, {part['high']:.3f}]" if part["low"] is not None else ""
        click.echo(
            f"{name:<20} accuracy {part['accuracy']:.3f}{width} of {part['pairs']} pairs, loss {part['loss']:.4f}"
        )


def settings_options(kind: type[Settings]) -> Callable[[F], F]:
    """Add `--preset`, `--settings` and one option for each field of a trainer's settings, with its help."""

    def add(command: F) -> F:
        for name, field in reversed(kind.model_fields.items()):
            command = _option(name, field.annotation, field.default, field.description or "")(command)
        command = click.option(
            "--settings",
            "settings_file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="A YAML file of `setting: value` lines, over the preset; single options go over both.",
        )(command)
        names = ", ".join(kind.presets)
        preset_help = f"A whole set of values: {names}; see docs/training.md."
        return click.option("--preset", default="default", show_default=True, metavar="NAME", help=preset_help)(command)

    return add


def settings_of(kind: type[S], given: Mapping[str, Any]) -> S:
    """Return the settings that options name.

    Raises:
        BadInput: no such preset, setting or value.
    """
    chosen = {name: _value(given[name]) for name in kind.model_fields if given[name] not in (None, ())}
    return kind.of(given["preset"], given["settings_file"], **chosen)


def _value(given: object) -> object:
    return None if isinstance(given, str) and given.lower() == "none" else given


def _option(name: str, annotation: Any, default: object, help: str) -> Callable[[F], F]:  # noqa: ANN401  any type
    """Return the option of one field; values are checked by the settings, which know their limits."""
    flag = f"--{name.replace('_', '-')}"
    kinds = [kind for kind in get_args(annotation) or (annotation,) if kind is not NoneType]
    shown = f"{help} [default: {'none' if default in (None, ()) else default}]"
    if get_origin(annotation) is tuple:
        return click.option(flag, name, multiple=True, metavar="NAME", help=f"{shown} Repeatable.")
    if get_origin(annotation) is Literal:
        return click.option(flag, name, type=click.Choice(get_args(annotation)), help=shown)
    if annotation is bool:
        return click.option(f"{flag}/--no-{flag[2:]}", name, default=None, help=shown)
    metavar = {int: "N", float: "X"}.get(kinds[0], "TEXT")
    return click.option(flag, name, metavar=metavar, help=shown)
