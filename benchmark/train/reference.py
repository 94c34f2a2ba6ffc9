"""The reference: the policy as it was before training, from which KL is measured."""

import contextlib
from collections.abc import Callable

import torch
from torch import Tensor

from .policy import Policy, Reading
from .sharing import reference_copy


def make_reference(policy: Policy) -> Callable[[Reading], Tensor]:
    """Return what gives answers' tokens the log-probabilities that the policy gives them now.

    With LoRA it is the policy with its adapter switched off; else a copy that shares all frozen weights in memory.
    """
    adapter = getattr(policy.network, "disable_adapter", None)
    network = policy.network if adapter else reference_copy(policy.network)
    before = Policy(network, policy.end, temperature=policy.temperature)

    def log_probabilities(reading: Reading) -> Tensor:
        with torch.no_grad(), adapter() if adapter else contextlib.nullcontext():
            return before.view(reading).log_probabilities

    return log_probabilities
