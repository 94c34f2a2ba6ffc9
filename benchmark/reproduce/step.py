"""Steps of a reproduction: a command each, with what must be done before it, and the folders they write to."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

Policy: TypeAlias = Literal["sft", "ppo", "best-of-n"]
"""A model together with the way its samples are drawn."""

POLICIES: Final[tuple[Policy, ...]] = ("sft", "ppo", "best-of-n")

LABELS: Final = {"sft": "SFT", "ppo": "RLHF", "best-of-n": "BoN"}
"""What tables call the policies, as the paper does."""

Sweep: TypeAlias = Literal["kl", "temperature"]


@dataclass(frozen=True)
class Step:
    """One gendiv command.

    Attributes:
        name: unique among the steps, such as `seed-1/sft`.
        arguments: what stands behind `gendiv`.
        needs: names of the steps that must be done before.
    """

    name: str
    arguments: tuple[str, ...]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """Where the parts of a reproduction lie."""

    folder: Path

    def seed(self, seed: int) -> Path:
        """Return the folder of one seed."""
        return self.folder / f"seed-{seed}"

    def checkpoint(self, seed: int, name: str) -> Path:
        """Return the checkpoint folder `base`, `sft`, `reward` or `ppo` of a seed."""
        return self.seed(seed) / name

    def swept(self, seed: int, coefficient: float) -> Path:
        """Return the checkpoint folder of PPO at another KL coefficient."""
        return self.seed(seed) / f"ppo-kl-{coefficient:g}"

    def run(self, seed: int, policy: Policy) -> Path:
        """Return the run folder of a policy."""
        return self.seed(seed) / "runs" / policy

    def kl_run(self, seed: int, coefficient: float) -> Path:
        """Return the run folder of PPO at another KL coefficient."""
        return self.seed(seed) / "runs" / f"ppo-kl-{coefficient:g}"

    def temperature_run(self, seed: int, policy: Policy, temperature: float) -> Path:
        """Return the run folder of a policy at another temperature."""
        return self.seed(seed) / "runs" / f"{policy}-temperature-{temperature:g}"
