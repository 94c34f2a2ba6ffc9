"""`gendiv check`: regression checks on a model, for those without pytest."""

from pathlib import Path

import click

from ..benchmark.gating.gate import Gate
from ..benchmark.gating.settings import FILE, from_here, make_settings, read_settings
from ..benchmark.progress import Telling
from ..leaderboard.findings import print_findings
from .options import json_option, print_json


@click.command("check")
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
@click.option("--candidate", metavar="RUN_OR_SPEC", help="A run folder; or a model, drawn from as the baseline was.")
@click.option("--baseline", metavar="RUN", help="The run folder that it is held against.")
@click.option("--check", "checks", multiple=True, metavar="LINE", help="Such as 'per_input.ead: drop <= 0.03'.")
@click.option("--out", metavar="DIR", help="For samples of a candidate that is a model. [default: under runs/]")
@click.option("--inconclusive", metavar="fail|skip|pass", help="What counts where more prompts would decide. [fail]")
@click.option("--confidence", type=float, metavar="SHARE", help="Of each one-sided bound. [default: 0.95]")
@click.option("--undefined", type=float, metavar="SHARE", help="Of prompts that may have no value. [default: 0]")
@json_option
def command(file: Path | None, checks: tuple[str, ...], as_json: bool, **given: str | float | None) -> None:
    """Hold a model against checks: of FILE [default: gendiv.toml, if it is here], or of the options.

    Options stand in the place of what FILE says. Each check passes, fails, or is not decided yet; the command ends with
    code 1 if one fails.
    """
    override = {**given, "checks": list(checks) or None}
    path = file or (Path(FILE) if Path(FILE).exists() else None)
    with Telling() as progress:
        if path is None:
            gate = Gate(make_settings(from_here(override), Path.cwd(), "options"), progress=progress)
        else:
            gate = Gate(read_settings(path, override), progress=progress)
        found = gate.answers()
    counted = [gate.counts_as(finding) for finding in found]
    if as_json:
        rows = [{**one.to_json(), "counts_as": count} for one, count in zip(found, counted, strict=True)]
        print_json({"schema": 1, "passed": "fail" not in counted, "checks": rows})
    else:
        print_findings(found, counted)
    if "fail" in counted:
        raise SystemExit(1)
