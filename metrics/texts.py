"""Texts: a pool of distinct texts, the groups drawn from it, and what was derived from the pool."""

import hashlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

IntArray: TypeAlias = NDArray[np.intp]
FloatArray: TypeAlias = NDArray[np.float64]

Derived = TypeVar("Derived")


@dataclass(frozen=True, eq=False)
class Texts:
    """A pool of distinct texts, and groups of indices into it.

    A text that occurs many times is stored, tokenised and embedded once; its repeats live on in the groups, where they
    count. `pool[groups[g][i]]` is the i-th text of the g-th group, and any other selection of indices is as good a set.

    >>> texts = Texts.of([["yes", "no", "yes"], ["no"]])
    >>> texts.pool
    ('yes', 'no')
    >>> [group.tolist() for group in texts.groups]
    [[0, 1, 0], [1]]
    """

    pool: tuple[str, ...]
    groups: tuple[IntArray, ...]
    _views: dict[Hashable, object] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, groups: Iterable[Sequence[str]]) -> "Texts":
        """Pool the texts of the groups, in the order in which they first occur."""
        index: dict[str, int] = {}
        members: list[IntArray] = []
        for group in groups:
            if isinstance(group, str):
                raise TypeError(
                    f"Texts.of: wanted groups of texts, found the bare text {group[:40]!r}; wrap it in a list"
                )
            members.append(np.array([index.setdefault(text, len(index)) for text in group], dtype=np.intp))
        return cls(pool=tuple(index), groups=tuple(members))

    def view(self, key: Hashable, compute: Callable[[tuple[str, ...]], Derived]) -> Derived:
        """Return what `compute` makes of the pool: computed at the first call with this key, remembered from then on.

        Metrics that name the same key share the work. Whoever calls first decides, so a caller that already has the
        embeddings (or a test that wants its own) puts them in by asking for the view before the metric does.
        """
        if key not in self._views:
            self._views[key] = compute(self.pool)
        return cast(Derived, self._views[key])


def well_formed(text: str) -> str:
    """Return the text with U+FFFD for lone surrogates, which have no UTF-8 form, so that no tokeniser takes them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def text_hash(parts: Iterable[str], root: bytes = b"", size: int = 32) -> bytes:
    """Hash texts, each behind its length, so that no two lists of texts run together to the same bytes."""
    state = hashlib.blake2b(key=root, digest_size=size)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        state.update(len(data).to_bytes(8, "little") + data)
    return state.digest()
