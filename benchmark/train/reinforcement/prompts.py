"""Prompts: texts, and their tokens as answers are drawn to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....errors import BadInput
from ...truncation import fitted, without_end
from .ppo_settings import PPOSettings

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedTokenizerBase


@dataclass(frozen=True)
class Prompts:
    """Prompts in their order."""

    texts: list[str]
    tokens: list[list[int]]

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        tokenizer: "PreTrainedTokenizerBase",
        config: "PreTrainedConfig",
        settings: PPOSettings,
    ) -> "Prompts":
        """Return prompts with their tokens, without an end token, which some tokenisers add.

        A prompt that is too long loses its beginning, but keeps a token that marks the beginning.

        Raises:
            BadInput: the model's context has no room for an answer.
        """
        context = getattr(config.get_text_config(), "max_position_embeddings", None)
        room = settings.prompt_tokens if context is None else min(settings.prompt_tokens, context - settings.max_tokens)
        if room < 1:
            raise BadInput(
                f"--max-tokens: wanted less than the model's context ({context}), found {settings.max_tokens}"
            )
        begin, end = tokenizer.bos_token_id, tokenizer.eos_token_id
        encoded = tokenizer(list(texts), truncation=False, verbose=False)["input_ids"] if texts else []
        return cls(list(texts), [fitted(without_end(tokens, end) or [end], room, {begin}) for tokens in encoded])
