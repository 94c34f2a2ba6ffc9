"""The page of a model: who it is, how it was drawn, every number of it and how far it can be trusted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...benchmark.generalisation.gaps import Gap
from ...benchmark.record import Result, SplitRecord
from ..levels import LEVELS
from ..submissions.standing import STANDINGS
from .drawing import Mark, Scale, mark
from .entry import NAMES, Entry
from .ranks import Range
from .slugs import slug
from .views import View

Places = Mapping[tuple[int, str, str], tuple[Range, int]]
"""By model, split and signature: the range of ranks, and among how many."""


@dataclass(frozen=True)
class Score:
    """A row of a table of scores."""

    result: Result
    level: str
    mark: Mark | None
    rank: str
    standing: int


@dataclass(frozen=True)
class SplitScores:
    """The scores of one split."""

    record: SplitRecord
    task_slug: str
    samples: str | None
    scores: tuple[Score, ...]


def model_page(
    entry: Entry, places: Places, scales: Mapping[tuple[str, str], Scale], samples: Mapping[str, str]
) -> dict[str, object]:
    """Return what the template of a model's page shows.

    Args:
        entry: the model.
        places: its ranks.
        scales: of the drawings.
        samples: addresses of the pages of its samples, by split.
    """
    by_split: dict[str, list[Score]] = {name: [] for name in entry.splits}
    for result in entry.results:
        split = result.split or ""
        rank, count = places[entry.index, split, result.signature]
        by_split[split].append(
            Score(result, LEVELS[result.level], mark(result, scales), _rank(rank, count), entry.standing(result))
        )
    return {
        "entry": entry,
        "facts": _facts(entry),
        "trust": _trust(entry),
        "splits": [
            SplitScores(record, slug(name.rpartition("/")[0]), samples.get(name), tuple(by_split[name]))
            for name, record in entry.splits.items()
        ],
        "gaps": [gap for gap in entry.gaps if gap.gap or gap.reason],
        "levels": LEVELS,
    }


def _rank(rank: Range, count: int) -> str:
    if rank is None:
        return "no rank"
    first, last = rank
    return f"{first} of {count}" if first == last else f"{first} to {last} of {count}"


def _facts(entry: Entry) -> list[tuple[str, str]]:
    """Return what is known of a model, as terms and what they are."""
    card, record = entry.submission.card, entry.submission.record
    facts = [
        ("Revision", card.revision),
        ("Suite", card.suite),
        ("Family", card.family),
        ("Tuning", card.tuning),
        ("Tuned from", card.base),
        ("Licence", card.licence),
        ("Asked as", record.model.spec),
        ("Known by", f"{record.model.identity}, fingerprint {record.model.fingerprint}"),
        ("Number format", record.model.dtype),
        ("Adapter", record.model.adapter),
        ("Samples a prompt", str(record.samples_per_prompt)),
        ("Seed", None if record.seed is None else str(record.seed)),
        ("State of the run", record.state),
        ("Imported with" if record.imported else "Drawn with", f"gendiv {record.gendiv}"),
        ("Packed with", f"gendiv {card.gendiv}"),
    ]
    return [(term, what) for term, what in facts if what is not None]


def _trust(entry: Entry) -> list[str]:
    """Return in sentences how far the numbers can be trusted."""
    counted = Counter(map(entry.standing, entry.results))
    lines = [
        f"{count} of {len(entry.results)} numbers: {NAMES[standing].replace('_', '-')}, {STANDINGS[NAMES[standing]]}."
        for standing, count in sorted(counted.items())
    ]
    if entry.remark:
        lines.append(f"{entry.remark[0].upper()}{entry.remark[1:]}.")
    if entry.checked and entry.checked.regenerated is not None:
        lines.append(f"Of the samples that were drawn again, {entry.checked.regenerated:.0%} came out the same.")
    return lines + list(entry.checked.remarks if entry.checked else ())


def gap_reading(gap: Gap) -> str:
    """Return in words what a gap says."""
    return gap.reading or gap.reason or "none to state"


def places_of(views: Sequence[View]) -> Places:
    """Return the ranks of all models in all views."""
    found: dict[tuple[int, str, str], tuple[Range, int]] = {}
    for view in views:
        ranked = sum(place is not None for place in view.ranks)
        for entry, result, rank in zip(view.entries, view.results, view.ranks, strict=True):
            found[entry.index, view.split, result.signature] = (rank, ranked)
    return found
