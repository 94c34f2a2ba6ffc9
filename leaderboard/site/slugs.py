"""Names of files and addresses on a site: safe anywhere, different for different things, the same in every build."""

import hashlib
import re
from typing import Final

LONGEST: Final = 80
"""Characters of a name that reach its file's name."""

_PLAIN: Final = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)*")


def identifier(*parts: str) -> str:
    """Return the address of a table or map: what it is of decides it, so that a link stays good from build to build.

    >>> identifier("view", "a/b") == identifier("view", "a/b"), len(identifier("view", "a/b"))
    (True, 12)
    """
    return _hashed(parts, 12)


def slug(name: str) -> str:
    """Return a name for files: the name itself where any file system takes it, else something like it and a hash.

    >>> slug("summarisation/tldr"), slug("ead")
    ('summarisation--tldr', 'ead')
    >>> slug("EAD") != slug("ead"), slug("..").startswith(".")
    (True, False)
    """
    written = name.replace("/", "--")
    plain = _PLAIN.fullmatch(written) is not None and len(written) <= LONGEST
    return written if plain else numbered(name)


def numbered(name: str) -> str:
    """Return a name for files that always ends in a hash of the name: no other thing can take its place.

    >>> numbered("Llama-3/main/mini")
    'llama-3--main--mini-70f523cb'
    """
    like = re.sub(r"[^a-z0-9_-]+", "-", name.replace("/", "--").lower())[:LONGEST].strip("-")
    return f"{like or 'x'}-{_hashed((name,), 8)}"


def _hashed(parts: tuple[str, ...], digits: int) -> str:
    whole = "\0".join(parts).encode("utf-8", "backslashreplace")
    return hashlib.sha256(whole).hexdigest()[:digits]
