"""Prompts as a run put them: kept beside its samples, so that a run can be scored and judged where its data is not."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import StoreFailed
from .store import make_folder, read_lines, write_whole


@dataclass(frozen=True)
class Asked:
    """One prompt of a run: its text as it was sent, its reference if it has one, and what a judge is shown of it."""

    id: str
    text: str
    reference: str | None
    shown: str


def content_of(prompts: Iterable[Asked]) -> str:
    """Return the hash of prompts as they were sent, with their references, as `SplitRecord.content` has it."""
    whole = hashlib.sha256()
    for one in prompts:
        whole.update(json.dumps([one.id, one.text, one.reference]).encode())
    return whole.hexdigest()


def prompts_file(folder: Path, split: str) -> Path:
    """Return the file that holds the prompts of `TASK/SPLIT` in a run folder."""
    return folder / "prompts" / f"{split}.jsonl"


def write_prompts(folder: Path, split: str, prompts: Iterable[Asked]) -> None:
    """Write the prompts of one split, whole or not at all.

    Raises:
        StoreFailed: the folder cannot be written.
    """
    path = prompts_file(folder, split)
    lines = "".join(json.dumps(asdict(prompt)) + "\n" for prompt in prompts)
    if not path.exists() or path.read_bytes() != lines.encode():
        make_folder(path.parent)
        write_whole(path, lines)


def read_prompts(folder: Path, split: str) -> dict[str, Asked]:
    """Return the prompts of one split by id; none where the folder does not keep them.

    Raises:
        StoreFailed: the file cannot be read, or a line of it is no prompt.
    """
    path = prompts_file(folder, split)
    found: dict[str, Asked] = {}
    for number, line in read_lines(path):
        try:
            asked = Asked(**json.loads(line))
        except (ValueError, TypeError, RecursionError) as error:
            raise StoreFailed(f"{path}:{number}: wanted a prompt, found {line[:60]!r} ({error})") from error
        found[asked.id] = asked
    return found
