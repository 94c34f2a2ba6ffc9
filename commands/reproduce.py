"""`gendiv reproduce`: train the paper's models at a scale, evaluate them, and say which claims hold there."""

import shlex
from pathlib import Path

import click

from ..benchmark.progress import Telling
from ..benchmark.reproduce.cost import costs
from ..benchmark.reproduce.reproducing import Reproduction, default_folder
from ..benchmark.reproduce.scale import SCALES
from ..leaderboard.reproduction import print_costs, print_findings, write_findings
from .options import json_option, note, print_json


@click.command("reproduce")
@click.option("--scale", default="mini", show_default=True, metavar="NAME", help=f"{', '.join(SCALES)}.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="[default: runs/reproduce-SCALE]")
@click.option("--seeds", type=int, metavar="N", help="Train everything so many times; the scale's own unless given.")
@click.option(
    "--sweep",
    "sweeps",
    metavar="kl,temperature",
    default="",
    help="Train at other KL coefficients too (claim C6), or sample at other temperatures: is it just temperature?",
)
@click.option("--base", metavar="MODEL", help="opt and llama: another model to begin with, a hub id or a folder.")
@click.option("--judge", metavar="SPEC", help="opt and llama: the judge that says how good a summary is.")
@click.option(
    "--workers", type=click.IntRange(1), metavar="N", help="Steps at a time. [default: one a core, or 1 on a GPU]"
)
@click.option("--plan", "plan_only", is_flag=True, help="Print the commands, and what they cost, and do nothing.")
@json_option
def command(
    scale: str,
    out: Path | None,
    seeds: int | None,
    sweeps: str,
    base: str | None,
    judge: str | None,
    workers: int | None,
    plan_only: bool,
    as_json: bool,
) -> None:
    """Train SFT, reward model and PPO, draw from them and from best of N, and hold the claims C1 to C6 against it.

    At scale mini all of it happens on a CPU without a network: models from nothing, in a small world whose rewards are
    exact. opt and llama are the paper's data, models and settings, for GPUs. Every step is a gendiv command that
    --plan prints; the same reproduce command goes on where it was.
    """
    asked = Reproduction.of(
        scale,
        out or default_folder(scale),
        seeds=seeds,
        sweeps=[name.strip() for name in sweeps.split(",") if name.strip()],
        judge=judge,
        base=base,
    )
    if plan_only:
        found = costs(asked.scale, len(asked.seeds), asked.sweeps)
        if as_json:
            steps = [{"name": step.name, "needs": step.needs, "arguments": step.arguments} for step in asked.steps]
            print_json({"schema": 1, "scale": scale, "steps": steps, "costs": [cost.to_json() for cost in found]})
            return
        for step in asked.steps:
            click.echo(shlex.join(["gendiv", *step.arguments]))
        print_costs(found)
        return
    with Telling() as progress:
        findings = asked.run(progress, workers)
    files = write_findings(findings, asked.folder, asked.seconds())
    if as_json:
        print_json(findings.to_json())
        return
    print_findings(findings)
    for path in files:
        note(f"wrote {path}")
