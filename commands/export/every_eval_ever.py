"""`gendiv export every-eval-ever`: a run as Every Eval Ever has it."""

from pathlib import Path
from typing import get_args

import click

from ...leaderboard.exports.every_eval_ever import Publisher, Relationship, export_every_eval_ever
from ..options import json_option, note, print_json


@click.command("every-eval-ever")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--model-id", metavar="ORG/NAME", help="The model on the hub; needed for folders, adapters and addresses."
)
@click.option("--organisation", default="not stated", show_default=True, help="Who provides these results.")
@click.option(
    "--relationship",
    type=click.Choice(list(get_args(Relationship))),
    default="other",
    show_default=True,
    help="Of who ran the evaluation to who made the model.",
)
@click.option("--without-samples", is_flag=True, help="Scores alone; else prompts, references and samples go along.")
@json_option
def command(
    run: Path,
    folder: Path,
    model_id: str | None,
    organisation: str,
    relationship: Relationship,
    without_samples: bool,
    as_json: bool,
) -> None:
    """Write the scores and samples of RUN below DIR/data/gendiv, as the Every Eval Ever datastore holds them."""
    files = export_every_eval_ever(
        run,
        folder,
        model=model_id,
        publisher=Publisher(organisation, relationship),
        samples=not without_samples,
        tell=note,
    )
    if as_json:
        print_json({"schema": 1, "files": list(map(str, files))})
        return
    for path in files:
        click.echo(f"wrote {path}")
