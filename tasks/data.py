"""Data sets: which one, at which revision, under which licence, and where its rows were found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
"""One row: values by column."""


@dataclass(frozen=True, kw_only=True)
class Data:
    """One split of a data set, on the hub or in a file, with what is known of it.

    Attributes:
        hub: id on the hub, `OWNER/NAME`; None for a file.
        path: a JSONL file, where it is not on the hub.
        config: the hub's name for a part of the data set, or None where it has no parts.
        split: the hub's name of the split.
        local: the split's name under GENDIV_DATA, where it is not the hub's.
        files: the split's files in the hub's repository (JSON, JSON Lines, Parquet), read in this order; none leaves
            it to the `datasets` library to find them, which cannot read repositories that hold a loading script.
        revision: commit on the hub; None reads the newest and says which it was.
        licence: SPDX identifier.
        columns: the columns that every row must have.
        optional: columns that are read where a row has them.
        rows: how many rows the whole split has, where that is known.
        sha256: hash of the whole split's content (see `content_hash`), where that is known.
    """

    hub: str | None = None
    path: str | None = None
    config: str | None = None
    split: str = "test"
    local: str | None = None
    files: tuple[str, ...] = ()
    revision: str | None = None
    licence: str = "unknown"
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    rows: int | None = None
    sha256: str | None = None

    @property
    def name(self) -> str:
        """What messages call it: the file, or hub id, config and split.

        >>> Data(hub="abisee/cnn_dailymail", config="3.0.0", columns=("article",)).name
        'abisee/cnn_dailymail 3.0.0 test'
        """
        return self.path or " ".join(filter(None, (self.hub, self.config, self.split)))

    @property
    def local_file(self) -> str:
        """The file that holds it, relative to the folder that GENDIV_DATA names.

        >>> Data(hub="UCL-DARK/sequential-instructions", split="train", local="test", columns=()).local_file
        'UCL-DARK/sequential-instructions/test.jsonl'
        """
        return "/".join(filter(None, (self.hub, self.config, f"{self.local or self.split}.jsonl")))


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where rows were read, and what they were.

    Attributes:
        data: hub id, config and split, or the file's name.
        revision: what was asked of the hub; None for its newest, and for a file.
        commit: of the hub's repository; None for a file.
        path: of the file; None for the hub.
        rows: how many there are.
        sha256: hash of their content.
        verified: whether that is the hash they were known to have; False where none is known.
    """

    data: str
    revision: str | None = None
    commit: str | None = None
    path: str | None = None
    rows: int
    sha256: str
    verified: bool

    def __str__(self) -> str:
        """Return it in one line."""
        where = self.path or f"{self.data} at commit {self.commit}"
        pinned = "as pinned" if self.verified else "no hash pinned"
        return f"{where}, {self.rows} rows, sha256 {self.sha256[:16]} ({pinned})"
