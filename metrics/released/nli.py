"""NLI diversity as released: a measure of agreement, for all its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..metric import Cost, Direction, Level, Profile
from ..models.entailment import Pair
from ..pairwise_entailment import PairwiseEntailment
from ..texts import FloatArray, Texts


@dataclass(frozen=True)
class ReleasedNLI(PairwiseEntailment):
    """NLI diversity as released: 1 minus the mean over all unordered pairs (later, earlier) of w + w, both directions.

    w is +p, 0 or -p for the model's top label: contradiction, neutral, entailment. Every text is given another full
    stop first. Both directions are summed, so which text of a pair comes first makes no difference.

    Source: the code of Kirk et al. (2024), nli_from_sim. The sum w + w grows with diversity and is handed to 1 - mean
    as if it were a similarity, so the outcome falls with diversity. The values printed in the paper cannot come from
    it: they are those of the corrected form.

    Range: -1 (all texts contradict each other) to 3 (all entail each other, as copies of one text do); 1 for neutral.
    Unit: 1 - signed probability per pair.
    Direction: lower is more diverse.
    Undefined: for fewer than two texts, where the published code gives NaN.
    Tokeniser: the model's own. The published code joins a pair to one string and cuts its end at 512 tokens; here the
    longer text is cut, so pairs beyond 512 tokens differ.

    Settings: `model` and `dtype` as in the corrected form, float32 as published. There is no sampling of pairs.

    Edge cases: an empty text is asked about as ".", a text that ends in a full stop gets a second one.

    Do not use: for anything but comparison with numbers of the published code.

    Both directions of the one pair are contradictions at 0.75, which is 1.5, so the "diversity" is 1 - 1.5:

    >>> import numpy as np
    >>> from gendiv.metrics import Texts
    >>> from gendiv.metrics.released.nli import ReleasedNLI
    >>> class ByHand:
    ...     def probabilities(self, pairs):
    ...         return np.array([[0.75, 0.25, 0.0] if a == "yes." else [0.75, 0.0, 0.25] for a, b in pairs])
    >>> texts = Texts.of([["yes", "no"]])
    >>> by_hand = texts.view(("entailment", "by hand", "float32"), lambda pool: ByHand())
    >>> ReleasedNLI(model="by hand").value(texts, texts.groups[0])
    -0.5
    """

    name: ClassVar[str] = "nli"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "1 - signed probability per pair"
    range: ClassVar[tuple[float, float]] = (-1.0, 3.0)
    direction: ClassVar[Direction] = "lower_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input", "across_input")
    cost: ClassVar[Cost] = "cross_encoder"
    profile: ClassVar[Profile] = "as-released"

    dtype: str = "float32"

    def questions(self, texts: Texts, first: int, second: int) -> Sequence[Pair]:
        """Return the two texts, the later one first."""
        return ((texts.pool[second] + ".", texts.pool[first] + "."),)

    def from_mean(self, mean: FloatArray) -> FloatArray:
        """Return 1 - mean."""
        return 1.0 - mean
