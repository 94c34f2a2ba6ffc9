"""ReferenceMetric: a metric that looks at what a good answer to the input looks like."""

from abc import abstractmethod
from dataclasses import dataclass

from .metric import Metric, Undefined
from .texts import IntArray, Texts


@dataclass(frozen=True)
class ReferenceMetric(Metric):
    """A metric of a set of samples of one input that has a reference."""

    @abstractmethod
    def against(self, texts: Texts, members: IntArray, reference: str) -> float:
        """Return the value of one set, given the reference of its input.

        Raises:
            Undefined: the set has no value.
        """

    def value(self, texts: Texts, members: IntArray) -> float:  # noqa: ARG002  there is nothing to compare with
        """Raise `Undefined`: without a reference there is no value."""
        raise Undefined(f"{self.name} needs the reference of each input, and this one has none")
