"""Row: what stands side by side in a report."""

from dataclasses import dataclass
from typing import Protocol


class Measured(Protocol):
    """A number with its interval: a score, or a gap."""

    @property
    def value(self) -> float | None:
        """The number; None where it is undefined."""

    @property
    def low(self) -> float | None:
        """Lower end of its interval; None where none can be given."""

    @property
    def high(self) -> float | None:
        """Upper end."""


@dataclass(frozen=True)
class Row:
    """One metric at one level on one split, with one number a run, or None where a run has none of this signature."""

    level: str
    metric: str
    split: str
    shift: str
    signature: str
    cells: tuple[Measured | None, ...]
