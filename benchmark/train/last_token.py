"""A classifier read at the last token, whatever the side or the token of padding."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .networks import plain, trunk

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module
    from transformers import PreTrainedModel


def padded(inputs: Sequence[Sequence[int]], device: Any = None) -> "tuple[Tensor, Tensor]":  # noqa: ANN401  torch's
    """Return inputs as one tensor with zeros behind, where no real token sees them, and their lengths.

    >>> tokens, lengths = padded([[5, 7], [6]])
    >>> tokens.tolist(), lengths.tolist()
    ([[5, 7], [6, 0]], [2, 1])
    """
    import torch

    lengths = torch.tensor(list(map(len, inputs)))
    tokens = torch.zeros((len(inputs), int(lengths.max())), dtype=torch.long)  # (B, T)
    tokens[torch.arange(tokens.shape[1]) < lengths[:, None]] = torch.tensor(
        [token for some in inputs for token in some]
    )
    return tokens.to(device), lengths.to(device)


def last_token_scorer(network: "PreTrainedModel") -> "Module":
    """Return a module that scores padded inputs by a classifier's head at their last token, in float32.

    The last token is known from each input's length, so real tokens that look like padding count like any other.
    """
    import torch

    class LastToken(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, tokens: "Tensor", lengths: "Tensor") -> "Tensor":
            inner: Any = plain(network)
            states = trunk(inner)(input_ids=tokens, use_cache=False).last_hidden_state  # (B, T, D)
            last = states[torch.arange(len(tokens), device=states.device), lengths - 1]  # (B, D)
            with torch.autocast(states.device.type, enabled=False):
                return inner.score(last.float())[:, 0]  # type: ignore[no-any-return]

    return LastToken()
