"""Generation: answers drawn from a policy, with what it thought of each token while drawing.

The n-th token of an answer is decided by one number of `noise`, so what is drawn depends neither on who else is in the
batch nor on the number of processes, and a resumed training draws the same again.
"""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..networks import trunk
from .policy import Policy, entropy_of


@dataclass(eq=False)
class Draws:
    """Answers, the end token among their tokens; all tensors are (B, T), padded on the right.

    Attributes:
        prompts: tokens of the prompts.
        tokens: of the answers.
        mask: where there are tokens.
        log_probabilities: in the distribution drawn from; None if whoever drew did not say.
        entropies: of that distribution, likewise.
        values: by a critic on the policy's own states; None otherwise.
        kept: what frozen blocks made of prompts and answers, (B, L, D); None where nothing is frozen.
    """

    prompts: list[list[int]]
    tokens: Tensor
    mask: Tensor
    log_probabilities: Tensor | None = None
    entropies: Tensor | None = None
    values: Tensor | None = None
    kept: Tensor | None = None

    @property
    def lengths(self) -> Tensor:
        """How many tokens each answer has: (B,)."""
        return self.mask.sum(1)

    def ended(self, end: int) -> Tensor:
        """Return which answers came to their end token: (B,)."""
        rows = torch.arange(len(self.prompts), device=self.tokens.device)
        return self.tokens[rows, self.lengths - 1] == end


@torch.no_grad()
def draw(policy: Policy, prompts: Sequence[Sequence[int]], noise: Tensor, *, min_tokens: int, at_once: int) -> Draws:
    """Draw an answer to each prompt.

    Args:
        policy: whose distribution it is.
        prompts: their tokens.
        noise: numbers from 0 to 1, below 1; as many tokens has an answer at most.  # (B, T)
        min_tokens: before which no answer may end.
        at_once: most answers in memory at once.
    """
    order = sorted(range(len(prompts)), key=lambda row: (len(prompts[row]), row))
    shape, device = noise.shape, policy.device
    found = Draws(
        prompts=[list(prompt) for prompt in prompts],
        tokens=torch.zeros(shape, dtype=torch.long, device=device),
        mask=torch.zeros(shape, dtype=torch.bool, device=device),
        log_probabilities=torch.zeros(shape, device=device),
        entropies=torch.zeros(shape, device=device),
        values=torch.zeros(shape, device=device) if policy.critic is not None and policy.critic.trunk is None else None,
    )
    for start in range(0, len(order), at_once):
        _draw(policy, found, order[start : start + at_once], noise.to(device), min_tokens)
    longest = int(found.lengths.max())
    for name in ("tokens", "mask", "log_probabilities", "entropies", "values"):
        whole = getattr(found, name)
        setattr(found, name, None if whole is None else whole[:, :longest].contiguous())
    return found


def _draw(policy: Policy, found: Draws, rows: list[int], noise: Tensor, min_tokens: int) -> None:
    """Draw the answers of some rows into `found`, token after token; who has ended leaves the batch."""
    from transformers import DynamicCache

    device = noise.device
    alive = torch.tensor(rows, device=device)
    going = torch.ones_like(alive, dtype=torch.bool)
    tokens, seen = _left_padded([found.prompts[row] for row in rows], device)
    bare = policy.bare
    cache = DynamicCache(config=bare.config)
    for t in range(noise.shape[1]):
        states = trunk(bare)(
            input_ids=tokens,
            attention_mask=seen,
            past_key_values=cache,
            use_cache=True,
            **_positions(trunk(bare), seen, tokens.shape[1]),
        ).last_hidden_state[:, -1]  # (b, D)
        early = torch.full_like(going, True) if t < min_tokens else None
        log_probabilities = torch.log_softmax(policy.logits(states, early), -1)  # (b, V)
        drawn = pick(log_probabilities.exp(), noise[alive, t])
        _note(policy, found, alive[going], t, drawn[going], log_probabilities[going], states[going])
        going = going & (drawn != policy.end)
        if not bool(going.any()):
            return
        if int(going.sum()) * 8 <= len(going) * 7:  # an eighth has ended
            alive, drawn, seen = alive[going], drawn[going], seen[going]
            cache.batch_select_indices(going.nonzero()[:, 0])
            going = going[going]
        tokens = drawn[:, None]
        seen = torch.cat([seen, torch.ones_like(tokens)], 1)


def _note(
    policy: Policy, found: Draws, rows: Tensor, t: int, drawn: Tensor, log_probabilities: Tensor, states: Tensor
) -> None:
    assert found.log_probabilities is not None and found.entropies is not None  # noqa: S101  they are made above
    found.tokens[rows, t] = drawn
    found.mask[rows, t] = True
    found.log_probabilities[rows, t] = log_probabilities.gather(1, drawn[:, None])[:, 0]
    found.entropies[rows, t] = entropy_of(log_probabilities)
    if found.values is not None and policy.critic is not None:
        found.values[rows, t] = policy.critic.values(states)


def pick(probabilities: Tensor, noise: Tensor) -> Tensor:
    """Return for each row the token at which the probabilities so far exceed the noise; never one of probability 0.

    >>> pick(torch.tensor([[0.2, 0.0, 0.3, 0.5, 0.0]] * 4), torch.tensor([0.1, 0.2, 0.49, 0.99999994])).tolist()
    [0, 2, 2, 3]
    """
    so_far = probabilities.cumsum(-1)  # (B, V)
    total = so_far[:, -1]
    aim = torch.minimum(noise * total, torch.nextafter(total, torch.zeros_like(total)))
    return torch.searchsorted(so_far, aim[:, None], right=True)[:, 0]


def _left_padded(prompts: Sequence[Sequence[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    longest = max(map(len, prompts))
    tokens = torch.tensor([[0] * (longest - len(one)) + list(one) for one in prompts], device=device)
    seen = torch.tensor([[0] * (longest - len(one)) + [1] * len(one) for one in prompts], device=device)
    return tokens, seen


def _positions(network: Any, seen: Tensor, new: int) -> dict[str, Tensor]:  # noqa: ANN401  a trunk
    """Return the positions of the new tokens, counted without padding, for architectures that want to know them."""
    if "position_ids" not in inspect.signature(network.forward).parameters:
        return {}
    return {"position_ids": (seen.cumsum(1) - 1).clamp(min=0)[:, -new:]}
