"""A check: one line that says what of a model may not get worse, or how good it must be."""

import re
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, get_args

from ...errors import BadInput
from ...metrics import Level
from ...naming import nearest

Subject: TypeAlias = Literal["score", "gap", "faults", "refusals"]
Change: TypeAlias = Literal["drop", "rise", "change", "growth", "value"]

COUNTS: Final = ("faults", "refusals")
CHANGES: Final = {"score": ("drop", "rise", "change"), "gap": ("growth",), "faults": (), "refusals": ()}
"""What can be said of a subject beside its own value."""

EXAMPLES: Final = (
    "'per_input.ead on TASK/SPLIT: drop <= 0.03', 'gap.win_rate <= 5 points', 'rouge >= 0.2' or 'faults == 0'"
)

_LINE: Final = re.compile(
    r"(?P<what>\S+?)(\s+on\s+(?P<split>\S+?))?(\s*:\s+(?P<change>\S+))?"
    r"\s*(?P<sign><=|>=|==)\s*(?P<limit>[-+]?[\d.]+(e[-+]?\d+)?)\s*(?P<unit>points?|%)?"
)


@dataclass(frozen=True)
class Check:
    """One line, read.

    Attributes:
        subject: a score, a generalisation gap, or how many faults or refused prompts a run has.
        metric: its name, with settings where they are given; "" for counts.
        level: None for every level that the metric has.
        split: TASK/SPLIT (of a gap, the one out of distribution); None for every split.
        change: against the baseline: `drop` (the metric gets worse by), `rise` (its number goes up by), `change` (it
            moves by), `growth` of a gap; or the candidate's own `value`.
        sign: what the limit is: "<=" a ceiling, ">=" a floor, "==" the count itself.
        limit: in the metric's unit; where `relative`, a share of the baseline's value.
        written: the limit as it was written.
        relative: whether the limit is a share.
    """

    subject: Subject
    metric: str
    level: Level | None
    split: str | None
    change: Change
    sign: Literal["<=", ">=", "=="]
    limit: float
    written: str
    relative: bool = False

    @classmethod
    def of(cls, line: str) -> "Check":
        """Read a line.

        >>> check = Check.of("per_input.ead on summarisation/cnn_dailymail: drop <= 3 points")
        >>> check.metric, check.level, check.split, check.change, check.limit
        ('ead', 'per_input', 'summarisation/cnn_dailymail', 'drop', 0.03)
        >>> str(check)
        'per_input.ead on summarisation/cnn_dailymail: drop <= 3 points'

        Raises:
            BadInput: it is no check.
        """
        found = _LINE.fullmatch(line.strip()) if isinstance(line, str) else None
        if not found:
            raise BadInput(f"check {line!r}: wanted a line such as {EXAMPLES}")
        subject, level, metric = _subject(found["what"])
        words = CHANGES[subject]
        change = found["change"] or "value"
        if found["change"] and change not in words:
            way_out = nearest(change, words) if words else f"a number of {subject} is held against a limit as it is"
            raise BadInput(f"check {line!r}: {change!r} cannot be said of {found['what']}; {way_out}")
        if (sign := found["sign"]) == "==" and subject not in COUNTS:
            raise BadInput(f"check {line!r}: == is for {' and '.join(COUNTS)}; wanted <= or >=")
        if change != "value" and sign != "<=":
            raise BadInput(f"check {line!r}: a {change} has a ceiling: wanted <=")
        if found["unit"] == "%" and change in ("value", "growth"):
            raise BadInput(f"check {line!r}: % is of the baseline's value, for drop, rise and change; wanted a number")
        limit, unit = float(found["limit"]), found["unit"] or ""
        if limit < 0 and change != "value":
            raise BadInput(f"check {line!r}: wanted a margin from 0, found {limit:g}")
        return cls(
            subject=subject,
            metric=metric,
            level=level,
            split=found["split"],
            change=change,  # type: ignore[arg-type]  # checked above
            sign=sign,  # type: ignore[arg-type]  # as the pattern has it
            limit=limit / 100 if unit else limit,
            written=f"{found['limit']}{' ' if unit.startswith('point') else ''}{unit}",
            relative=unit == "%",
        )

    @property
    def needs_baseline(self) -> bool:
        """Whether it is about two runs."""
        return self.change != "value"

    def at(self, level: Level | None, split: str | None) -> "Check":
        """Return the same check at one level, on one split."""
        return replace(self, level=level, split=split)

    def __str__(self) -> str:
        gap = "gap." if self.subject == "gap" else ""
        what = f"{gap}{f'{self.level}.' if self.level else ''}{self.metric or self.subject}"
        where = f" on {self.split}" if self.split else ""
        change = "" if self.change == "value" else f": {self.change}"
        return f"{what}{where}{change} {self.sign} {self.written}"


def _subject(what: str) -> tuple[Subject, Level | None, str]:
    """Take apart what a check is about."""
    if what in COUNTS:
        return what, None, ""  # type: ignore[return-value]  # one of the two
    subject: Subject = "gap" if what.startswith("gap.") else "score"
    rest = what.removeprefix("gap.")
    level, dot, metric = rest.partition(".")
    if dot and ":" not in level:  # a setting may hold a dot
        if level not in get_args(Level):
            raise BadInput(f"check {what!r}: no level is called {level!r}: {nearest(level, get_args(Level))}")
        return subject, level, metric  # type: ignore[return-value]  # checked above
    return subject, None, rest
