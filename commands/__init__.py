"""The commands: one file each, which reads arguments, calls a room, and prints. Loaded only when asked for."""

import importlib
from collections.abc import Mapping
from typing import Final, cast

import click

from ..benchmark.naming import nearest
from ..version import __version__

COMMANDS: Final[Mapping[str, str]] = {
    "quickstart": "Serve a packaged 135M model with vLLM and report its diversity: the first thing to try.",
    "run": "Sample a model K times for each prompt, and score what it says.",
    "score": "Score samples that are already there: a run folder, or anybody's JSONL.",
    "compare": "Paired differences of two models on the same inputs, with intervals and corrected p-values.",
    "gap": "What a model loses out of distribution, and whether another one loses more.",
    "distance": "How far out of distribution a split is: what its prompts are about, and their wording.",
    "plan": "How many prompts and samples a run needs to see a difference, from a pilot run.",
    "report": "Show runs side by side: terminal table, Markdown, figure.",
    "tasks": "List the tasks, their splits, and the suites.",
    "metrics": "List the metrics and their settings.",
    "doctor": "Say what is installed, what is missing, and the command that brings it.",
}


class _Lazy(click.Group):
    """A group that imports a command's module when that command is called, so that `--help` stays light."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            raise click.UsageError(f"no command is called {cmd_name!r}: {nearest(cmd_name, COMMANDS)}", ctx)
        return cast(click.Command, importlib.import_module(f".{cmd_name}", __package__).command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gendiv")
def gendiv() -> None:
    """How well does a fine-tuned language model hold up out of distribution, and what variety did the tuning cost?"""
