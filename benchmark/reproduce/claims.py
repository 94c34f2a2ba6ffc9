"""The claims of Kirk et al. (2024) as statements about contrasts, and what a reproduction says of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from ...tasks import Shift
from ..intervals import Estimate, Interval
from .contrasts import Measured, Score, contrast, over_seeds
from .step import LABELS, Policy

Verdict: TypeAlias = Literal["holds", "does not hold", "inconclusive", "not tested"]

Wanted: TypeAlias = Literal["above", "below", "not below"]
"""What a claim says of a difference: above 0, below 0, or not below 0 by more than the margin."""

MARGIN: Final = 0.02
"""A diversity that is said to be no lower may be lower by so much."""

SIDES: Final[tuple[Shift, ...]] = ("id", "near", "far")


@dataclass(frozen=True)
class Part:
    """One difference that a claim speaks of.

    Attributes:
        text: what is subtracted from what, and where.
        wanted: what the claim says of it.
        interval: the difference with its 95% interval; None where it could not be measured.
        decides: whether the verdict rests on it; others stand beside as context.
    """

    text: str
    wanted: Wanted
    interval: Interval | None
    decides: bool = True

    @property
    def verdict(self) -> Verdict:
        """What the interval says: one that lies on both sides of the bound says nothing."""
        if self.interval is None or self.interval.low is None or self.interval.high is None:
            return "not tested"
        low, high = self.interval.low, self.interval.high
        if self.wanted == "below":
            low, high = -high, -low
        bound = -MARGIN if self.wanted == "not below" else 0.0
        if low > bound:
            return "holds"
        return "does not hold" if high < bound else "inconclusive"


@dataclass(frozen=True)
class Claim:
    """One claim of the paper, and the differences that decide on it.

    Attributes:
        name: C1 to C6.
        text: what it says.
        parts: its differences.
    """

    name: str
    text: str
    parts: tuple[Part, ...]

    @property
    def verdict(self) -> Verdict:
        """A claim holds if each of its parts does, and does not hold if one does not."""
        found = [part.verdict for part in self.parts if part.decides]
        if not found or "not tested" in found:
            return "not tested"
        if "does not hold" in found:
            return "does not hold"
        return "inconclusive" if "inconclusive" in found else "holds"


@dataclass(frozen=True)
class Evidence:
    """What claims are decided on.

    Attributes:
        runs: for each policy its runs, one a seed.
        quality: how good samples are.
        per_input: diversities per input.
        across_input: diversities across inputs.
        by_coefficient: for each KL coefficient of the sweep the runs of its policy, one a seed.
        by_temperature: for each policy of the temperature sweep its runs by temperature, one a seed.
    """

    runs: dict[Policy, list[Measured]]
    quality: Score
    per_input: Sequence[Score]
    across_input: Sequence[Score]
    by_coefficient: dict[float, list[Measured]]
    by_temperature: dict[Policy, dict[float, list[Measured]]]

    @property
    def sides(self) -> list[Shift]:
        """The sides of the shift on which there are splits."""
        return [side for side in SIDES if self.runs["sft"][0].splits(side)]

    def part(
        self, first: Policy, second: Policy, side: Shift, score: Score, wanted: Wanted, *, decides: bool = True
    ) -> Part:
        """Return one policy's score minus another's on one side of the shift."""
        text = f"{score.name}, {LABELS[first]} - {LABELS[second]}, {side}"
        return Part(text, wanted, _contrasted(self.runs[first], self.runs[second], side, score), decides)


def claims(evidence: Evidence) -> list[Claim]:
    """Return what the evidence says of the claims C1 to C6 (docs/reproduce.md says how each was put into numbers)."""
    return [_c1(evidence), _c2(evidence), _c3(evidence), _c4(evidence), _c5(evidence), _c6(evidence)]


def _between(
    ones: Sequence[Measured], twos: Sequence[Measured], measured: Callable[[Measured, Measured], Estimate | None]
) -> Interval | None:
    """Return what is measured between two policies' runs of each seed, over seeds."""
    found = over_seeds([measured(one, two) for one, two in zip(ones, twos, strict=True)])
    return None if found is None else found.interval()


def _contrasted(ones: Sequence[Measured], twos: Sequence[Measured], side: Shift, score: Score) -> Interval | None:
    return _between(ones, twos, lambda one, two: contrast(one, two, side, score))


def _c1(evidence: Evidence) -> Claim:
    sides = [side for side in evidence.sides if side != "id"]
    return Claim(
        "C1",
        "Out of distribution RLHF is better than SFT",
        tuple(evidence.part("ppo", "sft", side, evidence.quality, "above") for side in sides),
    )


def _c2(evidence: Evidence) -> Claim:
    sides = evidence.sides

    def growth(side: Shift, since: Shift) -> Part:
        def measured(one: Measured, two: Measured) -> Estimate | None:
            there, here = (contrast(one, two, place, evidence.quality) for place in (side, since))
            return None if there is None or here is None else there.minus(here)

        text = f"{evidence.quality.name}, (RLHF - SFT, {side}) - (RLHF - SFT, {since})"
        return Part(
            text, "above", _between(evidence.runs["ppo"], evidence.runs["sft"], measured), decides=side == "far"
        )

    return Claim(
        "C2",
        "RLHF's advantage over SFT grows with the severity of the shift",
        tuple(growth(side, since) for place, side in enumerate(sides) for since in sides[:place]),
    )


def _c3(evidence: Evidence) -> Claim:
    pairs: tuple[tuple[Policy, Policy], ...] = (("best-of-n", "ppo"), ("ppo", "sft"))
    return Claim(
        "C3",
        "BoN is better than RLHF, and RLHF better than SFT, in distribution and out of it",
        tuple(
            evidence.part(first, second, side, evidence.quality, "above")
            for first, second in pairs
            for side in evidence.sides
        ),
    )


def _c4(evidence: Evidence) -> Claim:
    return Claim(
        "C4",
        "Per input RLHF is much less diverse than SFT",
        tuple(
            evidence.part("ppo", "sft", side, score, "below", decides=side == "id")
            for score in evidence.per_input
            for side in evidence.sides
        ),
    )


def _c5(evidence: Evidence) -> Claim:
    pairs: tuple[tuple[Policy, Wanted], ...] = (("ppo", "below"), ("best-of-n", "not below"))
    return Claim(
        "C5",
        "Across inputs RLHF is less diverse than SFT, and BoN is not",
        tuple(
            evidence.part(policy, "sft", side, score, wanted, decides=side == "id")
            for policy, wanted in pairs
            for score in evidence.across_input
            for side in evidence.sides
        ),
    )


def _c6(evidence: Evidence) -> Claim:
    coefficients = sorted(evidence.by_coefficient)
    parts = []
    for score in (evidence.quality, *evidence.per_input):
        for lower, higher in pairwise(coefficients):
            text = f"{score.name}, KL {higher:g} - KL {lower:g}, id"
            ones, twos = evidence.by_coefficient[higher], evidence.by_coefficient[lower]
            parts.append(Part(text, "below", _contrasted(ones, twos, "id", score)))
    return Claim("C6", "A higher KL coefficient lowers quality, and lowers per-input diversity too", tuple(parts))
