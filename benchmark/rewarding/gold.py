"""`gold:TASK`: the exact quality of an answer, in tasks where it can be computed; no model, no noise."""

import math
from collections.abc import Sequence

from ...errors import BadInput
from ...metrics import Reward
from ...naming import nearest
from ...tasks import EXACT_REWARDS, ExactReward
from ..sources.identity import hash_text
from ..sources.source import Model
from .reward_model import Pair, RewardModel, RewardOptions, metric_of


def open_gold(rest: str, options: RewardOptions) -> "GoldReward":
    """Return the exact reward of a task.

    Raises:
        BadInput: no task of that name has one, or an option of reward models is given, of which none applies.
    """
    if rest not in EXACT_REWARDS:
        raise BadInput(
            f"--reward gold:{rest}: no task of that name has an exact reward: {nearest(rest, EXACT_REWARDS)}"
        )
    defaults = RewardOptions()
    given = {
        name: getattr(options, name)
        for name in ("format", "ending", "dtype", "tokenizer", "server_args")
        if getattr(options, name) != getattr(defaults, name)
    }
    if options.longest != defaults.longest:
        given["longest"] = options.longest
    options.refuse("gold", **given)
    return GoldReward(EXACT_REWARDS[rest])


class GoldReward(RewardModel):
    """Scores by an exact reward; an answer to a prompt that is none of its task's gets no score (NaN).

    >>> GoldReward(EXACT_REWARDS["small-world"]).metric.signature
    'reward:model=gold-small-world-v1@c319d6ae:format=raw:ending=none:longest=0'
    """

    def __init__(self, exact: ExactReward) -> None:
        super().__init__()
        self._exact = exact

    @property
    def spec(self) -> str:
        """The spec as given."""
        return f"gold:{self._exact.name}"

    @property
    def model(self) -> Model:
        """The task's name and version, which are all that decides a score."""
        name = f"gold-{self._exact.name}-v{self._exact.version}"
        fingerprint = f"exact:{hash_text(name).removeprefix('sha256:')}"
        return Model(spec=self.spec, name=name, identity="script", fingerprint=fingerprint)

    def peek(self) -> Model:
        """The identity; it is known from the start."""
        return self.model

    @property
    def metric(self) -> Reward:
        """The metric that reads its scores."""
        return metric_of(self.model, format="raw", ending="none", longest=0)

    async def score(self, pairs: Sequence[Pair]) -> list[float]:
        """Return the quality of each answer."""
        return [self._score(prompt, answer) for prompt, answer in pairs]

    def _score(self, prompt: str, answer: str) -> float:
        try:
            return self._exact.score(prompt, answer)
        except ValueError:
            return math.nan
