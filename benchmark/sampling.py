"""Drawing K samples for each prompt from a source, at the pace the source can keep, each sample kept once finished."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import SourceFailed
from ..tasks import Format
from .decoding import Decoding
from .pace import Pace
from .sources.source import Answer, Choice, Flaky, Overloaded, Refused, Request, Source

TRIES = 6
"""How often one request is tried before its prompt is given up."""

DEAD_AFTER = 3
"""Requests given up in a row, with no answer between, that mean the source is gone."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds between tries: doubling from the first to the longest, jittered."""


@dataclass(frozen=True)
class Want:
    """The samples still missing for one prompt: their indices, ascending, and the prompt's seed."""

    split: str
    prompt: str
    text: str
    format: Format
    decoding: Decoding
    seed: int
    indices: tuple[int, ...]


@dataclass
class Tally:
    """What one round of sampling did.

    Attributes:
        samples, prompt_tokens, completion_tokens: drawn in this round; tokens as the source counted them.
        seconds: wall time.
        retries: tries after the first.
        falls: how often the pace fell.
        most_under_way: the most requests that were under way at once.
        refused: (split, prompt, reason) of every prompt that was not answered.
        given_up: (split, prompt) of those that failed too often, and that may be answered another time.
    """

    samples: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    retries: int = 0
    falls: int = 0
    most_under_way: int = 0
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    given_up: list[tuple[str, str]] = field(default_factory=list)


Keep = Callable[[Want, Sequence[int], Sequence[Choice]], None]
"""Stores finished samples: the want they belong to, their indices, and the choices, one for each index."""


async def draw(
    source: Source,
    wants: Iterable[Want],
    keep: Keep,
    tally: Tally,
    *,
    per_request: Mapping[Format, int],
    most_under_way: int | None = None,
    patience: float = 600.0,
    advance: Callable[[int, int], None] = lambda samples, tokens: None,
) -> None:
    """Draw everything in `wants` and hand each finished request to `keep` at once.

    Memory is bounded by the requests under way: wants are taken one by one, answers are not held.

    Args:
        source: an entered source.
        wants: missing samples, prompt by prompt.
        keep: called in this thread, once for each answered request.
        tally: told what was done, also when drawing ends early.
        per_request: by format, most samples one request may ask for; 0 is no limit.
        most_under_way: ceiling of the adaptive pace; the source's own by default.
        patience: seconds without a single answer from an overloaded source after which it counts as gone.
        advance: told the samples and completion tokens of each answer.

    Raises:
        SourceFailed: the source died or stopped answering; everything kept so far stays kept.
    """
    drawing = _Drawing(source, keep, tally, Pace(most_under_way or source.slots), patience, advance)
    began = time.monotonic()
    try:
        async with asyncio.TaskGroup() as group:
            for want in wants:
                for indices in _requests(want.indices, per_request.get(want.format, 0)):
                    entered = await drawing.pace.enter()
                    group.create_task(drawing.answer(want, indices, entered))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    finally:
        tally.seconds = time.monotonic() - began
        tally.falls = drawing.pace.falls
        tally.most_under_way = drawing.pace.highest


def _requests(indices: Sequence[int], per_request: int) -> Iterator[tuple[int, ...]]:
    """Cut ascending indices into runs of consecutive ones, none longer than `per_request`.

    >>> list(_requests([0, 1, 2, 5, 6], 2))
    [(0, 1), (2,), (5, 6)]
    """
    run: list[int] = []
    for index in indices:
        if run and (index != run[-1] + 1 or len(run) == per_request):
            yield tuple(run)
            run = []
        run.append(index)
    if run:
        yield tuple(run)


class _Drawing:
    """What the requests of one `draw` share."""

    def __init__(
        self,
        source: Source,
        keep: Keep,
        tally: Tally,
        pace: Pace,
        patience: float,
        advance: Callable[[int, int], None],
    ) -> None:
        self.source = source
        self.keep = keep
        self.pace = pace
        self.patience = patience
        self.advance = advance
        self.tally = tally
        self._answered_at = time.monotonic()
        self._given_up_in_a_row = 0

    async def answer(self, want: Want, indices: tuple[int, ...], entered: float) -> None:
        """Draw the samples `indices` of `want`, however many requests and tries that takes."""
        tries = turned_away = 0
        while indices:
            request = Request(want.text, want.format, want.decoding, len(indices), want.seed + indices[0], want.seed)
            kept_up = False
            pause: float | None = None
            try:
                answer = await self.source.draw(request)
                if not answer.choices:
                    raise Flaky("the answer held no choices")
                kept_up = True
            except Refused as refused:
                self.tally.refused.append((want.split, want.prompt, str(refused)))
                return
            except Overloaded as overloaded:
                self.pace.fall(entered, overloaded.retry_after)
                if time.monotonic() - self._answered_at > self.patience:
                    raise SourceFailed(f"nothing was answered for {self.patience:.0f} s: {overloaded}") from overloaded
                turned_away += 1
                pause = 0.0 if overloaded.retry_after else _pause(turned_away)
            except Flaky as flaky:
                tries += 1
                if tries == TRIES:
                    self._give_up(want, flaky)
                    return
                pause = _pause(tries)
            finally:
                self.pace.leave(kept_up=kept_up)
            if kept_up:
                indices = self._kept(want, indices, answer)
                tries = turned_away = 0
            if indices:
                self.tally.retries += 1
                await asyncio.sleep(pause or 0.0)
                entered = await self.pace.enter()

    def _kept(self, want: Want, indices: tuple[int, ...], answer: Answer) -> tuple[int, ...]:
        """Keep and count what came, and return the indices that are still missing."""
        done = min(len(answer.choices), len(indices))
        self.keep(want, indices[:done], answer.choices[:done])
        self.tally.samples += done
        self.tally.prompt_tokens += answer.prompt_tokens
        self.tally.completion_tokens += answer.completion_tokens
        self.advance(done, answer.completion_tokens)
        self._answered_at = time.monotonic()
        self._given_up_in_a_row = 0
        return indices[done:]

    def _give_up(self, want: Want, reason: Flaky) -> None:
        self._given_up_in_a_row += 1
        self.tally.refused.append((want.split, want.prompt, f"{reason}, {TRIES} times"))
        self.tally.given_up.append((want.split, want.prompt))
        if self._given_up_in_a_row >= DEAD_AFTER:
            raise SourceFailed(f"the source stopped answering: {reason}") from reason


def _pause(tries: int) -> float:
    return random.uniform(0.5, 1.0) * min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (tries - 1))
