"""Asking a reward model from code that waits: a function that scores, as trainers want it."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence

from .reward_model import Pair, RewardModel


@contextlib.contextmanager
def asked(model: RewardModel) -> Iterator[Callable[[Sequence[Pair]], list[float]]]:
    """Yield a function that scores answers; the model is entered when it is first called, and left at the end.

    >>> from gendiv.benchmark.rewarding.scripted import ScriptedReward
    >>> with asked(ScriptedReward(lambda prompt, answer: len(answer))) as score:
    ...     score([("say", "a cat"), ("say", "cat")])
    [5.0, 3.0]
    """
    entered = False

    async def score(pairs: Sequence[Pair]) -> list[float]:
        nonlocal entered
        if not entered:
            await model.__aenter__()
            entered = True
        return await model.score(pairs)

    with asyncio.Runner() as runner:
        try:
            yield lambda pairs: runner.run(score(pairs))
        finally:
            if entered:
                runner.run(model.__aexit__(None, None, None))


def name_of(reward: RewardModel) -> str:
    """Return what names a reward: the signature of its scores, or what a server calls its model."""
    return reward.metric.signature if reward.peek() is not None else reward.spec.rpartition("#")[2]


def weights_of(spec: str) -> str | None:
    """Return where a reward model's weights are, if they are at hand."""
    scheme, _, rest = spec.partition(":")
    return rest if scheme in ("hf", "vllm") else None
