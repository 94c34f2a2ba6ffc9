"""Selecting which prompts of a split are asked: the first ones, or a seeded sample that a larger one extends."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from ..errors import BadInput
from ..tasks import Prompt

Select = Literal["first", "random"]
"""The first prompts in published order, or a random sample of them."""


@dataclass(frozen=True)
class Selection:
    """How prompts are selected.

    Attributes:
        select: "first" or "random".
        seed: of a random selection; None otherwise.
    """

    select: Select = "first"
    seed: int | None = None

    @classmethod
    def of(cls, select: str, seed: int | None) -> "Selection":
        """Return a selection as the command line names it; a random one has seed 0 unless told.

        Raises:
            BadInput: there is no such selection, or it has no seed.
        """
        if select not in get_args(Select):
            raise BadInput(f"--select: wanted {' or '.join(get_args(Select))}, found {select!r}")
        if select == "first" and seed is not None:
            raise BadInput(f"--select-seed {seed}: the first prompts need no seed; add --select random")
        return cls("random", seed or 0) if select == "random" else cls()

    @property
    def name(self) -> str:
        """What it is called in messages and folders: `first`, or `random` and its seed.

        >>> Selection("random", 7).name
        'random-7'
        """
        return self.select if self.seed is None else f"{self.select}-{self.seed}"

    def order(self, split: str, prompts: Sequence[Prompt]) -> list[Prompt]:
        """Return the prompts of a split in the order in which they are taken.

        A random order is that of hashes of seed, split and id: the same everywhere, each prompt's place independent of
        which others there are, and every sample the beginning of every larger one.
        """
        if self.select == "first":
            return list(prompts)
        return sorted(prompts, key=lambda prompt: _place(self.seed, split, prompt.id))


FIRST: Final = Selection()
"""The first prompts in published order."""


def _place(seed: int | None, split: str, prompt_id: str) -> bytes:
    return hashlib.sha256(json.dumps([seed, split, prompt_id]).encode()).digest()
