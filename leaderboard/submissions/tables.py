"""Tables of a submission: parquet files of plain columns, written the same each time, read with limits."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from ...errors import NotInstalled, StoreFailed
from . import limits

if TYPE_CHECKING:
    import pyarrow as pa

Kind: TypeAlias = Literal["text", "optional text", "whole", "numbers", "vector"]
"""Of a column: texts, texts or nothing, whole numbers, lists of numbers or nothing, vectors of one length."""

Columns: TypeAlias = Mapping[str, Kind]

SAMPLES: Final[Columns] = {
    "key": "text",
    "prompt": "text",
    "index": "whole",
    "seed": "whole",
    "text": "text",
    "finish_reason": "text",
}
PROMPTS: Final[Columns] = {"id": "text", "text": "text", "reference": "optional text", "shown": "text"}
GRADES: Final[Columns] = {"prompt": "text", "metric": "text", "texts": "text", "grades": "numbers"}
SUMS: Final[Columns] = {"prompt": "text", "samples": "whole", "sum": "vector"}


def require_pyarrow() -> None:
    """Raise if the package that reads and writes tables is missing.

    Raises:
        NotInstalled: it is.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as missing:
        raise NotInstalled(f"a results repository needs pyarrow ({missing}); run: pip install 'gendiv[board]'") from (
            missing
        )


def write_table(
    path: Path, columns: Columns, values: Mapping[str, Sequence[Any]], marks: Mapping[str, str] | None = None
) -> None:
    """Write a table; the same values give the same bytes.

    Args:
        path: of the file.
        columns: their kinds, in order.
        values: of each column.
        marks: metadata of the schema.

    Raises:
        StoreFailed: the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {name: _array(kind, values[name]) for name, kind in columns.items()}
    table = pa.table(arrays).replace_schema_metadata(dict(marks) if marks else None)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path, compression="zstd")
    except OSError as error:
        raise StoreFailed(f"cannot write {path}: {error.strerror or error}; make room or choose another --to") from (
            error
        )


def _array(kind: Kind, values: Sequence[Any]) -> "pa.Array":
    import pyarrow as pa

    if kind == "whole":
        return pa.array(values, pa.int64())
    if kind == "numbers":
        return pa.array(values, pa.list_(pa.float64()))
    if kind == "vector":
        return pa.array(list(values), pa.list_(pa.float32(), len(values[0])))
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8 form: a column that holds one is of bytes
        return pa.array([None if text is None else text.encode("utf-8", "surrogatepass") for text in values])


def read_table(path: Path, columns: Columns, most_rows: int) -> tuple[dict[str, list[Any]], dict[str, str]]:
    """Return the columns of a table, and the metadata of its schema; whatever the file holds, it runs no code.

    Raises:
        StoreFailed: it is no such table, or larger than the limits; with the reason, without the path.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.stat().st_size > limits.PARQUET_BYTES:
        raise StoreFailed(f"has {path.stat().st_size} bytes, more than {limits.PARQUET_BYTES}")
    texts = [name for name, kind in columns.items() if "text" in kind]
    found: dict[str, list[Any]] = {name: [] for name in columns}
    try:
        with pq.ParquetFile(path, thrift_string_size_limit=10**7) as file:
            _check_footer(file.metadata, most_rows)
            _check_columns(file.schema_arrow, columns)
            footer = file.metadata
        with pq.ParquetFile(path, metadata=footer, read_dictionary=texts) as file:
            size = 0
            for batch in file.iter_batches(batch_size=limits.BATCH):
                size += batch.nbytes
                if size > limits.UNPACKED_BYTES:
                    raise StoreFailed(f"unpacks to more than {limits.UNPACKED_BYTES} bytes")
                batch.validate(full=True)  # a damaged file's places lie outside its dictionary
                for name, kind in columns.items():
                    found[name] += _values(name, kind, batch.column(name))
            marks = {_text(key): _text(value) for key, value in (file.schema_arrow.metadata or {}).items()}
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, MemoryError) as error:
        if isinstance(error, StoreFailed):
            raise
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise StoreFailed(f"is no parquet file that can be read: {reason:.120}") from error
    return found, marks


def _check_footer(footer: Any, most_rows: int) -> None:  # noqa: ANN401  pyarrow ships no types
    if footer.num_rows > min(most_rows, limits.ROWS):
        raise StoreFailed(f"has {footer.num_rows} rows, more than {min(most_rows, limits.ROWS)}")
    groups = range(footer.num_row_groups)
    size = sum(footer.row_group(group).total_byte_size for group in groups)
    if size > limits.UNPACKED_BYTES:
        raise StoreFailed(f"says that it unpacks to {size} bytes, more than {limits.UNPACKED_BYTES}")


def _check_columns(schema: Any, columns: Columns) -> None:  # noqa: ANN401
    import pyarrow.types as kinds

    if list(schema.names) != list(columns):
        raise StoreFailed(f"wanted the columns {', '.join(columns)}, found {', '.join(schema.names)[:120]!r}")
    for name, kind in columns.items():
        found = schema.field(name).type
        value = found.value_type if kinds.is_dictionary(found) or kinds.is_nested(found) else found
        fits = {
            "whole": kinds.is_integer(found),
            "numbers": kinds.is_list(found) and kinds.is_floating(value),
            "vector": kinds.is_fixed_size_list(found) and kinds.is_float32(value) and found.list_size <= 2**14,
        }.get(kind, not kinds.is_nested(found) and (kinds.is_string(value) or kinds.is_binary(value)))
        if not fits:
            raise StoreFailed(f"column {name}: wanted {kind}, found {str(found)[:60]}")


def _values(name: str, kind: Kind, column: Any) -> list[Any]:  # noqa: ANN401
    """Return a batch's values of one column; a text that is repeated is one text in memory."""
    import pyarrow as pa

    if kind == "vector":
        if column.null_count or column.flatten().null_count:
            raise StoreFailed(f"column {name}: holds nothing in a row")
        return list(column.flatten().to_numpy().reshape(len(column), -1))
    if "text" not in kind:
        values = column.to_pylist()
        if kind != "numbers" and any(value is None for value in values):
            raise StoreFailed(f"column {name}: holds nothing in row {values.index(None)}")
        return list(values)
    if not isinstance(column, pa.DictionaryArray):
        column = column.dictionary_encode()
    known = [None if value is None else _text(value) for value in column.dictionary.to_pylist()]
    places = column.indices.to_pylist()
    found = [None if place is None else known[place] for place in places]
    for text in known:
        if text is not None and len(text) > limits.TEXT:
            raise StoreFailed(f"column {name}: a text has {len(text)} characters, more than {limits.TEXT}")
    if kind == "text" and None in found:
        raise StoreFailed(f"column {name}: holds nothing in row {found.index(None)}")
    return found


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value
