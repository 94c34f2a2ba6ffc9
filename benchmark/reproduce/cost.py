"""Costs: the arithmetic, memory and hours that a reproduction comes to, reckoned before anything is run.

Arithmetic is counted as usual: 2 operations a parameter and token forward, 4 backward, the latter for the trained share
alone (Kaplan et al. 2020). A GPU is taken to do 40% of its dense bfloat16 rate in training, and to be as fast as its
memory in decoding, where each token of a batch reads all weights once. Memory is weights, gradients and Adam's two
moments of what is trained (in float32), activations of 34 bytes a token, width and trained block (Korthikanti et al.
2022, without attention matrices), and logits. These are estimates: half and double are both possible.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from ..train.reinforcement.ppo_settings import PPOSettings
from ..train.reward import RewardSettings
from ..train.settings import Supervised
from ..train.sft import SFTSettings
from .network import Network, find_network
from .scale import Scale
from .step import Sweep

OPERATIONS: Final = 0.4 * 989e12
"""Operations a second: 40% of an H100's dense bfloat16 rate."""

BANDWIDTH: Final = 3.35e12
"""Bytes a second: an H100's memory."""

PROMPT, ANSWER = 380, 37
"""Tokens of a TL;DR post with its header, and of its summary, on average."""

DEMONSTRATIONS, RANKINGS = 116_722, 92_858
"""Rows of the paper's training data."""


@dataclass(frozen=True)
class Cost:
    """What one kind of step comes to.

    Attributes:
        what: the kind of step.
        times: how often it is done: seeds, and settings of a sweep.
        operations: of each time.
        memory: bytes at the peak.
        hours: of each time, on one H100.
    """

    what: str
    times: int
    operations: float
    memory: float
    hours: float

    def to_json(self) -> dict[str, object]:
        """Return the cost as a JSON value."""
        return asdict(self)


def costs(scale: Scale, seeds: int, sweeps: Sequence[Sweep]) -> list[Cost]:
    """Return what a reproduction costs, by kind of step; nothing for a scale that makes its model from nothing.

    Raises:
        BadInput: nothing is known of the size of the scale's model.
    """
    if scale.base is None:
        return []
    network = find_network(scale.base)
    trainings = seeds * (len(scale.kl_sweep) if "kl" in sweeps else 1)
    heats = 2 * (len(scale.temperatures) - 1) if "temperature" in sweeps else 0
    return [
        _supervised("SFT", network, SFTSettings.of(scale.sft.preset), DEMONSTRATIONS, 1, seeds),
        _supervised("reward model", network, RewardSettings.of(scale.reward.preset), RANKINGS, 2, seeds),
        _ppo(network, PPOSettings.of(scale.ppo.preset), trainings),
        _drawing("samples of a model", network, scale, scale.samples, seeds + trainings + heats * seeds),
        _drawing("samples of BoN", network, scale, scale.best_of * scale.best_of_samples, seeds),
    ]


def _supervised(what: str, network: Network, settings: Supervised, rows: int, texts: int, times: int) -> Cost:
    """Return the cost of a trainer that goes through rows of so many texts each."""
    tokens = texts * (PROMPT + ANSWER)
    operations = _trained(network, rows * settings.epochs * tokens, settings.freeze)
    memory = _memory(network, settings.freeze, settings.dtype, settings.micro_batch * tokens)
    return Cost(what, times, operations, memory, operations / OPERATIONS / 3600)


def _ppo(network: Network, settings: PPOSettings, times: int) -> Cost:
    rollouts = settings.steps * settings.batch
    tokens = rollouts * (PROMPT + settings.max_tokens)
    forward = 2 * network.parameters * tokens
    operations = 4 * forward + settings.ppo_epochs * _trained(network, tokens, settings.freeze)
    reading = settings.steps * settings.max_tokens * network.parameters * _bytes(settings.dtype)
    hours = (operations / OPERATIONS + reading * -(-settings.batch // settings.rollout_batch) / BANDWIDTH) / 3600
    memory = _memory(network, settings.freeze, settings.dtype, settings.micro_batch * (PROMPT + settings.max_tokens))
    others = (2 - settings.freeze) * network.parameters * _bytes(settings.dtype)  # reward model, the reference's own
    return Cost("PPO", times, operations, memory + others, hours)


def _drawing(what: str, network: Network, scale: Scale, samples: int, times: int) -> Cost:
    prompts = scale.prompts * len(scale.splits)
    tokens = prompts * (PROMPT + samples * ANSWER)  # a server reads each prompt once for all its samples
    operations = 2 * network.parameters * tokens
    reading = prompts * samples / 256 * ANSWER * network.parameters * _bytes("bfloat16")
    hours = (operations / OPERATIONS + reading / BANDWIDTH) / 3600
    return Cost(what, times, operations, network.parameters * _bytes("bfloat16"), hours)


def _trained(network: Network, tokens: float, freeze: float) -> float:
    """Return the operations of a forward and backward pass."""
    return (2 + 4 * (1 - freeze)) * network.parameters * tokens


def _memory(network: Network, freeze: float, dtype: str, tokens: float) -> float:
    """Return the bytes of a training step whose micro-batch holds so many tokens."""
    trained = (1 - freeze) * network.parameters
    weights = network.parameters * _bytes(dtype) + trained * (0 if dtype == "float32" else 4)
    activations = 34 * tokens * network.hidden * network.layers * (1 - freeze) * _bytes(dtype) / 2
    return weights + trained * 12 + activations + tokens * network.vocabulary * (_bytes(dtype) + 8)


def _bytes(dtype: str) -> int:
    return 4 if dtype == "float32" else 2
