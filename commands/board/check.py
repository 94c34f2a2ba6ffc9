"""`gendiv board check`: which submissions of a results repository are refused, how far the others can be trusted."""

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..options import json_option, note, print_json

if TYPE_CHECKING:
    from ...leaderboard.submissions.checking import Regenerate
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
@click.option(
    "--regenerate",
    "again",
    multiple=True,
    metavar="NAME=SPEC",
    help="Draw a share of the samples of NAME (a model, or MODEL/REVISION/SUITE) again from vllm:..., openai:... or "
    "hf:...; may be given several times.",
)
@click.option("--regenerate-seed", type=int, metavar="SEED", help="Chooses which samples. [default: random, printed]")
@click.option(
    "--regenerate-share", type=float, default=0.01, show_default=True, help="Of each split's prompts, 3 at least."
)
@json_option
def command(root: Path, out: Path | None, fresh: bool, as_json: bool, **given: Any) -> None:  # noqa: ANN401
    """Check every submission of the results repository ROOT; exit 1 if one is refused.

    Files are held against their hashes, samples against the run's record, prompts against the data set, scores against
    the samples, submissions against each other. No code of a submission is run and no model that it names is loaded;
    --regenerate loads those that you name.
    """
    from ...benchmark.store import make_folder, write_whole
    from ...leaderboard.submissions.checking import check_repository, read_checks

    earlier = read_checks(out) if out is not None and out.exists() else None
    checks = check_repository(root, earlier, fresh=fresh, regenerate=_regenerate(root, given), tell=note)
    if out is not None:
        make_folder(out.parent)
        write_whole(out, checks.model_dump_json(indent=2, by_alias=True) + "\n")
    if as_json:
        print_json(checks.model_dump(mode="json", by_alias=True))
    else:
        click.echo("\n".join(_told(checks)))
    if checks.refused:
        sys.exit(1)


def _regenerate(root: Path, given: dict[str, Any]) -> "Regenerate":
    """Return what draws samples again, by the options.

    Raises:
        BadInput: one is not NAME=SPEC, or no submission has the name.
    """
    from ...leaderboard.submissions.regenerating import named, regenerating

    specs = named(given["again"], root)
    if not specs:
        return lambda submission: None
    return regenerating(specs, seed=given["regenerate_seed"], share=given["regenerate_share"], tell=note)


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
