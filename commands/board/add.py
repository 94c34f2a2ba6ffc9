"""`gendiv board add`: runs, packed as submissions."""

from pathlib import Path
from typing import Any

import click

from ...errors import BadInput
from ..options import json_option, note, print_json


@click.command("add")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN...")
@click.option("--to", "root", required=True, type=click.Path(path_type=Path), metavar="ROOT", help="The repository.")
@click.option("--model", metavar="NAME", help="What tables call the model. [default: the run's label]")
@click.option("--revision", metavar="NAME", help="Of the model. [default: 12 characters of its commit or fingerprint]")
@click.option("--suite", metavar="NAME", help="[default: the run's suite, or its tasks]")
@click.option("--family", metavar="NAME", help="Such as llama-3; models of one are shown alike.")
@click.option("--tuning", metavar="NAME", help="Such as sft, ppo, dpo, best-of-n.")
@click.option("--base", metavar="NAME", help="The model that the tuning began with.")
@click.option("--licence", metavar="NAME", help="Of the model.")
@click.option("--link", metavar="URL", help="https address of more about the model.")
@click.option(
    "--without-prompts", is_flag=True, help="Leave the prompts out, where their licence forbids to copy them."
)
@click.option("--without-sums", is_flag=True, help="Leave out what the map of models is drawn from.")
@click.option("--replace", is_flag=True, help="Put it in the place of another submission.")
@json_option
def command(
    runs: tuple[Path, ...],
    root: Path,
    without_prompts: bool,
    without_sums: bool,
    replace: bool,
    as_json: bool,
    **about: Any,  # noqa: ANN401  the options that make the card
) -> None:
    """Pack complete, scored RUNs as ROOT/MODEL/REVISION/SUITE of a results repository.

    The record names the model as it was given and the machine that drew; both become public with the repository.
    """
    from ...leaderboard.submissions.packing import About, add_run

    if len(runs) > 1 and (about["model"] or about["revision"]):
        raise BadInput("--model and --revision name one model's submission; add other runs by themselves")
    added = [
        add_run(
            run, root, About(**about), prompts=not without_prompts, sums=not without_sums, replace=replace, tell=note
        )
        for run in runs
    ]
    for remark in dict.fromkeys(remark for one in added for remark in one.remarks):
        note(remark)
    if as_json:
        rows = [{"folder": str(one.folder), "new": one.new, "remarks": list(one.remarks)} for one in added]
        print_json({"schema": 1, "added": rows})
    else:
        for one in added:
            click.echo(f"{'added' if one.new else 'there already:'} {one.folder}")
