"""Downloads: every number of a board in one table, as CSV, JSON and Parquet, and each model's as JSON."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Final

from ...benchmark.record import Result
from .entry import NAMES, Entry
from .folder import SiteFolder

COLUMNS: Final = (
    "model",
    "revision",
    "suite",
    "family",
    "tuning",
    "split",
    "shift",
    "metric",
    "level",
    "signature",
    "value",
    "low",
    "high",
    "error",
    "inputs",
    "undefined",
    "standing",
)
NUMBERS: Final = frozenset({"value", "low", "high", "error"})
COUNTS: Final = frozenset({"inputs", "undefined"})

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def write_downloads(site: SiteFolder, entries: Sequence[Entry]) -> None:
    """Write all downloads.

    Raises:
        NotInstalled: pyarrow is missing.
    """
    rows = []
    for entry in entries:
        own = rows_of(entry)
        rows += own
        site.write(f"downloads/{entry.slug}.json", _model_json(entry, own))
    columns = {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    site.write("downloads/board.csv", text.getvalue())
    site.write("downloads/board.json", json.dumps({"schema": 1, "columns": columns}, allow_nan=False))
    site.path("downloads/board.parquet").write_bytes(_parquet(columns))


def rows_of(entry: Entry) -> list[tuple[object, ...]]:
    """Return the rows of one model, a row for each number."""
    card = entry.submission.card
    who = (card.model, card.revision, card.suite, card.family, card.tuning)
    return [(*who, *_measured(entry, result)) for result in entry.results]


def _measured(entry: Entry, result: Result) -> tuple[object, ...]:
    return (
        result.split,
        entry.splits[result.split or ""].shift,
        result.metric,
        result.level,
        result.signature,
        result.value,
        result.low,
        result.high,
        result.error,
        result.inputs,
        result.undefined,
        NAMES[entry.standing(result)],
    )


def safe_cell(cell: object) -> object:
    """Return a cell of a CSV file; a text that a spreadsheet would compute gets an apostrophe in front.

    >>> safe_cell("=1+1"), safe_cell(-0.5), safe_cell(None)
    ("'=1+1", -0.5, None)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _model_json(entry: Entry, rows: Sequence[tuple[object, ...]]) -> str:
    card = entry.submission.card.model_dump(mode="json", by_alias=True, exclude={"files"})
    results = [dict(zip(COLUMNS[5:], row[5:], strict=True)) for row in rows]
    whole = {
        "schema": 1,
        "submission": entry.submission.name,
        "card": card,
        "remark": entry.remark,
        "results": results,
    }
    return json.dumps(whole, indent=1, allow_nan=False) + "\n"


def _parquet(columns: Mapping[str, Sequence[object]]) -> bytes:
    from ..submissions.tables import require_pyarrow

    require_pyarrow()
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {
        name: pa.float64() if name in NUMBERS else pa.int64() if name in COUNTS else pa.string() for name in columns
    }
    table = pa.table({name: pa.array(values, kinds[name]) for name, values in columns.items()})
    found = io.BytesIO()
    pq.write_table(table, found, compression="zstd")
    return found.getvalue()
