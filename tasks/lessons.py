"""Lessons: what trainers learn from. Demonstrations to imitate, and answers that somebody ranked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Demonstration:
    """An answer to be imitated.

    Attributes:
        prompt: raw text, which ends as the prompts of its task do, say in "TL;DR:".
        completion: the answer, without the space at the seam.
    """

    prompt: str
    completion: str


@dataclass(frozen=True)
class Ranked:
    """Two answers to one prompt, of which one was preferred."""

    prompt: str
    chosen: str
    rejected: str


@dataclass(frozen=True)
class Lessons:
    """A data set for trainers, in parts that are loaded when they are asked for.

    Attributes:
        name: by which it is chosen.
        description: what it is, in one line.
        licence: of the data.
        demonstrations: by part: "train", "validation".
        rankings: by part: "train", "validation", and parts out of distribution by names of their own.
        words: every word that its texts can hold, where that is known: enough for a tokeniser made from nothing.
    """

    name: str
    description: str
    licence: str
    demonstrations: Mapping[str, Callable[[], Sequence[Demonstration]]] = field(default_factory=dict)
    rankings: Mapping[str, Callable[[], Sequence[Ranked]]] = field(default_factory=dict)
    words: Callable[[], Sequence[str]] | None = None
