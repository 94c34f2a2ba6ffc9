"""Pages of samples: what a model said to the first prompts of a split, the samples of a prompt side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from ...benchmark.prompts import Asked
from ...benchmark.store import Sample

PROMPTS: Final = 20
"""Prompts on a page."""

LONGEST: Final = 1500
"""Characters of a text on a page."""

_CONTROLS: Final = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\n\t"} | {127: "\u2421"}


@dataclass(frozen=True)
class Shown:
    """One sample on a page.

    Attributes:
        number: from 1.
        text: as far as it is shown.
        left_out: characters that are not.
        copy_of: the number of the first sample of the prompt with the same text, or None.
        ending: why it ended.
    """

    number: int
    text: str
    left_out: int
    copy_of: int | None
    ending: str


@dataclass(frozen=True)
class Answered:
    """One prompt with its samples."""

    id: str
    prompt: str | None
    prompt_left_out: int
    samples: tuple[Shown, ...]

    @property
    def different(self) -> int:
        """How many different texts there are."""
        return sum(sample.copy_of is None for sample in self.samples)


def answered(samples: Sequence[Sample], asked: Mapping[str, Asked], most: int = PROMPTS) -> list[Answered]:
    """Return the first prompts by id, each with its samples in the order of their indices."""
    ordered = sorted(samples, key=lambda sample: (sample.prompt, sample.index))
    found: list[Answered] = []
    for prompt, group in groupby(ordered, key=lambda sample: sample.prompt):
        if len(found) == most:
            break
        text = asked[prompt].text if prompt in asked else None
        found.append(
            Answered(
                id=prompt,
                prompt=None if text is None else clipped(text)[0],
                prompt_left_out=0 if text is None else clipped(text)[1],
                samples=tuple(_shown(list(group))),
            )
        )
    return found


def clipped(text: str) -> tuple[str, int]:
    r"""Return as much of a text as a page shows, control characters made visible, and how much is left out.

    >>> clipped("a\x00b\n")
    ('a␀b\n', 0)
    """
    return text[:LONGEST].translate(_CONTROLS), max(0, len(text) - LONGEST)


def _shown(samples: Sequence[Sample]) -> list[Shown]:
    first: dict[str, int] = {}
    found = []
    for number, sample in enumerate(samples, start=1):
        earlier = first.setdefault(sample.text, number)
        text, left_out = clipped(sample.text)
        found.append(Shown(number, text, left_out, earlier if earlier != number else None, sample.finish_reason))
    return found
