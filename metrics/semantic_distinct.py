"""SemanticDistinct and SemanticChao1: how many different things a model said, and how many it has to say."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .chao1 import chao1
from .classes import ClassMetric
from .metric import Cost, Direction, Level, Undefined
from .texts import IntArray, Texts


@dataclass(frozen=True)
class SemanticDistinct(ClassMetric):
    """Semantic distinct (distinct_k): the number of classes of equivalent answers among the k samples of a prompt.

    Each answer, in draw order, joins the first class whose first answer it is equivalent to, or else founds a class.
    With `same` = nli equivalent means that each entails the other with a probability of at least `threshold` (0.5);
    with embedding, that the cosine of their embeddings is at least `threshold` (0.8: the default model was trained to
    give a fifth of the STS benchmark's score, where 4 of 5 is "mostly equivalent"); with text, that they are equal but
    for whitespace.

    Source: Zhang et al. (2025), "NoveltyBench: Evaluating Language Models for Humanlike Diversity", for the classes;
    Kuhn et al. (2023), "Semantic Uncertainty", for entailment in both directions. NoveltyBench has a classifier of its
    own and a rule for short answers, and Kuhn et al. put the question before each answer: their numbers are others.

    Range: 1 (all answers say one thing) to k (no two do).
    Unit: classes.
    Direction: higher is more diverse.
    Undefined: for no samples; with same=embedding also when the model gives a text a zero or non-finite vector.
    Tokeniser: the model's own, which reads the head of a long text only; none for same=text, which compares texts with
    their whitespace folded, case and punctuation counting.
    Settings: an empty `model` or `dtype` and a `threshold` of 0 stand for the defaults of `same`: those of `nli` and
    `sbert`, and the thresholds above; the signature names what they stand for.
    Edge cases: equal texts are of one class unasked. Being equivalent need not be transitive, so another draw order may
    give other classes; the order is that of the draws. Saying everything twice changes nothing. In bfloat16 a pair that
    is near the threshold may fall to either side of it.
    Do not use: across inputs, since answers to different prompts are not comparable (there is no such level); to
    compare different k, since more samples find more classes (see `semantic_chao1`); on long answers beyond what the
    model reads; on bare words or numbers, which an NLI model was not trained on, and which same=text compares exactly.

    "hi" and "hello" point one way, "bye" at a right angle to both, so there are 2 classes. Vectors that are at hand
    take the place of a model's:

    >>> import numpy as np
    >>> from gendiv.metrics import Texts
    >>> from gendiv.metrics.semantic_distinct import SemanticDistinct
    >>> texts = Texts.of([["hi", "hello", "bye", "hi"]])
    >>> vectors = texts.view(("embedding", "by hand"), lambda pool: np.array([[0, 2], [0, 3], [1, 0]]))
    >>> SemanticDistinct(same="embedding", model="by hand", dtype="float32").value(texts, texts.groups[0])
    2.0
    """

    name: ClassVar[str] = "semantic_distinct"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "classes"
    range: ClassVar[tuple[float, float]] = (1.0, math.inf)
    direction: ClassVar[Direction] = "higher_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input",)
    cost: ClassVar[Cost] = "cross_encoder"

    def value(self, texts: Texts, members: IntArray) -> float:
        """Return the value of one set."""
        if not len(members):
            raise Undefined("the set has no samples")
        return float(self.classes(texts, members).max() + 1)


@dataclass(frozen=True)
class SemanticChao1(SemanticDistinct):
    """Semantic Chao1: the number of classes of answers a model has, seen or not, S + f1 (f1 - 1) / (2 (f2 + 1)).

    S is the number of classes of `semantic_distinct` among the samples, f1 how many of them hold one sample, f2 how
    many hold two: where many were met only once, many more were missed. The settings are those of `semantic_distinct`.

    Source: Chao (1984), "Nonparametric Estimation of the Number of Classes in a Population", in the bias-corrected form
    of Chao (2005), as in `chao1`, where the kinds are texts.

    Range: 1 (all answers say one thing) upwards; k samples that all differ give k (k + 1) / 2.
    Unit: classes.
    Direction: higher is more diverse.
    Undefined: for fewer than two samples, which cannot show what repeats; with same=embedding also when the model gives
    a text a zero or non-finite vector.
    Tokeniser: as for `semantic_distinct`.
    Settings: those of `semantic_distinct`.
    Edge cases: as for `semantic_distinct`. When no two samples agree the value says only that k is too small to tell.
    Do not use: with few samples for the classes there are (most are met once), where it is a loose bound from below;
    across inputs; for samples that were not drawn independently of each other.

    Of the 3 classes among "a a b c" f1 = 2 hold one sample and f2 = 1 holds two, so 3 + 2 * 1 / (2 * 2) = 3.5:

    >>> from gendiv.metrics import Texts
    >>> from gendiv.metrics.semantic_distinct import SemanticChao1
    >>> texts = Texts.of([["a", "a", "b", "c"]])
    >>> SemanticChao1(same="text").value(texts, texts.groups[0])
    3.5
    """

    name: ClassVar[str] = "semantic_chao1"

    def value(self, texts: Texts, members: IntArray) -> float:
        """Return the value of one set."""
        if len(members) < 2:
            raise Undefined(f"the estimate needs two samples, the set has {len(members)}")
        return chao1(np.bincount(self.classes(texts, members)))
