"""`gendiv push`: a run, on the Hugging Face hub."""

from pathlib import Path

import click

from ..leaderboard.push import Push, Pushed, plan_push, push
from .options import json_option, note, print_json


@click.command("push")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.option("--to", required=True, metavar="ORG/NAME", help="The data set repository, made if it is not there.")
@click.option("--yes", is_flag=True, help="Send it. Without this, say what would be sent, and stop.")
@click.option("--private", is_flag=True, help="Make the repository a private one, if it has to be made.")
@click.option("--with-prompts", is_flag=True, help="Send prompts and references too, if their licence allows it.")
@click.option("--model-repo", metavar="ORG/MODEL", help="Offer the results to a model's repository, by a pull request.")
@click.option("--benchmark", metavar="ORG/NAME", help="With --model-repo: the data set whose leaderboard they are for.")
@json_option
def command(
    run: Path,
    to: str,
    yes: bool,
    private: bool,
    with_prompts: bool,
    model_repo: str | None,
    benchmark: str | None,
    as_json: bool,
) -> None:
    """Upload RUN to the Hugging Face hub as a data set; without --yes, say what would be public, and send nothing.

    The token is that of `hf auth login`, or HF_TOKEN. It is neither printed nor stored.
    """
    plan = plan_push(run, to, private=private, with_prompts=with_prompts, model=model_repo, benchmark=benchmark)
    pushed = push(plan) if yes else None
    if as_json:
        print_json(_to_json(plan, pushed))
    elif pushed is None:
        click.echo("\n".join(_told(plan)))
        note("nothing was sent; the same command with --yes sends it")
    else:
        click.echo(f"pushed {len(plan.files)} files: {pushed.commit}")
        if pushed.pull_request:
            click.echo(f"opened a pull request: {pushed.pull_request}")


def _told(plan: Push) -> list[str]:
    width = max(len(file.name) for file in plan.files)
    seen = "private" if plan.private else "public"
    lines = [f"to {plan.address}, {seen} if it is made now; files of these names are replaced:"]
    lines += [f"  {file.name:<{width}}  {_size(file.size):>10}" for file in plan.files]
    lines.append(f"  {'in all':<{width}}  {_size(sum(file.size for file in plan.files)):>10}")
    if plan.kept:
        lines.append(f"not sent without --with-prompts: {', '.join(plan.kept)}")
    lines.append("licence of each split's data:")
    lines += [f"  {split}: {licence}" for split, licence in plan.licences.items()]
    lines += [f"public with it: {remark}" for remark in plan.remarks()]
    if offered := plan.results():
        lines.append(f"to {plan.model}, as a pull request:")
        lines.append(f"  {offered.name}  {_size(offered.size)}")
    return lines


def _size(count: int) -> str:
    return f"{count} B" if count < 1000 else f"{count / 1000:.1f} kB" if count < 10**6 else f"{count / 10**6:.1f} MB"


def _to_json(plan: Push, pushed: Pushed | None) -> dict[str, object]:
    offered = plan.results()
    return {
        "schema": 1,
        "sent": pushed is not None,
        "to": plan.to,
        "private": plan.private,
        "files": [{"name": file.name, "bytes": file.size} for file in plan.files],
        "kept": list(plan.kept),
        "licences": dict(plan.licences),
        "public_with_it": plan.remarks(),
        "model_repo": plan.model,
        "pull_request_file": offered.name if offered else None,
        "commit": pushed.commit if pushed else None,
        "pull_request": pushed.pull_request if pushed else None,
    }
