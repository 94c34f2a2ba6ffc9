"""`gendiv board`: a results repository, from runs to a site; a file for each step."""

from collections.abc import Mapping
from typing import Final

import click

from ..lazy import Lazy

STEPS: Final[Mapping[str, str]] = {
    "add": "Pack runs as submissions into a results repository.",
    "check": "Hold submissions against their files, their samples, each other; say which numbers can be trusted.",
    "rescore": "Compute the scores of submissions anew from their samples, and show what moved.",
    "build": "Write the site: static pages that need no server and no network.",
}


@click.group("board", cls=Lazy, package=__package__, listed=STEPS)
def command() -> None:
    """Publish a leaderboard from a folder of submissions that nobody can raise by editing a file."""
