"""The command line: finds the command, runs it, and turns every expected error into one line and an exit code."""

import asyncio
import signal
import sys
from collections.abc import Sequence

import click

from .commands import gendiv
from .errors import GendivError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 fine, 1 a check failed, 2 bad input or usage, 128 + n signal n."""
    try:
        code = gendiv.main(args=arguments, prog_name="gendiv", standalone_mode=False)
    except GendivError as error:
        return _fail(str(error), 2)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "gendiv"
        if error.format_message().startswith("Usage: "):  # a group without a command: what there is, whole
            print(error.format_message(), file=sys.stderr)  # noqa: T201  the command line's own output
            return 2
        return _fail(f"{error.format_message()} (see {command} --help)", 2, command)
    except click.ClickException as error:
        return _fail(error.format_message(), 2)
    except (KeyboardInterrupt, click.Abort):
        return _fail("interrupted; what was finished is kept, and the same command goes on", 128 + signal.SIGINT)
    except asyncio.CancelledError:
        return _fail("terminated; what was finished is kept, and the same command goes on", 128 + signal.SIGTERM)
    except BrokenPipeError:  # whoever read standard output has had enough
        sys.stderr.close()
        return 128 + signal.SIGPIPE
    return code if isinstance(code, int) else 0


def _fail(message: str, code: int, who: str = "gendiv") -> int:
    print(f"{who}: {message}", file=sys.stderr)  # noqa: T201  the command line's own output
    return code


if __name__ == "__main__":
    sys.exit(main())
