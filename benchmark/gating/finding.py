"""A finding: what a check found, and how it is said."""

from dataclasses import asdict, dataclass
from typing import Final

from .check import Check
from .outcome import Outcome

WORDS: Final = {"pass": "passed", "fail": "failed", "inconclusive": "inconclusive"}


@dataclass(frozen=True)
class Finding:
    """The answer to one check.

    Attributes:
        check: at one level, on one split.
        outcome: passed, failed or not decided.
        value: what was held against the limit: a drop, a rise, a change, a gap, its growth, a score, a number.
        low: its one-sided lower bound.
        high: its one-sided upper bound.
        limit: in the metric's unit, a share of the baseline's value being worked out.
        candidate: the candidate's own score or gap.
        baseline: the baseline's; None where there is none.
        inputs: prompts that the value rests on, of each split.
        more: how many more would decide, if the value stays as it is.
        reason: why there is no value, or what must be known of it.
    """

    check: Check
    outcome: Outcome
    value: float | None = None
    low: float | None = None
    high: float | None = None
    limit: float | None = None
    candidate: float | None = None
    baseline: float | None = None
    inputs: int = 0
    more: int | None = None
    reason: str | None = None

    def __str__(self) -> str:
        """One line: the check, its outcome, and what it rests on."""
        return f"{self.check}: {WORDS[self.outcome]}: {self.grounds}"

    @property
    def grounds(self) -> str:
        """What the outcome rests on, and the way out where it is no pass."""
        if self.value is None:
            return self.reason or "no value"
        if not self.inputs:
            return f"found {self.value:g}{f': {self.reason}' if self.reason else ''}"
        word = {"value": "gap" if self.check.subject == "gap" else self.check.metric}.get(
            self.check.change, self.check.change
        )
        parts = [f"{word} {self.value:.4g}{self._bounds()}", *self._scores(), f"{self.inputs} prompts"]
        if self.outcome == "inconclusive":
            parts.append(self._advice())
        return "; ".join([*parts, *([self.reason] if self.reason else [])])

    def to_json(self) -> dict[str, object]:
        """Return the finding as a JSON value."""
        rest = {name: value for name, value in asdict(self).items() if name != "check"}
        return {"check": str(self.check), **rest}

    def _bounds(self) -> str:
        return "" if self.low is None or self.high is None else f" [{self.low:.4g}, {self.high:.4g}]"

    def _scores(self) -> list[str]:
        if self.baseline is None or self.candidate is None:
            return []
        return [f"{self.baseline:.4g} in the baseline, {self.candidate:.4g} in the candidate"]

    def _advice(self) -> str:
        if self.low is None:
            return "so few prompts leave no way to know: ask more (-n)"
        if self.more is None:
            return "no number of prompts worth asking would decide"
        return (
            f"about {self.more} more prompts would decide, if it stays so (-n {self.inputs + self.more} in both runs)"
        )
