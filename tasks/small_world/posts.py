"""Posts of the small world: a scene in words, and the scene's facts read back from them."""

from functools import lru_cache
from typing import Final

from .dice import Dice
from .patterns import Patterns
from .scenes import Scene
from .wording import PASSING, SLOT, WORDINGS, Passing
from .words import TOPICS, passing_words

CUE: Final = "TL;DR:"
"""The word that ends a prompt."""

_PASSING_WORDS: Final = passing_words()

NAMES: Final = frozenset(topic.name for topic in TOPICS)
"""The words that posts begin with."""

SENTENCES: Final = Patterns(
    {
        sentence: attribute
        for attribute, wording in WORDINGS.items()
        for sentence in (*wording.plain, *wording.chatty, *wording.formal)
    }
    | {passing.sentence: None for passing in PASSING}
)
"""What a sentence of a post states: the attribute, or None for what is said in passing."""


def word_post(scene: Scene, dice: Dice) -> tuple[str, list[Passing]]:
    """Return a scene as a post, and what the post says in passing, with the words that it took.

    >>> scene = Scene("family", {"who": "sister", "place": "attic"}, {}, 0, ("plain", "plain"))
    >>> word_post(scene, Dice("a"))[0]
    'family : it was my sister . we met in this attic . TL;DR:'
    """
    stated = [
        dice.one(WORDINGS[attribute].sentences(register)).replace(SLOT, value)
        for (attribute, value), register in zip(scene.facts.items(), scene.registers, strict=True)
    ]
    passing = [_said(one, dice) for one in dice.some(PASSING, scene.passing)]
    sentences = stated
    for one in passing:
        place = dice.below(len(sentences) + 1)
        sentences = [*sentences[:place], one.sentence, *sentences[place:]]
    return " ".join([scene.topic, ":", *(f"{sentence} ." for sentence in sentences), CUE]), passing


def _said(passing: Passing, dice: Dice) -> Passing:
    if SLOT not in passing.sentence:
        return passing
    word = dice.one(_PASSING_WORDS)
    return Passing(passing.sentence.replace(SLOT, word), passing.clause.replace(SLOT, word))


@lru_cache(maxsize=4096)
def facts_of(prompt: str) -> tuple[tuple[str, str], ...]:
    """Return the key facts of a post in the order in which it states them.

    >>> facts_of("family : we met in this attic . nothing else was new . then my sister came . TL;DR:")
    (('place', 'attic'), ('who', 'sister'))

    Raises:
        ValueError: the text is no post of the small world; with what is wrong.
    """
    words = prompt.split()
    if not NAMES.intersection(words[:1]) or words[1:2] != [":"] or words[-2:] != [".", CUE]:
        raise ValueError(f"wanted a post of the small world, TOPIC : SENTENCES . {CUE}, found {prompt!r:.60}")
    facts: dict[str, str] = {}
    for sentence in " ".join(words[2:-2]).split(" . "):
        found = SENTENCES.read(sentence)
        if found is None:
            raise ValueError(f"no post of the small world says {sentence!r:.60}")
        attribute, value = found
        if attribute is not None and facts.setdefault(attribute, value) != value:
            raise ValueError(f"the post says two things of its {attribute}: {facts[attribute]} and {value}")
    if not facts:
        raise ValueError("the post states no key fact")
    return tuple(facts.items())
