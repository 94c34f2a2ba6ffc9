"""Reading files of samples, whatever their format; several together are samples of the same inputs."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ...errors import BadInput, StoreFailed
from ...naming import nearest
from . import FORMATS
from .detection import detect, find_file
from .row import Bad, Row


def read_files(paths: Sequence[Path], format: str | None = None, bad: Bad | None = None) -> Iterator[Row]:
    """Yield the inputs of one file as they are read, or of several files with the samples of each put together.

    Args:
        paths: files, or folders of a tool that hold one.
        format: a name of `FORMATS`; without one, each file tells.
        bad: what happens to bad rows; unless told, the first one stops the reading.

    Raises:
        BadInput: a file does not exist, tells no format, holds a bad row or nothing else, or does not go with others.
        NotInstalled: a package that reads the format is missing.
        StoreFailed: a file cannot be read.
    """
    telling = Bad() if bad is None else bad
    if len(paths) == 1:
        return read_samples_of(paths[0], format, telling)
    return _together(paths, format, telling)


def read_samples_of(path: Path, format: str | None, bad: Bad) -> Iterator[Row]:
    """Yield the inputs of one file, as it is read; memory holds one, or the texts alone where the format needs it."""
    before, any_row = bad.count, False
    try:
        file = _file(path, format)
        for row in FORMATS[format or detect(file)](file, bad):
            any_row = True
            yield row
    except OSError as error:
        if isinstance(error, StoreFailed):
            raise
        raise StoreFailed(f"cannot read {path}: {error.strerror or error}") from error
    if not any_row:
        raise BadInput(f"{path} holds no rows" + (f" that could be read: {bad}" if bad.count > before else ""))


def _file(path: Path, format: str | None) -> Path:
    if format is not None and format not in FORMATS:
        raise BadInput(f"no format is called {format!r}: {nearest(format, list(FORMATS))}")
    if not path.exists():
        raise BadInput(f"no samples at {path}: wanted a run folder or a JSONL file, or a log of {', '.join(FORMATS)}")
    return find_file(path, format) if path.is_dir() else path


def _together(paths: Sequence[Path], format: str | None, bad: Bad) -> Iterator[Row]:
    inputs: dict[str, tuple[Path, Row]] = {}
    given: set[Path] = set()
    for path in paths:
        if path.resolve() in given:
            raise BadInput(f"{path} is given twice, which would count its samples as repeats")
        given.add(path.resolve())
        for row in read_samples_of(path, format, bad):
            inputs[row.id] = (path, _joined(inputs[row.id], path, row) if row.id in inputs else row)
    for _, row in inputs.values():
        yield row


def _joined(earlier: tuple[Path, Row], path: Path, row: Row) -> Row:
    """Return one input with the samples of both rows."""
    other, before = earlier
    if None not in (before.prompt, row.prompt) and before.prompt != row.prompt:
        raise BadInput(
            f"{path}: the input {row.id!r} has another prompt than in {other};"
            " files given together hold samples of the same inputs"
        )
    if (before.quality is None) != (row.quality is None):
        raise BadInput(f"{path}: the input {row.id!r} has quality in only one of this file and {other}")
    quality = None if before.quality is None or row.quality is None else before.quality + row.quality
    prompt = row.prompt if before.prompt is None else before.prompt
    return replace(before, prompt=prompt, samples=before.samples + row.samples, quality=quality)
