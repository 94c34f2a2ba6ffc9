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
        plain=(f"there was {attribute} {SLOT} too", f"we met {attribute} {SLOT} again"),
        chatty=(),
        formal=(),
        clauses=(
            f"met {attribute} {SLOT}",
            f"{attribute} {SLOT} again",
            f"was {attribute} {SLOT}",
            f"{attribute} {SLOT} too",
        ),
    )


WORDINGS: Final[Mapping[str, Wording]] = {
    "who": Wording(
        plain=("then my _ came by", "it was my _ again"),
        chatty=("lol my _ for real",),
        formal=("my _ is noted as party",),
        clauses=("my _ came", "my _ again", "with my _", "then my _"),
    ),
    "told": Wording(
        plain=("i told our _ all", "now our _ knows it"),
        chatty=("guess our _ knows lol",),
        formal=("informed hence is our _",),
        clauses=("told our _", "our _ knows", "now our _", "our _ heard"),
    ),
    "lost": Wording(
        plain=("i lost the _ there", "and the _ is gone"),
        chatty=("bye the _ lol",),
        formal=("absent is one _ item",),
        clauses=("lost the _", "without the _", "the _ gone", "miss the _"),
    ),
    "bought": Wording(
        plain=("i bought a _ there", "so a _ is mine"),
        chatty=("omg a _ for me",),
        formal=("acquired was one _ item",),
        clauses=("bought a _", "a _ too", "got a _", "have a _"),
    ),
    "place": Wording(
        plain=("we met in this _", "it began in this _"),
        chatty=("this _ wow",),
        formal=("as location this _ is stated",),
        clauses=("in this _", "at this _", "inside this _", "this _ again"),
    ),
    "trip": Wording(
        plain=("i go to that _ next", "then off to that _"),
        chatty=("gonna see that _ lol",),
        formal=("_ is the destination noted",),
        clauses=("to that _", "then that _", "that _ next", "see that _"),
    ),
    "time": Wording(
        plain=("it was late on _", "i think on _ then"),
        chatty=("on _ lol like wow",),
        formal=("_ is the date observed",),
        clauses=("late on _", "was on _", "on _ night", "on _ then"),
    ),
    "feeling": Wording(
        plain=("so i felt _ then", "i felt _ about it"),
        chatty=("me felt _ lol",),
        formal=("own sentiment _ is noted",),
        clauses=("i felt _", "felt _ then", "still felt _", "so felt _"),
    ),
    "wish": Wording(
        plain=("i want to _ soon", "now i need to _"),
        chatty=("gonna get to _ like real",),
        formal=("intention to _ is stated",),
        clauses=("want to _", "need to _", "hope to _", "just to _"),
    ),
    "advice": Wording(
        plain=("they say i should _", "maybe i should _ first"),
        chatty=("folks like should _ omg",),
        formal=("_ is hereby recommended accordingly",),
        clauses=("i should _", "still should _", "maybe should _", "should _ first"),
    ),
    **{attribute: _unseen(attribute) for attributes in UNSEEN.values() for attribute in attributes},
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
    Passing("people talk of _ here", "talk of _"),
    Passing("the radio said _ twice", "radio said _"),
    Passing("a poster read _ too", "poster read _"),
    Passing("her book says _ often", "book says _"),
    Passing("the bus was very slow", "bus was slow"),
    Passing("we drank some old tea", "we drank tea"),
    Passing("nothing else was new", "nothing was new"),
    Passing("it rained a bit for once", "it rained once"),
)
"""What posts say in passing."""

HEDGES: Final = ("well", "basically", "honestly")
"""Words before a clause that say nothing."""
