"""Recognising: rows of anybody's samples as answers to the prompts of a split, gendiv's or one that is described."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..errors import BadInput
from ..tasks import Format, Prompt, Split, Task
from .formats.row import Bad, Row
from .prompts import Asked
from .selecting import Selection

NAME: Final = re.compile(r"(?!\.)[\w+=.-]{1,100}/(?!\.)[\w+=.-]{1,100}", re.ASCII)
"""What TASK/SPLIT may be where it names no split of gendiv's: it is the path of files."""


@dataclass(frozen=True)
class Numbered:
    """A row, and where it stood."""

    where: str
    row: Row


@dataclass(frozen=True)
class Answered:
    """One prompt and its samples."""

    prompt: Asked
    samples: tuple[str, ...]


def recognised(
    task: Task,
    split: Split,
    rows: Sequence[Numbered],
    *,
    format: Format | None,
    selection: Selection,
    count: int | None,
    bad: Bad,
) -> tuple[Format, list[Answered]]:
    """Return the format in which a split was asked, and its first prompts with the samples that rows hold of them.

    A row is known by the text of its prompt, and by its id where it says no prompt. A row of another text with an id of
    the split is not taken for it: it was asked something else. Where several prompts have one text, ids decide, then
    their order.

    Args:
        task: of the split.
        split: whose prompts were asked.
        rows: in any order.
        format: of the prompts; the task's own unless the other one is that of more rows.
        selection: how prompts were selected.
        count: only the first so many; without it, all that rows answer.
        bad: what happens to rows of none of its prompts.

    Raises:
        BadInput: a row is of none of its prompts and not to be left out, or the prompts are not its first ones.
    """
    name = task.full_name(split)
    prompts = selection.order(name, split.load())
    chosen = format or _format(task, prompts, rows)
    found: dict[str, Row] = {}
    claims = _Claims(name, prompts, chosen)
    for one in rows:
        prompt = claims.prompt_of(one.row)
        if isinstance(prompt, str):
            bad.report(one.where, prompt)
        else:
            found[prompt.id] = one.row
    wanted = prompts[: len(found) if count is None else count]
    if count is not None and count > len(prompts):
        raise BadInput(f"{name} has {len(prompts)} prompts, and -n asks for {count}")
    for place, prompt in enumerate(wanted):
        if prompt.id not in found:
            raise BadInput(_no_selection(name, selection, len(found), place, prompt))
    return chosen, [Answered(_asked(prompt, chosen), found[prompt.id].samples) for prompt in wanted]


def described(name: str, rows: Sequence[Numbered], bad: Bad) -> list[Answered]:
    """Return the prompts and samples of a split that gendiv does not know, in the order of their ids.

    Files that hold the same prompts in another order are then of the same split, as a board's check wants it.

    Raises:
        BadInput: its name is not usable, or a row says no prompt and is not to be left out.
    """
    if not NAME.fullmatch(name):
        raise BadInput(f"--split: wanted TASK/SPLIT of letters, digits and ._+=-, found {name!r}")
    return sorted(_described(rows, bad), key=lambda one: one.prompt.id)


def _described(rows: Sequence[Numbered], bad: Bad) -> Iterator[Answered]:
    for one in rows:
        row = one.row
        if row.prompt is None:
            bad.report(one.where, f"wanted a prompt, found none: a run keeps what was asked ({row.id!r:.60})")
        else:
            yield Answered(Asked(row.id, row.prompt, row.reference, row.shown or row.prompt), row.samples)


class _Claims:
    """Prompts of a split, each of which one row may claim."""

    def __init__(self, name: str, prompts: Sequence[Prompt], format: Format) -> None:
        self._name = name
        self._by_id = {prompt.id: prompt for prompt in prompts}
        self._by_text: dict[str, list[Prompt]] = defaultdict(list)
        for prompt in prompts:
            self._by_text[prompt.text(format)].append(prompt)
        self._taken: set[str] = set()

    def prompt_of(self, row: Row) -> Prompt | str:
        """Return the prompt that a row answers, or say why there is none."""
        of_id = self._by_id.get(row.id)
        if row.prompt is None:
            if of_id is None:
                return f"wanted a prompt of {self._name} or its id, found no prompt and the id {row.id!r:.60}"
            candidates = [of_id]
        else:
            candidates = self._by_text.get(row.prompt, [])
            if not candidates:
                return f"wanted a prompt of {self._name}, found {row.prompt!r:.60}"
            if of_id in candidates:
                candidates = [of_id]
        free = [prompt for prompt in candidates if prompt.id not in self._taken]
        if not free:
            return f"wanted one row for each prompt, found another one for {candidates[0].id!r:.60}"
        self._taken.add(free[0].id)
        return free[0]


def _format(task: Task, prompts: Sequence[Prompt], rows: Sequence[Numbered]) -> Format:
    """Return the format in which more rows have their prompts; the task's own of as many."""
    asked = {one.row.prompt for one in rows}
    other: Format = "raw" if task.format == "chat" else "chat"
    counts = {form: len(asked & {prompt.text(form) for prompt in prompts}) for form in (task.format, other)}
    return other if counts[other] > counts[task.format] else task.format


def _asked(prompt: Prompt, format: Format) -> Asked:
    return Asked(prompt.id, prompt.text(format), prompt.reference, prompt.shown)


def _no_selection(name: str, selection: Selection, found: int, place: int, missing: Prompt) -> str:
    """Say that a record cannot name the prompts that were found."""
    whole = "its first prompts, without a gap" if selection.seed is None else f"a sample of --select {selection.name}"
    way_out = f"-n {place} takes those before it, or " if place else ""
    return (
        f"{name}: wanted {whole}, found {found} prompts and not number {place + 1} ({missing.id!r:.60}); {way_out}"
        "import them as a split of your own: --split OWN/NAME --shift id|near|far --format chat|raw"
    )
