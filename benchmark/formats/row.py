"""Row: the samples of one input, and what happens to a row that is malformed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

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
        reference: what a good answer looks like, where that is known.
        shown: what a judge is shown of the prompt, where that is not the prompt.
        grades: what judges and reward models said of the samples, by the signature of the metric that reads it.
    """

    id: str
    prompt: str | None
    samples: tuple[str, ...]
    quality: tuple[float, ...] | None = None
    reference: str | None = None
    shown: str | None = None
    grades: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


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
    samples: Iterable[Sequence[str]] | str | Path | Sequence[Path], quality: Iterable[Sequence[float]] | None = None
) -> Sequence[Row] | Sequence[Path]:
    """Return what the Python interface was given as rows, or as paths to read them from.

    Raises:
        BadInput: it is neither, or the quality does not fit the samples.
    """
    if isinstance(samples, (str, Path)):
        samples = [Path(samples)]
    if not isinstance(samples, Iterable):
        raise BadInput(f"samples: wanted for each input its texts, or a path, found {samples!r:.60}")
    given = list(samples)
    paths = [item for item in given if isinstance(item, Path)]
    if paths and len(paths) == len(given):
        if quality is not None:
            raise BadInput("quality: a file's rows hold their own, beside their samples")
        return paths
    if not given:
        raise BadInput("samples: wanted at least one input, found none")
    groups = [_of_kind(f"samples[{place}]", item, str, "texts") for place, item in enumerate(given)]
    if quality is None:
        return [Row(str(place), None, group) for place, group in enumerate(groups)]
    grades = [_of_kind(f"quality[{place}]", item, (int, float), "numbers") for place, item in enumerate(quality)]
    if [len(some) for some in grades] != [len(group) for group in groups]:
        raise BadInput("quality: wanted one number for each sample of each input")
    return [
        Row(str(place), None, group, tuple(map(float, some)))
        for place, (group, some) in enumerate(zip(groups, grades, strict=True))
    ]


def _of_kind(where: str, item: object, kind: type | tuple[type, ...], name: str) -> tuple[Any, ...]:
    """Return the elements of a list, all of one kind, or say what it is instead."""
    if isinstance(item, (str, bytes)) or not isinstance(item, Iterable):
        raise BadInput(f"{where}: wanted a list of {name}, found {item!r:.60} (paths are given as pathlib.Path)")
    found = tuple(item)
    for element in found:
        if not isinstance(element, kind):
            raise BadInput(f"{where}: wanted {name}, found {element!r:.60}")
    return found
