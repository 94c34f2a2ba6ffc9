"""`gendiv board check`: which submissions of a results repository are refused, how far the others can be trusted."""

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..options import json_option, note, print_json

if TYPE_CHECKING:
    from ...leaderboard.submissions.standing import Checks


@click.command("check")
@click.argument("root", type=click.Path(path_type=Path), metavar="ROOT")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The ledger: what was found. One that is there is gone on with; keep it where no submitter can change it.",
)
@click.option("--fresh", is_flag=True, help="Compute again what the ledger knows.")
@json_option
def command(root: Path, out: Path | None, fresh: bool, as_json: bool) -> None:
    """Check every submission of the results repository ROOT; exit 1 if one is refused.

    Files are held against their hashes, samples against the run's record, prompts against the data set, scores against
    the samples, submissions against each other. No code of a submission is run and no model that it names is loaded.
    """
    from ...benchmark.store import make_folder, write_whole
    from ...leaderboard.submissions.checking import check_repository, read_checks

    earlier = read_checks(out) if out is not None and out.exists() else None
    checks = check_repository(root, earlier, fresh=fresh, tell=note)
    if out is not None:
        make_folder(out.parent)
        write_whole(out, checks.model_dump_json(indent=2, by_alias=True) + "\n")
    if as_json:
        print_json(checks.model_dump(mode="json", by_alias=True))
    else:
        click.echo("\n".join(_told(checks)))
    if checks.refused:
        sys.exit(1)


def _told(checks: "Checks") -> list[str]:
    lines = []
    for one in checks.verified:
        counts = Counter(one.standings.values())
        told = ", ".join(f"{counts[standing]} {standing.replace('_', '-')}" for standing in sorted(counts))
        lines.append(f"ok       {one.submission}: {told or 'no results'}")
        lines += [f"         - {remark}" for remark in one.remarks]
    for refused in checks.refused:
        lines.append(f"refused  {refused.submission}")
        lines += [f"         - {reason}" for reason in refused.reasons]
    return [*lines, f"{len(checks.verified)} in order, {len(checks.refused)} refused"]
