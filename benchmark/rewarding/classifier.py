"""A classifier of one label in this process: tokens in, the logit at the last token out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import BadInput, SourceFailed
from ...metrics.models.batches import BATCH_TOKENS, batches
from ...metrics.models.device import device
from ...metrics.models.loading import loading
from ..checkpoint import Checkpoint
from .reader import WAY_OUT

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Linear
    from transformers import PreTrainedModel


@dataclass(frozen=True, eq=False)
class Classifier:
    """A loaded reward model."""

    network: "PreTrainedModel"

    def scores(self, inputs: Sequence[Sequence[int]]) -> list[float]:
        """Return the logit of each input, read in batches of similar length.

        Raises:
            SourceFailed: the device has too little memory.
        """
        import torch

        values = np.empty(len(inputs), dtype=np.float64)
        try:
            with torch.inference_mode():
                for batch in batches(list(map(len, inputs)), self._batch_tokens):
                    values[batch] = self._read([inputs[place] for place in batch]).double().cpu().numpy()
        except torch.OutOfMemoryError as full:
            raise SourceFailed(
                f"the reward model runs out of memory on the GPU ({str(full).partition('.')[0]}); leave it more, as "
                "with `-- --gpu-memory-utilization 0.6` for a vLLM server beside it, or pass a smaller --reward-longest"
            ) from full
        return values.tolist()

    def _read(self, inputs: Sequence[Sequence[int]]) -> "Tensor":
        """Return the logits of one batch.

        Decoders' own pooling looks for the last token that is not padding, and so passes over real tokens that look
        like it; their head is put to the last real token here, in float32 as vLLM does. Encoders read their first
        token, or a mean, by rules of their own.
        """
        import torch

        lengths = torch.tensor(list(map(len, inputs)), device=self.network.device)
        positions = torch.arange(int(lengths.max()), device=self.network.device)
        mask = (positions < lengths[:, None]).long()  # (B, T)
        tokens = torch.full(mask.shape, self._padding, device=self.network.device)
        tokens[mask.bool()] = torch.tensor([token for some in inputs for token in some], device=self.network.device)
        head = self._head
        if head is None:
            return self.network(input_ids=tokens, attention_mask=mask).logits[:, 0].float()  # type: ignore[no-any-return]
        trunk = getattr(self.network, self.network.base_model_prefix)
        states = trunk(input_ids=tokens, attention_mask=mask, use_cache=False).last_hidden_state  # (B, T, D)
        last = states[torch.arange(len(inputs), device=states.device), lengths - 1]  # (B, D)
        bias = None if head.bias is None else head.bias.float()
        return torch.nn.functional.linear(last.float(), head.weight.float(), bias)[:, 0]

    @property
    def _head(self) -> "Linear | None":
        """The linear layer that decoders put to each token, under the name that they give it."""
        import torch

        found = getattr(self.network, "score", None)
        return found if isinstance(found, torch.nn.Linear) else None

    @property
    def _batch_tokens(self) -> int:
        """Most tokens of a batch; a network that pools by itself and knows no padding takes one input at a time."""
        if self._head is None and self.network.config.get_text_config().pad_token_id is None:
            return 1
        return BATCH_TOKENS[self.network.device.type]

    @property
    def _padding(self) -> int:
        found = self.network.config.get_text_config().pad_token_id
        return 0 if found is None else found


def load_classifier(spec: str, checkpoint: Checkpoint, dtype: str) -> Classifier:
    """Load a reward model to the GPU if there is one.

    Raises:
        BadInput: it cannot be loaded, or lacks the head that scores.
    """
    with loading("reward model", spec, WAY_OUT) as local:
        import torch
        from transformers import AutoModelForSequenceClassification

        network, report = AutoModelForSequenceClassification.from_pretrained(
            checkpoint.location,
            revision=checkpoint.revision,
            dtype=getattr(torch, dtype),
            output_loading_info=True,
            local_files_only=local,
        )
        network = network.to(device()).eval()
    if report["missing_keys"]:
        raise BadInput(f"reward model {spec!r}: the checkpoint lacks {min(report['missing_keys'])}; {WAY_OUT}")
    return Classifier(network)
