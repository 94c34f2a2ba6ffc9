"""Steps of a reproduction: a command each, with what must be done before it, and the folders they write to."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from .scale import Scale

Policy: TypeAlias = Literal["sft", "ppo", "best-of-n"]
"""A model together with the way its samples are drawn."""

POLICIES: Final[tuple[Policy, ...]] = ("sft", "ppo", "best-of-n")

HEATED: Final[tuple[Policy, ...]] = ("sft", "ppo")
"""Those that the temperature sweep is about."""

LABELS: Final = {"sft": "SFT", "ppo": "RLHF", "best-of-n": "BoN"}
"""What tables call the policies, as the paper does."""

TEMPERATURE: Final = 1.0
"""At which the claims' runs of SFT and RLHF are drawn."""

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
    """Where the parts of a reproduction lie.

    In a sweep the scale's own setting is no other checkpoint and no other run: those of the claims are taken.
    """

    folder: Path
    scale: Scale

    def seed(self, seed: int) -> Path:
        """Return the folder of one seed."""
        return self.folder / f"seed-{seed}"

    def checkpoint(self, seed: int, name: str) -> Path:
        """Return the checkpoint folder `base`, `sft`, `reward` or `ppo` of a seed."""
        return self.seed(seed) / name

    def swept(self, seed: int, coefficient: float) -> Path:
        """Return the checkpoint folder of PPO at a KL coefficient."""
        return self.checkpoint(seed, self._at(coefficient))

    def run(self, seed: int, policy: Policy) -> Path:
        """Return the run folder of a policy."""
        return self.seed(seed) / "runs" / policy

    def kl_run(self, seed: int, coefficient: float) -> Path:
        """Return the run folder of PPO at a KL coefficient."""
        return self.seed(seed) / "runs" / self._at(coefficient)

    def temperature_run(self, seed: int, policy: Policy, temperature: float) -> Path:
        """Return the run folder of a policy at a temperature."""
        if temperature == TEMPERATURE:
            return self.run(seed, policy)
        return self.seed(seed) / "runs" / f"{policy}-temperature-{temperature:g}"

    def _at(self, coefficient: float) -> str:
        return "ppo" if coefficient == self.scale.kl_coefficient else f"ppo-kl-{coefficient:g}"
