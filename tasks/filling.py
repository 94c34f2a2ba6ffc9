"""Templates with {column} fields, filled from the rows of a data set."""

from collections.abc import Iterable
from dataclasses import dataclass
from string import Formatter

from ..errors import BadInput
from .data import Row


@dataclass(frozen=True)
class Template:
    """A text with fields.

    Attributes:
        parts: literal text, and the column whose value follows it; None after the last.
    """

    parts: tuple[tuple[str, str | None], ...]

    @classmethod
    def of(cls, where: str, text: str) -> "Template":
        """Return the template that a text is: {column} stands for a value, {{ and }} for braces.

        Raises:
            BadInput: a brace is left open, a field is more than a column's name, or there is no field at all.
        """
        try:
            found = list(Formatter().parse(text))
        except ValueError as error:
            raise BadInput(f"{where}: {error}; write {{{{ and }}}} for braces of the text itself") from error
        parts: list[tuple[str, str | None]] = []
        for literal, field, spec, conversion in found:
            if field is not None and (not field or spec or conversion):
                shown = f"{field}{f'!{conversion}' if conversion else ''}{f':{spec}' if spec else ''}"
                raise BadInput(f"{where}: wanted a column's name between braces, found {{{shown}}}")
            parts.append((literal, field))
        if all(field is None for _, field in parts):
            raise BadInput(
                f"{where}: {text[:40]!r} names no column, such as {{question}}; all prompts would be the same"
            )
        return cls(tuple(parts))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it names, each once.

        >>> Template.of("here", "{a} and {b}, not {{c}}, {a}").columns
        ('a', 'b')
        """
        return tuple(dict.fromkeys(column for _, column in self.parts if column is not None))

    def fill(self, row: Row) -> str:
        r"""Return the text with the values of a row.

        >>> Template.of("here", "POST: {post}\n{{n}}").fill({"post": "Rain."})
        'POST: Rain.\n{n}'

        Raises:
            ValueError: a column holds no text and no number.
        """
        return "".join(literal + ("" if column is None else written(row, column)) for literal, column in self.parts)


def written(row: Row, column: str) -> str:
    """Return a value as it is written into a prompt.

    Raises:
        ValueError: it is neither text nor a number, or blank.
    """
    value = row.get(column)
    if isinstance(value, (str, int, float)) and not isinstance(value, bool) and str(value).strip():
        return str(value)
    raise ValueError(f"wanted text in the column {column!r}, found {value!r:.40}; fill it or leave the row out")


def columns_of(templates: Iterable[Template]) -> tuple[str, ...]:
    """Return the columns that any of several templates names, each once."""
    return tuple(dict.fromkeys(column for template in templates for column in template.columns))
