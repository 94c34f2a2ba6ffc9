"""NLI: how far the texts of a set contradict each other rather than entail each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from .metric import Cost, Direction, Level
from .models.entailment import Pair
from .pairwise_entailment import PairwiseEntailment, balanced_pairs
from .texts import IntArray, Texts


@dataclass(frozen=True)
class NLI(PairwiseEntailment):
    """NLI diversity: the mean over pairs (a, b) of w(a, b) + w(b, a), w being +p, 0 or -p for the model's top label.

    The top label of premise a and hypothesis b counts with its probability p: +p for contradiction, 0 for neutral, -p
    for entailment; both directions are summed.

    Source: Stasaski & Hearst (2022), "Semantic Diversity in Dialogue with Natural Language Inference" (Confidence NLI);
    the logical metric of Kirk et al. (2024), whose model is the default. Their released code hands this sum, which
    grows with diversity, to 1 - mean as if it were a similarity: the as-released profile repeats that.

    Range: -2 (all texts entail each other, as copies of one text do) to 2 (all contradict each other); 0 for neutral.
    Unit: signed probability per pair.
    Direction: higher is more diverse.
    Undefined: for fewer than two texts.
    Tokeniser: the model's own. Of a pair that is longer than the model reads (512 tokens for the default) the longer
    text is cut, token by token, until the pair fits.

    Settings: `model` is a hub id or a local folder with a classification head for the three labels. A set with more
    than `pairs` unordered pairs stands for itself by S K of them, K texts on a circle shuffled by `seed`, each paired
    with the next S = max(1, floor(pairs / K)): every text is in equally many pairs, the same ones whatever the order.
    `dtype` is float32 or bfloat16; auto becomes bfloat16 where the hardware multiplies it, and the signature names the
    outcome. Measured with a small model, bfloat16 moves the value of a set by up to 0.02 and a mean over prompts by
    0.001, and what else is in a batch has a part in that; float32 holds 5 digits in any company.

    Edge cases: a text that occurs twice is paired with itself, and the model decides (it need not call an empty text
    or a question entailed by itself). An empty text is asked about like any other. Leaving out a member of a set that
    is stood for by some of its pairs leaves out its pairs among those.

    Do not use: for texts longer than the model reads, of which it sees the head only; in another language than the
    model's; or to tell paraphrases from unrelated texts, both of which are mostly neutral (Sentence-BERT does that).

    Probabilities at hand take the place of a model's. Here a text entails itself (0.9), and any other text contradicts
    it (0.6), so of the three pairs of "yes", "no", "yes" two score 0.6 + 0.6 and one -0.9 - 0.9: the mean is 0.2.

    >>> import numpy as np
    >>> from gendiv.metrics.nli import NLI
    >>> from gendiv.metrics.texts import Texts
    >>> class ByHand:
    ...     def probabilities(self, pairs):
    ...         return np.array([[0.05, 0.05, 0.9] if a == b else [0.6, 0.3, 0.1] for a, b in pairs])
    >>> metric = NLI(model="by hand", dtype="float32")
    >>> texts = Texts.of([["yes", "no", "yes"]])
    >>> by_hand = texts.view(("entailment", "by hand", "float32"), lambda pool: ByHand())
    >>> round(metric.value(texts, texts.groups[0]), 12)
    0.2
    """

    name: ClassVar[str] = "nli"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "signed probability per pair"
    range: ClassVar[tuple[float, float]] = (-2.0, 2.0)
    direction: ClassVar[Direction] = "higher_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input", "across_input")
    cost: ClassVar[Cost] = "cross_encoder"

    pairs: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.pairs, int) or isinstance(self.pairs, bool) or self.pairs < 1:
            raise ValueError(f"pairs: wanted a whole number of at least 1, found {self.pairs!r}")
        if not isinstance(self.seed, int) or isinstance(self.seed, bool):
            raise ValueError(f"seed: wanted a whole number, found {self.seed!r}")

    def questions(self, texts: Texts, first: int, second: int) -> Sequence[Pair]:
        """Return the two texts."""
        return ((texts.pool[first], texts.pool[second]),)

    def chosen(self, count: int) -> IntArray:
        """Return the pairs that stand for a set."""
        return balanced_pairs(count, self.pairs, self.seed)
