"""Fetching a data set from the hub: at one commit, from the hub's own cache where it is there, and failing fast."""

import importlib
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from ..errors import BadInput, GendivError, NotInstalled
from ..naming import nearest
from .data import Data
from .jsonfile import read_json_rows

HUB: Final = "https://huggingface.co"
"""Where the hub is unless HF_ENDPOINT says otherwise."""

COMMIT: Final = re.compile(r"[0-9a-f]{40}")
"""What a commit looks like; any other revision (a branch, a tag) is asked of the hub."""

PATIENCE: Final = 10.0
"""Seconds the hub may take to answer the first question. Its library would try for minutes to fetch a file."""


def fetch(data: Data) -> tuple[str, list[dict[str, Any]]]:
    """Return the commit at which a data set was read, and its rows.

    What is pinned to a commit and in the hub's cache already is read without asking the hub.

    Raises:
        BadInput: they cannot be had, in one line.
        NotInstalled: a package that reads them is missing.
    """
    pinned = data.revision if data.revision and COMMIT.fullmatch(data.revision) else None
    with _asking(data):
        paths = _cached(data, pinned) if pinned else []
        if pinned and paths:
            return pinned, _rows(paths)
        newest = _commit(data)  # asked in any case: a hub that is not there is then known of in seconds
        commit = pinned or newest
        if data.files:
            return commit, _rows([_download(data, name, commit) for name in data.files])
        return commit, _read_with_datasets(data, commit)


def _commit(data: Data) -> str:
    """Ask the hub which commit a revision is."""
    from huggingface_hub import HfApi

    return str(HfApi().dataset_info(str(data.hub), revision=data.revision or "main", timeout=PATIENCE).sha)


def _cached(data: Data, commit: str) -> list[Path]:
    """Return the files of a data set in the hub's cache; none unless all of them are there."""
    from huggingface_hub import try_to_load_from_cache

    found = [try_to_load_from_cache(str(data.hub), name, revision=commit, repo_type="dataset") for name in data.files]
    paths = [Path(path) for path in found if isinstance(path, str)]
    return paths if len(paths) == len(data.files) else []


def _download(data: Data, name: str, commit: str) -> Path:
    from huggingface_hub import hf_hub_download

    return Path(hf_hub_download(str(data.hub), name, repo_type="dataset", revision=commit))


def _rows(paths: list[Path]) -> list[dict[str, Any]]:
    found = []
    for path in paths:
        if path.suffix == ".parquet":
            from pyarrow.parquet import read_table

            found += read_table(path).to_pylist()
        else:
            found += read_json_rows(path)[1]
    return found


def _read_with_datasets(data: Data, commit: str) -> list[dict[str, Any]]:
    """Leave it to the `datasets` library which files hold the split.

    Where the hub fails it, that library falls back to whatever version of the data set it read last: hence the check.
    """
    _require("datasets")
    from datasets import (  # type: ignore[import-untyped]
        disable_progress_bars,
        load_dataset_builder,
    )

    disable_progress_bars()
    builder = load_dataset_builder(str(data.hub), data.config, revision=commit)
    if builder.hash != commit:
        raise ConnectionError("it stopped answering")
    builder.download_and_prepare()
    if data.split not in builder.info.splits:
        raise BadInput(f"{data.hub} has no split {data.split!r}: {nearest(data.split, builder.info.splits)}")
    return list(builder.as_dataset(split=data.split))


@contextmanager
def _asking(data: Data) -> Iterator[None]:
    """Turn what goes wrong between here and the hub into one line."""
    _require("huggingface_hub")
    from huggingface_hub import errors
    from huggingface_hub.utils.tqdm import disable_progress_bars

    if not sys.stderr.isatty():
        disable_progress_bars()
    unpinned = "" if data.revision else f" (no revision is pinned for {data.hub}, so that it has to be asked)"
    try:
        yield
    except GendivError:
        raise
    except errors.GatedRepoError as error:
        raise BadInput(
            f"{data.name}: the hub gives it only to people who have accepted its terms: do so at "
            f"{os.environ.get('HF_ENDPOINT') or HUB}/datasets/{data.hub}, then `hf auth login`, or {_elsewhere(data)}"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise BadInput(f"{data.name}: the hub has no revision {data.revision!r} of {data.hub}; name another") from error
    except errors.RepositoryNotFoundError as error:
        raise BadInput(
            f"{data.name}: the hub has no data set {data.hub!r}, or not for you: mend the id, `hf auth login`, or "
            f"{_elsewhere(data)}"
        ) from error
    except errors.RemoteEntryNotFoundError as error:
        raise BadInput(
            f"{data.name}: the hub lacks one of {', '.join(data.files)} at revision {data.revision or 'main'} of "
            f"{data.hub}; name other files"
        ) from error
    except _failures("TransportError", errors.LocalEntryNotFoundError, ConnectionError, TimeoutError) as error:
        raise BadInput(
            f"{data.name}: the hub cannot be reached{unpinned}{_reason(error)}; {_elsewhere(data)}, or try again where "
            "it can"
        ) from error
    except _failures("HTTPError", *_failures("DatasetsError"), OSError, ValueError, RuntimeError) as error:
        files = "" if data.files or isinstance(error, _failures("HTTPError")) else "name its files, or "
        raise BadInput(f"{data.name} cannot be read from the hub{_reason(error)}; {files}{_elsewhere(data)}") from error


def _failures(name: str, *more: type[Exception]) -> tuple[type[Exception], ...]:
    """Return `more` and the exceptions of a name in the libraries that ask the hub, as far as these have been loaded.

    The hub's library and `datasets` do not always use the same one: of httpx there are two.
    """
    modules = (sys.modules.get(module) for module in ("httpx", "httpx2", "datasets.exceptions"))
    return (*more, *(getattr(module, name) for module in modules if hasattr(module, name)))


def _require(module: str) -> None:
    try:
        importlib.import_module(module)
    except ImportError as error:
        raise NotInstalled(f"reading data from the hub needs {module}: pip install 'gendiv[tasks]'") from error


def _elsewhere(data: Data) -> str:
    return f"set GENDIV_DATA to a folder that holds {data.local_file}"


def _reason(error: BaseException) -> str:
    first = str(error).strip().partition("\n")[0]
    return f" ({first})" if first else f" ({type(error).__name__})"
