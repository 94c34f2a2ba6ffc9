"""`/classify` of a vLLM server that runs a classifier: tokens in, raw logits out, with patience for a busy server."""

import asyncio
import math
import random
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from ...errors import BadInput, SourceFailed
from ..sources.openai import OpenAI
from ..sources.source import Flaky, Overloaded, Refused

INPUTS: Final = 32
"""Inputs of one request: enough that a server is busy, few enough that a lost one costs little."""

UNDER_WAY: Final = 8
"""Requests under way at once; vLLM itself puts their inputs into batches."""

TRIES: Final = 6

PAUSE: Final = 0.5
"""Seconds before the second try; they double from try to try, jittered."""

PATIENCE: Final = 600.0
"""Seconds without an answer from an overloaded server after which it counts as gone."""


class Classify:
    """A client of one reward model's server.

    Args:
        client: an entered client of the server.
        check: raises SourceFailed if the server is known to be dead.
    """

    def __init__(self, client: OpenAI, check: Callable[[], None] = lambda: None) -> None:
        self._client = client
        self._check = check
        self._places = asyncio.Semaphore(UNDER_WAY)

    async def scores(self, inputs: Sequence[Sequence[int]]) -> list[float]:
        """Return the logit of each input, NaN where the server gives none.

        Raises:
            BadInput: the server refuses such inputs, or has more labels than one.
            SourceFailed: it does not answer.
        """
        parts = [inputs[start : start + INPUTS] for start in range(0, len(inputs), INPUTS)]
        try:
            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(self._scores(part)) for part in parts]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return [score for task in asked for score in task.result()]

    async def _scores(self, inputs: Sequence[Sequence[int]]) -> list[float]:
        body = {"model": self._client.served, "input": list(map(list, inputs)), "use_activation": False}
        tries, began = 0, time.monotonic()
        while True:
            pause: float | None
            try:
                async with self._places:
                    return _logits(await self._client.post("/classify", body), len(inputs), self._client.spec)
            except Refused as refused:
                raise BadInput(f"{self._client.spec} refuses to score: {refused}") from refused
            except Overloaded as overloaded:
                reason: Exception = overloaded
                if time.monotonic() - began > PATIENCE:
                    raise SourceFailed(f"nothing was scored for {PATIENCE:.0f} s: {overloaded}") from overloaded
                pause = overloaded.retry_after
            except Flaky as flaky:
                self._check()
                reason, pause = flaky, None
                tries += 1
                if tries == TRIES:
                    raise SourceFailed(f"the reward model stopped answering: {reason}") from flaky
            await asyncio.sleep(random.uniform(0.5, 1.0) * PAUSE * 2.0**tries if pause is None else pause)


def _logits(answer: Any, count: int, spec: str) -> list[float]:  # noqa: ANN401  JSON
    try:
        rows = sorted(answer["data"], key=lambda row: int(row["index"]))
        labels = [list(row["probs"]) for row in rows]
    except (KeyError, TypeError, ValueError) as error:
        raise Flaky(f"the answer holds no classification: {str(answer)[:60]}") from error
    if len(labels) != count:
        raise Flaky(f"wanted {count} scores, the answer holds {len(labels)}")
    if wrong := [len(some) for some in labels if len(some) != 1]:
        raise BadInput(f"{spec} is no reward model: wanted a classifier with one label, found {wrong[0]}")
    return [math.nan if some[0] is None else float(some[0]) for some in labels]
