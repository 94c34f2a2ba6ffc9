"""Gaps of several runs side by side, as rows of a report."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..benchmark.generalisation.gaps import Gap
from .levels import LEVELS
from .row import Row


@dataclass(frozen=True)
class Cell:
    """One gap with its interval; all None where there is none to state."""

    value: float | None
    low: float | None
    high: float | None


def gap_rows(gaps: Sequence[Sequence[Gap]]) -> list[Row]:
    """Return a row for each metric, level and split out of distribution, with a cell for each run's gap.

    Gaps whose signatures differ in more than the sampler get rows of their own, as scores do.
    """
    found: dict[tuple[str, str, str, str, str], dict[int, Gap]] = {}
    for run, of_run in enumerate(gaps):
        for gap in of_run:
            comparable = gap.signature.rpartition("|")[0]
            found.setdefault((gap.level, gap.metric, comparable, gap.id_split, gap.ood_split), {})[run] = gap
    variants = {(level, metric): set[str]() for level, metric, *_ in found}
    bases: dict[str, set[str]] = {}
    for level, metric, comparable, id_split, ood_split in found:
        variants[level, metric].add(comparable)
        bases.setdefault(ood_split, set()).add(id_split)
    rows = [
        Row(
            level=level,
            metric=metric if len(variants[level, metric]) == 1 else comparable,
            split=ood_split if len(bases[ood_split]) == 1 else f"{ood_split} from {id_split.rpartition('/')[2]}",
            shift=next(iter(cells.values())).shift,
            signature=comparable,
            cells=tuple(_cell(cells.get(run)) for run in range(len(gaps))),
        )
        for (level, metric, comparable, id_split, ood_split), cells in found.items()
    ]
    metrics = list(dict.fromkeys(row.metric for row in rows))
    return sorted(rows, key=lambda row: (list(LEVELS).index(row.level), metrics.index(row.metric)))


def _cell(gap: Gap | None) -> Cell | None:
    if gap is None:
        return None
    return Cell(gap.gap.value, gap.gap.low, gap.gap.high) if gap.gap else Cell(None, None, None)
