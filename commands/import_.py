"""`gendiv import`: a run folder of anybody's samples."""

from pathlib import Path
from typing import Any

import click

from ..benchmark.choosing import MODEL_FREE_METRICS, choose_metrics
from ..benchmark.formats import FORMATS
from ..benchmark.formats.row import Bad
from ..benchmark.importing import Stated, import_samples
from ..benchmark.progress import Telling
from ..benchmark.selecting import Selection
from ..leaderboard.report import Report
from .options import (
    decoding_of,
    decoding_options,
    json_option,
    metric_options,
    metric_specs,
    note,
    print_json,
    selection_options,
)


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--model", required=True, metavar="NAME", help="What drew the samples, as you state it.")
@click.option("--revision", metavar="NAME", help="Which state of the model.")
@click.option("--label", metavar="NAME", help="What tables call the model; its name unless given.")
@click.option(
    "--split",
    "splits",
    multiple=True,
    required=True,
    metavar="TASK/SPLIT",
    help="Of gendiv's (see `gendiv tasks`), or of your own, which --shift and --format describe. Several take one FILE "
    "each, in order.",
)
@click.option(
    "--shift",
    "shifts",
    multiple=True,
    type=click.Choice(["id", "near", "far"]),
    help="Of a split of your own; once for each of them.",
)
@click.option(
    "--kind", type=click.Choice(["instruction", "post", "article"]), help="What prompts of your own are about."
)
@click.option(
    "--format",
    type=click.Choice(["chat", "raw"]),
    help="How prompts were put; of a split of gendiv's, the one in which the rows have them unless given.",
)
@click.option("-n", "prompts", type=int, metavar="PROMPTS", help="Of splits of gendiv's, take the first so many.")
@selection_options
@click.option(
    "-k",
    "samples",
    type=int,
    metavar="SAMPLES",
    help="Take the first so many of each row; all unless given, as many in every row.",
)
@decoding_options
@metric_options(f"[default: {','.join(MODEL_FREE_METRICS['corrected'])}]")
@click.option("--file-format", type=click.Choice(list(FORMATS)), help="Of the files; each tells unless given.")
@click.option("--skip-bad", is_flag=True, help="Leave bad rows out and count them; else the first one stops.")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="RUN", help="The run folder to make.")
@json_option
def command(files: tuple[Path, ...], out: Path, as_json: bool, skip_bad: bool, **given: Any) -> None:  # noqa: ANN401
    """Make a scored run folder of FILE: report, compare, gap and board take it like one that `gendiv run` drew.

    Files are those that `gendiv score` reads. The record keeps what you state, and that it is stated: nothing shows
    that this model drew these samples. Without a decoding option it says that the decoding is unknown; with one, those
    that are not given are the defaults below and the task's own, so give all that differ.
    """
    bad = Bad(skip=skip_bad)
    stated = Stated(
        model=given["model"],
        revision=given["revision"],
        label=given["label"],
        shift=given["shifts"],
        kind=given["kind"],
        format=given["format"],
        decoding=decoding_of(given) or None,
        selection=Selection.of(given["select"], given["select_seed"]),
    )
    metrics = choose_metrics(metric_specs(given), sbert_model=given["sbert_model"], nli_model=given["nli_model"])
    with Telling() as progress:
        run = import_samples(
            files,
            out,
            stated,
            given["splits"],
            prompts=given["prompts"],
            samples=given["samples"],
            metrics=metrics,
            file_format=given["file_format"],
            bad=bad,
            progress=progress,
        )
    if bad.count:
        note(str(bad))
    report = Report.of([run])
    if as_json:
        print_json(report.to_json())
    else:
        report.print()
        click.echo(f"\n{out} holds the samples and scores; show it again with: gendiv report {out}")
