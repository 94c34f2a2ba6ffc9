"""Where gendiv keeps what it can make again: the quickstart's checkpoint, hashes of large files, embeddings."""

import os
from pathlib import Path

from .errors import StoreFailed


def cache_folder() -> Path:
    """Return `$GENDIV_CACHE`, or `gendiv` in the user's cache folder; made if missing.

    Raises:
        StoreFailed: it cannot be made; another one may be named in `GENDIV_CACHE`.
    """
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(os.environ.get("GENDIV_CACHE") or home / "gendiv")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreFailed(
            f"cannot make the cache folder {folder} ({error.strerror}); name another one in GENDIV_CACHE"
        ) from error
    return folder
