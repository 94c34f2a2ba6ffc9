"""lighteval's details: `details_TASK_DATE.parquet`, as `--save-details` writes them (read of 0.13)."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from ...errors import BadInput, NotInstalled
from .row import Bad, Malformed, Row

COLUMNS: Final = ("doc.id", "doc.query", "model_response.text")
BATCH: Final = 64
"""Rows that are read at once."""


def read(path: Path, bad: Bad) -> Iterator[Row]:
    """Yield the answers to each document as the model gave them, before any post-processing.

    Raises:
        NotInstalled: pyarrow is missing.
        BadInput: the file is damaged, or of an older lighteval.
    """
    try:
        parquet, arrow = import_module("pyarrow.parquet"), import_module("pyarrow")
    except ImportError as error:
        raise NotInstalled(f"{path} is a Parquet file, and reading it needs: pip install pyarrow") from error
    seen: set[str] = set()
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            _check_columns(path, file.schema_arrow)
            for batch in file.iter_batches(batch_size=BATCH, columns=list(COLUMNS)):
                for record in batch.to_pylist():
                    number += 1
                    try:
                        row = _row(record, seen)
                    except Malformed as wrong:
                        bad.report(f"{path}: row {number}", wrong)
                    else:
                        yield row
    except (arrow.ArrowInvalid, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise BadInput(f"{path}: wanted a whole Parquet file, found a damaged one ({error})") from error


def _check_columns(path: Path, schema: Any) -> None:  # noqa: ANN401  pyarrow has no types
    for column in COLUMNS:
        struct, _, name = column.partition(".")
        if struct not in schema.names or schema.field(struct).type.get_field_index(name) < 0:
            found = ", ".join(schema.names)
            raise BadInput(
                f"{path}: wanted details as lighteval 0.13 writes them, with {column}; found columns {found}"
            )


def _row(record: dict[str, dict[str, Any] | None], seen: set[str]) -> Row:
    doc, response = record["doc"] or {}, record["model_response"] or {}
    name, texts = doc.get("id"), response.get("text")
    if name is None:
        raise Malformed("wanted a document with an id, found none")
    if not texts:
        raise Malformed("wanted generated text, found none; a task scored by log-likelihoods has no samples")
    if not all(isinstance(text, str) for text in texts):
        raise Malformed("wanted texts in model_response.text, found something missing")
    if name in seen:
        raise Malformed(f"the id {name!r} was there before; wanted one task and one run in a file")
    seen.add(name)
    return Row(name, doc.get("query"), tuple(texts))
