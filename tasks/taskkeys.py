"""The keys of a task file, and the task that they make."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..errors import BadInput
from ..naming import nearest
from .data import Data, Row
from .filling import Template, columns_of, written
from .ids import content_id
from .prompting import Prompting
from .task import Format, Kind, Prompt, Shift, Split, Task

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""A name that makes up the name of a file."""

Count = Annotated[int, Field(ge=1)]


class Keys(BaseModel):
    """A mapping of the file; a key that it does not have is refused with the nearest one that it has."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _known(cls, found: object) -> object:
        for key in found if isinstance(found, dict) else ():
            if key not in cls.model_fields:
                raise ValueError(f"no key is called {key!r} here: {nearest(str(key), cls.model_fields)}")
        return found


class PromptKeys(Keys):
    """How a row becomes a prompt: a template for each format; one serves for both.

    Attributes:
        raw: the text that a model continues.
        chat: the user message.
        shown: what a judge is shown; the user message unless given.
    """

    raw: str | None = None
    chat: str | None = None
    shown: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, found: object) -> object:
        """A text alone is a template, or the name of a column."""
        return {"chat": found if "{" in found else f"{{{found}}}"} if isinstance(found, str) else found

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.raw is None and self.chat is None:
            raise ValueError("wanted a template in raw, in chat, or in both")
        return self


class DataKeys(Keys):
    """A JSONL file beside the task file, or a data set on the hub.

    Attributes:
        file: relative to the folder of the task file.
        hub, config, split, files, revision: as in `Data`.
        sha256: of the content, as `gendiv tasks show` prints it.
        licence: where it is not the task's.
    """

    file: str | None = None
    hub: str | None = None
    config: str | None = None
    split: str = "test"
    files: list[str] = []
    revision: str | None = None
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    licence: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.file is None) == (self.hub is None):
            raise ValueError("wanted either file (a JSONL file) or hub (the id of a data set)")
        if self.file is not None and (given := self.model_fields_set - {"file", "sha256", "licence"}):
            raise ValueError(f"{', '.join(sorted(given))}: for data sets on the hub, not for a file")
        return self

    def data(self, path: Path, licence: str, columns: tuple[str, ...]) -> Data:
        """Return the data set, of which `columns` are wanted, for a task file at `path`."""
        return Data(
            hub=self.hub,
            path=None if self.file is None else str(path.parent / self.file),
            config=self.config,
            split=self.split,
            files=tuple(self.files),
            revision=self.revision,
            licence=self.licence or licence,
            columns=columns,
            sha256=self.sha256,
        )


class SplitKeys(Keys):
    """One split; what it does not say is as the task says."""

    shift: Shift
    data: DataKeys
    description: str = ""
    kind: Kind | None = None
    prompt: PromptKeys | None = None
    reference: str | None = None
    id: str | None = None


class TaskKeys(Keys):
    """A whole task file."""

    name: Name
    version: Count = 1
    description: str = ""
    licence: str = "unknown"
    format: Format = "chat"
    max_tokens: Count
    stop: list[Annotated[str, Field(min_length=1)]] = []
    kind: Kind = "instruction"
    prompt: PromptKeys | None = None
    reference: str | None = None
    id: str | None = None
    splits: Annotated[dict[Name, SplitKeys], Field(min_length=1)]

    def task(self, path: Path) -> Task:
        """Return the task of a file at `path`.

        Raises:
            BadInput: a template is none, or a split has none.
        """
        return Task(
            name=self.name,
            version=self.version,
            description=self.description,
            licence=self.licence,
            format=self.format,
            max_tokens=self.max_tokens,
            stop=tuple(self.stop),
            splits=tuple(self._split(path, name, keys) for name, keys in self.splits.items()),
        )

    def _split(self, path: Path, name: str, keys: SplitKeys) -> Split:
        where = f"{path}: prompt" if keys.prompt is None else f"{path}: splits.{name}.prompt"
        prompt = keys.prompt or self.prompt
        if prompt is None:
            raise BadInput(f"{path}: splits.{name}: wanted a prompt, here or for the whole task")
        filling = Filling.of(where, prompt, keys.reference or self.reference, keys.id or self.id)
        data = keys.data.data(path, self.licence, filling.columns)
        return Split(
            name=name,
            shift=keys.shift,
            description=keys.description,
            kind=keys.kind or self.kind,
            load=Prompting(data, filling),
            data=data,
        )


@dataclass(frozen=True)
class Filling:
    """Prompts by templates: `reference` and `id` are columns, where there are any."""

    raw: Template
    message: Template
    shown: Template
    reference: str | None
    id: str | None

    @classmethod
    def of(cls, where: str, keys: PromptKeys, reference: str | None, id: str | None) -> "Filling":
        """Return what the keys of a file say; one template serves for the others that are not given."""
        found = {
            name: Template.of(f"{where}.{name}", text)
            for name, text in (("raw", keys.raw), ("chat", keys.chat), ("shown", keys.shown))
            if text is not None
        }
        message = found.get("chat") or found["raw"]
        return cls(found.get("raw", message), message, found.get("shown", message), reference, id)

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that the templates name."""
        return columns_of((self.raw, self.message, self.shown))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that a row must have."""
        return tuple(dict.fromkeys((*self.fields, *filter(None, (self.reference, self.id)))))

    def name(self, row: Row) -> str:
        """Return the row's id, or a hash of what the prompt is made of."""
        if self.id is not None:
            return written(row, self.id)
        return content_id(json.dumps({column: row[column] for column in self.fields}, sort_keys=True))

    def prompt(self, name: str, row: Row) -> Prompt:
        """Return the prompt of a row."""
        empty = self.reference is None or row[self.reference] is None or not str(row[self.reference]).strip()
        answer = None if self.reference is None or empty else written(row, self.reference)
        return Prompt(name, self.raw.fill(row), self.message.fill(row), answer, self.shown.fill(row))
