"""Scales: which models, data and settings a reproduction takes, from a laptop's to the paper's."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from ...errors import BadInput
from ...naming import nearest


@dataclass(frozen=True, kw_only=True)
class Training:
    """What one trainer is told.

    Attributes:
        preset: of its settings.
        steps: how many, or None for the preset's own.
    """

    preset: str
    steps: int | None = None


@dataclass(frozen=True, kw_only=True)
class Scale:
    """One size at which the paper's experiment is done.

    Attributes:
        name: what `--scale` takes.
        description: what it is.
        base: the model that is fine-tuned: a hub id or folder, or None for one made from nothing for each seed.
        lessons: what the trainers learn from.
        splits: TASK/SPLIT names that models are evaluated on, that in distribution first.
        quality: the reward spec that says how good a sample is, or None where a judge has to.
        diversity: the metrics that the claims about diversity speak of.
        sft: what the SFT trainer is told.
        reward: what the reward model's trainer is told.
        ppo: what the PPO trainer is told.
        engine: "hf" or "vllm", by which models are evaluated.
        prompts: of each split.
        samples: of each prompt.
        best_of: draws among which the reward model chooses, for the policy best of N.
        best_of_samples: samples of each prompt for it; each costs `best_of` draws.
        best_of_temperature: at which it draws.
        seeds: how many times all is trained, unless told otherwise.
        kl_coefficient: of the policy that the claims are about.
        kl_sweep: coefficients of the sweep, that one among them.
        temperatures: of the temperature sweep.
        needs_gpu: whether a CPU would take years.
    """

    name: str
    description: str
    base: str | None
    lessons: str
    splits: tuple[str, ...]
    quality: str | None
    diversity: tuple[str, ...]
    sft: Training
    reward: Training
    ppo: Training
    engine: str
    prompts: int
    samples: int
    best_of: int = 16
    best_of_samples: int
    best_of_temperature: float = 0.7
    seeds: int
    kl_coefficient: float = 0.05
    kl_sweep: tuple[float, ...]
    temperatures: tuple[float, ...] = (0.3, 0.5, 0.7, 1.0, 1.3, 1.6)
    needs_gpu: bool

    @property
    def in_distribution(self) -> str:
        """The split in distribution, on which sweeps are measured."""
        return self.splits[0]


def _small_world(*shifts: str) -> tuple[str, ...]:
    return tuple(f"small-world/{split}" for split in ("id", *shifts))


MINI: Final = Scale(
    name="mini",
    description="from nothing on a CPU: a Llama of about a million parameters in the small world, judged exactly",
    base=None,
    lessons="small-world",
    splits=_small_world("topic-near", "length-near", "register-near", "topic-far", "length-far", "register-far"),
    quality="gold:small-world",
    diversity=("ead", "sbert:model=minilm"),
    sft=Training(preset="mini"),
    reward=Training(preset="mini"),
    ppo=Training(preset="mini"),
    engine="hf",
    prompts=48,
    samples=16,
    best_of_samples=4,
    seeds=3,
    kl_sweep=(0.01, 0.05, 0.2),
    needs_gpu=False,
)

SMOKE: Final = replace(
    MINI,
    name="smoke",
    description="mini with a few steps of training: shows in a few minutes that all of it runs, and nothing else",
    splits=_small_world("topic-near", "topic-far"),
    sft=Training(preset="mini", steps=30),
    reward=Training(preset="mini", steps=10),
    ppo=Training(preset="mini", steps=3),
    prompts=6,
    samples=4,
    best_of=4,
    best_of_samples=2,
    seeds=1,
    kl_sweep=(0.05, 0.2),
    temperatures=(0.7, 1.0),
)

_PAPER: Final = Scale(
    name="opt",
    description="the paper's summarisation arm with an OPT model",
    base="facebook/opt-1.3b",
    lessons="tldr",
    splits=("summarisation/tldr", "summarisation/cnn_dailymail"),
    quality=None,
    diversity=("ead", "sbert"),
    sft=Training(preset="kirk2023"),
    reward=Training(preset="kirk2023"),
    ppo=Training(preset="kirk2023"),
    engine="vllm",
    prompts=500,
    samples=16,
    best_of_samples=16,
    seeds=1,
    kl_sweep=(0.01, 0.05, 0.2),
    needs_gpu=True,
)

SCALES: Final[Mapping[str, Scale]] = {
    scale.name: scale
    for scale in (
        MINI,
        SMOKE,
        _PAPER,
        replace(
            _PAPER,
            name="llama",
            description="the paper's summarisation arm with LLaMA-7B",
            base="huggyllama/llama-7b",
        ),
    )
}
"""The scales by name."""


def find_scale(name: str) -> Scale:
    """Return a scale by name.

    Raises:
        BadInput: there is none of that name.
    """
    if name not in SCALES:
        raise BadInput(f"--scale: no scale is called {name!r}: {nearest(name, SCALES)}")
    return SCALES[name]
