"""Findings of a gate for people: a line each, and a count."""

from collections import Counter
from collections.abc import Sequence

from ..benchmark.gating.finding import WORDS, Finding

COLOURS = {"pass": "green", "fail": "red", "skip": "yellow"}


def print_findings(found: Sequence[Finding], counted: Sequence[str]) -> None:
    """Print each finding, and how many there are of each outcome.

    Args:
        found: in the order of the checks.
        counted: as what each of them counts: "pass", "fail" or "skip".
    """
    from rich.console import Console
    from rich.text import Text

    console = Console()
    for finding, count in zip(found, counted, strict=True):
        line = Text(f"{WORDS[finding.outcome]:<13}", style=COLOURS[count])
        console.print(line.append(str(finding.check), style="bold"), soft_wrap=True)
        console.print(Text(f"{'':13}{finding.grounds}"), soft_wrap=True)
    outcomes = Counter(WORDS[finding.outcome] for finding in found)
    total = ", ".join(f"{outcomes[word]} {word}" for word in WORDS.values() if outcomes[word])
    console.print(f"{total}{'' if 'fail' in counted else '; none counts as a failure'}", highlight=False)
