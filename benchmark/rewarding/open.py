"""Opening a reward model's spec: `SCHEME:REST`, as models are named."""

from collections.abc import Callable, Mapping
from typing import Final

from ...errors import BadInput
from ...naming import nearest
from .gold import open_gold
from .hf import open_hf
from .openai import open_openai
from .reward_model import RewardModel, RewardOptions
from .vllm import open_vllm

REWARDS: Final[Mapping[str, Callable[[str, RewardOptions], RewardModel]]] = {
    "hf": open_hf,
    "vllm": open_vllm,
    "openai": open_openai,
    "gold": open_gold,
}


def open_reward(spec: str, options: RewardOptions | None = None) -> RewardModel:
    """Return the reward model, not yet entered, for a spec.

    Raises:
        BadInput: the spec is not `SCHEME:REST`, or what it names is no reward model.
        NotInstalled: a package it needs is missing.
    """
    scheme, colon, rest = spec.partition(":")
    if not colon or not rest:
        raise BadInput(
            f"--reward: wanted hf:PATH_OR_HUB_ID, vllm:PATH_OR_HUB_ID, openai:URL#MODEL or gold:TASK, found {spec!r}"
            + (f"; did you mean hf:{spec}?" if not colon and spec else "")
        )
    if scheme not in REWARDS:
        raise BadInput(f"--reward: no kind of reward model is called {scheme!r}: {nearest(scheme, REWARDS)}")
    return REWARDS[scheme](rest, options or RewardOptions())
