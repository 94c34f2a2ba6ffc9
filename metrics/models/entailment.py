"""Entailment: what an NLI model says of pairs of texts, each distinct ordered pair asked once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...errors import BadInput, NotInstalled
from ..texts import FloatArray, Texts, well_formed
from .batches import BATCH_TOKENS, batches
from .device import device
from .kept import Content, Kept, folder_fingerprint, library
from .loading import load_tokenizer, loading

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Pair: TypeAlias = tuple[str, str]
"""A premise and a hypothesis."""

LABELS: Final = ("contradiction", "neutral", "entailment")
LONGEST: Final = 512
"""Tokens of a pair that a model reads at most; fewer if the model's own limit is lower."""
CERTAINLY_SHORT: Final = 8192
"""Characters up to which a text is tokenised whole; of a longer one, 16 times the tokens that a model reads."""


class Entailment(Protocol):
    """Whatever tells, for a premise and a hypothesis, how probable contradiction, neutral and entailment are."""

    def probabilities(self, pairs: Sequence[Pair]) -> FloatArray:
        """Return one row per ordered pair of texts: the probabilities in the order of `LABELS`."""


def entailment(texts: Texts, model: str, dtype: str = "float32") -> Entailment:
    """Return the NLI model of a pool, which metrics share: a pair that one has asked about costs the next nothing.

    It is the view `("entailment", model, dtype)` of the pool: whoever has probabilities already, or another way to
    make them, puts an `Entailment` in before asking, `texts.view(("entailment", model, dtype), lambda pool: mine)`.
    """
    return texts.view(("entailment", model, dtype), lambda _: AskedOnce(model, dtype))


def confidence(probabilities: FloatArray) -> FloatArray:
    """Return the probability of each row's top label: positive for contradiction, negative for entailment, 0 between.

    It is the weighting of Stasaski & Hearst's "Confidence NLI"; of labels equally probable the first one counts.
    """
    top = probabilities.argmax(axis=1)
    signed: FloatArray = np.array([1.0, 0.0, -1.0])[top] * probabilities[np.arange(len(top)), top]
    return signed


@dataclass(eq=False)
class AskedOnce:
    """An NLI model that remembers its answers."""

    model: str
    dtype: str
    _positions: dict[Pair, int] = field(default_factory=dict, repr=False)
    _rows: FloatArray = field(default_factory=lambda: np.empty((0, len(LABELS))), repr=False)

    def probabilities(self, pairs: Sequence[Pair]) -> FloatArray:
        """Return one row per ordered pair of texts."""
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self._positions]
        if new:
            self._rows = np.concatenate([self._rows, classify(new, self.model, self.dtype)])
            self._positions |= {pair: len(self._positions) + i for i, pair in enumerate(new)}
        return self._rows[[self._positions[pair] for pair in pairs]]


def classify(pairs: Sequence[Pair], model: str, dtype: str = "float32") -> FloatArray:
    """Return the label probabilities of ordered pairs of texts, one row per pair, in the order of `LABELS`.

    The model is a hub id or a local folder with a sequence-classification head for the three labels, whatever their
    order. Of a pair that is too long the longer text is cut, token by token, until the pair fits (`LONGEST`). Pairs are
    scored in batches of similar length; what was scored before comes from the cache.

    Raises:
        NotInstalled: transformers is missing.
        BadInput: the model cannot be loaded or is no NLI classifier.
    """
    folder = Path(model)
    files = folder_fingerprint(folder) if folder.is_dir() else None
    fingerprint = files if folder.is_dir() else _loaded(model, dtype, files).commit
    contents: list[Content] = [(well_formed(premise), well_formed(hypothesis)) for premise, hypothesis in pairs]
    kept = Kept("entailment", fingerprint, dtype, str(LONGEST), library("transformers"))
    rows = kept.rows(contents, lambda some: _loaded(model, dtype, files).probabilities(some), width=len(LABELS))
    return rows.astype(np.float64)


@cache
def check_nli(model: str) -> None:
    """Raise if a model cannot be loaded or is no NLI classifier."""
    load_classifier(model, "float32", on="cpu")


@dataclass(frozen=True, eq=False)
class Classifier:
    """A loaded NLI model.

    Attributes:
        order: the model's own label numbers, in the order of `LABELS`.
    """

    network: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    order: tuple[int, ...]

    @property
    def commit(self) -> str | None:
        """The hub commit the model came from, or None if it does not say."""
        commit = getattr(self.network.config, "_commit_hash", None)
        return f"hub:{commit}" if commit else None

    def probabilities(self, pairs: Sequence[Content]) -> NDArray[np.float32]:
        """Return the label probabilities of well-formed pairs, scored in batches of similar length."""
        import torch

        heads = {text: self._head(text) for pair in pairs for text in pair}
        premises, hypotheses = ([heads[pair[side]] for pair in pairs] for side in (0, 1))
        encoded = self.tokenizer(premises, hypotheses, truncation="longest_first", max_length=self._longest)
        lengths = [len(ids) for ids in encoded["input_ids"]]
        rows = np.empty((len(pairs), len(LABELS)), dtype=np.float32)
        with torch.inference_mode():
            for batch in batches(lengths, BATCH_TOKENS[self.network.device.type]):
                some = {name: [column[i] for i in batch] for name, column in encoded.items()}
                padded = self.tokenizer.pad(some, return_tensors="pt").to(self.network.device)
                logits = self.network(**padded).logits.float()
                rows[batch] = logits.softmax(dim=-1)[:, self.order].cpu().numpy()
        return rows

    def _head(self, text: str) -> str:
        """Return as much of a very long text as can matter; the tokeniser wants memory for the square of its length."""
        if len(text) <= CERTAINLY_SHORT or not self.tokenizer.is_fast:
            return text
        encoded = self.tokenizer(
            text, truncation=True, max_length=16 * self._longest, add_special_tokens=False, return_offsets_mapping=True
        )
        return text[: max((end for _, end in encoded["offset_mapping"]), default=0)]

    @property
    def _longest(self) -> int:
        own = getattr(self.network.config, "max_position_embeddings", None) or LONGEST
        return min(LONGEST, own, self.tokenizer.model_max_length)


def load_classifier(model: str, dtype: str, on: str | None = None) -> Classifier:
    """Load an NLI model to the GPU if there is one, or to the device named.

    Raises:
        NotInstalled: transformers is missing.
        BadInput: the model cannot be loaded or is no NLI classifier.
    """
    try:
        import torch
        from transformers import AutoModelForSequenceClassification
    except ImportError as missing:
        raise NotInstalled(
            f"NLI needs the package transformers ({missing}); run: pip install 'gendiv[nli]'"
        ) from missing
    way_out = "pass --nli-model with a local folder or a cached hub id of an NLI classifier"
    with loading("NLI model", model, way_out) as local:
        # The format is named because the library otherwise takes the one that the weights happen to be stored in.
        network, report = AutoModelForSequenceClassification.from_pretrained(
            model,
            dtype=getattr(torch, dtype),
            output_loading_info=True,
            local_files_only=local,
            adapter_kwargs={"local_files_only": local},
        )
        tokenizer = load_tokenizer(model, local)
    order = _order(model, network.config.id2label)
    if report["missing_keys"]:
        raise BadInput(
            f"NLI model {model!r}: the checkpoint lacks {min(report['missing_keys'])}; "
            "pass --nli-model with one that was trained as an NLI classifier"
        )
    return Classifier(network.to(on or device()).eval(), tokenizer, order)


@lru_cache(maxsize=1)
def _loaded(model: str, dtype: str, files: str | None) -> Classifier:  # noqa: ARG001  other files, other model
    return load_classifier(model, dtype)


def _order(model: str, names: dict[int, str]) -> tuple[int, ...]:
    """Return the numbers of the labels `LABELS` in the model's own count."""
    numbers = {str(name).strip().lower(): number for number, name in names.items()}
    if set(numbers) != set(LABELS):
        raise BadInput(
            f"NLI model {model!r}: wanted a classifier with the labels {', '.join(LABELS)} (id2label in its "
            f"config.json), found {', '.join(map(str, names.values()))}; pass --nli-model with an NLI classifier"
        )
    return tuple(numbers[label] for label in LABELS)
