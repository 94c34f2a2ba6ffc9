"""Validating a judge: how often it chooses as people did, beside what needs no judge at all."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from ...tasks.preferences import Preference
from ...version import __version__
from ..progress import Progress, Silent
from ..sources.source import Source
from ..to_the_end import to_the_end
from .comparison import Comparison, Outcome, outcomes_of, questions_of
from .figures import trust
from .hearing import hear, inquire
from .people import Choices, draw_choices
from .questions import tidy
from .quote import Quote
from .record import Figure, Validation
from .recording import judge_record, now, refusals, repeated, spent, unanswered
from .share import share
from .terms import Terms

Case = tuple[Preference, Outcome]
"""A human choice, and what the judge said of the same answers; ours is the data's first answer."""


def validate_judge(
    judge: Source,
    data: str | Path = "tldr",
    terms: Terms | None = None,
    *,
    count: int | None = 500,
    progress: Progress | None = None,
) -> Validation:
    """Ask a judge about answers that people chose between.

    Args:
        judge: not yet entered.
        data: "tldr", "cnn_dailymail", or a JSONL file of choices.
        terms: how it is asked, and what it may cost; their seed draws the choices.
        count: how many choices are drawn; all where there are fewer, or for None.
        progress: told how it goes.

    Raises:
        GendivError: what went wrong, in one line; every reply is kept and the same call goes on.
    """
    terms, telling = terms or Terms(), progress or Silent()
    drawn = draw_choices(data, count, terms.seed)
    comparisons = comparisons_of(drawn)
    hearing = to_the_end(lambda: hear(judge, comparisons, terms, telling))
    outcomes = outcomes_of(comparisons, terms.questions, terms.orders, hearing.heard())
    cases = list(zip(drawn.drawn, outcomes, strict=True))
    asked = questions_of(comparisons, terms.questions, terms.orders)
    questions = list(dict.fromkeys(question for _, _, question in asked))
    firsts = sum(preference.choice == 0 for preference in drawn.drawn)
    return Validation(
        gendiv=__version__,
        made=now(),
        data=drawn.data,
        people=len(cases),
        of=drawn.of,
        judge=judge_record(hearing, terms),
        agreement=Figure.of(share(_agreements(cases))),
        agreement_single=Figure.of(share(_single(cases))),
        agreement_consistent=Figure.of(share(_consistent(cases))),
        chance=0.5,
        always_first=firsts / len(cases),
        majority=max(firsts, len(cases) - firsts) / len(cases),
        longer=Figure.of(share(_longer(cases))),
        identical=sum(outcome.comparison.identical for outcome in outcomes),
        undecided=sum(math.isnan(outcome.preference) for outcome in outcomes),
        trust=trust(outcomes, repeated(hearing, questions)),
        spent=spent(hearing, questions, terms),
        unanswered=unanswered(hearing, questions),
        remarks=refusals(hearing, questions),
    )


def quote_validation(
    judge: Source,
    data: str | Path = "tldr",
    terms: Terms | None = None,
    *,
    count: int | None = 500,
    progress: Progress | None = None,
) -> Quote:
    """Return what validating will ask and cost at most; nothing is asked and no server started."""
    terms = terms or Terms()
    comparisons = comparisons_of(draw_choices(data, count, terms.seed))
    return to_the_end(lambda: inquire(judge, comparisons, terms, progress or Silent()))


def comparisons_of(choices: Choices) -> list[Comparison]:
    """Return the comparisons of human choices; those about the same text are of one prompt, and not independent."""
    seen: dict[str, list[str]] = {}
    found = []
    for one in choices.drawn:
        about = seen.setdefault(one.shown, [])
        about.append(one.id)
        found.append(Comparison(choices.data, about[0], len(about) - 1, one.kind, one.shown, *one.answers))
    return found


def _agrees(choice: Literal[0, 1], liking: float) -> float:
    """Return how far a liking of the first answer, from 0 to 1, agrees with a choice: 1, 0, or 1/2 for no preference.

    >>> _agrees(0, 0.75), _agrees(1, 0.75), _agrees(1, 0.5)
    (1.0, 0.0, 0.5)
    """
    return 0.5 if liking == 0.5 else float((liking > 0.5) == (choice == 0))


def _agreements(cases: Sequence[Case]) -> Iterator[tuple[str, float]]:
    for person, outcome in cases:
        if not math.isnan(outcome.preference):
            yield outcome.comparison.prompt, _agrees(person.choice, outcome.preference)


def _single(cases: Sequence[Case]) -> Iterator[tuple[str, float]]:
    for person, outcome in cases:
        for points in outcome.points:
            yield outcome.comparison.prompt, _agrees(person.choice, points)


def _consistent(cases: Sequence[Case]) -> Iterator[tuple[str, float]]:
    for person, outcome in cases:
        if outcome.points in ((0.0, 0.0), (1.0, 1.0)):
            yield outcome.comparison.prompt, _agrees(person.choice, outcome.preference)


def _longer(cases: Sequence[Case]) -> Iterator[tuple[str, float]]:
    """Yield whether the person chose the longer answer; of equally long ones nobody can."""
    for person, outcome in cases:
        first, second = (len(tidy(answer)) for answer in person.answers)
        liking = 0.5 if first == second else float(first > second)
        yield outcome.comparison.prompt, _agrees(person.choice, liking)
