"""Sharing: a copy of a network that owns what is trained, and shares what is frozen with its original."""

import copy
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from torch.nn import Module

N = TypeVar("N", bound="Module")


def copy_trained(network: N) -> N:
    """Return a copy whose frozen parameters and buffers are the original's own, in the same memory.

    Right as long as nobody writes to them, and nothing does: optimisers hold trained parameters alone.
    """
    kept = [one for one in network.parameters() if not one.requires_grad]
    return copy.deepcopy(network, {id(one): one for one in [*kept, *network.buffers()]})


def reference_copy(network: N) -> N:
    """Return a copy that stays as the network is now; frozen tensors are shared with it."""
    return copy_trained(network).requires_grad_(False).eval()
