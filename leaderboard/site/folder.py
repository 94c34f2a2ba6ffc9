"""The folder of a site: built beside the old one, and put in its place whole or not at all."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ...errors import BadInput, StoreFailed

MARK: Final = "gendiv-site.json"
"""The file by which a site is known as one that may be replaced."""


class SiteFolder:
    """A site being written, where nobody looks yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made: set[Path] = {folder}

    def write(self, path: str, content: str | bytes) -> None:
        """Write a file of the site; a lone surrogate in a text is written out as such.

        Raises:
            OSError: there is no room.
        """
        target = self.path(path)
        target.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace"))

    def path(self, path: str) -> Path:
        """Return where a file of the site is to be, its folder made."""
        target = self.folder / path
        if target.parent not in self._made:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(target.parent)
        return target


def check_replaceable(out: Path) -> None:
    """Refuse a folder that holds something other than a site of ours.

    Raises:
        BadInput: it does, or it is no folder.
    """
    if out.exists() and not out.is_dir():
        raise BadInput(f"--out {out} is a file; name a folder")
    try:
        strange = out.exists() and any(out.iterdir()) and not (out / MARK).is_file()
    except OSError as error:
        raise StoreFailed(f"cannot read {out}: {error.strerror}; choose another --out") from error
    if strange:
        raise BadInput(
            f"--out {out} holds files that are no site of gendiv's (no {MARK}), and a build replaces all of it; "
            "name an empty folder or a new one"
        )


@contextmanager
def replacing(out: Path, mark: dict[str, object]) -> Iterator[SiteFolder]:
    """Give a folder to write a site into; it takes the place of `out` when all went well, and goes away otherwise.

    Raises:
        BadInput: `out` holds something else.
        StoreFailed: it cannot be written.
    """
    check_replaceable(out)
    out = out.resolve()
    beside: Path | None = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        beside.chmod(0o755)  # a temporary folder is its owner's alone, a site everybody's
        site = SiteFolder(beside)
        site.write(MARK, json.dumps(mark, indent=2) + "\n")
        yield site
        _exchange(beside, out)
    except OSError as error:
        raise StoreFailed(
            f"cannot write the site {out}: {error.strerror or error}; make room or choose another --out"
        ) from error
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)


def _exchange(beside: Path, out: Path) -> None:
    """Put a folder in another's place; where that fails, the old one comes back."""
    if not out.exists():
        beside.rename(out)
        return
    old = beside.with_name(f"{beside.name}-old")
    out.rename(old)
    try:
        beside.rename(out)
    except OSError:
        old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
