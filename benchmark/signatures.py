"""Signatures of scores, taken apart: what of two of them differs, in words that name the way out."""

from dataclasses import dataclass
from typing import cast

from ..errors import StoreFailed
from ..metrics import Level


@dataclass(frozen=True)
class Signature:
    """What `gendiv.benchmark.scoring.signature` put together.

    Attributes:
        metric: the metric's name and settings, in the syntax of `--metrics`.
        version: of the metric.
        profile: of the metric.
        level: per input or across inputs.
        samples: K, or "2-8" where inputs differ in it.
        inputs: how many; of across-input scores alone.
        sampler: the decoding parameters.
    """

    metric: str
    version: str
    profile: str
    level: Level
    samples: str
    inputs: str | None
    sampler: str

    @classmethod
    def of(cls, text: str) -> "Signature":
        """Take a signature apart.

        >>> Signature.of("reward:model=a|b|version=1|profile=corrected|per_input|k=4|unknown").metric
        'reward:model=a|b'
        >>> Signature.of("length|version=1|profile=corrected|per_input|k=4|temperature=1.0:stop='|'").sampler
        "temperature=1.0:stop='|'"

        Raises:
            StoreFailed: it is none.
        """
        metric, _, tail = text.partition("|version=")  # a judge's name may hold the mark between parts
        rest = tail.split("|")
        if len(rest) < 5 or rest[2] not in ("per_input", "across_input"):
            raise StoreFailed(f"scores.json: wanted a signature METRIC|version=...|LEVEL|k=..., found {text[:80]!r}")
        version, profile, level, samples, *others = rest
        inputs = others.pop(0).removeprefix("inputs=") if level == "across_input" else None
        return cls(
            metric=metric,
            version=version,
            profile=profile,
            level=cast(Level, level),
            samples=samples.removeprefix("k="),
            inputs=inputs,
            sampler="|".join(others),
        )

    @property
    def name(self) -> str:
        """The metric's name."""
        return self.metric.partition(":")[0]

    @property
    def settings(self) -> str:
        """The metric's settings."""
        return self.metric.partition(":")[2]

    def unlike(self, other: "Signature", here: str, there: str) -> str | None:
        """Say why two scores of one metric and level cannot be subtracted, or None where they can.

        Args:
            other: the other's signature.
            here: what to call the place of this one.
            there: what to call the place of the other.
        """
        if self.version != other.version:
            return (
                f"version {self.version} of the metric in {here}, {other.version} in {there}: "
                f"gendiv score RUN --metrics {self.metric} computes both anew"
            )
        if self.profile != other.profile:
            return f"{self.profile} in {here}, {other.profile} in {there}"
        if self.samples != other.samples:
            return f"{self.samples} samples a prompt in {here}, {other.samples} in {there}: draw as many of each (-k)"
        if self.sampler != other.sampler:
            one, two = self._sampling_unlike(other)
            return f"drawn with {one} in {here}, with {two} in {there}"
        if self.inputs != other.inputs:
            return (
                "an across-input score depends on the number of inputs, "
                f"{self.inputs} in {here} and {other.inputs} in {there}: ask for as many of each (-n)"
            )
        return None

    def _sampling_unlike(self, other: "Signature") -> tuple[str, str]:
        """Return the decoding parameters that differ."""
        ours, theirs = self.sampler.split(":"), other.sampler.split(":")
        if len(ours) != len(theirs):  # a stop text may hold the mark
            return self.sampler, other.sampler
        pairs = [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]]
        return ", ".join(pair[0] for pair in pairs), ", ".join(pair[1] for pair in pairs)
