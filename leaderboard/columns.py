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
    differing = [name for name in (decodings or [{}])[0] if len({repr(decoding[name]) for decoding in decodings}) > 1]
    return [
        ", ".join([record.label, *(f"{name}={decoding[name]}" for name in differing)])
        for record, decoding in zip(records, decodings, strict=True)
    ]


def _common_decoding(record: RunRecord) -> dict[str, object]:
    """Return the decoding of a run's first split; what tasks set themselves (budget, stops) is not a run's mark."""
    decoding = asdict(record.splits[0].decoding)
    return {name: value for name, value in decoding.items() if name not in ("max_tokens", "stop")}
