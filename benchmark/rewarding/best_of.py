"""Best of N as a source: each sample is the best, by a reward model, of N draws of another source."""

import asyncio
import hashlib
import json
import math
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Final, Self

from ...errors import BadInput
from ...tasks import Format
from ..decoding import Decoding
from ..sources.source import Abilities, Answer, Choice, Flaky, Model, Overloaded, Refused, Request, Source
from .best_of_weights import draw_rank, ranking
from .reward_model import RewardModel

SEEDS: Final = 2**30
"""Seeds of draws are below this, so that seed + index fits every server's 32-bit integer."""


class BestOf(Source):
    """A source whose samples are the best of `n` of another's, as the policy "best of N" of Kirk et al. (2024).

    Without a pool each sample has `n` draws of its own, so that samples are independent: a run of K samples draws n K
    times a prompt. Sample seeds t and t + 1 stand for the draws with seeds t n ... t n + n - 1 and the n after those:
    no draw serves two samples of a prompt, and a sample is the same whether drawn with its siblings or alone. Of equal
    rewards the earliest draw is kept, as published. A draw without a score is never the best.

    With `pool` there are that many draws a prompt, those that a plain run of as many samples would have, and each
    sample is drawn, with its own seed, from the exact distribution of the best of n out of the pool. That costs less,
    and the samples of a prompt overlap: the best draw of the pool alone is each of them with probability n / pool, so
    diversity within a prompt is biased downwards; take a pool much larger than n.

    Args:
        base: draws; not yet entered.
        reward: scores; not yet entered.
        n: how many draws compete.
        pool: how many draws a prompt, at least `n`; none for draws of its own for each sample.

    Raises:
        BadInput: n or pool is too small.
    """

    def __init__(self, base: Source, reward: RewardModel, n: int, pool: int | None = None) -> None:
        super().__init__()
        check_sizes(n, pool)
        self._base = base
        self._reward = reward
        self._n = n
        self._pool = pool
        self._entered = AsyncExitStack()
        self._abilities: dict[Format, Abilities] = {}
        self._begun: dict[tuple[str, Format, Decoding, int], _Draws] = {}
        self.slots = base.slots

    @property
    def shortened(self) -> int:
        """How many answers were, with their prompt, longer than the reward model reads."""
        return self._reward.shortened

    @property
    def spec(self) -> str:
        """The model's spec with the options that make it the best of N."""
        pool = f" --pool {self._pool}" if self._pool is not None else ""
        return f"{self._base.spec} --best-of {self._n}{pool} --reward {self._reward.spec}"

    @property
    def model(self) -> Model:
        """The base model, with a fingerprint and a name that say what its samples are the best of."""
        return self._describe(self._base.model)

    def peek(self) -> Model | None:
        """The model, if base and reward model are both known without a start."""
        base = self._base.peek()
        return None if base is None or self._reward.peek() is None else self._describe(base)

    def _describe(self, base: Model) -> Model:
        reward = self._reward
        parts = [base.fingerprint, reward.model.fingerprint, reward.metric.signature, self._n, self._pool]
        return replace(
            base,
            spec=self.spec,
            name=f"{base.name} best of {self._n}" + (f" from {self._pool}" if self._pool is not None else ""),
            fingerprint="best-of:" + hashlib.sha256(json.dumps(parts).encode()).hexdigest(),
        )

    def require(self, format: Format, decoding: Decoding) -> None:
        """Refuse temperature 0, at which all draws are the same text, and what the base source cannot draw with."""
        if decoding.temperature == 0 and (self._n > 1 or self._pool is not None):
            raise BadInput(
                f"temperature 0 gives one text a prompt, and --best-of wants {self._n} to choose from: a temperature "
                "above 0 (the paper's is 0.7)"
            )
        self._base.require(format, decoding)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as starting:
            await starting.enter_async_context(self._base)
            await starting.enter_async_context(self._reward)
            self._entered = starting.pop_all()
        reward = {f"reward_{name}": value for name, value in self._reward.details.items()}
        chosen = f"{self._n} draws" if self._pool is None else f"{self._n} of {self._pool} draws a prompt"
        self.details.update(self._base.details, **reward, best_of=chosen, reward=self._reward.metric.signature)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._entered.aclose()

    async def examine(self, format: Format) -> Abilities:
        """Ask the base what it can do; a sample with draws of its own is one request, so that a crash costs little."""
        found = await self._base.examine(format)
        self._abilities[format] = found
        return replace(found, choices_per_request=1) if self._pool is None else replace(found, choices_per_request=0)

    async def draw(self, request: Request) -> Answer:
        """Answer one request; draws that came before a failure are kept for the next try."""
        self.require(request.format, request.decoding)
        if self._pool is not None:
            return await self._from_pool(request, self._pool)
        answers = [await self._best_of_own(request, request.seed + j) for j in range(request.n)]
        return Answer(
            tuple(choice for answer in answers for choice in answer.choices),
            sum(answer.prompt_tokens for answer in answers),
            sum(answer.completion_tokens for answer in answers),
        )

    async def _best_of_own(self, request: Request, seed: int) -> Answer:
        draws = await self._drawn(request, seed * self._n % SEEDS, self._n)
        return draws.answer([ranking(draws.rewards)[0]])

    async def _from_pool(self, request: Request, pool: int) -> Answer:
        draws = await self._drawn(request, request.seed if request.prompt_seed is None else request.prompt_seed, pool)
        order = ranking(draws.rewards)
        generators = [random.Random(f"best of {self._n}:{request.seed + j}") for j in range(request.n)]
        return draws.answer([order[draw_rank(pool, self._n, generator)] for generator in generators])

    async def _drawn(self, request: Request, seed: int, count: int) -> "_Draws":
        """Return so many scored draws of a prompt from a seed on; requests that want the same ones wait for them."""
        key = (request.text, request.format, request.decoding, seed)
        draws = self._begun.setdefault(key, _Draws())
        async with draws.lock:
            try:
                await self._draw_missing(draws, request, seed, count)
                await self._score_missing(draws, request.text)
            except (Flaky, Overloaded):
                raise  # the next try goes on with what is there
            except BaseException:
                self._begun.pop(key, None)
                raise
            self._begun.pop(key, None)
        return draws

    async def _draw_missing(self, draws: "_Draws", request: Request, seed: int, count: int) -> None:
        most = self._abilities.get(request.format, Abilities()).choices_per_request or count
        while (lacking := count - len(draws.choices)) > 0:
            part = replace(request, seed=seed + len(draws.choices), n=min(most, lacking))
            answer = await self._base.draw(part)
            if not answer.choices:
                raise Flaky("the answer held no choices")
            draws.add(answer, lacking)

    async def _score_missing(self, draws: "_Draws", prompt: str) -> None:
        if draws.rewards:
            return
        texts = list(dict.fromkeys(choice.text for choice in draws.choices))  # equal texts have equal rewards
        scores = await self._reward.score([(prompt, text) for text in texts])
        if all(map(math.isnan, scores)):
            raise Refused(f"{self._reward.spec} gave none of {len(draws.choices)} draws a score")
        reward_of = dict(zip(texts, scores, strict=True))
        draws.rewards = [reward_of[choice.text] for choice in draws.choices]


def check_sizes(n: int, pool: int | None) -> None:
    """Raise BadInput if there is no best of n, or none out of such a pool."""
    if n < 1:
        raise BadInput(f"--best-of: wanted at least 1 draw, found {n}")
    if pool is not None and pool < n:
        raise BadInput(f"--pool: wanted at least as many draws as --best-of asks ({n}), found {pool}")


@dataclass
class _Draws:
    """Draws of one prompt, their rewards once they are all there, and what they cost."""

    choices: list[Choice] = field(default_factory=list)
    rewards: list[float] = field(default_factory=list)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def add(self, answer: Answer, lacking: int) -> None:
        """Take what came, but no more than lacks."""
        self.choices += answer.choices[:lacking]
        self.prompt_tokens += answer.prompt_tokens
        self.completion_tokens += answer.completion_tokens

    def answer(self, places: list[int]) -> Answer:
        """Return the draws at some places as samples; the tokens are told once."""
        answer = Answer(tuple(self.choices[place] for place in places), self.prompt_tokens, self.completion_tokens)
        self.prompt_tokens = self.completion_tokens = 0
        return answer
