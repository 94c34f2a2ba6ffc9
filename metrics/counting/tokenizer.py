r"""Tokeniser: how a text becomes the tokens whose n-grams are counted, as a setting of every n-gram metric.

- `whitespace`: what stands between whitespace (`str.split`). Case and punctuation count, and nothing is normalised. A
  script written without spaces makes long words: use `characters` there.
- `characters`: the characters other than whitespace, each with the combining marks that follow it, so that an accent
  or a vowel sign written as a code point of its own is no token. Joiners are characters: a family emoji is several.
- `words`: runs of letters, digits, underscores, combining marks and the two joiners, case-folded: punctuation and case
  say nothing, emoji neither. (Python's regular expressions leave marks and joiners out of `\w` and would cut Hindi
  words at their vowels and Persian ones at their joints.) An apostrophe or hyphen parts words.
- `as-released`: the published code's: full stops and newlines are deleted (the words around a newline fuse), and what
  stands between single spaces is a word; other whitespace is part of it.
- anything else: the hub id or the folder of a model, whose own tokeniser is loaded with transformers; special tokens
  are left out and nothing is cut off. (A folder named like one of the above is `./words`.)
"""

import unicodedata
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ...errors import NotInstalled
from ..models.loading import load_tokenizer, loading
from ..texts import well_formed

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

WHITESPACE: Final = "whitespace"
AS_RELEASED: Final = "as-released"
BATCH: Final = 256


def tokenize(pool: Sequence[str], tokenizer: str) -> Iterator[Sequence[Hashable]]:
    """Yield the tokens of each text: strings, or the integers of a model's tokeniser."""
    split = SPLITTERS.get(tokenizer)
    return map(split, pool) if split else _tokenize_by_model(pool, tokenizer)


def pieces(tokenizer: str) -> str:
    """Return what to call the tokens in a sentence."""
    return {"characters": "characters"}.get(tokenizer, "words" if tokenizer in SPLITTERS else "tokens")


def check_tokenizer_name(tokenizer: str) -> None:
    """Refuse what cannot name a tokeniser."""
    if not isinstance(tokenizer, str) or not tokenizer.strip():
        raise ValueError(f"tokenizer: wanted {', '.join(SPLITTERS)}, a local folder or a hub id, found {tokenizer!r}")


def check_tokenizer(tokenizer: str) -> None:
    """Raise `NotInstalled` or `BadInput` if a tokeniser cannot be used."""
    if tokenizer not in SPLITTERS:
        _load(tokenizer)


def split_characters(text: str) -> list[str]:
    r"""Split into characters with their combining marks, leaving whitespace out.

    >>> [len(character) for character in split_characters("e\u0301t\u00e9 \u4f60\u597d")]
    [2, 1, 1, 1, 1]
    """
    characters = list("".join(text.split()))
    marks = {character for character in set(characters) if _is_mark(character)}
    if not marks:
        return characters
    whole: list[str] = []
    for word in text.split():
        start = 0
        for end in range(1, len(word) + 1):
            if end == len(word) or word[end] not in marks:
                whole.append(word[start:end])
                start = end
    return whole


def split_words(text: str) -> list[str]:
    """Split into case-folded runs of letters, digits, underscores, marks and joiners that hold one of the first three.

    >>> split_words("Don't PANIC, 42 times!")
    ['don', 't', 'panic', '42', 'times']
    """
    runs = text.casefold().translate(_PARTS_OF_WORDS).split()
    return runs if text.isascii() else [run for run in runs if any(map(_is_of_words, run))]


def split_as_released(text: str) -> list[str]:
    r"""Split as the published code does.

    >>> split_as_released("a b.\nc  d\te")
    ['a', 'bc', 'd\te']
    """
    return [word for word in text.replace(".", "").replace("\n", "").split(" ") if word]


SPLITTERS: Final[Mapping[str, Callable[[str], list[str]]]] = MappingProxyType(
    {
        WHITESPACE: str.split,
        "characters": split_characters,
        "words": split_words,
        AS_RELEASED: split_as_released,
    }
)


class _PartsOfWords(dict[int, int | str]):
    """A table for `str.translate` that turns all but the parts of words into spaces, filled as characters occur."""

    def __missing__(self, code: int) -> int | str:
        character = chr(code)
        self[code] = code if _is_of_words(character) or _is_mark(character) or character in "\u200c\u200d" else " "
        return self[code]


_PARTS_OF_WORDS: Final = _PartsOfWords()


def _is_of_words(character: str) -> bool:
    return character.isalnum() or character == "_"


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _tokenize_by_model(pool: Sequence[str], tokenizer: str) -> Iterator[Sequence[Hashable]]:
    encode = _load(tokenizer)
    for start in range(0, len(pool), BATCH):
        clean = list(map(well_formed, pool[start : start + BATCH]))
        yield from encode(clean, add_special_tokens=False, truncation=False, verbose=False)["input_ids"]


@lru_cache(maxsize=4)
def _load(tokenizer: str) -> "PreTrainedTokenizerBase":
    try:
        import transformers  # noqa: F401  asked for by its absence
    except ImportError as missing:
        raise NotInstalled(
            f"tokenizer {tokenizer!r}: a model's tokeniser needs the package transformers ({missing}); "
            f"run: pip install 'gendiv[hf]', or take one of {', '.join(SPLITTERS)}"
        ) from missing
    way_out = f"name {', '.join(SPLITTERS)}, a local folder of a model or a cached hub id"
    with loading("tokenizer", tokenizer, way_out) as local:
        return load_tokenizer(tokenizer, local)
