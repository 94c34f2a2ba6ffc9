"""QualityMetric: a metric that needs to know how good each sample is."""

from abc import abstractmethod
from dataclasses import dataclass

from .metric import Metric, Undefined
from .texts import FloatArray, IntArray, Texts


@dataclass(frozen=True)
class QualityMetric(Metric):
    """A metric of a set of samples that each have a quality: a reward, a grade, a 0 or 1 for passing a test."""

    @abstractmethod
    def judged(self, texts: Texts, members: IntArray, quality: FloatArray) -> float:
        """Return the value of one set, in draw order, `quality[i]` being that of `members[i]`; or raise `Undefined`."""

    def value(self, texts: Texts, members: IntArray) -> float:  # noqa: ARG002  there is nothing to compute from
        """Raise `Undefined`: without quality there is no value."""
        raise Undefined(f'{self.name} needs the quality of each sample: rows with "quality": [...] beside "samples"')
