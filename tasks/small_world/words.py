"""The words of the small world: topics, with the values that facts take there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Values = Mapping[str, tuple[str, ...]]
"""Values by attribute."""


@dataclass(frozen=True)
class Topic:
    """What posts of one kind are about.

    Attributes:
        name: the word that a post begins with.
        values: what each attribute can be there.
        near: values that never stood in that attribute in training, but in another.
    """

    name: str
    values: Values
    near: Values


def _values(**lists: str) -> Values:
    return {attribute: tuple(words.split()) for attribute, words in lists.items()}


_EVERYWHERE: Final = _values(
    deed="lied shouted cheated laughed danced waited fought cried",
    time="monday tuesday wednesday thursday friday saturday sunday march",
    feeling="angry sad happy proud scared ashamed tired guilty",
    wish="leave sleep apologise move study complain rest travel",
    cost="two three five six ten twelve twenty fifty",
)
"""Values that do not depend on the topic."""


def _topic(name: str, who: str, lost: str, place: str) -> Topic:
    own = _values(who=who, lost=lost, place=place)
    near = {"who": own["place"], "lost": own["who"], "place": own["lost"]}
    return Topic(name, {**own, **_EVERYWHERE}, near)


TOPICS: Final = (
    _topic(
        "family",
        who="sister brother mother uncle cousin nephew",
        lost="ring lamp cake photo blanket puzzle",
        place="kitchen garden attic cellar garage porch",
    ),
    _topic(
        "work",
        who="boss clerk intern client lawyer banker",
        lost="laptop badge report printer stapler invoice",
        place="office lobby canteen basement warehouse bank",
    ),
    _topic(
        "school",
        who="teacher pupil coach tutor janitor dean",
        lost="essay pencil trophy uniform notebook ruler",
        place="library gym classroom hall playground lab",
    ),
    _topic(
        "tour",
        who="guide driver tourist pilot waiter porter",
        lost="ticket passport suitcase map camera wallet",
        place="airport hotel station harbour beach museum",
    ),
)
"""The topics."""

UNSEEN: Final = _values(
    weather="stormy foggy windy icy",
    animal="goat wolf otter heron",
    plant="fern moss oak tulip",
    dish="soup curry pie salad",
    language="latin greek welsh dutch",
    game="chess poker golf judo",
)
"""Attributes that are never facts in training, with values that are none either."""

CHATTY: Final = ("lol", "omg", "folks", "bye", "guess", "gonna", "wow", "like", "real", "bucks", "mad", "me", "for")
"""Words of the second register."""

FORMAL: Final = (
    *("as", "party", "noted", "hereby", "stated", "absent", "item", "location", "date", "sentiment", "observed"),
    *("intention", "sum", "hence", "one", "own", "persons", "that"),
)
"""Words of the formal register."""


def passing_words() -> tuple[str, ...]:
    """Return the words that training posts mention in passing: all that is else only met out of distribution."""
    unseen = [word for attribute, values in UNSEEN.items() for word in (attribute, *values)]
    return (*unseen, *CHATTY, *FORMAL)
