"""Fetching a data set from the hub: at one commit, from the hub's own cache where it is there, and failing fast."""

import importlib
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import BadInput, NotInstalled
from ..hub import HUB, hub_is_known
from .jsonfile import read_json_rows

if TYPE_CHECKING:
    from .data import Data

COMMIT: Final = re.compile(r"[0-9a-f]{40}")
"""What a commit looks like; any other revision (a branch, a tag) is asked of the hub."""

PATIENCE: Final = 10.0
"""Seconds the hub may take to say which commit a revision is."""


def resolve(data: "Data") -> str:
    """Return the commit that a data set is read at: the pinned one, or what its revision is now.

    Raises:
        BadInput: the hub cannot be reached, or has no such data set or revision.
        NotInstalled: huggingface_hub is missing.
    """
    if data.revision and COMMIT.fullmatch(data.revision):
        return data.revision
    with _asking(data, f"no commit is pinned for {data.name}, and ") as online:
        from huggingface_hub import HfApi

        if not online:
            raise ConnectionError("its name is not known here")
        return str(HfApi().dataset_info(str(data.hub), revision=data.revision or "main", timeout=PATIENCE).sha)


def fetch(data: "Data", commit: str) -> list[dict[str, Any]]:
    """Return the rows of a data set at a commit.

    Raises:
        BadInput: they cannot be had, in one line.
        NotInstalled: a package that reads them is missing.
    """
    with _asking(data, "") as online:
        if data.files:
            return [row for name in data.files for row in _read_file(_download(data, name, commit, online))]
        if not online:
            raise ConnectionError("its name is not known here")
        return _read_with_datasets(data, commit)


def _download(data: "Data", name: str, commit: str, online: bool) -> Path:
    from huggingface_hub import hf_hub_download

    return Path(
        hf_hub_download(
            str(data.hub),
            name,
            repo_type="dataset",
            revision=commit,
            etag_timeout=PATIENCE,
            local_files_only=not online,
        )
    )


def _read_file(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        from pyarrow.parquet import read_table  # type: ignore[import-untyped]

        return list(read_table(path).to_pylist())
    return read_json_rows(path)[1]


def _read_with_datasets(data: "Data", commit: str) -> list[dict[str, Any]]:
    """Leave it to the `datasets` library which files hold the split.

    Where the hub fails it, that library falls back to whatever version of the data set it read last: hence the check.
    """
    from datasets import (  # type: ignore[import-untyped]
        disable_progress_bars,
        load_dataset_builder,
    )

    disable_progress_bars()
    builder = load_dataset_builder(str(data.hub), data.config, revision=commit)
    if builder.hash != commit:
        raise ConnectionError("it stopped answering")
    builder.download_and_prepare()
    return list(builder.as_dataset(split=data.split))


@contextmanager
def _asking(data: "Data", before: str) -> Iterator[bool]:
    """Turn what goes wrong between here and the hub into one line. Yields whether the hub is there to be asked."""
    _require("huggingface_hub")
    import httpx
    from huggingface_hub import constants, errors
    from huggingface_hub.utils.tqdm import disable_progress_bars

    if not sys.stderr.isatty():
        disable_progress_bars()
    online = not constants.HF_HUB_OFFLINE and hub_is_known()
    at = f" at revision {data.revision}" if data.revision else ""
    try:
        yield online
    except errors.GatedRepoError as error:
        raise BadInput(
            f"{data.name}: the hub gives it only to who has accepted its terms: do so at "
            f"{os.environ.get('HF_ENDPOINT') or HUB}/datasets/{data.hub}, then `hf auth login`, or {_elsewhere(data)}"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise BadInput(f"{data.name}: the hub has no revision {data.revision!r} of it; name another one") from error
    except errors.RepositoryNotFoundError as error:
        raise BadInput(
            f"{data.name}: the hub has no data set {data.hub!r}, or keeps it from you: mend the id, `hf auth login`, "
            f"or {_elsewhere(data)}"
        ) from error
    except errors.RemoteEntryNotFoundError as error:
        raise BadInput(
            f"{data.name}: not all of {', '.join(data.files)} is on the hub{at}; name other files"
        ) from error
    except (
        errors.LocalEntryNotFoundError,
        errors.OfflineModeIsEnabled,
        httpx.TransportError,
        ConnectionError,
    ) as error:
        raise BadInput(
            f"{data.name}: {before}the hub cannot be reached{_reason(error)}; {_elsewhere(data)}, or try again where "
            "it can"
        ) from error
    except (OSError, ValueError, RuntimeError, httpx.HTTPError) as error:
        raise BadInput(f"{data.name} cannot be read{at}{_reason(error)}; {_elsewhere(data)}") from error


def _require(*modules: str) -> None:
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise NotInstalled(f"reading data from the hub needs {module}: pip install 'gendiv[tasks]'") from error


def _elsewhere(data: "Data") -> str:
    return f"set GENDIV_DATA to a folder that holds {data.local_file}"


def _reason(error: BaseException) -> str:
    first = str(error).strip().partition("\n")[0]
    return f" ({first})" if first else ""
