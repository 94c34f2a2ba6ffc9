"""An entry of a board: a submission, the numbers of it that can be shown, and how far each can be trusted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Final

from ...benchmark.generalisation.gaps import Gap, gaps, metric_class, pairs
from ...benchmark.record import Result, Scores, SplitRecord
from ...benchmark.run import Run
from ...benchmark.signatures import Signature
from ...errors import StoreFailed
from ..submissions.standing import STANDINGS, Checks, Standing, Verified, standing_key
from ..submissions.submission import Submission
from .slugs import numbered

EDGE: Final = 1e-6
"""How far rounding may carry a value beyond the range of its metric."""

NAMES: Final[tuple[Standing, ...]] = tuple(STANDINGS)


@dataclass(frozen=True)
class Entry:
    """One submission on the board.

    Attributes:
        index: of the model in every file of data.
        submission: as it was read.
        results: its numbers, each signature of each split once, all of them finite.
        standings: of each result, by SPLIT|SIGNATURE; what is not there is self-reported.
        checked: what the maintainer's check found; None where it has not seen this submission as it now is.
        remark: what a reader should know of that.
    """

    index: int
    submission: Submission
    results: tuple[Result, ...]
    standings: Mapping[str, Standing]
    checked: Verified | None
    remark: str | None

    @cached_property
    def slug(self) -> str:
        """The name of its files on the site."""
        return numbered(self.submission.name)

    @cached_property
    def splits(self) -> dict[str, SplitRecord]:
        """The splits of its run, by name."""
        return {split.name: split for split in self.submission.record.splits}

    @cached_property
    def gaps(self) -> list[Gap]:
        """What it loses out of distribution; none where it ran on one side only."""
        record = self.submission.record
        if not pairs(record):
            return []
        scores = self.submission.scores.model_copy(update={"results": self.results})
        return gaps(Run(self.submission.folder, record, scores), relative=False)

    def standing(self, result: Result) -> int:
        """Return how far a number can be trusted, as a place among the standings."""
        return NAMES.index(self.standings.get(standing_key(result), "self_reported"))

    @cached_property
    def weakest(self) -> int:
        """The standing of its weakest number."""
        return min((self.standing(result) for result in self.results), default=0)


def entries(submissions: Iterable[Submission], checks: Checks | None) -> tuple[list[Entry], dict[str, str]]:
    """Return the entries of a board, and by name why a submission cannot be one."""
    verified = {one.submission: one for one in checks.verified} if checks else {}
    found: list[Entry] = []
    broken: dict[str, str] = {}
    for submission in sorted(submissions, key=lambda one: one.name):
        try:
            found.append(_entry(len(found), submission, verified.get(submission.name)))
        except (StoreFailed, OSError) as error:
            broken[submission.name] = str(error)
    return found, broken


def _entry(index: int, submission: Submission, verified: Verified | None) -> Entry:
    checked, remark = None, None
    if verified:
        if submission.card_hash == verified.card:
            checked = verified
        else:
            remark = "it has changed since it was checked, so its numbers count as self-reported"
    return Entry(
        index=index,
        submission=submission,
        results=_shown(submission.scores, {split.name for split in submission.record.splits}),
        standings=checked.standings if checked else {},
        checked=checked,
        remark=remark,
    )


def _shown(scores: Scores, splits: set[str]) -> tuple[Result, ...]:
    """Return the results of a run's splits, the newest of each signature.

    Raises:
        StoreFailed: one says something of itself that its signature does not.
    """
    found: dict[tuple[str, str], Result] = {}
    for result in scores.results:
        if result.split not in splits:
            raise StoreFailed(f"scores.json: a result of {result.split!r}, which is no split of run.json")
        signed = Signature.of(result.signature)
        if (signed.name, signed.level) != (result.metric, result.level):
            raise StoreFailed(
                f"scores.json: a result called {result.metric} ({result.level}) is signed {result.signature[:80]!r}"
            )
        numbers = (result.value, result.low, result.high, result.error, result.freedom, result.skew)
        if not all(isfinite(number) for number in numbers if number is not None) or (result.error or 0) < 0:
            raise StoreFailed(f"scores.json: {result.split} {result.metric}: wanted finite numbers, found {numbers}")
        if result.error is not None and result.freedom <= 0:
            raise StoreFailed(f"scores.json: {result.split} {result.metric}: an error without degrees of freedom")
        known = metric_class(result.metric)
        if known and result.value is not None and not known.range[0] - EDGE <= result.value <= known.range[1] + EDGE:
            raise StoreFailed(
                f"scores.json: {result.split} {result.metric}: {result.value!r} is no value of it, which runs from "
                f"{known.range[0]:g} to {known.range[1]:g}"
            )
        found[result.split, result.signature] = result
    return tuple(found.values())


def shift_of(name: str, having: Sequence[Entry]) -> str:
    """Return on which side of the shift a split is: as most of the runs say."""
    said = [entry.splits[name].shift for entry in having if name in entry.splits]
    return max(sorted(set(said)), key=said.count)
