"""Prompts from rows: ids that stay, texts that are there, and the rows of one side of a shift."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..errors import BadInput
from .data import Data, Row
from .ids import distinct
from .reading import read
from .task import Prompt


def text(row: Row, column: str) -> str:
    """Return the text in a column.

    Raises:
        ValueError: it holds none.
    """
    value = row.get(column)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"wanted text in the column {column!r}, found {value!r:.40}")
    return value


def reference(row: Row, column: str) -> str | None:
    """Return the reference in a column, or None where it is empty."""
    value = row.get(column)
    return value if isinstance(value, str) and value.strip() else None


class Form(Protocol):
    """How a row of a data set becomes a prompt."""

    def name(self, row: Row, /) -> str:
        """Return the row's id, before ids that come twice are numbered."""

    def prompt(self, name: str, row: Row, /) -> Prompt:
        """Return the prompt of a row, given its id; ValueError where the row holds none."""


@dataclass(frozen=True)
class RowForm:
    """A form made of two functions."""

    name: Callable[[Row], str]
    prompt: Callable[[str, Row], Prompt]


Keep = Callable[[Sequence[Row]], Sequence[bool]]
"""Says of each row of a data set whether it is on this side of a shift."""


@dataclass(frozen=True)
class Prompting:
    """Loads the prompts of a split from its data set.

    Ids are given over the whole data set, so that a row has one id on whichever side of a shift it is.
    """

    data: Data
    form: Form
    keep: Keep | None = None

    def __call__(self) -> list[Prompt]:
        """Return the prompts in published order.

        Raises:
            BadInput: the data cannot be read, a row holds no text, or no row is on this side; in one line.
        """
        found = read(self.data)
        prompts = []
        kept = self.keep(found.rows) if self.keep else [True] * len(found.rows)
        names: list[str] = []
        for index, row in enumerate(found.rows):
            try:
                names.append(self.form.name(row))
            except ValueError as error:
                raise BadInput(f"{found.place(index)}: {error}") from error
        for index, (name, row) in enumerate(zip(distinct(names), found.rows, strict=True)):
            if kept[index]:
                try:
                    prompts.append(self.form.prompt(name, row))
                except ValueError as error:
                    raise BadInput(f"{found.place(index)}: {error}") from error
        if not prompts:
            raise BadInput(f"{found.origin}: none of its rows is on this side of the shift")
        return prompts
