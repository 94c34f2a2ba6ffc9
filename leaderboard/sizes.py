"""Plans for people: a table of what it takes to see a difference, by the number of samples a prompt."""

import math
from collections.abc import Sequence

from ..benchmark.planning.components import Spread
from ..benchmark.planning.sizes import Need, SizePlan, SplitSpread
from .levels import LEVELS
from .table import plain_table


def print_plans(plans: Sequence[SizePlan], paired_with: str | None) -> None:
    """Print a table for each task: prompts a split and samples in all, for each purpose and K."""
    from rich.console import Console

    console = Console()
    for plan in plans:
        metric = plan.metric.partition(":")[0]
        title = (
            f"{plan.task}: to see {plan.detect:g} of {metric}, {LEVELS[plan.level]}\nprompts a split (samples in all)"
        )
        heads = ("K", *(_head(need, plan.detect) for need in plan.sizes[0].needs))
        rows = [
            (f"{size.samples}{'~' if size.how == 'extrapolated' else ''}", *map(_cell, size.needs))
            for size in plan.sizes
        ]
        console.print(plain_table(title, heads, rows))
        for line in remarks(plan, paired_with):
            console.print(line, highlight=False, markup=False, soft_wrap=True)


def remarks(plan: SizePlan, paired_with: str | None) -> list[str]:
    """Return what a reader of the numbers must know."""
    lines = [_deviations(split) for split in plan.spreads]
    lines.append(
        "* fewest samples in all; score: the interval reaches +- the difference; others: p < 0.05 at that power"
    )
    if any(size.how == "extrapolated" for size in plan.sizes):
        lines.append("~ beyond the pilot's K: what is the prompts' is taken to stay, what is sampling to fall as 1/K")
    if any(size.how != "exact" for size in plan.sizes):
        lines.append("a metric of sets has another expected value with another K: rows plan different scores then")
    if paired_with is None:
        lines.append("paired: at most so many; --paired-with a pilot of the other model measures what pairing saves")
    else:
        lines.append(f"paired: the differences to {paired_with} were measured")
    if not plan.gap_splits:
        lines.append("gap: the pilot has one side only; the other one is taken to vary as much")
    if plan.level == "across_input":
        lines.append("across inputs the score itself depends on the number of prompts; the pilot's variance is kept")
    low, high = plan.factors
    lines.append(
        f"a pilot of {min(split.prompts for split in plan.spreads)} prompts leaves a factor of {low:.2f} to {high:.2f} "
        "(95%) on these numbers"
    )
    return lines


def _head(need: Need, detect: float) -> str:
    return f"score, +-{detect:g}" if need.power is None else f"{need.purpose}, {need.power:.0%}"


def _cell(need: Need) -> str:
    return f"{need.prompts} ({thousands(need.samples)}){'*' if need.cheapest else ''}"


def thousands(count: int) -> str:
    """Return a number in two or three digits: 940, 9.4k, 94k."""
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if count >= size:
            return f"{count / size:.1f}{unit}" if count < 10 * size else f"{count / size:.0f}{unit}"
    return str(count)


def _deviations(split: SplitSpread) -> str:
    """Return in one line what of a split's spread is the prompts': of single samples, or at the largest K of sets."""
    known = [spread for spread in split.values if spread.how != "extrapolated"]
    spread = known[0 if known[0].how == "exact" else -1]
    line = f"{split.split} ({split.shift}): standard deviation {math.sqrt(spread.total):.3g} at K = {spread.samples}"
    return line + _parts(spread)


def _parts(spread: Spread) -> str:
    if spread.within is None or spread.between is None:
        return "; a pilot of more samples tells prompts and sampling apart"
    return f": prompts {math.sqrt(spread.between):.3g}, sampling {math.sqrt(spread.within):.3g}"
