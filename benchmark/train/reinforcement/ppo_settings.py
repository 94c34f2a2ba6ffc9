"""What PPO can be told beside what every trainer can, and its presets."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from ..settings import UNDECIDING, Settings

KIRK2023: Final[Mapping[str, Any]] = {
    "learning_rate": 1.5e-5,
    "batch": 256,
    "minibatch": 256,
    "micro_batch": 16,
    "ppo_epochs": 4,
    "steps": 750,
    "kl_coefficient": 0.05,
    "freeze": 0.8,
    "discount": 1.0,
    "trace": 0.95,
    "clip": 0.2,
    "value_clip": 0.2,
    "value_coefficient": 0.1,
    "max_tokens": 48,
    "schedule": "linear",
    "warmup": 0.0,
    "gradient_norm": None,
    "value": "shared",
}
"""Kirk et al. (2024), appendix E.

The commands released with the code say otherwise: learning rate 1.5e-6, 500 steps, a KL coefficient of 5.0 on the
estimator k2, value coefficient 0.2; the defaults of the released code: discount 0.999. What the paper leaves open
(value coefficient, GAE, clipping, schedule) is the code's default, but discount 1 as its commands have it.
"""

ALPACAFARM: Final[Mapping[str, Any]] = {
    "learning_rate": 1e-5,
    "batch": 512,
    "minibatch": 256,
    "micro_batch": 8,
    "ppo_epochs": 10,
    "steps": 80,
    "kl_coefficient": 0.0067,
    "discount": 1.0,
    "trace": 1.0,
    "value": "separate",
    "value_from": "reward",
    "max_tokens": 300,
    "gradient_norm": 1.0,
    "schedule": "linear",
}
"""Dubois et al. (2023), for their simulated preferences; they whiten rewards too and hold a token's KL at 0 or more."""

MINI: Final[Mapping[str, Any]] = {
    "learning_rate": 1e-3,
    "batch": 64,
    "minibatch": 64,
    "micro_batch": 16,
    "rollout_batch": 64,
    "ppo_epochs": 2,
    "steps": 120,
    "evaluate_every": 30,
    "kl_coefficient": 0.05,
    "max_tokens": 24,
    "schedule": "linear",
}
"""For a Llama of about a million parameters made from nothing."""


class PPOSettings(Settings):
    """What PPO can be told."""

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "default": {},
        "kirk2023": KIRK2023,
        "alpacafarm": ALPACAFARM,
        "mini": MINI,
    }

    learning_rate: float = Field(default=1e-5, gt=0, description="At its highest.")
    batch: int = Field(default=256, ge=1, description="Answers drawn in a step, one a prompt, over all processes.")
    minibatch: int = Field(
        default=128, ge=1, description="Answers of an optimiser step, over all processes; divides the batch."
    )
    schedule: Literal["cosine", "linear", "constant"] = Field(
        default="linear", description="How the learning rate falls."
    )
    warmup: float = Field(
        default=0.0, ge=0, lt=1, description="Share of the optimiser steps in which the learning rate rises."
    )
    steps: int = Field(default=500, ge=1, description="Batches of answers that are drawn and learned from.")
    ppo_epochs: int = Field(default=4, ge=1, description="Times that each batch is gone through.")
    rollout_batch: int = Field(default=64, ge=1, description="Answers that one process draws at once.")
    max_tokens: int = Field(default=48, ge=1, description="Most tokens of an answer, its end token among them.")
    min_tokens: int = Field(default=0, ge=0, description="Tokens before which no answer may end.")
    prompt_tokens: int = Field(default=512, ge=1, description="Longer prompts lose their beginning.")
    temperature: float = Field(
        default=1.0,
        gt=0,
        description="Of answers; log-probabilities, KL and losses are those of the distribution drawn from.",
    )
    kl_coefficient: float = Field(default=0.05, ge=0, description="What a nat of KL from the reference costs.")
    kl_as: Literal["reward", "loss"] = Field(
        default="reward", description="Where KL is charged: in rewards, or as a loss."
    )
    kl_estimator: Literal["k1", "k2", "k3"] = Field(
        default="k1", description="Of KL a token: -log r, (log r)^2 / 2 or r - 1 - log r, with r = reference / policy."
    )
    kl_target: float | None = Field(
        default=None, gt=0, description="Nats an answer to steer the coefficient to; none: fixed."
    )
    kl_horizon: int = Field(default=10_000, ge=1, description="Answers over which steering may change it by a fifth.")
    discount: float = Field(default=1.0, gt=0, le=1, description="Of rewards, a token.")
    trace: float = Field(default=0.95, ge=0, le=1, description="Lambda of generalised advantage estimation.")
    whiten: bool = Field(
        default=True, description="Shift and scale advantages to mean 0, variance 1 over the whole batch."
    )
    clip: float = Field(default=0.2, gt=0, description="How far a token's probability ratio counts.")
    value_clip: float | None = Field(
        default=0.2, gt=0, description="How far from the old one a value counts; none: any."
    )
    value_coefficient: float = Field(default=0.1, ge=0, description="Of the value loss.")
    entropy_coefficient: float = Field(default=0.0, ge=0, description="Of a bonus for entropy.")
    reward_clip: float | None = Field(default=None, gt=0, description="Scores are kept between minus and plus this.")
    missing_eos_penalty: float = Field(default=0.0, ge=0, description="Taken from answers that did not end.")
    length_penalty: float = Field(
        default=0.0, ge=0, description="Times (tokens / max_tokens)^5, taken from every answer."
    )
    value: Literal["shared", "separate"] = Field(
        default="shared",
        description="Values from a linear head on the policy's own states, or from a network of their own.",
    )
    value_from: Literal["policy", "reward", "random"] = Field(
        default="policy",
        description="What a separate value network starts from: the model, the reward model, or fresh weights.",
    )
    rollouts: Literal["hf", "vllm"] = Field(
        default="hf", description="Who draws answers: transformers here, or a vLLM server, for which LoRA has to be on."
    )
    evaluate_every: int = Field(
        default=50,
        ge=1,
        description="Steps between two looks at held-out prompts: the early warning.",
        json_schema_extra=UNDECIDING,
    )
    watch_prompts: int = Field(
        default=32, ge=2, description="Held-out prompts looked at.", json_schema_extra=UNDECIDING
    )
    watch_samples: int = Field(default=8, ge=2, description="Answers to each of them.")

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if self.batch % self.minibatch:
            raise ValueError(f"--minibatch: wanted a divisor of the batch ({self.batch}), found {self.minibatch}")
        if self.min_tokens >= self.max_tokens:
            raise ValueError(f"--min-tokens: wanted less than max_tokens ({self.max_tokens}), found {self.min_tokens}")
        if self.value == "shared" and self.value_from != "policy":
            raise ValueError(
                f"--value-from {self.value_from} starts a network of its own: pass --value separate, or leave it out"
            )
        if self.rollouts == "vllm" and not self.lora_rank:
            raise ValueError(
                "--rollouts vllm: new weights reach a running vLLM server as a LoRA adapter alone (reloading whole "
                "weights gave other answers than a fresh server): pass --lora-rank, or --rollouts hf"
            )
        if self.lora_dropout:
            raise ValueError(
                "--lora-dropout: PPO has none, as it would tell old and new probabilities apart: leave it 0"
            )
        return self

    @property
    def optimiser_steps(self) -> int:
        """Optimiser steps of each step."""
        return self.ppo_epochs * (self.batch // self.minibatch)
