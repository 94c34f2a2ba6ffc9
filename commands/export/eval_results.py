"""`gendiv export eval-results`: a run's scores as the hub shows them."""

from pathlib import Path

import click

from ...leaderboard.exports.eval_results import Source, export_eval_results
from ..options import json_option, note, print_json


@click.command("eval-results")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--benchmark", required=True, metavar="ORG/NAME", help="The hub's data set whose leaderboard the results are for."
)
@click.option("--source-url", metavar="URL", help="Where a reader can check the results, such as the run's samples.")
@click.option("--source-name", metavar="NAME", help="What the link to it is called.")
@json_option
def command(
    run: Path, folder: Path, benchmark: str, source_url: str | None, source_name: str | None, as_json: bool
) -> None:
    """Write the scores of RUN as DIR/.eval_results/*.yaml, the form in which the hub takes them from a model's repo.

    `gendiv push RUN --model-repo ORG/MODEL` opens the pull request that adds the file.
    """
    if source_name and not source_url:
        raise click.UsageError("--source-name is the name of --source-url, which is missing")
    source = Source(source_url, source_name) if source_url else None
    path, count = export_eval_results(run, folder, benchmark=benchmark, source=source)
    if as_json:
        print_json({"schema": 1, "file": str(path), "results": count})
        return
    click.echo(f"wrote {path}")
    note(f"{count} results; the hub shows those whose task_id the eval.yaml of {benchmark} lists")
