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
        values: what each attribute can be there; a post of the topic states some of these attributes.
    """

    name: str
    values: Values


ROLES: Final = {
    "person": ("who", "told"),
    "thing": ("lost", "bought"),
    "place": ("place", "trip"),
    "act": ("wish", "advice"),
    "time": ("time",),
    "feeling": ("feeling",),
}
"""The attributes that words of one kind can be values of: my boss came, or i told our boss."""

_NEXT_KIND: Final = {"person": "thing", "thing": "place", "place": "person"}
"""Whose words a kind of noun takes near the distribution."""

_EVERYWHERE: Final = {
    "act": "leave sleep apologise move study complain rest travel quit celebrate wait fight",
    "time": "monday tuesday wednesday thursday friday saturday sunday january february march may july",
    "feeling": "angry sad happy proud scared ashamed tired guilty lucky nervous sorry glad",
}

_KNOWN: Final = {
    "family": {
        "person": "sister brother mother uncle cousin nephew",
        "thing": "ring lamp cake photo blanket puzzle",
        "place": "kitchen garden attic cellar garage porch",
    },
    "work": {
        "person": "boss clerk intern client lawyer banker",
        "thing": "laptop badge report printer stapler invoice",
        "place": "office lobby canteen basement warehouse bank",
    },
    "school": {
        "person": "teacher pupil coach tutor janitor dean",
        "thing": "essay pencil trophy uniform notebook ruler",
        "place": "library gym classroom hall playground lab",
    },
    "tour": {
        "person": "guide driver tourist pilot waiter porter",
        "thing": "ticket passport suitcase map camera wallet",
        "place": "airport hotel station harbour beach museum",
    },
}
"""Words of the topics that models are trained on, by kind."""

_UNKNOWN: Final = {
    "nature": {
        "person": "farmer hunter fisher shepherd",
        "thing": "lantern rope basket tent",
        "place": "forest meadow valley lake",
        "time": "april june",
        "feeling": "lonely calm",
        "act": "hike swim",
    },
    "culture": {
        "person": "singer actor painter dancer",
        "thing": "violin drum flute harp",
        "place": "theatre gallery arena castle",
        "time": "august december",
        "feeling": "jealous bored",
        "act": "vote marry",
    },
}
"""Words that are never part of a fact in training, by kind."""

UNSEEN: Final = {
    "nature": {"weather": "stormy foggy windy icy", "animal": "goat wolf otter heron", "plant": "fern moss oak tulip"},
    "culture": {"dish": "soup curry pie salad", "language": "latin greek welsh dutch", "game": "chess poker golf judo"},
}
"""Attributes that are never facts in training, with their values."""


def _known(name: str) -> Topic:
    words = {kind: tuple(listed.split()) for kind, listed in (_KNOWN[name] | _EVERYWHERE).items()}
    return Topic(name, {role: words[kind] for kind, roles in ROLES.items() for role in roles})


def _rotated(name: str) -> Topic:
    """Return a topic whose persons are things, whose things are places, and whose places are persons."""
    taken = {kind: tuple(_KNOWN[name][other].split()) for kind, other in _NEXT_KIND.items()}
    return Topic(name, {role: words for kind, words in taken.items() for role in ROLES[kind]})


def _unknown(name: str) -> Topic:
    known = {role: tuple(_UNKNOWN[name][kind].split()) for kind, roles in ROLES.items() for role in roles}
    return Topic(name, known | {attribute: tuple(words.split()) for attribute, words in UNSEEN[name].items()})


TOPICS: Final = tuple(map(_known, _KNOWN))
"""The topics that models are trained on."""

NEAR_TOPICS: Final = tuple(map(_rotated, _KNOWN))
"""The same topics with their nouns in roles that they never had in training: somebody lost the uncle."""

FAR_TOPICS: Final = tuple(map(_unknown, _UNKNOWN))
"""Topics whose words are never part of a fact in training, with attributes of their own beside the known ones."""

CHATTY: Final = ("lol", "omg", "folks", "get", "bye", "guess", "gonna", "wow", "like", "real", "me", "for")
"""Words of the second register."""

FORMAL: Final = (
    *("as", "party", "noted", "hereby", "stated", "absent", "item", "location", "date", "accordingly", "sentiment"),
    *("observed", "intention", "recommended", "hence", "one", "own", "informed", "acquired", "destination"),
)
"""Words of the formal register."""


def passing_words() -> tuple[str, ...]:
    """Return the words that training posts mention in passing: all that is else only met out of distribution."""
    found: dict[str, None] = {}
    for topic in FAR_TOPICS:
        found[topic.name] = None
        for words in topic.values.values():
            found.update(dict.fromkeys(words))
        found.update(dict.fromkeys(UNSEEN[topic.name]))
    return (*found, *CHATTY, *FORMAL)
