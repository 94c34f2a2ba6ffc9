"""`gendiv quickstart`: a real model, a real server, real prompts, a table and a figure, in a few minutes on a CPU."""

import shlex
from pathlib import Path

import click

from ..benchmark.open import open_source
from ..benchmark.plan import make_plan
from ..benchmark.progress import Telling
from ..benchmark.run import Job, run_jobs
from ..benchmark.smollm2 import NAME, smollm2_checkpoint
from ..benchmark.sources.source import SourceOptions
from ..leaderboard.report import Report
from .options import json_option, note, print_json

TEMPERATURES = (0.7, 1.0)


@click.command("quickstart")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("runs/quickstart"), show_default=True, metavar="DIR"
)
@click.option(
    "-n", "prompts", type=int, default=16, show_default=True, metavar="PROMPTS", help="The first so many of each split."
)
@click.option(
    "-k", "samples", type=int, default=4, show_default=True, metavar="SAMPLES", help="Samples for each prompt."
)
@json_option
def command(out: Path, prompts: int, samples: int, as_json: bool) -> None:
    """Serve SmolLM2-135M-Instruct with vLLM, run the suite mini at two temperatures, and report.

    Needs no GPU, no hub and no key. DIR receives a run folder for each temperature, report.md and the
    figures; given again, the command goes on where it was, and a larger -n (up to 32) or -k adds to what is there.
    """
    jobs = [
        Job(
            make_plan(suite="mini", prompts=prompts, samples=samples, decoding={"temperature": temperature}),
            out / f"temperature-{temperature}",
        )
        for temperature in TEMPERATURES
    ]
    with Telling() as progress:
        checkpoint = smollm2_checkpoint(progress.note)
        source = open_source(
            f"vllm:{checkpoint}", SourceOptions(log=progress.note, server_args=("--max-model-len", "2048"))
        )
        report = Report.of(run_jobs(jobs, source, progress=progress))
    files = report.write(out)
    if as_json:
        print_json(report.to_json())
        return
    report.print()
    for path in files:
        note(f"wrote {path}")
    click.echo(_next_commands(checkpoint, jobs))


def _next_commands(checkpoint: Path, jobs: list[Job]) -> str:
    first = shlex.quote(str(jobs[0].folder))
    return "\n".join(
        [
            "\nNext:",
            f"  gendiv score {first} --metrics ead:n=2,distinct:n=1      # other metrics on the same samples",
            f"  gendiv run --model vllm:{shlex.quote(str(checkpoint))} --task mini-instructions/sequential --top-p 0.9"
            f"      # {NAME} once more, your settings",
            "  gendiv run --model vllm:YOUR/CHECKPOINT --suite mini      # your own model, to report beside this one",
        ]
    )
