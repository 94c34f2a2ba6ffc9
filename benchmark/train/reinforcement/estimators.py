"""Estimators: the arithmetic of PPO, one formula a function; tensors are (B, T), `mask` marks the tokens that count.

`whole` adds a tensor up over all processes; alone in the world it is the identity.
"""

from collections.abc import Callable
from typing import Literal, TypeAlias

import torch
from torch import Tensor

Whole: TypeAlias = Callable[[Tensor], Tensor]
KLEstimator: TypeAlias = Literal["k1", "k2", "k3"]


def alone(part: Tensor) -> Tensor:
    """Return the sum over one process."""
    return part


def kl_estimate(policy: Tensor, reference: Tensor, estimator: KLEstimator) -> Tensor:
    """Return what each token adds to KL(policy || reference), from the log-probabilities that both give it.

    With logr = log ref - log pi: k1 = -logr has the right mean and may be negative; k2 = logr^2 / 2 is never negative
    and has another mean; k3 = exp(logr) - 1 - logr has both good sides (Schulman, "Approximating KL Divergence").
    """
    log_ratio = reference - policy
    if estimator == "k1":
        return -log_ratio
    if estimator == "k2":
        return log_ratio.square() / 2
    return torch.expm1(log_ratio) - log_ratio


def gae(rewards: Tensor, values: Tensor, mask: Tensor, discount: float, trace: float) -> Tensor:
    """Return the generalised advantage of each token; nothing comes after the last token that counts.

    A_t = delta_t + (discount trace) A_{t+1}, delta_t = r_t + discount V_{t+1} - V_t (Schulman et al. 2016).
    """
    rewards, values = rewards * mask, values * mask
    advantages = torch.zeros_like(rewards)
    after = torch.zeros_like(rewards[:, 0])  # (B,)
    following = torch.zeros_like(after)
    for t in reversed(range(rewards.shape[1])):
        after = (rewards[:, t] + discount * following - values[:, t] + discount * trace * after) * mask[:, t]
        following = values[:, t]
        advantages[:, t] = after
    return advantages


def whiten(values: Tensor, mask: Tensor, whole: Whole = alone) -> Tensor:
    """Return values shifted and scaled to mean 0 and variance 1 over all tokens that count, of all processes."""
    mean, variance = moments(values, mask, whole)
    return (values - mean) * torch.rsqrt(variance + 1e-8) * mask


def moments(values: Tensor, mask: Tensor, whole: Whole = alone) -> tuple[Tensor, Tensor]:
    """Return mean and variance over all tokens that count, of all processes."""
    count = whole(mask.sum().double()).clamp(min=1)
    mean = whole((values.double() * mask).sum()) / count
    variance = whole(((values.double() - mean).square() * mask).sum()) / count
    return mean.to(values.dtype), variance.to(values.dtype)


def policy_loss(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> tuple[Tensor, Tensor]:
    """Return PPO's clipped loss of each token, and where the clipped side was the one that counted.

    -min(ratio A, clamp(ratio, 1 - clip, 1 + clip) A), ratio = exp(new - old) of log-probabilities.
    """
    ratio = torch.exp(new - old)
    free, held = -advantages * ratio, -advantages * ratio.clamp(1 - clip, 1 + clip)
    return torch.maximum(free, held), (held > free).detach()


def value_loss(values: Tensor, old: Tensor, returns: Tensor, clip: float | None) -> Tensor:
    """Return half the squared error of each value, at least that of the value kept within `clip` of the old one."""
    free = (values - returns).square()
    if clip is None:
        return free / 2
    held = (old + (values - old).clamp(-clip, clip) - returns).square()
    return torch.maximum(free, held) / 2


def explained_variance(values: Tensor, returns: Tensor, mask: Tensor, whole: Whole = alone) -> float | None:
    """Return what share of the returns' variance the values explain; None where the returns do not vary."""
    _, unexplained = moments(returns - values, mask, whole)
    _, there = moments(returns, mask, whole)
    return None if float(there) < 1e-12 else 1 - float(unexplained) / float(there)
