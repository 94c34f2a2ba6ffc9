"""A submission: one model's run of one suite, in the form that a results repository keeps."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ...benchmark.record import RunRecord, Scores

CARD: Final = "submission.json"

PART: Final = re.compile(r"(?!\.)[A-Za-z0-9._+=-]{1,100}")
"""What MODEL, REVISION and SUITE of a path may be."""

SPLIT: Final = re.compile(r"(?!\.)[A-Za-z0-9._+=%-]{1,100}/(?!\.)[A-Za-z0-9._+=%-]{1,100}")
"""What TASK/SPLIT may be: it is the path of files; `%` stands in the names of lm-eval's tasks."""

KINDS: Final = ("samples", "prompts", "grades", "sums")
"""Folders of a submission, each with a file for each split."""

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_LINK: Final = re.compile(r"https://[^\s<>\"'`\\]+")


def slug(text: str) -> str:
    """Return a text as one part of a path; nothing where none of its characters can stand in one.

    >>> slug("org/model 7B <b>")
    'org-model-7B-b'
    """
    return re.sub(r"[^A-Za-z0-9._+=-]+", "-", text)[:100].strip("-.")


def unseen(text: str) -> str | None:
    """Return the first character of a text that no reader sees, such as a control character, by its number.

    >>> unseen("plain"), unseen("a" + chr(0) + "b")
    (None, 'U+0000')
    """
    return next((f"U+{ord(mark):04X}" for mark in text if unicodedata.category(mark) in _UNSEEN), None)


def _plain(text: str) -> str:
    if found := unseen(text):
        raise ValueError(f"holds the control character {found}")
    return text


def _link(text: str) -> str:
    if not _LINK.fullmatch(text):
        raise ValueError("wanted an address that begins with https://")
    return text


Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_plain)]


class Card(BaseModel):
    """`submission.json`: who the model is, and the hash of every other file of the submission."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = Field(default=1, alias="schema")
    gendiv: Name = Field(description="version that packed it")
    model: Name = Field(description="what tables call the model")
    revision: Name = Field(description="of the model")
    suite: Name
    family: Name | None = Field(default=None, description="such as llama-3; models of one are shown alike")
    tuning: Name | None = Field(default=None, description="such as sft, ppo, dpo, best-of-n")
    base: Annotated[str, Field(max_length=200), AfterValidator(_plain)] | None = Field(
        default=None, description="the model that the tuning began with"
    )
    licence: Name | None = None
    link: Annotated[str, Field(max_length=300), AfterValidator(_plain), AfterValidator(_link)] | None = Field(
        default=None, description="https address of more about the model"
    )
    files: dict[str, str] = Field(description="SHA-256 of every other file, by its path in the folder")

    @property
    def place(self) -> str:
        """MODEL/REVISION/SUITE, where the card belongs in a repository."""
        return "/".join(map(slug, (self.model, self.revision, self.suite)))


@dataclass(frozen=True)
class Submission:
    """A submission that has been read.

    Attributes:
        folder: MODEL/REVISION/SUITE below the repository.
        card: its `submission.json`.
        record: its `run.json`.
        scores: its `scores.json`.
        card_hash: SHA-256 of its `submission.json` as read, by which a ledger knows what was checked.
    """

    folder: Path
    card: Card
    record: RunRecord
    scores: Scores
    card_hash: str = ""

    @property
    def name(self) -> str:
        """MODEL/REVISION/SUITE: its place in the repository, by which checks know it."""
        return "/".join(self.folder.parts[-3:])

    def file(self, kind: str, split: str) -> Path:
        """Return where the samples, prompts, grades or sums of a split stand."""
        return self.folder / kind / f"{split}.parquet"
