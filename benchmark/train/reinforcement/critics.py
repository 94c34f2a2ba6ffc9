"""Critics: what a value head sits on, and what it starts from."""

from typing import TYPE_CHECKING, Any

import torch

from ....errors import BadInput
from ...checkpoint import find_checkpoint
from ..networks import adapt, load_scorer, plain, score_head, trunk
from ..seeds import generator, seed_of
from .policy import Critic
from .ppo_settings import PPOSettings
from .sharing import copy_trained

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def make_critic(network: "PreTrainedModel", settings: PPOSettings, reward_model: str | None, vocabulary: int) -> Critic:
    """Return the critic that settings ask for.

    A separate one that starts from the policy shares the policy's frozen layers in memory; so a policy with LoRA gives
    it an adapter of its own, over the same weights.

    Args:
        network: the policy, frozen or adapted already.
        settings: `value`, `value_from`, `seed`, `freeze`.
        reward_model: where `value_from="reward"` starts.
        vocabulary: tokens that the policy's tokeniser knows.

    Raises:
        BadInput: there is no such reward model, or it reads other tokens.
    """
    inner = plain(network)
    if settings.value == "shared":
        return Critic(_fresh_head(inner, settings.seed))
    if settings.value_from == "policy":
        return Critic(_fresh_head(inner, settings.seed), copy_trained(trunk(inner)))
    if settings.value_from == "random":
        from transformers import AutoModel

        torch.manual_seed(seed_of(settings.seed, "value"))
        return Critic(_fresh_head(inner, settings.seed), AutoModel.from_config(inner.config).to(torch.float32))
    if reward_model is None:
        raise BadInput(
            "--value-from reward: wanted a reward model with weights at hand (--reward hf:PATH_OR_HUB_ID), found none; "
            "pass --value-from policy"
        )
    scorer = load_scorer(find_checkpoint(reward_model), settings.seed)
    known = scorer.config.get_text_config().vocab_size
    if known < vocabulary:
        raise BadInput(
            f"--value-from reward: {reward_model} knows {known} tokens, and the policy's tokeniser {vocabulary}: they "
            "do not read alike; pass --value-from policy"
        )
    head = score_head(scorer, reward_model)
    own = trunk(plain(adapt(scorer, settings)))
    return Critic(head.requires_grad_(True), own)


def _fresh_head(network: "PreTrainedModel", seed: int) -> torch.nn.Linear:
    config: Any = network.config.get_text_config()
    size = network.get_output_embeddings().weight.shape[1]
    head = torch.nn.Linear(size, 1)
    deviation = getattr(config, "initializer_range", None) or 0.02
    with torch.no_grad():
        head.weight.normal_(0.0, deviation, generator=generator(seed, "value head"))
        head.bias.zero_()
    return head
