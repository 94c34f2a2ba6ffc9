"""Row: what stands side by side in a report."""

from dataclasses import dataclass

from ..benchmark.record import Result


@dataclass(frozen=True)
class Row:
    """One metric at one level on one split, with one result a run, or None where a run has none of this signature."""

    level: str
    metric: str
    split: str
    shift: str
    signature: str
    cells: tuple[Result | None, ...]
