"""A reward model that plays a script: a function in its place, for tests, and for rewards that need no model."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from ...metrics import Reward
from ..sources.identity import hash_text
from ..sources.source import Model
from .reward_model import Pair, RewardModel, metric_of


class ScriptedReward(RewardModel):
    """Scores by a function of prompt and answer.

    >>> brevity = ScriptedReward(lambda prompt, answer: -len(answer.split()), name="brevity")
    >>> brevity.metric.signature
    'reward:model=brevity@49c50242:format=raw:ending=none:longest=0'

    Args:
        reward: gives the score of one answer; NaN for none.
        name: stands in tables and, hashed, as the fingerprint: change it when the function changes.
    """

    kind: ClassVar[str] = "script"
    """What the fingerprint begins with."""

    def __init__(self, reward: Callable[[str, str], float], *, name: str = "scripted") -> None:
        super().__init__()
        self._reward = reward
        self._name = name

    @property
    def spec(self) -> str:
        """A spec for the record; the command line knows no scripts."""
        return f"scripted:{self._name}"

    @property
    def model(self) -> Model:
        """A model whose fingerprint is its name."""
        fingerprint = f"{self.kind}:{hash_text(self._name).removeprefix('sha256:')}"
        return Model(spec=self.spec, name=self._name, identity="script", fingerprint=fingerprint)

    def peek(self) -> Model:
        """The identity; it is known from the start."""
        return self.model

    @property
    def metric(self) -> Reward:
        """The metric that reads its scores."""
        return metric_of(self.model, format="raw", ending="none", longest=0)

    async def score(self, pairs: Sequence[Pair]) -> list[float]:
        """Return the score of each answer."""
        return [float(self._reward(prompt, answer)) for prompt, answer in pairs]
