"""`gendiv board build`: a results repository as a site."""

from pathlib import Path
from typing import Final

import click

from ..options import json_option, note, print_json

MOST: Final = 20
"""Lines about submissions that are printed."""


@click.command("build")
@click.argument("root", type=click.Path(path_type=Path), metavar="ROOT")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="SITE", help="Folder; a site there is replaced."
)
@click.option(
    "--checks",
    "checks_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What `gendiv board check --out` wrote; without it every number is shown as self-reported.",
)
@click.option("--title", default="gendiv board", show_default=True, metavar="TEXT", help="Heading of the site.")
@json_option
def command(root: Path, out: Path, checks_file: Path | None, title: str, as_json: bool) -> None:
    """Write the site of the results repository ROOT: a folder of static pages that need no server and no network.

    What cannot be read is left out and listed on a page of the site, with the reasons.
    """
    from ...leaderboard.site.build import build_repository

    built = build_repository(root, out, checks_file, title)
    if as_json:
        print_json(
            {
                "schema": 1,
                "index": str(built.index),
                "models": built.models,
                "refused": {name: list(reasons) for name, reasons in built.refused.items()},
                "remarks": [{"submission": name, "reason": reason} for name, reason in built.remarks],
            }
        )
        return
    click.echo(f"wrote the site of {built.models} {'submission' if built.models == 1 else 'submissions'} to {out}")
    click.echo(f"open {built.index} in a browser, or put the folder on any static host")
    lines = [f"left out: {name}: {'; '.join(reasons)}" for name, reasons in built.refused.items()]
    lines += [f"not shown: {name}: {reason}" for name, reason in built.remarks]
    for line in lines[:MOST]:
        note(line)
    if lines[MOST:]:
        note(f"and {len(lines) - MOST} more, all of them on {out / 'refused.html'}")
