"""Lessons of the paper: Reddit posts with their authors' summaries, and people's choices between two summaries."""

from dataclasses import replace
from functools import partial
from typing import Final

from .lessons import Demonstration, Lessons, Ranked
from .preferences import CNN_DAILYMAIL_PREFERENCES, TLDR_PREFERENCES, PreferenceSet
from .prompting import Prompting
from .summarisation import POST, TLDR_TEST
from .templates import TLDR

_SHARDS: Final = ()
"""The hub's names of these files are not ours to know: the `datasets` library finds them, at the pinned commit."""


def demonstrations(split: str) -> list[Demonstration]:
    """Return the posts of a split with their authors' summaries, in published order.

    Raises:
        BadInput: they cannot be had, or a row holds no text; in one line.
    """
    data = replace(TLDR_TEST, split=split, files=(f"{split}.jsonl",), rows=None)
    prompts = Prompting(data, POST)()
    return [Demonstration(one.raw, one.reference.strip()) for one in prompts if one.reference]


def rankings(preferences: PreferenceSet) -> list[Ranked]:
    """Return the choices of a set of human preferences, in published order.

    Raises:
        BadInput: they cannot be had, or a row is not of their form; in one line.
    """
    return [
        Ranked(one.shown + TLDR, one.answers[one.choice], one.answers[1 - one.choice]) for one in preferences.load()
    ]


def _of(split: str) -> PreferenceSet:
    return replace(TLDR_PREFERENCES, data=replace(TLDR_PREFERENCES.data, split=split, files=_SHARDS))


TLDR_LESSONS: Final = Lessons(
    name="tldr",
    description="Reddit posts with their authors' TL;DR, and people's choices between two summaries.",
    licence="CC-BY-4.0 AND MIT",
    demonstrations={split: partial(demonstrations, split) for split in ("train", "validation")},
    rankings={
        **{split: partial(rankings, _of(split)) for split in ("train", "validation")},
        "cnn_dailymail": partial(rankings, CNN_DAILYMAIL_PREFERENCES),
    },
)
"""What Kirk et al. (2024) trained their summarisation models on; their choices about news are out of distribution."""
