"""Reading samples for scoring: from a run folder, or from anybody's JSONL file."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import BadInput, StoreFailed
from .store import read_samples, split_file


@dataclass(frozen=True)
class Groups:
    """Samples by prompt.

    Attributes:
        groups: for each prompt that has all its samples, these in draw order; prompts in the order of their ids.
        short: how many prompts lack samples and are left out.
        finish_reasons: how often each reason ended a sample.
    """

    groups: tuple[tuple[str, ...], ...]
    short: int
    finish_reasons: Counter[str]


def read_groups(folder: Path, split: str, samples_per_prompt: int) -> Groups:
    """Return the samples of one split of a run folder; a split not begun has none.

    Raises:
        StoreFailed: a row is damaged.
    """
    texts: dict[str, dict[int, str]] = {}
    endings = Counter[str]()
    path = split_file(folder, split)
    for sample in read_samples(path) if path.exists() else ():
        texts.setdefault(sample.prompt, {})[sample.index] = sample.text
        endings[sample.finish_reason] += 1
    whole = {prompt: found for prompt, found in texts.items() if len(found) >= samples_per_prompt}
    return Groups(
        groups=tuple(
            tuple(whole[prompt][index] for index in sorted(whole[prompt])[:samples_per_prompt])
            for prompt in sorted(whole)
        ),
        short=len(texts) - len(whole),
        finish_reasons=endings,
    )


class SampleRow(BaseModel):
    """A row of a samples file: `{"id": ..., "prompt": ..., "samples": [...]}`; other fields are ignored."""

    model_config = ConfigDict(extra="ignore", strict=True)

    id: str | int
    prompt: str | None = None
    samples: list[str]


def read_sample_file(path: Path) -> tuple[tuple[str, ...], ...]:
    """Return the samples of each row of a JSONL file.

    Raises:
        StoreFailed: the file cannot be read.
        BadInput: there is no such file, a line is not a row, or two rows have one id, with the line's number.
    """
    if not path.exists():
        raise BadInput(f"no samples at {path}: wanted a run folder or a JSONL file")
    groups: dict[str, tuple[str, ...]] = {}
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    row = _row(path, number, line)
                    if str(row.id) in groups:
                        raise BadInput(
                            f"{path}:{number}: the id {row.id!r} was there before; ids name inputs, once each"
                        )
                    groups[str(row.id)] = tuple(row.samples)
    except OSError as error:
        raise StoreFailed(f"cannot read {path}: {error.strerror}") from error
    if not groups:
        raise BadInput(f"{path} holds no rows")
    return tuple(groups.values())


def _row(path: Path, number: int, line: bytes) -> SampleRow:
    wanted = 'wanted {"id": ..., "prompt": ..., "samples": [...]}'
    try:
        return SampleRow.model_validate(json.loads(line))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the row"
        raise BadInput(f"{path}:{number}: {wanted}, but {where}: {first['msg'].lower()}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path}:{number}: {wanted}, found {line[:40]!r} ({error})") from error
