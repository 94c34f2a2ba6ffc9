"""Figures: what the verdicts of a judge come to, and how far they can be trusted."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ...metrics.texts import FloatArray
from ..intervals import Estimate
from .alpaca_eval import alpaca_eval
from .comparison import Answered, Outcome
from .length_control import LengthControl, control_length, supported
from .questions import tidy
from .record import Figure, Figures, Trust
from .share import share
from .verdict import Verdict, read_verdict

Place = tuple[str, str]
"""A prompt: its split and its id. Prompts are what is drawn; samples and orders of one prompt are not independent."""


def figures(split: str, outcomes: Sequence[Outcome], again: Sequence[tuple[str, str]]) -> Figures:
    """Return the figures of one split.

    Args:
        split: its name.
        outcomes: its comparisons with what the judge said.
        again: of questions that were asked twice, both replies.
    """
    decided = [outcome for outcome in outcomes if not math.isnan(outcome.preference)]
    by_prompt: dict[Place, list[float]] = {}
    for outcome in decided:
        by_prompt.setdefault(_place(outcome), []).append(outcome.preference)
    means = np.array([np.mean(preferences) for preferences in by_prompt.values()])
    controlled = length_controlled(outcomes)
    return Figures(
        split=split,
        prompts=len({_place(outcome) for outcome in outcomes}),
        comparisons=len(outcomes),
        identical=sum(outcome.comparison.identical for outcome in outcomes),
        undecided=len(outcomes) - len(decided),
        win_rate=_mean(means, len(decided)),
        win_rate_lc=_mean(controlled[0].pseudo_values, len(decided)) if controlled else None,
        length_slope=controlled[0].slope if controlled else None,
        mean_characters=(_mean_characters(outcomes, "ours"), _mean_characters(outcomes, "theirs")),
        alpaca_eval=alpaca_eval(outcome.preference + 1 for outcome in decided),
        trust=trust(outcomes, again),
    )


def length_controlled(outcomes: Sequence[Outcome]) -> tuple[LengthControl, list[Place]] | None:
    """Return the fit to all decided comparisons, and the prompts that its pseudo-values belong to.

    None without any, and where the lengths of the two sides hardly overlap.
    """
    decided = [outcome for outcome in outcomes if not math.isnan(outcome.preference)]
    longer = np.array([_characters(one, "ours") - _characters(one, "theirs") for one in decided], dtype=np.float64)
    if not decided or not supported(longer):
        return None
    number: dict[Place, int] = {}
    clusters = np.array([number.setdefault(_place(outcome), len(number)) for outcome in decided], dtype=np.intp)
    preferences = np.array([outcome.preference for outcome in decided], dtype=np.float64)
    return control_length(preferences, longer, clusters), list(number)


def trust(outcomes: Sequence[Outcome], again: Sequence[tuple[str, str]]) -> Trust:
    """Return how the judge behaved."""
    asked = [(outcome, answered) for outcome in outcomes for answered in outcome.answered]
    replied = [(outcome, answered) for outcome, answered in asked if answered.reply is not None]
    read = [(outcome, answered) for outcome, answered in replied if answered.verdict is not None]
    decided = [(outcome, answered) for outcome, answered in read if answered.verdict != "tie"]
    pairs = [(outcome, outcome.points) for outcome in outcomes if len(outcome.points) == 2]
    return Trust(
        questions=len(asked),
        refused=len(asked) - len(replied),
        unparsable=Figure.of(share((_place(o), float(a.verdict is None)) for o, a in replied)),
        ties=Figure.of(share((_place(o), float(a.verdict == "tie")) for o, a in read)),
        position_bias=Figure.of(share((_place(o), float(a.verdict == "A")) for o, a in decided)),
        swap_consistency=Figure.of(share((_place(o), float(points[0] == points[1])) for o, points in pairs)),
        longer=Figure.of(share(_longer_ones(decided))),
        self_agreement=Figure.of(share(_same_again(again))),
    )


def grades(outcomes: Sequence[Outcome], split: str) -> tuple[Mapping[str, list[float]], Mapping[str, list[float]]]:
    """Return the grades of one split by prompt: those of the win rate, and those of the length-controlled one."""
    own = [outcome for outcome in outcomes if outcome.comparison.split == split]
    plain: dict[str, list[float]] = {}
    for outcome in sorted(own, key=lambda one: one.comparison.index):
        plain.setdefault(outcome.comparison.prompt, []).append(outcome.preference)
    controlled = {prompt: [math.nan] for prompt in plain}
    if found := length_controlled(own):
        fit, places = found
        controlled |= {prompt: [value] for (_, prompt), value in zip(places, fit.pseudo_values.tolist(), strict=True)}
    return plain, controlled


def _place(outcome: Outcome) -> Place:
    return outcome.comparison.split, outcome.comparison.prompt


def _characters(outcome: Outcome, whose: str) -> int:
    return len(tidy(getattr(outcome.comparison, whose)))


def _mean_characters(outcomes: Sequence[Outcome], whose: str) -> float:
    return float(np.mean([_characters(outcome, whose) for outcome in outcomes])) if outcomes else 0.0


def _mean(values: FloatArray, cases: int) -> Figure | None:
    """Return a mean over prompts; a win rate lies between 0 and 1."""
    if not len(values):
        return None
    found = Estimate.of_mean(values).interval()
    low, high = (None if end is None else min(max(end, 0.0), 1.0) for end in (found.low, found.high))
    return Figure(value=found.value, low=low, high=high, cases=cases)


def _longer_ones(decided: Sequence[tuple[Outcome, Answered]]) -> Iterator[tuple[Place, float]]:
    """Yield whether each decided verdict is for the longer answer."""
    for outcome, answered in decided:
        difference = _characters(outcome, "ours") - _characters(outcome, "theirs")
        if difference:
            yield _place(outcome), float((answered.points == 1) == (difference > 0))


def _same_again(again: Sequence[tuple[str, str]]) -> Iterator[tuple[int, float]]:
    """Yield whether two replies to the same question hold the same verdict, where one of them holds any."""
    for number, replies in enumerate(again):
        verdicts: list[Verdict | None] = [read_verdict(reply) for reply in replies]
        if verdicts != [None, None]:
            yield number, float(verdicts[0] == verdicts[1])
