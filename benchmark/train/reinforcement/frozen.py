"""Frozen blocks: what the lowest blocks make of a batch never changes, so it is computed once and used again."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..networks import blocks


def count_frozen(trunk: torch.nn.Module) -> int:
    """Return how many of the lowest blocks are frozen with all embeddings; 0 where an embedding is trained."""
    stack = list(blocks(trunk))
    inside = {id(one) for block in stack for one in block.parameters()}
    below = [one for module in trunk.modules() if isinstance(module, torch.nn.Embedding) for one in module.parameters()]
    if any(one.requires_grad for one in below if id(one) not in inside):
        return 0
    trained = [any(one.requires_grad for one in block.parameters()) for block in stack]
    return trained.index(True) if True in trained else len(stack)


def same_frozen(first: torch.nn.Module, second: torch.nn.Module, count: int) -> bool:
    """Tell whether the lowest blocks of two trunks are the same ones in memory."""
    pairs = zip(blocks(first)[:count], blocks(second)[:count], strict=True)
    return all(
        [one.data_ptr() for one in mine.parameters()] == [one.data_ptr() for one in theirs.parameters()]
        for mine, theirs in pairs
    )


@dataclass(frozen=True)
class Frozen:
    """The lowest blocks of a trunk and of its copies.

    Attributes:
        count: how many.
        tuples: whether they answer with a tuple, of which the states are the first part.
    """

    count: int
    tuples: bool

    @contextlib.contextmanager
    def noting(self, trunk: torch.nn.Module) -> Iterator[list[Tensor]]:
        """Yield a list that receives what comes out of them, one tensor a forward pass: (B, L, D)."""
        found: list[Tensor] = []

        def note(module: torch.nn.Module, given: Any, states: Any) -> None:  # noqa: ANN401, ARG001  torch's own
            found.append((states[0] if self.tuples else states).detach())

        hook = blocks(trunk)[self.count - 1].register_forward_hook(note)
        try:
            yield found
        finally:
            hook.remove()

    @contextlib.contextmanager
    def skipping(self, trunk: torch.nn.Module, states: Tensor) -> Iterator[None]:
        """Let forward passes take `states` for what comes out of them, and not run them."""
        stack = blocks(trunk)
        kept = list(stack[: self.count])
        for place, block in enumerate(kept):
            stack[place] = _Stand(block, states if place == self.count - 1 else None, self.tuples)
        try:
            yield
        finally:
            for place, block in enumerate(kept):
                stack[place] = block


@torch.no_grad()
def find_frozen(trunk: torch.nn.Module, tokens: Sequence[int]) -> Frozen | None:
    """Return a trunk's frozen blocks, or None where there are none, or skipping them changes what comes out of it."""
    count = count_frozen(trunk)
    if not count:
        return None
    answers: list[Any] = []
    hook = blocks(trunk)[count - 1].register_forward_hook(lambda module, given, found: answers.append(found))
    inputs = {"input_ids": torch.tensor([list(tokens)], device=next(trunk.parameters()).device), "use_cache": False}
    whole = trunk(**inputs).last_hidden_state
    hook.remove()
    frozen = Frozen(count, isinstance(answers[0], tuple))
    with frozen.skipping(trunk, answers[0][0] if frozen.tuples else answers[0]):
        return frozen if torch.equal(trunk(**inputs).last_hidden_state, whole) else None


class _Stand(torch.nn.Module):
    """Stands where a block was: hands on what it is given, or what the block had once made of it."""

    def __init__(self, block: torch.nn.Module, states: Tensor | None, tuples: bool) -> None:
        super().__init__()
        object.__setattr__(self, "_block", block)  # not as a part of this one
        self._states, self._tuples = states, tuples

    def forward(self, hidden_states: Tensor, *given: Any, **named: Any) -> Any:  # noqa: ANN401, ARG002  the block's own
        """Answer as the block does."""
        states = hidden_states if self._states is None else self._states
        return (states,) if self._tuples else states

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the block has
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(object.__getattribute__(self, "_block"), name)
