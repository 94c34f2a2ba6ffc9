"""`gendiv best-of-n`: what choosing by a reward model would be worth, from samples that are there already."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ..benchmark.progress import Telling
from ..benchmark.record import read_run
from ..benchmark.rewarding.curve import best_of_curve, sizes_up_to, stored_reward, write_best_of
from ..benchmark.rewarding.grading import grade_runs
from ..benchmark.rewarding.open import open_reward
from ..errors import BadInput
from ..leaderboard.curve import print_curve
from .options import json_option, note, print_json
from .reward import SPEC
from .reward_options import chosen_reward_options, refuse_reward_options, reward_options


@click.command("best-of-n")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@reward_options(f"{SPEC} Unless given, the one that graded RUN.")
@click.option("-n", "n", type=int, metavar="N", help="The most samples that compete; all of a prompt's unless given.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Write samples drawn as the best of N there."
)
@click.option(
    "-k",
    "samples",
    type=int,
    metavar="SAMPLES",
    help="With --out: samples for each prompt; as many as RUN has unless given.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="With --out: of the drawing.")
@json_option
def command(run: Path, reward: str | None, as_json: bool, **given: Any) -> None:  # noqa: ANN401  click's hand-over
    """Say what the best of 1, 2, 4, ... N of RUN's samples is worth, without drawing anything.

    The expected reward is in closed form, over all ways to draw n of a prompt's K samples. Samples that have no score
    yet are scored first. With --out, DIR receives a file TASK/SPLIT.jsonl for each split, to be scored like anybody's
    samples:

        gendiv best-of-n runs/A --reward hf:REWARD -n 4 --out best
        gendiv score best/TASK/SPLIT.jsonl

    Samples drawn so overlap, the more the nearer N is to K, which biases their diversity downwards: draw K much larger
    than N, or draw afresh with `gendiv run --best-of N`.
    """
    n, samples, out = given["n"], given["samples"], given["out"]
    most = read_run(run).samples_per_prompt
    n = most if n is None else n
    if not 1 <= n <= most:
        raise BadInput(f"-n: {run} holds {most} samples a prompt; wanted 1 to {most}, found {n}")
    if samples is not None and (samples < 1 or out is None):
        raise BadInput(f"-k: wanted at least 1 sample a prompt, with --out, found {samples}")
    with Telling() as progress:
        if reward is None:
            refuse_reward_options(given, "pass --reward SPEC")
            metric = stored_reward(run)
        else:
            model = open_reward(reward, chosen_reward_options(given, progress.note))
            graded = grade_runs([run], model, progress)
            metric = graded.metric
            for line in graded.remarks():
                note(line)
    points = best_of_curve(run, metric, sizes_up_to(n))
    files = write_best_of(run, metric, n, out, samples=samples or most, seed=given["seed"]) if out else []
    for path in files:
        note(f"wrote {path}")
    if as_json:
        curve = {"schema": 1, "run": str(run), "reward": metric.signature, "curve": list(map(asdict, points))}
        print_json({**curve, "files": list(map(str, files))})
    else:
        print_curve(points, metric.model)
