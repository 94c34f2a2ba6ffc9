"""Judging right after a run: the options of `gendiv run` that call a judge once the samples are there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from ..benchmark.judging.choosing import choose_questions
from ..benchmark.judging.judging import judge_matches
from ..benchmark.judging.matching import Wanted, match_reference
from ..benchmark.judging.record import Judgement, Validation
from ..benchmark.judging.terms import Terms
from ..benchmark.open import open_source
from ..benchmark.plan import Plan
from ..benchmark.progress import Progress
from ..benchmark.sources.source import Source, SourceOptions
from ..errors import BadInput, RunIncomplete

F = TypeVar("F", bound=Callable[..., Any])


def judging_options(command: F) -> F:
    """Add the options that name a judge, what it is asked, and what it may cost."""
    options = (
        click.option(
            "--judge",
            metavar="SPEC",
            help="Then judge the first sample of each prompt against its reference (see `gendiv judge`).",
        ),
        click.option("--questions", default="kirk2023", metavar="NAME|FILE", help="What the judge is asked."),
        click.option("--max-judge-tokens", type=int, metavar="N", help="Spend no more tokens than this on the judge."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@dataclass(frozen=True)
class Judging:
    """A judge that waits until a run is drawn, whose own server is stopped by then."""

    judge: Source
    terms: Terms
    progress: Progress

    @classmethod
    def of(cls, given: Mapping[str, Any], plan: Plan, progress: Progress) -> "Judging | None":
        """Return the judge that the options name, if any, so that what is wrong with it shows before anything is drawn.

        Raises:
            BadInput: the judge, the questions or the budget are not usable, or no prompt has a reference.
        """
        terms = Terms(questions=choose_questions(given["questions"]), max_judge_tokens=given["max_judge_tokens"])
        if given["judge"] is None:
            return None
        if not any(prompt.reference for split in plan.splits for prompt in split.prompts):
            raise BadInput("--judge: no prompt of these splits has a reference to judge against; leave it out")
        options = SourceOptions(log=progress.note, timeout=given["timeout"], api_key_variable=given["api_key_variable"])
        return cls(open_source(given["judge"], options), terms, progress)

    def of_run(self, folder: Path) -> list[Judgement]:
        """Judge a run against the references of its prompts."""
        return judge_matches([match_reference(folder, Wanted())], self.judge, self.terms, progress=self.progress)


def require_answers(found: Sequence[Judgement] | Sequence[Validation]) -> None:
    """Raise if questions got no answer that may get one another time; to be called when all figures are out."""
    if lost := sum(one.unanswered for one in found):
        raise RunIncomplete(
            f"{lost} questions got no answer, and the figures are without them: give the same command again to ask for "
            "those alone"
        )
