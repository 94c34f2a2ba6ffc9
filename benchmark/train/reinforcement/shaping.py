"""Shaping: from a score of each answer to a reward of each of its tokens."""

import torch
from torch import Tensor


def shaped_scores(
    scores: Tensor,
    lengths: Tensor,
    ended: Tensor,
    *,
    clip: float | None,
    missing_end: float,
    length: float,
    longest: int,
) -> Tensor:
    """Return scores with penalties.

    Args:
        scores: of the answers.  # (B,)
        lengths: their tokens, the end token among them.  # (B,)
        ended: whether an answer came to its end token.  # (B,)
        clip: scores are kept between minus and plus this first; None: as they are.
        missing_end: taken from answers without end token.
        length: times (tokens / longest)^5, taken from all.
        longest: most tokens of an answer.
    """
    if clip is not None:
        scores = scores.clamp(-clip, clip)
    return scores - missing_end * ~ended - length * (lengths / longest) ** 5


def token_rewards(scores: Tensor, mask: Tensor, kl: Tensor | None, coefficient: float) -> Tensor:
    """Return the reward of each token: minus the coefficient times its KL, and the answer's score at its last token."""
    rewards = torch.zeros(mask.shape, dtype=scores.dtype, device=scores.device)
    if kl is not None:
        rewards -= coefficient * kl * mask
    last = mask.sum(1) - 1  # (B,)
    rewards[torch.arange(len(scores), device=scores.device), last] += scores
    return rewards
