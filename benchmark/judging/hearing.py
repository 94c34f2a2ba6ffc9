"""Hearing: every question put to the judge once, each reply kept as it comes, none asked twice."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from ...errors import BadInput, RunIncomplete, SourceFailed
from ...metrics.texts import well_formed
from ..progress import Progress
from ..sampling import Tally, Want, draw
from ..sources.source import Choice, Source
from .agenda import AGAIN, FIRST, Agenda
from .budget import Budget
from .comparison import Comparison
from .judge import Judge
from .metered import Metered
from .quote import Quote, prompt_tokens
from .replies import Reply, keep_reply
from .terms import Terms


@dataclass(frozen=True)
class Hearing:
    """What a judge said.

    Attributes:
        judge: who was asked.
        source: facts about the server, where one was started or asked.
        replies: by question.
        again: the replies to questions that were asked a second time.
        quote: what was to be asked.
        now: the time and question of each reply that came now; the others were kept from before.
        refused: by question, why the judge will never answer it.
        given_up: by question, why it got no answer, though it may get one another time.
    """

    judge: Judge
    source: Mapping[str, str]
    replies: Mapping[str, Reply]
    again: Mapping[str, Reply]
    quote: Quote
    now: frozenset[tuple[int, str]]
    refused: Mapping[str, str]
    given_up: Mapping[str, str]

    def heard(self, *, again: bool = False) -> dict[str, str]:
        """Return what counts of the replies, by question; of the second ones where asked for."""
        replies = self.again if again else self.replies
        return {question: self.judge.heard(reply.text) for question, reply in replies.items()}


async def hear(source: Source, comparisons: Sequence[Comparison], terms: Terms, telling: Progress) -> Hearing:
    """Put the questions of all comparisons to a judge, which is started only if a reply is missing.

    Raises:
        BadInput: the estimate exceeds what may be spent; nothing was asked.
        RunIncomplete: the budget was used up; every reply is kept.
        SourceFailed: the judge could not be started or died; every reply is kept.
        StoreFailed: replies cannot be kept.
    """
    async with AsyncExitStack() as started:
        known = source.peek()
        if known is None:
            await started.enter_async_context(source)
        agenda = Agenda(comparisons, terms)
        judge = Judge.of(known or source.model, terms)
        agenda.assign(judge)
        quote = agenda.quote()
        telling.note(str(quote))
        if agenda.missing:
            source.require(judge.format, judge.decoding)
        if terms.max_judge_tokens is not None and quote.tokens > terms.max_judge_tokens:
            raise BadInput(
                f"--max-judge-tokens {terms.max_judge_tokens}: judging is estimated at up to {quote.tokens} tokens, "
                "and nothing was asked: raise it, or judge less (-n, --orders random, a smaller --max-tokens)"
            )
        asking = _Asking(source, agenda, telling)
        if agenda.missing:
            if known is not None:
                await started.enter_async_context(source)
            await asking.ask()
        return asking.hearing(quote)


async def inquire(source: Source, comparisons: Sequence[Comparison], terms: Terms, telling: Progress) -> Quote:
    """Return what judging will ask; no server is started, and one that is not up is done without."""
    agenda = Agenda(comparisons, terms)
    async with AsyncExitStack() as started:
        model = source.peek()
        if model is None:
            try:
                await started.enter_async_context(source)
                model = source.model
            except SourceFailed as down:
                telling.note(f"the judge is not up ({down}), so what is kept of its replies is not known")
    if model is not None:
        agenda.assign(Judge.of(model, terms))
    quote = agenda.quote()
    telling.note(str(quote))
    return quote


class _Asking:
    """The questions of an agenda on their way to an entered judge."""

    def __init__(self, source: Source, agenda: Agenda, telling: Progress) -> None:
        if agenda.judge is None:
            raise RuntimeError("assign the agenda to a judge before asking")
        self._source = source
        self._metered = Metered(source)
        self._agenda = agenda
        self._judge = agenda.judge
        self._telling = telling
        self._budget = Budget(agenda.terms.max_judge_tokens)
        self._released = 0
        self._take = FIRST
        self._stopped = False
        self._now: set[tuple[int, str]] = set()
        self.tally = Tally()

    async def ask(self) -> None:
        """Ask what is missing: all first times, then all second times."""
        await self._examine()
        missing = self._agenda.missing
        total = sum(map(len, self._agenda.takes.values()))
        self._telling.start(total, total - len(missing), "verdicts")
        try:
            for self._take in (FIRST, AGAIN):
                questions = [question for take, question in missing if take == self._take]
                if self._take == AGAIN:  # what has no first reply needs no second one
                    questions = [question for question in questions if question in self._agenda.there[FIRST]]
                ahead = 0 if self._budget.most is None else 1  # whose count corrects the estimate of the others
                for some in (questions[:ahead], questions[ahead:]):
                    await self._draw(some)
        except SourceFailed as died:
            raise SourceFailed(f"{self._so_far()}; the same command goes on. {died}") from died
        finally:
            self._telling.finish()
        if self._stopped:
            raise RunIncomplete(
                f"--max-judge-tokens {self._budget.most}: the server counted {self._budget.spent} tokens, which leaves "
                f"no room for the next question; {self._so_far()}: give the same command with a budget for the rest"
            )

    async def _draw(self, questions: Sequence[str]) -> None:
        await draw(
            self._metered,
            self._wants(questions),
            self._keep,
            self.tally,
            per_request={},
            most_under_way=self._agenda.terms.most_under_way,
            advance=self._telling.advance,
        )

    async def _examine(self) -> None:
        """Find out what the server understands, so that nothing is sent that it would refuse."""
        try:
            await self._source.examine(self._judge.format)
        except BadInput as refused:
            other = "raw" if self._judge.format == "chat" else "chat"
            raise BadInput(f"{refused}; --format {other} asks in another way") from refused

    def _so_far(self) -> str:
        there = sum(map(len, self._agenda.there.values()))
        return (
            f"{there} of {sum(map(len, self._agenda.takes.values()))} questions are answered, and every reply is kept"
        )

    def _wants(self, questions: Sequence[str]) -> Iterator[Want]:
        """Yield what is to be asked, one by one, until the budget has no room for the next."""
        judge = self._judge
        for question in questions:
            for _, refused, _ in self.tally.refused[self._released :]:
                self._budget.release(refused)
            self._released = len(self.tally.refused)
            if self._stopped or not self._budget.admits(question, prompt_tokens(question) + judge.decoding.max_tokens):
                self._stopped = True
                return
            text = judge.text(question)
            yield Want(self._agenda.splits[question], question, text, judge.format, judge.decoding, judge.seed, (0,))

    def _keep(self, want: Want, indices: Sequence[int], choices: Sequence[Choice]) -> None:  # noqa: ARG002  one choice
        """Keep a reply the moment it comes."""
        question = want.prompt
        tokens = self._metered.counted.pop(want.text, (0, 0))
        reply = Reply(well_formed(choices[0].text), well_formed(choices[0].finish_reason), *tokens)
        keep_reply(self._agenda.keys[self._take][question], reply)
        self._agenda.there[self._take][question] = reply
        self._budget.settle(question, sum(tokens))
        self._now.add((self._take, question))

    def hearing(self, quote: Quote) -> Hearing:
        """Return what there is to know now."""
        lost = {question: reason for _, question, reason in self.tally.refused}
        curable = {question for _, question in self.tally.given_up}
        return Hearing(
            judge=self._judge,
            source=self._source.details,
            replies=self._agenda.there[FIRST],
            again=self._agenda.there[AGAIN],
            quote=quote,
            now=frozenset(self._now),
            refused={question: reason for question, reason in lost.items() if question not in curable},
            given_up={question: reason for question, reason in lost.items() if question in curable},
        )
