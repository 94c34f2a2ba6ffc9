"""Loading models: quietly, without waiting for a hub that is not there, and with one line when it fails."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ...errors import BadInput

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

HUB: Final = "https://huggingface.co"
PROXIES: Final = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


@contextmanager
def loading(kind: str, model: str, way_out: str) -> Iterator[bool]:
    """Silence the progress bars of transformers, and turn its failures into one line.

    Yields whether to look at local files alone: without a hub the library would try each file of a model again and
    again for more than a minute.

    Raises:
        BadInput: what is being loaded cannot be; the libraries' own reasons run over many lines, of which the first
            names the cause, and the chain keeps the rest.
    """
    from safetensors import SafetensorError
    from transformers.utils import logging

    what = f"{kind} {model!r}"
    if model.startswith((".", "/", "~")) and not Path(model).exists():
        raise BadInput(f"{what}: there is no such folder; {way_out}")
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield not hub_is_known()
    except (ImportError, OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as failure:
        reason = str(failure).strip().partition("\n")[0]
        raise BadInput(f"{what} cannot be loaded ({reason}); {way_out}") from failure
    finally:
        if shown:
            logging.enable_progress_bar()


def load_tokenizer(model: str, local: bool, revision: str | None = None) -> "PreTrainedTokenizerBase":
    """Load a model's tokeniser.

    Raises:
        ValueError: the folder holds none, for which transformers makes up an empty one.
    """
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model, revision=revision, local_files_only=local)
    if len(tokenizer) <= len(tokenizer.all_special_tokens):
        raise ValueError("it holds no tokeniser")
    return tokenizer  # type: ignore[no-any-return,unused-ignore]  # partly typed


def hub_is_known() -> bool:
    """Say whether the hub's name leads anywhere; behind a proxy, only the proxy knows."""
    if any(os.environ.get(name) for name in PROXIES):
        return True
    try:
        return bool(socket.getaddrinfo(urlsplit(os.environ.get("HF_ENDPOINT") or HUB).hostname, 443))
    except OSError:
        return False
