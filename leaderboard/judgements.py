"""Judgements for people: win rates, and beside them how far the judge can be trusted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..benchmark.judging.record import Figure, Figures, Judgement, JudgeRecord, Spent, Trust, Validation
from .table import interval_cell, short_splits

if TYPE_CHECKING:
    from rich.console import Console

NOTABLE_UNPARSABLE = 0.1
"""Share of unreadable replies from which on the figures are those of a chosen few."""


def print_judgements(judgements: Sequence[Judgement]) -> None:
    """Print each judgement, and what a reader of its figures must know."""
    from rich.console import Console

    console = Console()
    for judgement in judgements:
        _print_judgement(judgement, console)


def print_validation(found: Validation) -> None:
    """Print how far a judge agrees with people, beside what needs no judge."""
    from rich.console import Console

    console = Console()
    drawn = f"{found.people} of {found.of} human choices of {found.data}"
    title = f"agreement of {found.judge.name} with {drawn} (95% intervals over prompts)"
    warnings = _warnings(found.trust)
    rows = [
        ("the judge", _of(found.agreement)),
        ("  single verdicts, one order each", _of(found.agreement_single)),
        ("  where both orders name one answer", _of(found.agreement_consistent)),
        ("a coin", f"{found.chance:.3f}"),
        ("always the data's first answer", f"{found.always_first:.3f}"),
        ("the place that people chose more often", f"{found.majority:.3f}"),
        ("the longer answer", _cell(found.longer)),
    ]
    _print_rows(console, title, rows)
    _print_rows(console, "how the judge behaved", _trust_rows(found.trust, found.judge.repeats))
    agreed = found.agreement
    if agreed is not None and agreed.low is not None and agreed.low <= found.chance:
        warnings.append(
            "its agreement with people is not shown to be better than a coin's: do not rest anything on its verdicts"
        )
    _print_lines(console, [*found.remarks, *warnings, *_asked(found.judge, found.spent)])


def _print_judgement(judgement: Judgement, console: "Console") -> None:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    against = "the references" if judgement.opponent == "reference" else judgement.opponent
    table = Table(
        title=escape(
            f"{judgement.run} against {against}, judged by {judgement.judge.name} (95% intervals over prompts)"
        ),
        box=box.SIMPLE_HEAD,
        title_justify="left",
        padding=(0, 1, 0, 0),
    )
    for head in ("split", "prompts", "win rate", "at equal length", "characters"):
        table.add_column(head, overflow="fold")
    short = short_splits([figures.split for figures in judgement.splits])
    for row in judgement.splits:
        ours, theirs = row.mean_characters
        rates = map(_cell, (row.win_rate, row.win_rate_lc))
        table.add_row(*map(escape, (short[row.split], str(row.prompts), *rates, f"{ours:.0f} : {theirs:.0f}")))
    console.print(table)
    _print_rows(console, "how the judge behaved", _trust_rows(judgement.trust, judgement.judge.repeats))
    warnings = _warnings(judgement.trust)
    counts = [line for row in judgement.splits for line in _counts(row)]
    _print_lines(console, [*judgement.remarks, *counts, *warnings, *_asked(judgement.judge, judgement.spent)])


def _counts(row: Figures) -> list[str]:
    """Return how many comparisons of a split were not decided by the judge, where there are any."""
    counts = ((row.identical, "of identical answers: draws, not asked"), (row.undecided, "undecided, left out"))
    return [f"{row.split}: {count} of {row.comparisons} comparisons {what}" for count, what in counts if count]


def _trust_rows(trust: Trust, repeats: int) -> list[tuple[str, str]]:
    return [
        ("for the answer shown first (0.5: no bias)", _of(trust.position_bias)),
        ("same answer in both orders", _of(trust.swap_consistency)),
        (
            "same verdict when asked again",
            _of(trust.self_agreement, "no verdict" if repeats else "not asked (--repeats)"),
        ),
        ("for the longer answer", _of(trust.longer)),
        ("ties", _of(trust.ties)),
        ("replies without a clear verdict", _of(trust.unparsable)),
    ]


def _warnings(trust: Trust) -> list[str]:
    """Return what must be said about a judge before anybody reads its win rates."""
    found = []
    bias = trust.position_bias
    if bias is not None and bias.low is not None and bias.high is not None and not bias.low <= 0.5 <= bias.high:
        where = "first" if bias.value > 0.5 else "second"
        found.append(f"the judge prefers the answer shown {where}: in both orders that pulls win rates towards 0.5")
    if trust.unparsable is not None and trust.unparsable.value >= NOTABLE_UNPARSABLE:
        found.append(
            f"{trust.unparsable.value:.0%} of the replies hold no clear verdict, and the win rates rest on the others: "
            "read the replies beside the record; a judge that thinks aloud needs a larger --max-tokens"
        )
    return found


def _asked(judge: JudgeRecord, spent: Spent) -> list[str]:
    """Return how the judge was asked and what that took, in a line each."""
    tokens = f"{spent.prompt_tokens:,} prompt and {spent.completion_tokens:,} reply tokens"
    money = "" if spent.money is None else f", {spent.money:,.2f} at the prices given"
    return [
        f"questions {judge.questions.signature}, {judge.orders} orders, {judge.format}, "
        f"temperature {judge.decoding.temperature:g}, at most {judge.decoding.max_tokens} tokens a reply",
        f"{spent.replies} replies, {spent.asked_now} of them asked now: {tokens}{money}",
    ]


def _print_rows(console: "Console", title: str, rows: Sequence[tuple[str, str]]) -> None:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(
        title=escape(title), box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0), show_header=False
    )
    for row in rows:
        table.add_row(*map(escape, row))
    console.print(table)


def _print_lines(console: "Console", lines: Sequence[str]) -> None:
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _cell(figure: Figure | None) -> str:
    return "none" if figure is None else interval_cell(figure.value, figure.low, figure.high)


def _of(figure: Figure | None, otherwise: str = "none") -> str:
    return otherwise if figure is None else f"{_cell(figure)} of {figure.cases}"
