"""A checkpoint on disk or on the hub: where it is, which exactly it is, and what its own files say of it."""

import hashlib
import json
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..cache import cache_folder
from ..errors import BadInput, NotInstalled
from .hub import HUB_ID, hub_errors
from .store import hash_file, read_json, write_whole

WEIGHTS = ("*.safetensors", "*.bin", "*.pt", "*.pth", "*.gguf")
DECIDING = (
    "config.json",
    "adapter_config.json",
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "vocab.json",
    "merges.txt",
)


@dataclass(frozen=True)
class Checkpoint:
    """A model folder, or a hub model pinned to one commit.

    Attributes:
        location: the folder's path or the hub id.
        revision: the hub commit, or None for a folder.
    """

    location: str
    revision: str | None = None

    @property
    def name(self) -> str:
        """The last part of the location."""
        return Path(self.location).resolve().name if self.revision is None else self.location.rsplit("/", 1)[-1]

    def file(self, name: str) -> Path | None:
        """Return the checkpoint's file `name` as a local path, fetched if it is on the hub, or None if it has none."""
        if self.revision is None:
            path = Path(self.location) / name
            return path if path.is_file() else None
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import EntryNotFoundError

        try:
            return Path(hf_hub_download(self.location, name, revision=self.revision))
        except EntryNotFoundError:
            return None

    def settings(self, name: str) -> dict[str, Any]:
        """Return the JSON object in the checkpoint's file `name`, empty if there is no such file."""
        path = self.file(name)
        found = read_json(path) if path else {}
        return found if isinstance(found, dict) else {}

    def chat_template(self) -> str | None:
        """Return the text of the default chat template, or None if the checkpoint has none."""
        if path := self.file("chat_template.jinja"):
            return path.read_text(encoding="utf-8")
        found = self.settings("tokenizer_config.json").get("chat_template")
        if isinstance(found, list):
            found = next((item.get("template") for item in found if item.get("name") == "default"), None)
        return found if isinstance(found, str) else None

    def dtype(self) -> str | None:
        """Return the dtype its config names."""
        config = self.settings("config.json")
        found = config.get("dtype") or config.get("torch_dtype")
        return found if isinstance(found, str) else None

    def fingerprint(self) -> str:
        """Return a hash of all weights, config and tokeniser files, or the hub commit."""
        if self.revision is not None:
            return f"hub:{self.location}@{self.revision}"
        folder = Path(self.location)
        files = {path for pattern in (*WEIGHTS, *DECIDING) for path in folder.glob(pattern)}
        return "sha256:" + _hash_files(folder, files)


def find_checkpoint(spec: str, *, weights: bool = True) -> Checkpoint:
    """Return the checkpoint that `PATH_OR_HUB_ID[@revision]` names.

    Raises:
        BadInput: no such folder or hub model, or the folder holds no model.
    """
    path = Path(spec).expanduser()
    if path.exists():
        if weights:
            _check_folder(path)
        return Checkpoint(str(path.resolve()))
    location, _, revision = spec.partition("@")
    if not HUB_ID.fullmatch(location):
        raise BadInput(f"no model folder at {spec!r}, and hub ids look like ORGANISATION/NAME")
    return Checkpoint(location, _pinned(location, revision or None))


def _check_folder(path: Path) -> None:
    if path.is_file():
        raise BadInput(f"{path} is a file; wanted the model folder around it")
    if (path / "adapter_config.json").exists() and not (path / "config.json").exists():
        raise BadInput(f"{path} holds a LoRA adapter: name its base model in --model and pass --adapter {path}")
    if not (path / "config.json").exists():
        raise BadInput(f"{path} is no model folder: wanted config.json and weights in it")
    if not any(any(path.glob(pattern)) for pattern in WEIGHTS):
        raise BadInput(f"{path} holds a config.json but no weights ({', '.join(WEIGHTS)})")


def _pinned(location: str, revision: str | None) -> str:
    """Return the commit that a hub id and revision mean now, from the hub or, when offline, from the local cache."""
    try:
        import huggingface_hub
        from huggingface_hub.errors import LocalEntryNotFoundError, RepositoryNotFoundError
    except ImportError as error:
        raise NotInstalled(f"{location!r} is no folder, and hub models need: pip install 'gendiv[hf]'") from error
    try:
        found = huggingface_hub.model_info(location, revision=revision).sha
    except RepositoryNotFoundError as error:
        raise BadInput(f"no folder and no hub model is called {location!r} (or it is gated: set HF_TOKEN)") from error
    except hub_errors() as error:
        try:
            snapshot = huggingface_hub.snapshot_download(location, revision=revision, local_files_only=True)
        except LocalEntryNotFoundError:
            raise BadInput(
                f"no folder is called {location!r}, and the hub cannot be reached ({type(error).__name__}); "
                "pass the path of a model folder"
            ) from error
        found = Path(snapshot).name
    if found is None:
        raise BadInput(f"the hub gives no commit for {location!r} at {revision!r}")
    return found


def _hash_files(folder: Path, files: Iterable[Path]) -> str:
    """Return one SHA-256 over names and contents; contents already hashed once are not read again."""
    known_at = cache_folder() / "hashes.json"
    known: dict[str, str] = read_json(known_at) if known_at.exists() else {}
    stamps = {}
    for path in sorted(files):
        stat = path.stat()
        stamps[path] = f"{path.resolve()}:{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ino}"
    new = [path for path, stamp in stamps.items() if stamp not in known]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for path, digest in zip(new, pool.map(hash_file, new), strict=True):
            known[stamps[path]] = digest
    if new:
        write_whole(known_at, json.dumps(known, indent=0))
    whole = hashlib.sha256()
    for path, stamp in stamps.items():
        whole.update(json.dumps([str(path.relative_to(folder)), known[stamp]]).encode())
    return whole.hexdigest()
