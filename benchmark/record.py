"""The record of a run: `run.json` and `scores.json`, typed, versioned, and readable without gendiv."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..errors import StoreFailed
from ..metrics import Level, Profile
from ..tasks import Format, Kind, Origin, Shift
from .decoding import Decoding
from .selecting import Select
from .sources.source import Abilities, Model
from .store import read_json, write_whole

SCHEMA = 1
"""Version of both files; it rises when an older reader would misunderstand a newer file."""

State = Literal["running", "complete", "incomplete"]
FaultKind = Literal["identical_samples", "empty_outputs", "truncated", "unknown_finish"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SplitRecord(_Part):
    """One split of a run: what was asked, and how."""

    name: str = Field(description="TASK/SPLIT")
    shift: Shift
    kind: Kind | None = Field(default=None, description="what its prompts are about; null in older records")
    task_version: int = Field(description="0 where the split is of no task of gendiv's")
    format: Format
    decoding: Decoding | None = Field(description="null where nobody says how imported samples were drawn")
    prompts: Annotated[int, Field(ge=1, description="how many")]
    select: Select = Field(default="first", description="which: the first ones in published order, or a random sample")
    select_seed: int | None = Field(default=None, description="of a random sample")
    available: int | None = Field(default=None, description="how many prompts the split has; null in older records")
    data: Origin | None = Field(default=None, description="where they were read; null where they come with gendiv")
    content: str = Field(description="SHA-256 over ids, rendered prompts and references")

    @property
    def sampler(self) -> str:
        """The sampler's part of signatures: every decoding parameter, or "unknown"."""
        return "unknown" if self.decoding is None else self.decoding.signature

    def other_format(self, other: "SplitRecord", here: str, there: str) -> str | None:
        """Say that two splits were asked in different formats, or return None."""
        if self.format == other.format:
            return None
        return f"asked as {self.format} in {here}, as {other.format} in {there}"

    def other_version(self, other: "SplitRecord", here: str, there: str) -> str | None:
        """Say that two splits are of different versions of their task, or return None."""
        if self.task_version == other.task_version:
            return None
        return (
            f"drawn with version {self.task_version} of the task in {here}, "
            f"with version {other.task_version} in {there}"
        )


class Refusal(_Part):
    """A prompt that has no answer, and why."""

    split: str
    prompt: str
    reason: str


class Round(_Part):
    """One process's share of the sampling; a resumed run has several."""

    started: str = Field(description="UTC, ISO 8601")
    samples: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    retries: int
    falls: int = Field(description="how often the adaptive pace fell")
    most_under_way: int = Field(description="the most requests under way at once")


class Fault(_Part):
    """Something about the samples of a split that a reader of its scores must know."""

    split: str
    fault: FaultKind
    share: float = Field(ge=0, le=1, description="of prompts for identical_samples, of samples for the others")
    message: str


class Environment(_Part):
    """Where the samples were drawn."""

    python: str
    platform: str
    cpu: str
    cores: int
    memory_gib: float
    gpus: tuple[str, ...]
    packages: dict[str, str]


class RunRecord(_Part):
    """`run.json`: everything that decides what the samples of a run are."""

    schema_version: Literal[1] = Field(alias="schema")
    gendiv: str
    state: State
    label: str
    suite: str | None
    model: Model
    abilities: dict[Format, Abilities]
    source: dict[str, str] = Field(description="facts about the server: version, flags")
    samples_per_prompt: Annotated[int, Field(ge=1)]
    seed: int | None = Field(description="every sample's seed derives from it; null for imported samples")
    splits: tuple[SplitRecord, ...]
    rounds: tuple[Round, ...]
    refusals: tuple[Refusal, ...]
    faults: tuple[Fault, ...]
    finish_reasons: dict[str, dict[str, int]] = Field(description="by split: how often each reason ended a sample")
    environment: Environment | None = Field(description="null for imported samples: nobody says where they were drawn")
    imported: str | None = Field(
        default=None,
        description="null for samples that gendiv drew; else the SHA-256 of the file that they were read from, or "
        "of the SHA-256s of several, a line each",
    )

    def split(self, name: str | None) -> SplitRecord | None:
        """Return the split called `name`, if the run has it."""
        return next((split for split in self.splits if split.name == name), None)

    @model_validator(mode="after")
    def _drawn_or_imported(self) -> Self:
        """What only imports may leave open, and what no import can say."""
        known = self.seed is not None and self.environment is not None
        if self.imported is None and not (known and all(split.decoding is not None for split in self.splits)):
            raise ValueError("wanted seed, environment and decoding of samples that were not imported")
        if (self.imported is None) == (self.model.identity == "stated"):
            raise ValueError("wanted a stated identity of imported samples, and of no others")
        return self


class Result(_Part):
    """One number with its interval, its signature, and what it was computed from."""

    split: str | None = Field(default=None, description="TASK/SPLIT, or null for samples that are not a run's")
    metric: str
    signature: str
    level: Level
    value: float | None
    low: float | None = Field(description="lower end of the 95% interval; null where none can be given")
    high: float | None
    error: float | None = Field(default=None, description="standard error; null where none can be given")
    freedom: float = Field(default=0, description="degrees of freedom of the interval")
    skew: float = Field(
        default=0.0, description="skewness that the interval takes out: of what inputs add / (6 sqrt n)"
    )
    inputs: int = Field(description="inputs the value rests on")
    undefined: int = Field(description="inputs (or draws, across inputs) for which the metric has no value")
    reason: str | None = Field(default=None, description="why the value, or part of it, is undefined")


class Scores(_Part):
    """`scores.json`, and what `gendiv score --json` prints."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    profile: Profile
    skipped: int = Field(default=0, description="malformed rows that were left out")
    samples: str | None = Field(default=None, description="SHA-256 over the run's sample files at that time")
    results: tuple[Result, ...]


R = TypeVar("R", RunRecord, Scores)


def dumps(record: RunRecord | Scores) -> str:
    """Return a record as the JSON text that its file holds."""
    return (
        json.dumps(record.model_dump(mode="json", by_alias=True), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    )


def write_record(folder: Path, record: RunRecord | Scores) -> None:
    """Write `run.json` or `scores.json` into a run folder, whole or not at all."""
    write_whole(folder / _file_name(type(record)), dumps(record))


def read_run(folder: Path) -> RunRecord:
    """Return the record in a run folder.

    Raises:
        StoreFailed: there is none, it has another schema, or it is damaged.
    """
    return _read(folder, RunRecord)


def read_scores(folder: Path) -> Scores:
    """Return the scores in a run folder.

    Raises:
        StoreFailed: there are none, they have another schema, or they are damaged.
    """
    return _read(folder, Scores)


def json_schema(kind: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a record, as published in `benchmark/schema/`."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **kind.model_json_schema(by_alias=True)}


def _file_name(kind: type[RunRecord] | type[Scores]) -> str:
    return "run.json" if kind is RunRecord else "scores.json"


def _read(folder: Path, kind: type[R]) -> R:
    path = folder / _file_name(kind)
    if not path.exists():
        way_out = "give the folder that `gendiv run` wrote" if kind is RunRecord else f"gendiv score {folder}"
        raise StoreFailed(f"{folder} holds no {path.name}: {way_out}")
    found = read_json(path)
    schema = found.get("schema") if isinstance(found, dict) else None
    if schema != SCHEMA:
        raise StoreFailed(
            f"{path} has schema {schema!r}, and this gendiv reads {SCHEMA}: {_way_out(folder, kind, schema)}"
        )
    try:
        return kind.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise StoreFailed(f"{path}: {where}: {first['msg']}, found {str(first['input'])[:60]!r}") from error


def _way_out(folder: Path, kind: type[RunRecord] | type[Scores], schema: object) -> str:
    if isinstance(schema, int) and schema > SCHEMA:
        return "pip install --upgrade gendiv"
    if kind is Scores:
        return f"gendiv score {folder} computes them again from its samples"
    return f"its samples still stand in {folder / 'samples'}; run again with another --out for a record of this version"
