"""What commands that use a reward model take: its spec, and how it reads."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from ..benchmark.rewarding.reward_model import LONGEST, RewardOptions
from ..errors import BadInput

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS = ("format", "ending", "longest", "dtype", "tokenizer")
"""Fields of `RewardOptions` that the command line sets, as --reward-NAME."""


def reward_options(spec_help: str, *, required: bool = False) -> Callable[[F], F]:
    """Add `--reward` and the options that say how it reads."""
    options = (
        click.option("--reward", metavar="SPEC", required=required, help=spec_help),
        click.option(
            "--reward-format",
            type=click.Choice(["auto", "raw", "chat"]),
            default="auto",
            show_default=True,
            help="What it reads: prompt and sample as one text, or its chat template; auto is chat where it has one.",
        ),
        click.option(
            "--reward-ending",
            type=click.Choice(["auto", "eos", "none"]),
            default="auto",
            show_default=True,
            help="Whether that text ends with the end token; auto is as the checkpoint was trained.",
        ),
        click.option(
            "--reward-longest",
            type=int,
            default=LONGEST,
            show_default=True,
            metavar="TOKENS",
            help="Most tokens it reads; longer inputs lose their beginning.",
        ),
        click.option(
            "--reward-dtype",
            type=click.Choice(["auto", "float32", "bfloat16"]),
            default="auto",
            show_default=True,
            help="auto is bfloat16 where the hardware multiplies it.",
        ),
        click.option(
            "--reward-tokenizer",
            metavar="PATH_OR_HUB_ID",
            help="Tokeniser of an openai: reward model, where its server does not say.",
        ),
    )

    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def chosen_reward_options(given: Mapping[str, Any], log: Callable[[str], None]) -> RewardOptions:
    """Return what the options say; `timeout` and `api_key_variable` count where a command has them."""
    chosen = {name: given[f"reward_{name}"] for name in OPTIONS}
    more = {name: given[name] for name in ("timeout", "api_key_variable") if name in given}
    return RewardOptions(log=log, **chosen, **more)


def refuse_reward_options(given: Mapping[str, Any], way_out: str) -> None:
    """Raise BadInput if an option of reward models is given where there is none."""
    defaults = RewardOptions()
    for name in OPTIONS:
        if given[f"reward_{name}"] != getattr(defaults, name):
            raise BadInput(f"--reward-{name} says how a reward model reads, and none is given; {way_out}")
