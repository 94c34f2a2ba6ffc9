"""How far a number on a board can be trusted, and where a maintainer keeps that: checks, in a file of their own."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from ...benchmark.record import Result

Standing: TypeAlias = Literal["self_reported", "recomputed", "regenerated"]

STANDINGS: Final[Mapping[Standing, str]] = {
    "self_reported": "as the submitter says; nobody computed it again",
    "recomputed": "computed again from the submitted samples, with the same result",
    "regenerated": "computed again, and a seeded share of the samples drawn again from the model",
}
"""What each means, weakest first."""


def standing_key(result: Result) -> str:
    """Return by what the standing of a result is looked up."""
    return f"{result.split}|{result.signature}"


class Verified(BaseModel):
    """What a check found of one submission that it did not refuse."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    submission: str = Field(description="MODEL/REVISION/SUITE")
    card: str = Field(description="SHA-256 of its submission.json: what was checked, to the last byte")
    standings: dict[str, Standing] = Field(description="by SPLIT|SIGNATURE of each result")
    regenerated: Annotated[float | None, Field(ge=0, le=1)] = Field(
        default=None, description="share of the samples drawn again that came out the same; null where none were"
    )
    remarks: tuple[str, ...] = ()


class Refused(BaseModel):
    """A submission that a check refused, and every reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    submission: str
    reasons: tuple[str, ...]


class Checks(BaseModel):
    """`checks.json`: what `gendiv board check` found in a repository; the maintainer's file, not a submitter's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = Field(default=1, alias="schema")
    gendiv: str
    verified: tuple[Verified, ...]
    refused: tuple[Refused, ...]
