"""A classifier of one label in this process: tokens in, the logit at the last token out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

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

    def batches(self, inputs: Sequence[Sequence[int]]) -> Iterator[list[int]]:
        """Yield the places of inputs of similar length, as many as are best read together."""
        own_pooling_without_padding = self._head is None and self._padding is None
        most = 1 if own_pooling_without_padding else BATCH_TOKENS[self.network.device.type]
        return batches(list(map(len, inputs)), most)

    def scores(self, inputs: Sequence[Sequence[int]]) -> list[float]:
        """Return the logit of each input of one batch.

        Raises:
            SourceFailed: the device has too little memory.
        """
        import torch

        with enough_memory(), torch.inference_mode():
            return [float(score) for score in self._read(inputs).cpu()]

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
        tokens = torch.full(mask.shape, self._padding or 0, device=self.network.device)
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
    def _padding(self) -> int | None:
        found: int | None = self.network.config.get_text_config().pad_token_id
        return found


@contextmanager
def enough_memory() -> Iterator[None]:
    """Turn a full GPU into one line.

    Raises:
        SourceFailed: the GPU's memory did not do.
    """
    import torch

    try:
        yield
    except torch.OutOfMemoryError as full:
        raise SourceFailed(
            f"the reward model does not fit into the GPU's memory ({str(full).partition('.')[0]}); leave it more, as "
            "with `-- --gpu-memory-utilization 0.6` for a vLLM server beside it, or pass a smaller --reward-longest"
        ) from full


def load_classifier(spec: str, checkpoint: Checkpoint, dtype: str) -> Classifier:
    """Load a reward model to the GPU if there is one.

    Raises:
        BadInput: it cannot be loaded, or lacks the head that scores.
        SourceFailed: the GPU's memory does not do.
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
    if report["missing_keys"]:
        raise BadInput(f"reward model {spec!r}: the checkpoint lacks {min(report['missing_keys'])}; {WAY_OUT}")
    with enough_memory():
        return Classifier(network.to(device()).eval())
