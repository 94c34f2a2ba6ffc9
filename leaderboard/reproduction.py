"""The report of a reproduction: which claims hold, the numbers behind them, sweeps; terminal, Markdown, figures."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..benchmark.reproduce.claims import Claim, Part
from ..benchmark.reproduce.cost import Cost
from ..benchmark.reproduce.findings import Findings
from ..benchmark.reproduce.step import LABELS, POLICIES
from ..benchmark.reproduce.sweeps import Match, Point
from ..benchmark.store import make_folder, write_whole
from .markdown import table
from .reproduction_figures import save_policies, save_sweep
from .table import plain_table, signed_cell, value_cell

HEADS = ("claim", "what it says", "verdict")


def print_findings(findings: Findings) -> None:
    """Print the claims, each with the differences that decide on it."""
    from rich.console import Console

    console = Console()
    console.print(plain_table(_title(findings), HEADS, _claim_rows(findings)))
    rows = [(claim.name, *_part_row(part)) for claim in findings.claims for part in claim.parts if part.decides]
    console.print(plain_table("what decides (95% intervals)", ("claim", *PART_HEADS), rows))
    for line in map(match_line, findings.matches):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def write_findings(findings: Findings, folder: Path, seconds: float | None = None) -> list[Path]:
    """Write report.md, report.json and the figures into a folder, and return their paths.

    Args:
        findings: of the reproduction.
        folder: made if missing.
        seconds: what its steps took together, if that is to be said.

    Raises:
        StoreFailed: something cannot be written.
    """
    make_folder(folder)
    figures = [folder / "policies.png"]
    save_policies(findings, figures[0])
    for name, curves in _curves(findings):
        figures.append(folder / f"{name}.png")
        save_sweep(curves, findings, figures[-1], kl=name == "kl")
    report, data = folder / "report.md", folder / "report.json"
    write_whole(report, "\n".join(_markdown(findings, [path.name for path in figures], seconds)) + "\n")
    write_whole(data, json.dumps(findings.to_json(), indent=1) + "\n")
    return [report, data, *figures]


def _curves(findings: Findings) -> Iterable[tuple[str, dict[str, Sequence[Point]]]]:
    if findings.kl:
        yield "kl", {"RLHF": findings.kl}
    if findings.temperature:
        yield "temperature", {LABELS[policy]: points for policy, points in findings.temperature.items()}


PART_HEADS = ("difference", "is", "the claim says", "so it")


def _part_row(part: Part) -> tuple[str, ...]:
    return (
        part.text,
        signed_cell(part.interval),
        f"{part.wanted} 0",
        part.verdict if part.decides else f"({part.verdict})",
    )


def _claim_rows(findings: Findings) -> list[tuple[str, ...]]:
    return [(claim.name, claim.text, claim.verdict) for claim in findings.claims]


def _title(findings: Findings) -> str:
    seeds = len(findings.seeds)
    return f"claims of Kirk et al. (2024) at scale {findings.scale.name}, {seeds} seed{'s' * (seeds != 1)}"


def match_line(match: Match) -> str:
    """Return one line on a match."""
    if match.interval is None:
        return f"{match.text}: nowhere equal ({match.reason})"
    heat = ", ".join(f"{temperature:.2f}" for temperature in match.at)
    return f"{match.text}: {signed_cell(match.interval)}, at temperature {heat}"


def _markdown(findings: Findings, figures: Sequence[str], seconds: float | None) -> list[str]:
    scale = findings.scale
    lines = [
        f"# Reproduction of Kirk et al. (2024), scale {scale.name}",
        "",
        f"{scale.description[0].upper()}{scale.description[1:]}. Seeds {', '.join(map(str, findings.seeds))}; "
        f"{scale.prompts} prompts of each split, {scale.samples} samples a prompt at temperature 1; BoN is the best "
        f"of {scale.best_of} draws at temperature {scale.best_of_temperature:g}, {scale.best_of_samples} samples a "
        f"prompt; KL coefficient {scale.kl_coefficient:g}.",
    ]
    if seconds:
        lines += ["", f"The steps took {seconds / 60:.0f} minutes of processes, {len(findings.seeds)} seeds together."]
    if len(findings.seeds) == 1:
        lines += ["", "With one seed the intervals are about prompts alone: another training may differ by more."]
    lines += ["", *table(HEADS, _claim_rows(findings)), "", f"![Quality against diversity]({figures[0]})", ""]
    for claim in findings.claims:
        lines += _claim_section(claim)
    lines += ["## Scores", "", *table(("score", "side", *LABELS.values()), _level_rows(findings)), ""]
    for name, curves in _curves(findings):
        lines += [f"## Sweep: {name}", "", f"![{name}]({name}.png)", "", *_sweep_table(curves, name), ""]
    if findings.matches:
        lines += ["## Is it just temperature?", "", *(f"- {match_line(match)}" for match in findings.matches), ""]
    return lines


def _claim_section(claim: Claim) -> list[str]:
    heads = (*PART_HEADS[:3], "so it (context in brackets)")
    return [
        f"## {claim.name}: {claim.verdict}",
        "",
        f"{claim.text}.",
        "",
        *table(heads, map(_part_row, claim.parts)),
        "",
    ]


def _level_rows(findings: Findings) -> list[tuple[str, ...]]:
    cells = {(level.score, level.side, level.policy): level.interval for level in findings.levels}
    keys = dict.fromkeys((score, side) for score, side, _ in cells)
    return [
        (score, side, *(value_cell(cells.get((score, side, policy))) for policy in POLICIES)) for score, side in keys
    ]


def _sweep_table(curves: dict[str, Sequence[Point]], setting: str) -> list[str]:
    names = list(dict.fromkeys(name for points in curves.values() for point in points for name in point.scores))
    measured = ("measured KL (nats)",) if setting == "kl" else ()
    rows = [
        (
            policy,
            f"{point.setting:g}",
            *((f"{point.kl:.2f}" if point.kl is not None else "",) if measured else ()),
            *(value_cell(point.scores.get(name)) for name in names),
        )
        for policy, points in curves.items()
        for point in points
    ]
    return table(("policy", setting, *measured, *names), rows)


def print_costs(found: Sequence[Cost]) -> None:
    """Print what a reproduction would take; nothing where nothing is known of it."""
    from rich.console import Console

    if not found:
        return
    rows = [
        (cost.what, str(cost.times), f"{cost.operations:.1e}", f"{cost.memory / 2**30:.0f} GiB", f"{cost.hours:.1f}")
        for cost in found
    ]
    total = sum(cost.times * cost.hours for cost in found)
    heads = ("step", "times", "operations, each", "memory at most", "hours on one H100, each")
    Console().print(plain_table(f"estimates: {total:.0f} hours on one H100 in all", heads, rows))
