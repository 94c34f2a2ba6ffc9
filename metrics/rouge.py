"""ROUGE: how much of the reference's wording a sample shares."""

import importlib.util
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from ..errors import NotInstalled
from .metric import Cost, Direction, Level, Undefined
from .reference import ReferenceMetric
from .texts import IntArray, Texts


@dataclass(frozen=True)
class Rouge(ReferenceMetric):
    """Mean ROUGE F1 of the samples against the reference of their input.

    Source: Lin (2004), "ROUGE: A Package for Automatic Evaluation of Summaries", as the package rouge-score has it.

    Range: 0 (no word in common) to 1 (the same words).
    Unit: F1.
    Direction: higher is better.
    Undefined: for no samples, and for an input without a reference.
    Settings: `type` is rouge1, rouge2 (words and pairs of words in common), rougeL (longest common subsequence) or
    rougeLsum (the same, line by line); `stemmer` cuts English words to their stems first.
    Edge cases: lower case, letters and digits of ASCII only: a text in another script has no words and scores 0.
    Do not use: as the quality of a chat answer, or across tasks: a good answer may share no word with the reference,
    and the share of common words depends on how long the references are.

    The sample has two of the reference's four words, and nothing else: precision 1, recall 1/2, F1 2/3:

    >>> from gendiv.metrics import Texts
    >>> from gendiv.metrics.rouge import Rouge
    >>> texts = Texts.of([["the cat"]])
    >>> round(Rouge(type="rouge1").against(texts, texts.groups[0], "the cat sat down"), 3)
    0.667
    """

    name: ClassVar[str] = "rouge"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "F1"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    direction: ClassVar[Direction] = "higher_is_better"
    levels: ClassVar[tuple[Level, ...]] = ("per_input",)
    cost: ClassVar[Cost] = "cpu"

    type: Literal["rouge1", "rouge2", "rougeL", "rougeLsum"] = "rougeL"
    stemmer: bool = False

    def against(self, texts: Texts, members: IntArray, reference: str) -> float:
        """Return the mean over the samples of one input."""
        from rouge_score.rouge_scorer import RougeScorer  # type: ignore[import-untyped]  # ships no types

        if not len(members):
            raise Undefined("the set has no samples")
        scorer = RougeScorer([self.type], use_stemmer=self.stemmer)
        distinct, counts = np.unique(members, return_counts=True)
        scores = [scorer.score(reference, texts.pool[member])[self.type].fmeasure for member in distinct]
        return float(np.average(scores, weights=counts))

    def require(self) -> None:
        """Raise `NotInstalled` without the package rouge-score."""
        if importlib.util.find_spec("rouge_score") is None:
            raise NotInstalled("the metric rouge needs the package rouge-score: pip install 'gendiv[quality]'")
