"""Findings: all that a reproduction's runs say, in numbers: claims, the scores behind them, sweeps, time."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ...tasks import Shift
from ..intervals import Interval
from .claims import Claim, Evidence, claims
from .contrasts import Score, level_of, over_seeds
from .evidence import measured_kl, read_evidence
from .scale import Scale
from .step import POLICIES, Layout, Policy, Sweep
from .sweeps import Match, Point, match, sweep


@dataclass(frozen=True)
class Level:
    """One score of one policy on one side of the shift: the mean over splits and seeds with its 95% interval."""

    policy: Policy
    score: str
    side: Shift
    interval: Interval | None


@dataclass(frozen=True)
class Findings:
    """What a reproduction came to.

    Attributes:
        scale: at which it was done.
        seeds: of its trainings.
        claims: C1 to C6.
        levels: the scores of the policies.
        kl: the KL sweep; empty where there was none.
        temperature: the temperature sweep by policy; empty where there was none.
        matches: "is it just temperature?": differences at equal quality and at equal diversity.
    """

    scale: Scale
    seeds: tuple[int, ...]
    claims: tuple[Claim, ...]
    levels: tuple[Level, ...]
    kl: tuple[Point, ...]
    temperature: dict[str, tuple[Point, ...]]
    matches: tuple[Match, ...]

    def to_json(self) -> dict[str, object]:
        """Return the findings as a JSON value."""
        claimed = [
            {
                "name": claim.name,
                "text": claim.text,
                "verdict": claim.verdict,
                "parts": [{**asdict(part), "verdict": part.verdict} for part in claim.parts],
            }
            for claim in self.claims
        ]
        return {"schema": 1, **asdict(self), "claims": claimed}


def read_findings(layout: Layout, seeds: Sequence[int], sweeps: Sequence[Sweep]) -> Findings:
    """Return what the run folders of a reproduction say.

    Raises:
        BadInput: a run was not graded.
        StoreFailed: a run folder is missing or damaged.
    """
    evidence = read_evidence(layout, seeds, sweeps)
    scores = (evidence.quality, *evidence.per_input, *evidence.across_input)
    kls = {at: [measured_kl(layout.swept(seed, at)) for seed in seeds] for at in evidence.by_coefficient}
    heated = evidence.by_temperature
    return Findings(
        scale=layout.scale,
        seeds=tuple(seeds),
        claims=tuple(claims(evidence)),
        levels=tuple(_levels(evidence, scores)),
        kl=tuple(sweep(evidence.by_coefficient, scores, kls)),
        temperature={policy: tuple(sweep(runs, scores)) for policy, runs in heated.items()},
        matches=tuple(
            one
            for score in evidence.per_input
            if heated
            for one in (
                match(heated["sft"], evidence.runs["ppo"], evidence.quality, score, ("SFT", "RLHF")),
                match(heated["ppo"], evidence.runs["sft"], score, evidence.quality, ("RLHF", "SFT")),
            )
        ),
    )


def _levels(evidence: Evidence, scores: Sequence[Score]) -> list[Level]:
    found = []
    for score in scores:
        for side in evidence.sides:
            for policy in POLICIES:
                if policy == "best-of-n" and score in evidence.per_input:
                    continue  # fewer samples a prompt than the others: not comparable per input
                estimate = over_seeds([level_of(run, side, score) for run in evidence.runs[policy]])
                found.append(Level(policy, score.name, side, estimate.interval() if estimate else None))
    return found
