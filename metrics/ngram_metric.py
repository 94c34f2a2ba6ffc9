"""NgramMetric: a metric of the n-grams of a set, worked out for many sets at once."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from .counting.tokenizer import check_tokenizer, check_tokenizer_name
from .metric import Metric, Undefined
from .orders import check_orders
from .texts import FloatArray, IntArray, Texts


class NgramMetric(Metric):
    """A metric that gives the values of many sets in one go; subclasses declare the fields, in the order they want."""

    @property
    @abstractmethod
    def tokenizer(self) -> str:
        """What makes tokens of a text; see `counting/tokenizer.py`."""

    def __post_init__(self) -> None:
        check_tokenizer_name(self.tokenizer)

    @abstractmethod
    def values(self, texts: Texts, sets: Sequence[IntArray]) -> FloatArray:
        """Return the value of each set, NaN for those that have none."""

    @abstractmethod
    def reason(self, texts: Texts, members: IntArray) -> str:
        """Say why a set has no value."""

    def require(self) -> None:
        """Raise if the tokeniser cannot be loaded."""
        check_tokenizer(self.tokenizer)

    def prepare(self, texts: Texts, sets: Sequence[IntArray]) -> None:
        """Work out the values of the sets together and remember them for `value`."""
        if sets:
            keys = [_key(members) for members in sets]
            self._known(texts).update(zip(keys, self.values(texts, sets).tolist(), strict=True))

    def value(self, texts: Texts, members: IntArray) -> float:
        """Return the value of one set."""
        value = self._known(texts).get(_key(members))
        if value is None:
            value = float(self.values(texts, [members])[0])
        if value != value:  # NaN
            raise Undefined(self.reason(texts, members))
        return value

    def _known(self, texts: Texts) -> dict[bytes, float]:
        """Return the values worked out beforehand, by the bytes of the members."""
        return texts.view(("values", self), lambda pool: {})


def _key(members: IntArray) -> bytes:
    """Return what tells sets apart, whatever the width of their integers."""
    return np.asarray(members, dtype=np.intp).tobytes()


class NgramMean(NgramMetric):
    """The mean of a value over those orders n for which the set has one.

    An order that no text of the set is long enough for says nothing about diversity, so it stays out of the mean; the
    published code counts it as 0, which makes short answers look alike.
    """

    @property
    @abstractmethod
    def n(self) -> tuple[int, ...]:
        """The orders."""

    def __post_init__(self) -> None:
        check_orders(self.n)
        super().__post_init__()

    @abstractmethod
    def at(self, texts: Texts, sets: Sequence[IntArray], n: int) -> FloatArray:
        """Return the value of each set at one order, NaN where it has none."""

    @abstractmethod
    def at_without_each(self, texts: Texts, members: IntArray, n: int) -> FloatArray:
        """Return the value at one order of the set without each member, NaN where it has none."""

    def values(self, texts: Texts, sets: Sequence[IntArray]) -> FloatArray:
        """Return the mean over orders for each set."""
        return self.mean(np.array([self.at(texts, sets, n) for n in self.n]))

    def leave_out(self, texts: Texts, members: IntArray) -> FloatArray:
        """Return the value without each member, from one look at the whole set per order."""
        left = self.mean(np.array([self.at_without_each(texts, members, n) for n in self.n]))
        undefined = np.flatnonzero(np.isnan(left))
        if len(undefined):
            raise Undefined(f"without one of them: {self.reason(texts, np.delete(members, undefined[0]))}")
        return left

    def mean(self, values: FloatArray) -> FloatArray:
        """Average over the orders (first axis) that have a value, NaN where none has."""
        present = ~np.isnan(values)
        count = present.sum(axis=0)
        total = np.where(present, values, 0.0).sum(axis=0)
        mean: FloatArray = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        return mean
