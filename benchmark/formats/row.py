"""Row: the samples of one input, and what happens to a row that is malformed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ...errors import BadInput

KEPT: Final = 3
"""Messages about bad rows that are kept; of the others only the number is."""


@dataclass(frozen=True)
class Row:
    """The samples of one input.

    Attributes:
        id: names the input.
        prompt: what was asked, where the file says it as one text.
        samples: at least one.
        quality: a grade of each sample, where the file has them.
    """

    id: str
    prompt: str | None
    samples: tuple[str, ...]
    quality: tuple[float, ...] | None = None


class Malformed(ValueError):
    """A row is not what its format says; the message is what was wanted and what was found."""


@dataclass
class Bad:
    """What happens to bad rows: the first one stops the reading, or each is left out, counted and told of.

    Attributes:
        skip: leave bad rows out.
        count: how many were left out.
        first: what was wrong with the first few of them.
    """

    skip: bool = False
    count: int = 0
    first: list[str] = field(default_factory=list)

    def report(self, where: str, reason: object) -> None:
        """Count a bad row, or stop.

        Raises:
            BadInput: bad rows are not left out.
        """
        message = f"{where}: {reason}"
        if not self.skip:
            raise BadInput(message)
        self.count += 1
        if len(self.first) < KEPT:
            self.first.append(message)

    def __str__(self) -> str:
        if not self.count:
            return "no bad row was left out"
        rows = "1 bad row was" if self.count == 1 else f"{self.count} bad rows were"
        return f"{rows} left out, {'the first' if self.count > 1 else 'that is'}: {self.first[0]}"


def source_of(
    samples: Sequence[Sequence[str]] | str | Path | Sequence[Path], quality: Sequence[Sequence[float]] | None = None
) -> Sequence[Row] | Sequence[Path]:
    """Return what the Python interface was given as rows, or as paths to read them from.

    Raises:
        BadInput: it is neither, or the quality does not fit the samples.
    """
    if isinstance(samples, (str, Path)):
        return [Path(samples)]
    paths = [item for item in samples if isinstance(item, Path)]
    groups = [tuple(item) for item in samples if not isinstance(item, (str, Path))]
    if paths and len(paths) == len(samples):
        return paths
    if len(groups) != len(samples):
        raise BadInput("samples: wanted for each input a list of its texts, or paths, found bare texts among them")
    if quality is None:
        return [Row(str(place), None, group) for place, group in enumerate(groups)]
    if [len(grades) for grades in quality] != [len(group) for group in groups]:
        raise BadInput("quality: wanted one number for each sample of each input")
    return [
        Row(str(place), None, group, tuple(map(float, grades)))
        for place, (group, grades) in enumerate(zip(groups, quality, strict=True))
    ]
