"""A submission: one model's run of one suite, in the form that a results repository keeps."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...benchmark.record import RunRecord, Scores

CARD = "submission.json"


class Card(BaseModel):
    """`submission.json`: who the model is, and the hash of every other file of the submission."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = Field(default=1, alias="schema")
    gendiv: str = Field(description="version that packed it")
    model: Annotated[str, Field(min_length=1, max_length=100, description="what tables call the model")]
    revision: Annotated[str, Field(min_length=1, max_length=100, description="of the model")]
    suite: Annotated[str, Field(min_length=1, max_length=100)]
    family: str | None = Field(
        default=None, max_length=100, description="such as llama-3; models of one are shown alike"
    )
    tuning: str | None = Field(default=None, max_length=100, description="such as sft, ppo, dpo, best-of-n")
    base: str | None = Field(default=None, max_length=200, description="the model that the tuning began with")
    licence: str | None = Field(default=None, max_length=100)
    link: str | None = Field(default=None, max_length=300, description="https address of more about the model")
    files: dict[str, str] = Field(description="SHA-256 of every other file, by its path in the folder")


@dataclass(frozen=True)
class Submission:
    """A submission that has been read.

    Attributes:
        folder: MODEL/REVISION/SUITE below the repository.
        card: its `submission.json`.
        record: its `run.json`.
        scores: its `scores.json`.
    """

    folder: Path
    card: Card
    record: RunRecord
    scores: Scores

    @property
    def name(self) -> str:
        """MODEL/REVISION/SUITE: its place in the repository, by which checks know it."""
        return "/".join(self.folder.parts[-3:])
