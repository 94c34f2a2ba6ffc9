"""A group of commands that loads a command's module when that command is called, so that `--help` stays light."""

import importlib
import keyword
from collections.abc import Mapping
from typing import Any, cast

import click

from ..naming import nearest


class Lazy(click.Group):
    """A group whose commands are modules of a package, each with a click command named `command`.

    Args:
        package: where the modules are; a command's hyphens are underscores in the name of its module, and
            one follows a word of Python's own, such as `import`.
        listed: what each command does, in the order of `--help`.
        **settings: of click's group.
    """

    def __init__(self, *, package: str, listed: Mapping[str, str], **settings: Any) -> None:  # noqa: ANN401  click's own
        super().__init__(**settings)
        self._package = package
        self._listed = listed

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the names in the order of `--help`."""
        return list(self._listed)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command, or offer the nearest name."""
        if cmd_name not in self._listed:
            raise click.UsageError(f"no command is called {cmd_name!r}: {nearest(cmd_name, self._listed)}", ctx)
        name = cmd_name.replace("-", "_") + "_" * keyword.iskeyword(cmd_name)
        module = importlib.import_module(f".{name}", self._package)
        return cast(click.Command, module.command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List what the commands do, without loading one."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._listed.items()))
