"""Classes: which answers of a set say the same thing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import ClassVar, Final, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .encoder_metric import directions
from .metric import Metric
from .models.device import concrete_dtype
from .models.embedding import check_encoder
from .models.entailment import LABELS, check_nli, entailment
from .nli import NLI
from .sbert import SentenceBERT
from .texts import IntArray, Texts

BoolArray: TypeAlias = NDArray[np.bool_]

ENTAILMENT: Final = LABELS.index("entailment")
DEFAULTS: Final[Mapping[str, tuple[str, str, float]]] = MappingProxyType(
    {
        "nli": (NLI.model, NLI.dtype, 0.5),
        "embedding": (SentenceBERT.model, SentenceBERT.dtype, 0.8),
        "text": ("", "float32", 1.0),
    }
)
"""Model, number format and threshold of each way to tell that two answers are the same.

Those of the models are the defaults of the metrics that ask the same ones, so that their answers are shared.
"""


@dataclass(frozen=True)
class ClassMetric(Metric):
    """A metric of the classes that the answers of a set fall into: each class is one thing said in several ways.

    Each answer, in draw order, joins the first class whose representative (its first answer) it is equivalent to, or
    else founds a class. Being equivalent need not be transitive, so the classes may depend on the draw order. `same`
    says what equivalent means: "nli" that each entails the other with a probability of at least `threshold`,
    "embedding" that the cosine of their embeddings reaches it, "text" that they are equal but for whitespace. An empty
    `model` or `dtype` and a `threshold` of 0 stand for the default of `same`; the signature names what they stand for.
    """

    ordered: ClassVar[bool] = True

    same: str = "nli"
    model: str = ""
    dtype: str = ""
    threshold: float = 0.0

    def __post_init__(self) -> None:
        if self.same not in DEFAULTS:
            raise ValueError(f"same: wanted {', '.join(DEFAULTS)}, found {self.same!r}")
        model, dtype, threshold = DEFAULTS[self.same]
        if not isinstance(self.threshold, (int, float)):
            raise ValueError(f"threshold: wanted a number, found {self.threshold!r}")
        if self.same == "text" and (self.model or self.threshold not in (0.0, 1.0)):
            raise ValueError(
                f"same: wanted nli or embedding with a model or a threshold, found 'text' with model={self.model!r} "
                f"and threshold={self.threshold!r}"
            )
        object.__setattr__(self, "model", self.model or model)
        # No model runs for "text", so what the machine is good at has no place in its signature.
        object.__setattr__(self, "dtype", concrete_dtype(dtype if self.same == "text" else self.dtype or dtype))
        object.__setattr__(self, "threshold", float(self.threshold or threshold))
        if not 0.0 < self.threshold <= 1.0:
            raise ValueError(f"threshold: wanted above 0 (0 for the default) up to 1, found {self.threshold!r}")

    def with_models(self, *, sbert: str | None, nli: str | None) -> Self:
        """Return the metric with another model of the kind it uses, if one is given."""
        model = {"nli": nli, "embedding": sbert, "text": None}[self.same]
        return self if model is None else replace(self, model=model)

    def require(self) -> None:
        """Raise if the model cannot be loaded."""
        if self.same == "nli":
            check_nli(self.model)
        elif self.same == "embedding":
            check_encoder(self.model)

    def prepare(self, texts: Texts, sets: Sequence[IntArray]) -> None:
        """Ask the NLI model, in batches over all sets, what the classes of each will need; the pool remembers it."""
        if self.same == "nli":
            partition(sets, partial(self._entail_each_other, texts))

    def classes(self, texts: Texts, members: IntArray) -> IntArray:
        """Return the class of each member: 0, 1, ... in the order in which they are founded."""
        if self.same == "nli":
            return partition([members], partial(self._entail_each_other, texts))[0]
        if self.same == "text":
            return _numbered(texts.view("whitespace folded", _fold)[members])
        distinct, place = np.unique(members, return_inverse=True)
        rows = directions(texts, distinct, self.model, self.dtype)
        alike = rows @ rows.T >= self.threshold
        return partition([place], lambda pairs: alike[pairs[:, 0], pairs[:, 1]])[0]

    def _entail_each_other(self, texts: Texts, pairs: IntArray) -> BoolArray:
        """Tell for each pair of texts, one row each, whether each of the two entails the other."""
        both = self._entails(texts, pairs)
        if both.any():  # most pairs have failed already and need no second reading
            both[both] = self._entails(texts, pairs[both][:, ::-1])
        return both

    def _entails(self, texts: Texts, pairs: IntArray) -> BoolArray:
        """Tell for each ordered pair whether the first text entails the second."""
        model = entailment(texts, self.model, self.dtype)
        written = [(texts.pool[premise], texts.pool[hypothesis]) for premise, hypothesis in pairs.tolist()]
        return np.asarray(model.probabilities(written)[:, ENTAILMENT] >= self.threshold)


def partition(sets: Sequence[IntArray], equivalent: Callable[[IntArray], BoolArray]) -> list[IntArray]:
    """Sort the members of each set into classes, asking about the pairs of all sets in common batches.

    In round c the founder of class c of each set is compared with all members that are still without a class. Those
    are exactly the comparisons that each member in turn, going through the classes in order until one fits, would make.
    Equal members are equivalent unasked.

    >>> partition([np.array([3, 4, 5, 3]), np.array([8, 7])], lambda pairs: abs(pairs[:, 0] - pairs[:, 1]) < 2)
    [array([0, 0, 1, 0]), array([0, 0])]
    """
    waiting = [list(dict.fromkeys(members.tolist())) for members in sets]
    classes: list[dict[int, int]] = [{} for _ in sets]
    number = 0
    while any(waiting):
        pairs = [(founder, other) for founder, *others in filter(None, waiting) for other in others]
        verdicts = iter(equivalent(np.array(pairs, dtype=np.intp)) if pairs else ())
        for queue, of in zip(waiting, classes, strict=True):
            joining = [other for other in queue[1:] if next(verdicts)]
            of.update(dict.fromkeys(queue[:1] + joining, number))
            queue[:] = [other for other in queue if other not in of]
        number += 1
    return [
        np.array([of[member] for member in members.tolist()], dtype=np.intp)
        for of, members in zip(classes, sets, strict=True)
    ]


def _numbered(kinds: IntArray) -> IntArray:
    """Number kinds in the order in which they first occur."""
    _, first, kind = np.unique(kinds, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[kind]


def _fold(pool: tuple[str, ...]) -> IntArray:
    """Give texts that are equal but for whitespace one number."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(" ".join(text.split()), len(numbers)) for text in pool], dtype=np.intp)
