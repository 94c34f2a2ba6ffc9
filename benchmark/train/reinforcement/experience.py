"""Experience: what a batch of answers teaches, and the statistics of a batch and of an update."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .estimators import Whole, explained_variance, kl_estimate, moments
from .generation import Draws


@dataclass(frozen=True, eq=False)
class Experience:
    """What a batch of answers teaches; all but the scores are (B, T)."""

    draws: Draws
    scores: Tensor  # (B,), as the reward gave them
    old: Tensor  # log-probabilities by the policy that drew
    reference: Tensor  # log-probabilities by the reference
    entropies: Tensor
    values: Tensor
    returns: Tensor
    advantages: Tensor

    @property
    def mask(self) -> Tensor:
        """Where there are tokens, the end token among them."""
        return self.draws.mask


def measure(experience: Experience, end: int, whole: Whole) -> dict[str, Any]:
    """Return statistics of a batch over all processes, whose answers end with the token `end`."""
    mask, draws = experience.mask, experience.draws
    sums = torch.stack(
        [
            torch.ones_like(experience.scores).sum(),
            mask.sum(),
            kl_estimate(experience.old, experience.reference, "k1")[mask].sum(),
            kl_estimate(experience.old, experience.reference, "k3")[mask].sum(),
            experience.entropies[mask].sum(),
            draws.ended(end).sum(),
        ]
    ).double()
    answers, tokens, kl, kl_k3, entropy, ended = whole(sums).tolist()
    everyone = torch.ones_like(experience.scores, dtype=torch.bool)
    mean, variance = moments(experience.scores, everyone, whole)
    return {
        "reward": float(mean),
        "reward_std": float(variance) ** 0.5,
        "kl": kl / answers,
        "kl_k3": kl_k3 / answers,
        "entropy": entropy / tokens,
        "length": tokens / answers,
        "ended": ended / answers,
        "explained_variance": explained_variance(experience.values, experience.returns, mask, whole),
        "tokens": int(tokens),
    }


class Tally:
    """Sums over the tokens that an update visits."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._sums: dict[str, Tensor] = {}

    def add(self, **parts: Tensor) -> None:
        """Add values of tokens."""
        for name, part in parts.items():
            self._sums[name] = self._sums.get(name, torch.zeros((), device=self._device)) + part.detach().sum()

    def means(self, whole: Whole, visits: float) -> Mapping[str, float]:
        """Return means over all visits of all processes."""
        found = whole(torch.stack(list(self._sums.values())).double()) / visits
        return dict(zip(self._sums, found.tolist(), strict=True))
