"""Human preferences between two summaries, by which judges are measured: TL;DR posts and CNN/Daily Mail articles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from ..errors import BadInput
from .data import Data, Row
from .ids import distinct
from .reading import Loaded, read
from .task import Kind
from .templates import TLDR, tldr_article, tldr_post


@dataclass(frozen=True)
class Preference:
    """One person's choice between two answers.

    Attributes:
        id: unique within its set: that of the post or article, numbered where several choices are about it.
        kind: what was to be summarised.
        shown: what a judge is shown of it.
        answers: the two summaries, without the space they begin with in the data.
        choice: 0 where the first was preferred, 1 where the second was.
    """

    id: str
    kind: Kind
    shown: str
    answers: tuple[str, str]
    choice: Literal[0, 1]


@dataclass(frozen=True)
class PreferenceSet:
    """A data set of human preferences.

    Attributes:
        name: by which it is chosen.
        description: what it is.
        data: where it is.
        kind: what was summarised.
        shown: what a judge is shown, from a row's `info`.
        wanted: whether a row belongs to the set.
    """

    name: str
    description: str
    data: Data
    kind: Kind
    shown: Callable[[Mapping[str, Any]], str]
    wanted: Callable[[Row], bool]

    def load(self) -> list[Preference]:
        """Return the preferences in published order.

        Raises:
            BadInput: they cannot be had, or a row is not of this form; in one line.
        """
        found = read(self.data)
        chosen = [index for index, row in enumerate(found.rows) if self.wanted(row)]
        if not chosen:
            raise BadInput(f"{found.origin}: no row of it is about {self.description}")
        parsed = [_parsed(self, found, index) for index in chosen]
        names = distinct([preference.id for preference in parsed])
        return [
            Preference(name, one.kind, one.shown, one.answers, one.choice)
            for name, one in zip(names, parsed, strict=True)
        ]


def _parsed(wanted: PreferenceSet, found: Loaded, index: int) -> Preference:
    row = found.rows[index]
    try:
        info, choice = row["info"], row["choice"]
        first, second = (summary["text"].lstrip(" ") for summary in row["summaries"])
        shown = wanted.shown(info)
        if choice not in (0, 1):
            raise ValueError(f"choice {choice!r}")
        return Preference(str(info["id"]), wanted.kind, shown, (first, second), choice)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(
            f"{found.place(index)}: wanted info, two summaries with their text, and a choice of 0 or 1 "
            f"({type(error).__name__}: {error})"
        ) from error


def _post(info: Mapping[str, Any]) -> str:
    return tldr_post(info["subreddit"], info["title"], info["post"]).removesuffix(TLDR)


def _article(info: Mapping[str, Any]) -> str:
    return tldr_article(info["article"]).removesuffix(TLDR)


TLDR_PREFERENCES: Final = PreferenceSet(
    name="tldr",
    description="summaries of Reddit posts",
    data=Data(
        hub="UCL-DARK/openai-tldr-summarisation-preferences",
        split="test",
        files=("data/test-00000-of-00001.json",),
        revision="5f6e0522bfaa96887602130a9c6d204864ff9900",
        licence="MIT",
        columns=("info", "summaries", "choice"),
    ),
    kind="post",
    shown=_post,
    wanted=lambda row: True,
)

CNN_DAILYMAIL_PREFERENCES: Final = PreferenceSet(
    name="cnn_dailymail",
    description="summaries of CNN/Daily Mail articles",
    data=Data(
        hub="openai/summarize_from_feedback",
        config="comparisons",
        split="validation",
        files=("comparisons/validation/0000.parquet",),
        revision="195fc27ff714b2aff32ab8aba9bbee1d35663700",
        licence="unknown",
        columns=("info", "summaries", "choice", "batch"),
    ),
    kind="article",
    shown=_article,
    wanted=lambda row: "cnndm" in str(row["batch"]),
)

PREFERENCES: Final[Mapping[str, PreferenceSet]] = {
    one.name: one for one in (TLDR_PREFERENCES, CNN_DAILYMAIL_PREFERENCES)
}
"""The sets of human preferences, by name."""
