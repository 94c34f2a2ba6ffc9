"""Columns: what runs are called where they stand side by side."""

from collections.abc import Sequence
from dataclasses import asdict

from ..benchmark.record import RunRecord
from ..benchmark.run import Run


def columns(runs: Sequence[Run]) -> tuple[str, ...]:
    """Return a name for each run: its label, the decoding in which runs differ, the folder if nothing else does."""
    names = labels([run.record for run in runs])
    return tuple(
        f"{name} ({run.folder})" if names.count(name) > 1 else name for name, run in zip(names, runs, strict=True)
    )


def labels(records: Sequence[RunRecord]) -> list[str]:
    """Return the label of each run with the decoding in which they differ; two may be called the same."""
    decodings = [_common_decoding(record) for record in records]
    known = [decoding for decoding in decodings if decoding is not None]
    differing = [name for name in (known[0] if known else ()) if len({repr(decoding[name]) for decoding in known}) > 1]
    return [
        ", ".join([record.label, *_marks(decoding, differing, bool(known))])
        for record, decoding in zip(records, decodings, strict=True)
    ]


def _marks(decoding: dict[str, object] | None, differing: Sequence[str], any_known: bool) -> list[str]:
    """Return what of a run's decoding tells it from the others."""
    if decoding is None:
        return ["decoding unknown"] if any_known else []
    return [f"{name}={decoding[name]}" for name in differing]


def _common_decoding(record: RunRecord) -> dict[str, object] | None:
    """Return the decoding of a run's first split, if known, without what tasks set themselves (budget, stops)."""
    decoding = record.splits[0].decoding
    if decoding is None:
        return None
    return {name: value for name, value in asdict(decoding).items() if name not in ("max_tokens", "stop")}
