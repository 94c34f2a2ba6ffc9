"""`hf:PATH_OR_HUB_ID[@revision]`: a reward model run by transformers in this process, on the GPU if there is one."""

import asyncio
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from ..installed import installed
from .checkpoint_reward import CheckpointReward
from .classifier import Classifier, load_classifier
from .reward_model import Pair, RewardOptions

T = TypeVar("T")


def open_hf(rest: str, options: RewardOptions) -> "TransformersReward":
    """Return the reward model `PATH_OR_HUB_ID[@revision]`."""
    options.refuse("hf", server_flag=options.server_args)
    return TransformersReward(rest, options)


class TransformersReward(CheckpointReward):
    """A reward model in this process; it scores one call after the other, inputs of similar length together."""

    def __init__(self, checkpoint: str, options: RewardOptions) -> None:
        super().__init__("hf", checkpoint, options)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reward")
        self._classifier: Classifier | None = None

    async def __aenter__(self) -> Self:
        self._options.log(f"loading the reward model {self.model.name} with transformers")
        self._classifier = await self._in_thread(lambda: load_classifier(self.spec, self._checkpoint, self._dtype))
        self.details.update(installed("transformers"), device=str(self._classifier.network.device))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._classifier = None

    async def score(self, pairs: Sequence[Pair]) -> list[float]:
        """Return the score of each answer."""
        classifier = self._classifier
        if classifier is None:
            raise RuntimeError("enter the reward model before asking it")
        inputs = await self._in_thread(lambda: self._read(pairs))
        found = [math.nan] * len(inputs)
        for places in classifier.batches(inputs):  # between batches, whoever waits may lose patience
            batch = [inputs[place] for place in places]
            for place, score in zip(places, await self._in_thread(partial(classifier.scores, batch)), strict=True):
                found[place] = score
        return self._reader.centred(found)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
