"""QualityMetric: a metric that needs to know how good each sample is."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import BadInput
from .metric import Metric, Undefined
from .texts import FloatArray, IntArray, Texts


@dataclass(frozen=True)
class QualityMetric(Metric):
    """A metric of a set of samples that each have a quality: a reward, a grade, a 0 or 1 for passing a test."""

    def judged(self, texts: Texts, members: IntArray, quality: FloatArray) -> float:
        """Return the value of one set, in draw order, `quality[i]` being that of `members[i]`.

        Raises:
            Undefined: the set has no value.
            BadInput: there is not one finite quality per sample.
        """
        return self._judged(texts, members, checked(quality, len(members)))

    @abstractmethod
    def _judged(self, texts: Texts, members: IntArray, quality: FloatArray) -> float:
        """Return what `judged` returns; the quality is known to be one finite number per sample."""

    def prepare_judged(
        self,
        texts: Texts,
        sets: Sequence[IntArray],
        qualities: Sequence[FloatArray],  # noqa: ARG002  most do not look
    ) -> None:
        """Do what `judged` of these sets will need in one go: what `prepare` does, unless the quality can save work."""
        self.prepare(texts, sets)

    def value(self, texts: Texts, members: IntArray) -> float:  # noqa: ARG002  there is nothing to compute from
        """Raise `Undefined`: without quality there is no value."""
        raise Undefined(f'{self.name} needs the quality of each sample: rows with "quality": [...] beside "samples"')


def checked(quality: FloatArray, count: int) -> FloatArray:
    """Return the quality in double precision, or refuse it: a NaN compares false, so it would pass for low quality."""
    checked = np.asarray(quality, dtype=np.float64)
    if checked.shape != (count,):
        raise BadInput(f"quality: wanted one number per sample ({count}), found an array of shape {checked.shape}")
    if not np.isfinite(checked).all():
        where = int(np.flatnonzero(~np.isfinite(checked))[0])
        raise BadInput(
            f"quality: wanted finite numbers, found {checked[where]} for sample {where}; "
            "leave samples that were not judged out of both lists"
        )
    return checked
