"""Replies: what judges said, on disk, so that no judge is paid twice for the same question.

The file is `judges.sqlite3` in the cache folder, which the environment variable GENDIV_CACHE names. A reply is kept the
moment it comes, under a key over the judge, its chat template, the question as sent, the decoding and the seed; a
killed process loses the requests under way and nothing else. Whoever wants the room back deletes the file.
"""

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Final

from ...cache import cache_folder
from ...errors import StoreFailed

FILE: Final = "judges.sqlite3"
WAIT_SECONDS: Final = 20.0
LOOKUP: Final = 500
"""Keys per query; SQLite takes at least 999 variables."""

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, text TEXT NOT NULL, finish_reason TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, sum INTEGER NOT NULL
)
"""


@dataclass(frozen=True)
class Reply:
    """What a judge said: the text, why it ended, and the tokens that the server counted."""

    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int


def find_replies(keys: Sequence[str]) -> dict[str, Reply]:
    """Return the replies that are kept, by key; a damaged one counts as not kept.

    Raises:
        StoreFailed: the file is not usable.
    """
    found: dict[str, Reply] = {}
    with _open() as file:
        for start in range(0, len(keys), LOOKUP):
            some = keys[start : start + LOOKUP]
            # The marks are question marks; the keys travel as parameters.
            query = f"SELECT * FROM replies WHERE key IN ({','.join('?' * len(some))})"  # noqa: S608
            for key, *parts, check in file.execute(query, some):
                reply = Reply(*parts)
                if check == _check(key, reply):
                    found[key] = reply
    return found


def keep_reply(key: str, reply: Reply) -> None:
    """Keep one reply.

    Raises:
        StoreFailed: the file is not usable.
    """
    row = (key, reply.text, reply.finish_reason, reply.prompt_tokens, reply.completion_tokens, _check(key, reply))
    with _open() as file:
        file.execute("INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?, ?)", row)


def _check(key: str, reply: Reply) -> int:
    """Return what tells a damaged row from a sound one, which SQLite does not."""
    return zlib.crc32(f"{key}:{reply!r}".encode("utf-8", "surrogatepass"))


@contextmanager
def _open() -> Iterator[sqlite3.Connection]:
    """Open the file for a moment; every statement is a transaction of its own.

    The rollback journal stays: SQLite's write-ahead log needs shared memory, which network file systems lack.
    """
    path = cache_folder() / FILE
    try:
        with closing(sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)) as file:
            file.execute(_TABLE)
            yield file
    except (sqlite3.Error, OSError) as failure:
        raise StoreFailed(
            f"cannot keep replies in {path} ({failure}); make room, delete the file if it is damaged, or name another "
            "folder in GENDIV_CACHE"
        ) from failure
