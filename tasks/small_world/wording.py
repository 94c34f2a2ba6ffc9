"""How the small world words things: a fact in a post and in a summary, and what is said in passing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from .words import UNSEEN

Register = Literal["plain", "chatty", "formal"]

SLOT: Final = "_"
"""Where the value stands in a wording."""


@dataclass(frozen=True)
class Wording:
    """How one attribute is worded.

    Attributes:
        plain: sentences of the register that models are trained on.
        chatty: sentences of the second register.
        formal: sentences of the third.
        clauses: what a summary says; all have three words, so that all are equally brief.
    """

    plain: tuple[str, ...]
    chatty: tuple[str, ...]
    formal: tuple[str, ...]
    clauses: tuple[str, ...]

    def sentences(self, register: Register) -> tuple[str, ...]:
        """Return the sentences of a register."""
        return {"plain": self.plain, "chatty": self.chatty, "formal": self.formal}[register]


def _unseen(attribute: str) -> Wording:
    """Return the wording of an attribute that is no fact in training."""
    return Wording(
        plain=(f"there was {attribute} {SLOT}", f"we met {attribute} {SLOT}"),
        chatty=(),
        formal=(),
        clauses=(
            f"met {attribute} {SLOT}",
            f"{attribute} {SLOT} again",
            f"was {attribute} {SLOT}",
            f"{attribute} {SLOT} there",
        ),
    )


WORDINGS: Final[Mapping[str, Wording]] = {
    "who": Wording(
        plain=("it was my _", "then my _ came"),
        chatty=("lol my _ for real",),
        formal=("my _ is noted as party",),
        clauses=("my _ came", "was my _", "with my _", "only my _"),
    ),
    "deed": Wording(
        plain=("they all _ there", "then they _"),
        chatty=("folks _ like mad",),
        formal=("that persons _ is stated",),
        clauses=("they all _", "they just _", "so they _", "and they _"),
    ),
    "lost": Wording(
        plain=("i lost the _", "the _ is gone"),
        chatty=("bye the _ lol",),
        formal=("absent is one _ item",),
        clauses=("lost the _", "the _ gone", "miss the _", "without the _"),
    ),
    "place": Wording(
        plain=("we met in this _", "this _ was it"),
        chatty=("this _ wow",),
        formal=("_ is the location stated",),
        clauses=("in this _", "at this _", "inside this _", "this _ again"),
    ),
    "time": Wording(
        plain=("it was on _", "late on _ then"),
        chatty=("on _ lol wow",),
        formal=("_ is the date observed",),
        clauses=("late on _", "was on _", "on _ night", "on _ then"),
    ),
    "feeling": Wording(
        plain=("i felt _ then", "so i felt _"),
        chatty=("me felt _ lol",),
        formal=("own sentiment _ is noted",),
        clauses=("i felt _", "felt _ then", "still felt _", "so felt _"),
    ),
    "wish": Wording(
        plain=("i want to _", "now i need to _"),
        chatty=("gonna _ for real",),
        formal=("intention to _ is stated",),
        clauses=("want to _", "need to _", "hope to _", "wish to _"),
    ),
    "cost": Wording(
        plain=("it cost _ dollars", "i paid _ dollars"),
        chatty=("_ bucks omg",),
        formal=("a sum of _ is noted",),
        clauses=("cost _ dollars", "paid _ dollars", "just _ dollars", "pay _ dollars"),
    ),
    **{attribute: _unseen(attribute) for attribute in UNSEEN},
}
"""The wording of each attribute."""


@dataclass(frozen=True)
class Passing:
    """Something said in passing: no key fact.

    Attributes:
        sentence: in a post; a slot takes a word in passing.
        clause: what a wordy summary makes of it.
    """

    sentence: str
    clause: str


PASSING: Final = (
    Passing("people talk of _", "talk of _"),
    Passing("the radio said _", "radio said _"),
    Passing("a poster read _", "poster read _"),
    Passing("her book says _", "book says _"),
    Passing("the bus was slow", "bus was slow"),
    Passing("we drank some tea", "we drank tea"),
    Passing("nothing else was new", "nothing was new"),
    Passing("it rained once", "it rained once"),
)
"""What posts say in passing."""

HEDGES: Final = ("well", "basically", "honestly")
"""Words before a clause that say nothing."""
