"""The reference: the policy as it was before training, from which KL is measured."""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from ..networks import trunk
from .policy import Policy, Reading
from .sharing import reference_copy


class Reference:
    """A policy as it is when this is made; with LoRA the policy with its adapter switched off, else a copy of it.

    A copy shares all frozen weights in memory.
    """

    def __init__(self, policy: Policy) -> None:
        self._adapted = hasattr(policy.network, "disable_adapter")
        network = policy.network if self._adapted else reference_copy(policy.network)
        self._policy = Policy(network, policy.end, temperature=policy.temperature)
        self._frozen = policy.frozen

    @torch.no_grad()
    def log_probabilities(self, reading: Reading) -> Tensor:
        """Return the log-probability of each token of the answers: (N,)."""
        with _without_adapter(self._policy.network) if self._adapted else contextlib.nullcontext():
            return self._policy.view(reading).log_probabilities

    @contextlib.contextmanager
    def noting(self) -> Iterator[list[Tensor]]:
        """Yield a list that receives what the frozen blocks make of each reading; it stays empty without such."""
        if self._frozen is None:
            yield []
            return
        with self._frozen.noting(trunk(self._policy.bare)) as found:
            yield found


@contextlib.contextmanager
def _without_adapter(network: Any) -> Iterator[None]:  # noqa: ANN401  a PeftModel
    """Switch an adapter off; peft, switching it on again, would have all of it trained, that of frozen blocks too."""
    trained = [(one, one.requires_grad) for one in network.parameters()]
    try:
        with network.disable_adapter():
            yield
    finally:
        for one, wanted in trained:
            one.requires_grad_(wanted)
