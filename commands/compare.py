"""`gendiv compare`: how a model differs from others on the same inputs, and which differences are shown."""

from pathlib import Path
from typing import Any

import click

from ..benchmark.progress import Telling
from ..leaderboard.comparison import Comparison
from .options import json_option, metric_options, metric_specs, note, print_json


@click.command("compare")
@click.argument("first", type=click.Path(path_type=Path), metavar="A")
@click.argument("others", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="B...")
@metric_options("[default: of scored runs all that have scores, else those that need no model]")
@click.option(
    "--diversity", default="ead", show_default=True, metavar="NAME", help="Horizontal axis of the picture, per input."
)
@click.option("--quality", metavar="NAME", help="Vertical axis. [default: the first that the scores of A hold]")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Write comparison.md, .tex, .json, the picture there."
)
@click.option("--markdown", is_flag=True, help="Print Markdown in place of the terminal table.")
@click.option("--latex", is_flag=True, help="Print LaTeX tables (package booktabs) in place of the terminal table.")
@json_option
def command(
    first: Path,
    others: tuple[Path, ...],
    diversity: str,
    quality: str | None,
    out: Path | None,
    markdown: bool,
    latex: bool,
    as_json: bool,
    **given: Any,  # noqa: ANN401
) -> None:
    """Compare A with each of B..., run folders or files of samples: paired differences, A minus the other.

    Inputs are paired by id. Each difference has its 95% interval, a p-value after Holm's correction for all differences
    of the comparison, and a verdict on A: better, worse, no difference shown, not comparable. Differences of
    generalisation gaps follow where the runs have splits in and out of distribution.
    """
    with Telling() as progress:
        comparison = Comparison.of(
            [first, *others],
            metric_specs(given),
            diversity=diversity,
            quality=quality,
            sbert_model=given["sbert_model"],
            nli_model=given["nli_model"],
            tell=progress.note,
        )
    if out is not None:
        for path in comparison.write(out):
            note(f"wrote {path}")
        if comparison.no_picture:
            note(comparison.no_picture)
    if as_json:
        print_json(comparison.to_json())
    elif markdown:
        click.echo(comparison.to_markdown(), nl=False)
    elif latex:
        click.echo(comparison.to_latex(), nl=False)
    else:
        comparison.print()
