"""Sentence-BERT diversity as released."""

from dataclasses import dataclass
from typing import ClassVar

from ..metric import Profile
from ..sbert import SentenceBERT


@dataclass(frozen=True)
class ReleasedSentenceBERT(SentenceBERT):
    """Sentence-BERT diversity as released: 1 minus the mean cosine over all unordered pairs of texts.

    It is the arithmetic of the corrected form, to rounding: what the published code wastes is time, encoding both texts
    of every pair anew.

    Source: the code of Kirk et al. (2024), sent_bert_from_sim.

    Range: 0 (all embeddings point one way) to 2 (two opposite ones).
    Unit: cosine distance.
    Direction: higher is more diverse.
    Undefined: for fewer than two texts, where the published code gives NaN; and when the model gives a text a zero or
    non-finite vector.
    Tokeniser: the model's own.

    Edge cases: as in the corrected form.

    Do not use: beside the corrected form; it gives the same number.

    >>> import numpy as np
    >>> from gendiv.metrics import Texts
    >>> from gendiv.metrics.released.sbert import ReleasedSentenceBERT
    >>> texts = Texts.of([["north", "east", "east"]])
    >>> vectors = texts.view(("embedding", "by hand"), lambda pool: np.eye(2))
    >>> round(ReleasedSentenceBERT(model="by hand").value(texts, texts.groups[0]), 12)
    0.666666666667
    """

    profile: ClassVar[Profile] = "as-released"
