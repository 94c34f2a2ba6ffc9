"""What commands that use a reward model take: its spec, and how it reads."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from ..benchmark.rewarding.reward_model import LONGEST, RewardOptions
from ..errors import BadInput

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS = {
    "format": "format",
    "ending": "ending",
    "longest": "longest",
    "dtype": "dtype",
    "tokenizer": "tokenizer",
    "server_flag": "server_args",
}
"""Options of the command line, without their --reward-, and the fields of `RewardOptions` that they set."""


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
        click.option(
            "--reward-server-flag",
            multiple=True,
            metavar="FLAG",
            help="For the server of a vllm: reward model: --reward-server-flag=--max-num-seqs=64; repeatable.",
        ),
    )

    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def chosen_reward_options(given: Mapping[str, Any], log: Callable[[str], None]) -> RewardOptions:
    """Return what the options say; `timeout` and `api_key_variable` count where a command has them."""
    chosen = {field: given[f"reward_{name}"] for name, field in OPTIONS.items()}
    more = {name: given[name] for name in ("timeout", "api_key_variable") if name in given}
    return RewardOptions(log=log, **chosen, **more)


def refuse_reward_options(given: Mapping[str, Any], way_out: str) -> None:
    """Raise BadInput if an option of reward models is given where there is none."""
    defaults = RewardOptions()
    for name, field in OPTIONS.items():
        if given[f"reward_{name}"] != getattr(defaults, field):
            option = f"--reward-{name.replace('_', '-')}"
            raise BadInput(f"{option} says how a reward model reads, and none is given; {way_out}")
