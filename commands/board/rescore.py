"""`gendiv board rescore`: scores of submissions computed anew, and what moved."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...benchmark.signatures import Signature
from ...leaderboard.levels import LEVELS
from ..options import json_option, metric_options, metric_specs, note, print_json

if TYPE_CHECKING:
    from ...leaderboard.submissions.rescoring import Moved, Rescoring


@click.command("rescore")
@click.argument("root", type=click.Path(path_type=Path), metavar="ROOT")
@metric_options("Computed beside those that a submission has and that need no model.")
@click.option("--write", is_flag=True, help="Replace scores.json where something moved; else what would move is shown.")
@json_option
def command(root: Path, write: bool, as_json: bool, **given: Any) -> None:  # noqa: ANN401  click's hand-over
    """Compute the scores of every submission in ROOT anew from its samples, by the metrics installed here.

    Shown is what moved, largest first: old and new value, version or settings. A submission that is broken is told of
    and left as it is. After --write, `gendiv board check` verifies the new scores.
    """
    from ...benchmark.choosing import choose_metrics
    from ...leaderboard.submissions.rescoring import rescore_repository

    metrics = choose_metrics(metric_specs(given), sbert_model=given["sbert_model"], nli_model=given["nli_model"])
    found = rescore_repository(root, metrics, write=write, tell=note)
    if as_json:
        print_json(found.to_json())
    else:
        click.echo("\n".join(_told(found, write)))


def _told(found: "Rescoring", write: bool) -> list[str]:
    moved = found.moved
    lines = [
        f"{one.submission}  {one.split}  {one.metric} {LEVELS[one.level]}: "
        f"{_shown(one.old)} -> {_shown(one.new)}{_why(one)}"
        for one in moved
    ]
    remarks: dict[str, list[str]] = {}
    for done in found.rescored:
        for line in done.remarks:
            remarks.setdefault(line, []).append(done.submission.name)
    for line, names in remarks.items():
        lines.append(f"{line} ({names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''})")
    lines += [f"broken, left as it is: {one.submission}: {'; '.join(one.reasons)}" for one in found.broken]
    stood = sum(one.stood for one in found.rescored)
    changed = sum(bool(one.moved) for one in found.rescored)
    if not moved:
        return [*lines, f"nothing moved: {stood} results of {len(found.rescored)} submissions are as they were"]
    if write:
        return [*lines, f"{len(moved)} results moved, {stood} stand; {changed} submissions written: check them again"]
    return [*lines, f"{len(moved)} results would move, {stood} stand; --write replaces them in {changed} submissions"]


def _shown(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"


def _why(one: "Moved") -> str:
    """Return what of the two signatures differs: the version, or more, or nothing."""
    if one.old_signature is None:
        return f" (new: {one.new_signature})"
    if one.old_signature == one.new_signature:
        return ""
    old, new = Signature.of(one.old_signature), Signature.of(one.new_signature)
    if old.version != new.version:
        return f" (version {old.version} -> {new.version})"
    return f" ({one.old_signature} -> {one.new_signature})"
