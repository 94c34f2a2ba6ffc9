"""Early warning: has a policy lost diversity on held-out prompts before it gained reward?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....metrics import EAD, Texts, Undefined
from ...intervals import Estimate, Interval


@dataclass(frozen=True)
class Look:
    """What one look at held-out prompts saw.

    Attributes:
        diversity: EAD of the answers to each prompt; None where it is undefined.
        rewards: mean reward of the answers to each prompt.
    """

    diversity: tuple[float | None, ...]
    rewards: tuple[float, ...]

    @classmethod
    def at(cls, answers: Sequence[Sequence[str]], rewards: Sequence[Sequence[float]]) -> "Look":
        """Return what there is to see in the answers to each prompt, and in their rewards."""
        return cls(tuple(map(_ead, answers)), tuple(float(np.mean(some)) for some in rewards))

    def to_json(self) -> dict[str, Any]:
        """Return it as a state keeps it."""
        return {"diversity": list(self.diversity), "rewards": list(self.rewards)}

    @classmethod
    def of_json(cls, found: dict[str, Any]) -> "Look":
        """Return what a state kept."""
        return cls(tuple(found["diversity"]), tuple(found["rewards"]))


@dataclass(frozen=True)
class Change:
    """What became of a policy since its first look, paired by prompt.

    Attributes:
        diversity: now; None where it is undefined for all prompts.
        reward: now.
        diversity_change: since the first look.
        reward_change: since the first look.
        undefined: prompts of which one of the looks has no diversity.
    """

    diversity: Interval | None
    reward: Interval
    diversity_change: Interval | None
    reward_change: Interval
    undefined: int

    @classmethod
    def between(cls, first: Look, now: Look) -> "Change":
        """Compare two looks at the same prompts."""
        both = [(a, b) for a, b in zip(first.diversity, now.diversity, strict=True) if a is not None and b is not None]
        return cls(
            diversity=_mean([one for one in now.diversity if one is not None]),
            reward=Estimate.of_mean(np.array(now.rewards)).interval(),
            diversity_change=_mean([b - a for a, b in both]),
            reward_change=Estimate.of_mean(np.array(now.rewards) - np.array(first.rewards)).interval(),
            undefined=len(now.diversity) - len(both),
        )

    @property
    def alarming(self) -> bool:
        """Whether diversity has surely fallen, and reward has not surely risen."""
        fallen = self.diversity_change
        if fallen is None or fallen.high is None or self.reward_change.low is None:
            return False
        return fallen.high < 0 and self.reward_change.low <= 0

    def to_json(self) -> dict[str, Any]:
        """Return the figures as a log has them."""
        told = {
            "watch_ead": self.diversity,
            "watch_reward": self.reward,
            "watch_ead_change": self.diversity_change,
            "watch_reward_change": self.reward_change,
        }
        figures = {name: None if one is None else [one.value, one.low, one.high] for name, one in told.items()}
        return {**figures, "watch_undefined": self.undefined}

    def warning(self, step: int) -> str:
        """Return the line that says so."""
        lost, won = self.diversity_change, self.reward_change
        assert lost is not None  # noqa: S101  only alarming changes come here
        return (
            f"step {step}: diversity falls before reward rises: EAD {_shown(lost)}, reward {_shown(won)} since the "
            "start; a higher --kl-coefficient or a lower --learning-rate may help"
        )


def _ead(answers: Sequence[str]) -> float | None:
    texts = Texts.of([answers])
    try:
        return EAD().value(texts, texts.groups[0])
    except Undefined:
        return None


def _mean(values: Sequence[float]) -> Interval | None:
    return Estimate.of_mean(np.array(values)).interval() if values else None


def _shown(interval: Interval) -> str:
    ends = "" if interval.low is None else f" ({interval.low:+.3f} to {interval.high:+.3f})"
    return f"{interval.value:+.3f}{ends}"
