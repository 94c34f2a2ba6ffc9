"""The `mini` suite: 160 prompts written for this project, small enough for a laptop, released CC0.

How they were made is told in `docs/mini.md`.
"""

import json
from collections.abc import Callable
from functools import partial
from importlib import resources

from ..task import Kind, Prompt, Shift, Split, Suite, Task
from ..templates import TLDR, alpaca, summary_request, tldr_article, tldr_post

Row = dict[str, str]


def _post(row: Row) -> Prompt:
    raw = tldr_post(row["forum"], row["title"], row["post"])
    message = summary_request("forum post", f"{row['title']}\n\n{row['post']}")
    return Prompt(row["id"], raw, message, row["reference"], raw.removesuffix(TLDR))


def _article(row: Row) -> Prompt:
    message = summary_request("news story", row["article"])
    return Prompt(row["id"], tldr_article(row["article"]), message, row["reference"], row["article"])


def _instruction(row: Row) -> Prompt:
    instruction = row["instruction"]
    return Prompt(row["id"], alpaca(instruction), instruction, row["reference"], instruction)


def _load(name: str, prompt: Callable[[Row], Prompt]) -> list[Prompt]:
    lines = resources.files(__package__).joinpath(f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [prompt(json.loads(line)) for line in lines]


def _split(name: str, shift: Shift, description: str, kind: Kind, prompt: Callable[[Row], Prompt]) -> Split:
    return Split(name, shift, description, kind, partial(_load, name, prompt))


MINI_SUMMARISATION = Task(
    name="mini-summarisation",
    version=1,
    description="One-sentence summaries: forum posts in distribution, news stories far out of it.",
    licence="CC0-1.0",
    format="raw",
    max_tokens=48,
    stop=(),
    splits=(
        _split("forum", "id", "first-person forum posts with their authors' TL;DR", "post", _post),
        _split("news", "far", "news stories with highlights", "article", _article),
    ),
)

MINI_INSTRUCTIONS = Task(
    name="mini-instructions",
    version=1,
    description="Instruction following: everyday requests, the same needs in formal register, multi-step requests.",
    licence="CC0-1.0",
    format="chat",
    max_tokens=48,
    stop=(),
    splits=(
        _split("everyday", "id", "what people ask an assistant, in plain English", "instruction", _instruction),
        _split(
            "formal",
            "near",
            "the same kinds of need in formal, professional and official prose",
            "instruction",
            _instruction,
        ),
        _split("sequential", "far", "three to five dependent steps in one instruction", "instruction", _instruction),
    ),
)

MINI = Suite(
    name="mini",
    description="Five small splits for a first look, offline and on a CPU.",
    splits=tuple(task.full_name(split) for task in (MINI_SUMMARISATION, MINI_INSTRUCTIONS) for split in task.splits),
    metrics=("distinct", "ead", "sbert:model=minilm", "length", "duplicates"),
)
