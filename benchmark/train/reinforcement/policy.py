"""A policy: a language model as PPO sees it; it gives each token of an answer log-probability, entropy and value."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import torch
from torch import Tensor

from ....errors import BadInput
from ..networks import blocks, plain, trunk
from .frozen import Frozen, same_frozen

if TYPE_CHECKING:
    from transformers import PreTrainedModel

ROWS: Final = 4096
"""Logits that are turned into float32 together, where they are in bfloat16."""


@dataclass(frozen=True, eq=False)
class Reading:
    """Some prompts with their answers, laid out for one forward pass.

    Attributes:
        tokens: prompt and answer, padded on the right; what comes later is never seen, so no mask is needed.  # (B, L)
        places: of the states before each token of an answer, in the flattened states.  # (N,)
        targets: the tokens of the answers, one answer after the other.  # (N,)
        early: which of them come before answers may end.  # (N,)
        cells: where the answers' tokens stand in the flattened (B, T) of all answers.  # (N,)
        rows: which answers they are.  # (B,)
        kept: what frozen blocks made of them, where that is known.  # (B, L, D)
    """

    tokens: Tensor
    places: Tensor
    targets: Tensor
    early: Tensor
    cells: Tensor
    rows: Tensor
    kept: Tensor | None = None


class View(NamedTuple):
    """What a policy says of each token of some answers; all are (N,)."""

    log_probabilities: Tensor
    entropies: Tensor | None
    values: Tensor | None


class Critic(torch.nn.Module):
    """A linear head that says what is still to come, on states of the policy, or on those of a trunk of its own."""

    def __init__(self, head: torch.nn.Linear, trunk: "torch.nn.Module | None" = None) -> None:
        super().__init__()
        self.head = head
        self.trunk = trunk

    def values(self, states: Tensor) -> Tensor:
        """Return the value of each state, in float32."""
        head, bias = self.head, self.head.bias
        with torch.autocast(states.device.type, enabled=False):
            found = torch.nn.functional.linear(
                states.float(), head.weight.float(), None if bias is None else bias.float()
            )
        return found[..., 0]


class Policy(torch.nn.Module):
    """A causal language model, and a critic unless it is a reference. Dropout is off: the old policy is the same one.

    Args:
        network: the language model, maybe with an adapter around it.
        end: the token that ends answers.
        temperature: of the distribution over tokens.
        critic: gives values.

    Attributes:
        frozen: blocks that are passed over where a reading says what they make; set it once they are found.
    """

    def __init__(
        self, network: "PreTrainedModel", end: int, *, temperature: float = 1.0, critic: Critic | None = None
    ) -> None:
        super().__init__()
        self.network = network
        self.critic = critic
        self.end = end
        self.temperature = temperature
        self.frozen: Frozen | None = None
        self.train(False)

    @property
    def bare(self) -> "PreTrainedModel":
        """The language model itself, whose layers hold the adapter if there is one."""
        return plain(self.network)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.network.device

    def train(self, mode: bool = True) -> "Policy":
        """Stay without dropout; blocks that keep no activations must believe that they are trained."""
        super().train(False)
        if mode and getattr(self.bare, "is_gradient_checkpointing", False):
            trunks = [self.bare, self.critic.trunk if self.critic else None]
            for block in (one for found in trunks if found is not None for one in blocks(found)):
                block.training = True
                for name in ("dropout", "activation_dropout"):  # OPT's, which are numbers
                    if isinstance(getattr(block, name, None), float):
                        setattr(block, name, 0.0)
        return self

    def forward(
        self,
        tokens: Tensor,
        places: Tensor,
        targets: Tensor,
        early: Tensor,
        kept: Tensor | None = None,
        entropy: bool = False,
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """Return a `View` of the answers' tokens, as a plain tuple; the arguments are a `Reading`'s."""
        states = self._states(trunk(self.bare), tokens, places, kept)  # (N, D)
        found, entropies = self._look_up(states, targets, early, entropy)
        if self.critic is None:
            return found, entropies, None
        own = self.critic.trunk
        return found, entropies, self.critic.values(states if own is None else self._states(own, tokens, places, kept))

    def view(self, reading: Reading, *, entropy: bool = False) -> View:
        """Return what it says of the answers' tokens."""
        return View(*self(reading.tokens, reading.places, reading.targets, reading.early, reading.kept, entropy))

    def worth(self, reading: Reading) -> Tensor:
        """Return the values of the answers' tokens by a critic with a trunk of its own: (N,)."""
        assert self.critic is not None and self.critic.trunk is not None  # noqa: S101  others see states while drawing
        return self.critic.values(self._states(self.critic.trunk, reading.tokens, reading.places, reading.kept))

    def _states(self, network: torch.nn.Module, tokens: Tensor, places: Tensor, kept: Tensor | None) -> Tensor:
        """Return the states at some places; frozen blocks are passed over where it is known what they make."""
        own = trunk(self.bare)
        if kept is None or self.frozen is None or not (network is own or same_frozen(own, network, self.frozen.count)):
            return _states(network, tokens, places)
        with self.frozen.skipping(network, kept):
            return _states(network, tokens, places)

    def logits(self, states: Tensor, early: Tensor | None) -> Tensor:
        """Return the logits of the distribution that answers are drawn from."""
        logits: Tensor = self.bare.get_output_embeddings()(states).float()  # (N, V)
        if self.temperature != 1:
            logits = logits / self.temperature
        if early is not None and bool(early.any()):
            ends = torch.zeros_like(logits, dtype=torch.bool)
            ends[early, self.end] = True
            logits = logits.masked_fill(ends, -torch.inf)
        return logits

    def _look_up(self, states: Tensor, targets: Tensor, early: Tensor, entropy: bool) -> tuple[Tensor, Tensor | None]:
        """Return log-probabilities, and entropies if asked; a part at a time, so that few logits are there at once."""
        found, entropies = [], []
        for some, wanted, soon in zip(*(torch.split(one, ROWS) for one in (states, targets, early)), strict=True):
            logits = self.logits(some, soon)
            found.append(-torch.nn.functional.cross_entropy(logits, wanted, reduction="none"))
            if entropy:
                entropies.append(entropy_of(torch.log_softmax(logits, -1)))
        return torch.cat(found), torch.cat(entropies) if entropy else None


def entropy_of(log_probabilities: Tensor) -> Tensor:
    """Return the entropy of each row; what has probability 0 adds nothing."""
    return -(log_probabilities.exp() * log_probabilities.clamp(min=-1e30)).sum(-1)


def readings(
    prompts: Sequence[Sequence[int]],
    tokens: Tensor,
    mask: Tensor,
    rows: Sequence[int],
    size: int,
    *,
    min_tokens: int = 0,
    kept: Tensor | None = None,
) -> Iterator[Reading]:
    """Yield the rows' prompts and answers, `size` a reading, similar lengths together.

    Args:
        prompts: of all answers.
        tokens: all answers.  # (B, T)
        mask: where they have tokens.  # (B, T)
        rows: those that are read.
        size: most rows of a reading.
        min_tokens: before which no answer may end.
        kept: what frozen blocks made of all of them, where that is known.  # (B, longest, D)
    """
    lengths = mask.sum(1).tolist()
    ordered = sorted(rows, key=lambda row: (len(prompts[row]) + lengths[row], row))
    steps = torch.arange(mask.shape[1], device=tokens.device)
    for start in range(0, len(ordered), size):
        part = ordered[start : start + size]
        longest = max(len(prompts[row]) + lengths[row] for row in part)
        whole = [[*prompts[row], *tokens[row, : lengths[row]].tolist()] for row in part]
        laid = torch.tensor([row + [0] * (longest - len(row)) for row in whole], device=tokens.device)
        begins = torch.tensor(
            [at * longest + len(prompts[row]) - 1 for at, row in enumerate(part)], device=tokens.device
        )
        chosen, here = torch.tensor(part, device=tokens.device), mask[part]
        yield Reading(
            tokens=laid,
            places=(begins[:, None] + steps)[here],
            targets=tokens[part][here],
            early=(steps < min_tokens).expand_as(here)[here],
            cells=(chosen[:, None] * mask.shape[1] + steps)[here],
            rows=chosen,
            kept=None if kept is None else kept[chosen, :longest],
        )


def check_head(policy: Policy, tokens: Sequence[int]) -> None:
    """Check that logits are the head's output and nothing more, on which log-probabilities rest.

    Raises:
        BadInput: the architecture changes them further.
    """
    bare, given = policy.bare, torch.tensor([list(tokens)], device=policy.device)
    with torch.no_grad():
        whole = bare(input_ids=given, use_cache=False).logits[0, -1].float()
        head = bare.get_output_embeddings()(_states(trunk(bare), given, torch.tensor([-1], device=policy.device)))[0]
    if not torch.allclose(whole, head.float(), atol=1e-3, rtol=1e-3):
        raise BadInput(
            f"--model: the logits of {type(bare).__name__} are more than its head's output (soft-capped or scaled), "
            "which PPO does not know; start from another architecture"
        )


def _states(network: Any, tokens: Tensor, places: Tensor) -> Tensor:  # noqa: ANN401  a trunk
    states: Tensor = network(input_ids=tokens, use_cache=False).last_hidden_state  # (B, L, D)
    return states.flatten(0, 1)[places]
