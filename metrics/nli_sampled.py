"""NLISampled: NLI over sampled sentences, for texts of several sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from .models.entailment import Pair
from .nli import NLI
from .sentences import check_splitter, sentences
from .texts import Texts, text_hash


@dataclass(frozen=True)
class NLISampled(NLI):
    """Sampled NLI diversity: the mean over pairs of texts of the mean, over m pairs of their sentences, of w + w.

    Each text's sentences are put into a random order that each sentence and `seed` decide. Of two texts the first
    m = min(their numbers of sentences, `sentences`) of each are paired off; each such pair (a, b) scores
    w(a, b) + w(b, a), w being +p, 0 or -p for the model's top label: contradiction, neutral, entailment.

    Source: what the published code of Kirk et al. (2024) sets out to do under the name nli_sample_from_sim. As released
    it splits no sentences and compares single characters: the as-released profile repeats that. The weights are those
    of Stasaski & Hearst (2022).

    Range: -2 (all sentence pairs entail each other) to 2 (all contradict each other); 0 for neutral.
    Unit: signed probability per pair.
    Direction: higher is more diverse.
    Undefined: for fewer than two texts.
    Tokeniser: sentences end where NLTK's Punkt says so, with a fixed list of English abbreviations and nothing to
    download; at a blank line; before a list item or heading; and at full-width full stops. The model's own tokeniser
    reads them.

    Settings: `model`, `dtype`, `pairs` and `seed` as in nli, `seed` also for the sentences.

    Edge cases: a text without a sentence (empty, or nothing but space) has one, which is empty. The order is the
    same in all texts, so that in copies each sentence meets itself, and in near copies most do. Texts of one sentence
    each give what nli gives, but for the space around them and the mark of a list item or heading.

    Do not use: for texts of one sentence, where nli does without the splitting; or for texts whose sentences mean
    little alone (code, verse, tables). Sentences are paired at random, so most pairs are neutral and values lie near
    0: compare values of this metric with each other only.

    Probabilities at hand take the place of a model's. The two texts have 2 and 1 sentences, so m = 1, and whichever
    sentence of the first is drawn, the model says contradiction at 0.5 both ways: 0.5 + 0.5.

    >>> import numpy as np
    >>> from gendiv.metrics.nli_sampled import NLISampled
    >>> from gendiv.metrics.texts import Texts
    >>> class ByHand:
    ...     def probabilities(self, pairs):
    ...         return np.array([[0.5, 0.3, 0.2]] * len(pairs))
    >>> metric = NLISampled(model="by hand", dtype="float32")
    >>> texts = Texts.of([["Dr. No came. He went.", "Nobody came."]])
    >>> by_hand = texts.view(("entailment", "by hand", "float32"), lambda pool: ByHand())
    >>> metric.value(texts, texts.groups[0])
    1.0
    """

    name: ClassVar[str] = "nli_sampled"

    sentences: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.sentences, int) or isinstance(self.sentences, bool) or self.sentences < 1:
            raise ValueError(f"sentences: wanted a whole number of at least 1, found {self.sentences!r}")

    def require(self) -> None:
        """Raise if the model or the splitter is missing."""
        check_splitter()
        super().require()

    def questions(self, texts: Texts, first: int, second: int) -> Sequence[Pair]:
        """Return the pairs of sentences of two texts."""
        drawn = texts.view(("drawn sentences", self.sentences, self.seed), self._draw)
        return tuple(zip(drawn[first], drawn[second], strict=False))

    def _draw(self, pool: tuple[str, ...]) -> list[list[str]]:
        """Return of every text as many sentences as are asked for, or all, in their random order."""
        drawn = []
        for text in pool:
            found = sentences(text) or [""]
            drawn.append(sorted(found, key=lambda one: text_hash((str(self.seed), one)))[: self.sentences])
        return drawn
