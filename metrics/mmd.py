"""MMD: how far apart two sets of texts lie in the space of their embeddings."""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from .encoder_metric import directions
from .models.device import concrete_dtype
from .models.embedding import MINILM, check_encoder
from .notation import write_settings
from .texts import FloatArray, IntArray, Texts

LEAST: Final = 3
"""Texts of each set that it takes to leave one out."""

PERMUTED: Final = 256
"""Relabellings that are worked out at a time."""


@dataclass(frozen=True)
class MMD:
    """Unbiased squared maximum mean discrepancy between the embeddings of two sets, under a Gaussian kernel.

    MMD^2 = mean k(x, x') + mean k(y, y') - 2 mean k(x, y), over pairs of different texts, with the kernel
    k(u, v) = exp(-|u - v|^2 / (2 bandwidth^2)) of embeddings at length 1.

    Source: Gretton et al. (2012), "A Kernel Two-Sample Test", equation 3; the p-value is that of its permutation test.
    Range: 0 (the same distribution) to 2 - 2 exp(-2 / bandwidth^2) (two opposite points); being unbiased, it may fall a
    little below 0.
    Unit: of the kernel, whose value of a text with itself is 1.
    Undefined: for fewer than three texts on a side, and for a text whose embedding has no direction.

    The bandwidth is fixed, not the median of the distances that are at hand: with a bandwidth of their own, two pairs
    of sets would be measured on two scales. Embeddings of unrelated texts are nearly at right angles, 1.4 apart, so
    that 1 is of the size that the median would have. A Gaussian kernel tells any two distributions apart, given enough
    texts.

    Two texts that point north and one that points east, against three that point east: k is exp(-1) at a right angle,
    so the means are (1 + 2/e) / 3 within the first set and between the sets, and 1 within the second:

    >>> import numpy as np
    >>> from gendiv.metrics.mmd import MMD
    >>> from gendiv.metrics.texts import Texts
    >>> texts = Texts.of([["n", "n", "e"], ["e", "e", "e"]])
    >>> vectors = texts.view(("embedding", "by hand"), lambda pool: np.eye(2))
    >>> round(MMD(model="by hand").between(texts, *texts.groups).value, 6)  # 1 - (1 + 2/e) / 3
    0.421414

    Attributes:
        bandwidth: of the kernel.
        model: sentence encoder: a hub id, a local folder, or minilm, the packaged one.
        dtype: number format of the encoder.
        permutations: relabellings of the texts that the p-value counts.
        seed: of the relabellings.
    """

    name: ClassVar[str] = "mmd"
    version: ClassVar[int] = 1

    bandwidth: float = 1.0
    model: str = MINILM
    dtype: str = "float32"
    permutations: int = 999
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.bandwidth < np.inf:
            raise ValueError(f"bandwidth: wanted a number above 0, found {self.bandwidth!r}")
        if self.permutations < 1:
            raise ValueError(f"permutations: wanted at least 1, found {self.permutations!r}")
        if not self.model:
            raise ValueError("model: wanted a local folder, a hub id or minilm, found ''")
        object.__setattr__(self, "dtype", concrete_dtype(self.dtype))

    @property
    def signature(self) -> str:
        """The name, every setting and the version."""
        return f"{self.name}:{write_settings(vars(self))}|version={self.version}"

    def require(self) -> None:
        """Raise if the encoder cannot be loaded."""
        check_encoder(self.model)

    def between(self, texts: Texts, first: IntArray, second: IntArray) -> "Discrepancy":
        """Return the discrepancy of two sets of a pool.

        Raises:
            Undefined: a text has no direction.
        """
        units = directions(texts, np.concatenate([first, second]), self.model, self.dtype)
        squares = np.maximum(2.0 - 2.0 * (units @ units.T), 0.0)
        return Discrepancy(np.exp(squares / (-2.0 * self.bandwidth**2)), len(first))

    def p_value(self, found: "Discrepancy") -> float:
        """Return the share of relabellings, the true one included, whose discrepancy is as large as the true one's."""
        drawn = found.relabelled(np.random.default_rng(self.seed), self.permutations)
        return float((1 + np.count_nonzero(drawn >= found.value - 1e-12)) / (1 + self.permutations))


class Discrepancy:
    """The squared discrepancy of two samples, from the kernel between all of their members.

    Args:
        kernel: of the members of the first sample, then those of the second.  # (m + n, m + n)
        count: m, at least `LEAST`, as n must be.
    """

    def __init__(self, kernel: FloatArray, count: int) -> None:
        self._kernel = kernel.copy()
        np.fill_diagonal(self._kernel, 0.0)
        self._count, self._others = count, len(kernel) - count
        labels = np.zeros((1, len(kernel)))
        labels[0, :count] = 1.0
        self.value = float(self._of(labels)[0])

    def without_each(self) -> tuple[FloatArray, FloatArray]:
        """Return the value without each member of the first sample, and without each of the second."""
        m, n = self._count, self._others
        own, across, other = self._kernel[:m, :m], self._kernel[:m, m:], self._kernel[m:, m:]
        return (
            _value(own.sum() - 2 * own.sum(axis=1), across.sum() - across.sum(axis=1), other.sum(), m - 1, n),
            _value(own.sum(), across.sum() - across.sum(axis=0), other.sum() - 2 * other.sum(axis=1), m, n - 1),
        )

    def relabelled(self, generator: np.random.Generator, count: int) -> FloatArray:
        """Return the values of random partitions of all members into samples of the same sizes."""
        found = []
        for start in range(0, count, PERMUTED):
            ranks = generator.random((min(PERMUTED, count - start), len(self._kernel))).argsort(axis=1)
            found.append(self._of((ranks < self._count).astype(np.float64)))
        return np.concatenate(found)

    def _of(self, labels: FloatArray) -> FloatArray:
        """Return the value under each row of labels: 1 for the members of the first sample, 0 for the others."""
        total, of_each = self._kernel.sum(), labels @ self._kernel.sum(axis=1)
        own = ((labels @ self._kernel) * labels).sum(axis=1)
        return _value(own, of_each - own, total - 2 * of_each + own, self._count, self._others)


def _value(own: FloatArray, across: FloatArray, other: FloatArray, m: int, n: int) -> FloatArray:
    """Return the discrepancy from the sums of the kernel within the samples, over ordered pairs, and between them."""
    value: FloatArray = own / (m * (m - 1)) + other / (n * (n - 1)) - 2 * across / (m * n)
    return value
