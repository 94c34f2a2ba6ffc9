"""What a task is: prompts grouped into splits, each split on a known side of a distribution shift."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from .data import Data

Shift = Literal["id", "near", "far"]
"""Distance from the data a model was tuned on: in distribution, a mild shift, a severe shift."""

Format = Literal["chat", "raw"]
"""How a prompt reaches the model: as a user message through its chat template, or as plain text to be continued."""


Kind = Literal["post", "article", "instruction"]
"""What a prompt holds, by which a judge is asked the right question: a forum post or a news article to be summarised,
or an instruction to be followed."""


@dataclass(frozen=True)
class Prompt:
    """One input of a split, in both formats.

    Attributes:
        id: unique within the split and stable across versions of gendiv.
        raw: the text a model continues when no chat template is used.
        message: the user message when one is.
        reference: what a good answer looks like, or None where the data has none.
        shown: what a judge of answers is shown of it, whatever the format.
    """

    id: str
    raw: str
    message: str
    reference: str | None
    shown: str

    def text(self, format: Format) -> str:
        """Return the prompt's text in `format`."""
        return self.raw if format == "raw" else self.message


@dataclass(frozen=True)
class Split:
    """One data set of a task, or a part of one, with its shift.

    Attributes:
        name: unique within the task.
        shift: which side of the shift it is on.
        description: what it holds.
        kind: what its prompts are about.
        load: returns the prompts in their published order.
        data: what `load` reads, where it is a data set of its own; None where the prompts come with the package.
        size: how many prompts there are, where that is known without loading them.
    """

    name: str
    shift: Shift
    description: str
    kind: Kind
    load: Callable[[], Sequence[Prompt]]
    data: Data | None = None
    size: int | None = None


@dataclass(frozen=True)
class Task:
    """One ability, measured on several splits that differ in distribution only.

    Attributes:
        name: what `--task NAME/SPLIT` takes.
        version: rises whenever a prompt, template or budget changes, because numbers then move.
        licence: SPDX expression of the data.
        format: the format used unless the user says otherwise.
        max_tokens: token budget of one sample, equal on every split so that splits stay comparable.
        stop: strings that end a sample; the end-of-sequence token always does.
        prompt_tokens: longest prompt in tokens when it goes out as raw text; a longer one loses its beginning.
    """

    name: str
    version: int
    description: str
    licence: str
    format: Format
    max_tokens: int
    stop: tuple[str, ...]
    splits: tuple[Split, ...]
    prompt_tokens: int | None = None

    def full_name(self, split: Split) -> str:
        """Return `TASK/SPLIT`, by which `--task`, suites and run folders know a split of this task."""
        return f"{self.name}/{split.name}"


@dataclass(frozen=True)
class Suite:
    """Splits that are run together, and the metrics that are reported on them.

    Attributes:
        name: what `--suite NAME` takes.
        splits: `TASK/SPLIT` names, in the order reports show them.
        metrics: metric specs as `--metrics` takes them.
        prompts: how many prompts of each split are asked unless told otherwise, or all where a split has fewer; None
            asks all.
    """

    name: str
    description: str
    splits: tuple[str, ...]
    metrics: tuple[str, ...]
    prompts: int | None = None
