"""`gold:TASK`: the exact quality of an answer, in tasks where it can be computed; no model, no noise."""

import math
from functools import partial

from ...errors import BadInput
from ...naming import nearest
from ...tasks import EXACT_REWARDS, ExactReward
from .reward_model import RewardOptions
from .scripted import ScriptedReward


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
        for name in ("format", "ending", "dtype", "tokenizer", "server_args", "longest")
        if getattr(options, name) != getattr(defaults, name)
    }
    options.refuse("gold", **given)
    return GoldReward(EXACT_REWARDS[rest])


class GoldReward(ScriptedReward):
    """Scores by an exact reward; an answer to a prompt that is none of its task's gets no score (NaN).

    The task's name and version are all that decides a score.

    >>> GoldReward(EXACT_REWARDS["small-world"]).metric.signature
    'reward:model=gold-small-world-v1@c319d6ae:format=raw:ending=none:longest=0'
    """

    kind = "exact"

    def __init__(self, exact: ExactReward) -> None:
        super().__init__(partial(_score, exact), name=f"gold-{exact.name}-v{exact.version}")
        self._exact = exact

    @property
    def spec(self) -> str:
        """The spec as given."""
        return f"gold:{self._exact.name}"


def _score(exact: ExactReward, prompt: str, answer: str) -> float:
    try:
        return exact.score(prompt, answer)
    except ValueError:
        return math.nan
