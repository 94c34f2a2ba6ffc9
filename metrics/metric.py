"""Metric: what every measure of a set of texts can do and says about itself."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import ClassVar, Final, Literal, Self, TypeAlias

import numpy as np
from pydantic import ConfigDict, TypeAdapter, ValidationError

from ..errors import BadInput
from .notation import read_settings, write_settings
from .texts import FloatArray, IntArray, Texts

Direction: TypeAlias = Literal["higher_is_more_diverse", "lower_is_more_diverse", "higher_is_better", "neutral"]
Level: TypeAlias = Literal["per_input", "across_input"]
Cost: TypeAlias = Literal["cpu", "encoder", "cross_encoder"]
Profile: TypeAlias = Literal["corrected", "as-released"]

PARTS: Final = 50
"""Parts that a set is left out in, one at a time, by a metric that has no short way to leave out each member."""


class Undefined(ValueError):
    """A metric has no value for this set; the message is the reason. Never a zero, never a pass."""


@dataclass(frozen=True)
class Metric(ABC):
    """A function from a set of texts to one number; its dataclass fields are its settings.

    A set is an array of indices into the pool of a `Texts`: the order does not matter, repeats do. `version` goes up
    whenever the same settings would give another number. `cost` says what it takes: the processor alone, an encoder
    that reads each distinct text once, or a cross-encoder that reads each pair. `profile` is "as-released" for the
    forms that repeat the arithmetic of the published code.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    unit: ClassVar[str]
    range: ClassVar[tuple[float, float]]
    direction: ClassVar[Direction]
    levels: ClassVar[tuple[Level, ...]]
    cost: ClassVar[Cost]
    profile: ClassVar[Profile] = "corrected"
    ordered: ClassVar[bool] = False  # whether the value may depend on the order in which the samples were drawn

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    @abstractmethod
    def value(self, texts: Texts, members: IntArray) -> float:
        """Return the value of one set, or raise `Undefined` with the reason."""

    def leave_out(self, texts: Texts, members: IntArray) -> FloatArray:
        """Return the values of the set without each of its parts in turn; `Undefined` if one of them is.

        The parts are the single members, or, for more than `PARTS` of them, every `PARTS`-th member. This default
        computes each value afresh; a metric with a short way overrides it and always leaves out single members.
        """
        parts = min(len(members), PARTS)
        return np.array(
            [self.value(texts, np.delete(members, np.s_[part::parts])) for part in range(parts)], dtype=np.float64
        )

    def prepare(self, texts: Texts, sets: Sequence[IntArray]) -> None:  # noqa: B027  most have nothing to do
        """Do what `value` of these sets will need in one go, where that is faster than set by set."""

    def with_models(self, *, sbert: str | None, nli: str | None) -> Self:  # noqa: ARG002  most use no model
        """Return the metric with another sentence encoder or NLI model, if it uses one and one is given."""
        return self

    def require(self) -> None:
        """Raise if something the metric needs is missing, so that a run can tell before it draws samples.

        Raises:
            NotInstalled: a package is missing.
            BadInput: a model cannot be loaded.
        """
        return

    @property
    def signature(self) -> str:
        """The name and every setting, in the syntax of `--metrics`: `self_bleu:max_n=4:tokenizer=whitespace`."""
        settings = write_settings({field.name: getattr(self, field.name) for field in fields(self)})
        return f"{self.name}:{settings}" if settings else self.name

    @classmethod
    def from_settings(cls, settings: str) -> Self:
        """Build the metric from the part of a signature after its name; settings left out keep their defaults."""
        try:
            return TypeAdapter(cls).validate_python(read_settings(settings))
        except ValidationError as invalid:
            raise BadInput(f"metric {cls.name!r}: {_first_reason(invalid)}; settings: {_names(cls)}") from None


def _first_reason(invalid: ValidationError) -> str:
    """Say in one clause what pydantic found wrong first."""
    error = invalid.errors(include_url=False)[0]
    where = ".".join(map(str, error["loc"]))
    reason = (
        str(error["ctx"]["error"]) if error["type"] == "value_error" else f"{error['msg']}, found {error['input']!r}"
    )
    return f"{where}: {reason}" if where else reason


def _names(metric: type[Metric]) -> str:
    return ", ".join(field.name for field in fields(metric)) or "none"
