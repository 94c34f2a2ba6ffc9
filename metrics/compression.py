"""Compression: how much smaller the texts get when compressed together."""

import math
import zlib
from dataclasses import dataclass
from typing import ClassVar, Final

from .metric import Cost, Direction, Level, Metric, Undefined
from .texts import IntArray, Texts

LEVEL: Final = 9
GZIP: Final = 31  # a window of 2^15 bytes, with gzip's header and checksum


@dataclass(frozen=True)
class Compression(Metric):
    """Compression ratio: bytes of the texts over bytes of the same, compressed by gzip.

    The texts, in UTF-8, are sorted and joined by newlines, so that the order in which they were drawn does not matter;
    the newlines count on both sides, and so do the 18 bytes of gzip's header and checksum: the compressed size is
    about what `sort texts | gzip -9 | wc -c` counts, in the C locale and for texts of one line.

    Source: Shaib et al. (2024), "Standardizing the Measurement of Text Diversity: A Tool and a Comparative Analysis of
    Scores", which join by spaces, in the order given.
    Range: above 0 (short texts come out longer) to about 1032, the most DEFLATE can do.
    Unit: bytes per byte.
    Direction: lower is more diverse.
    Undefined: when the texts have no bytes: no samples, or only empty ones.
    Edge cases: a single text has a value, how repetitive it is within itself. A lone surrogate, which has no UTF-8
    form, counts as the three bytes it would take. Level 9 of zlib is fixed, but other compressors behind the same
    interface (zlib-ng, which some builds of Python use) find other matches, so that the value moves by some per cent.
    Do not use: for more than a few hundred short texts: gzip looks back no further than 32 KiB, so that what is said
    again after more than that is not seen, and only the sorting brings it near. Nor to compare sets of different
    size or length: more text compresses better, and in a small set the 18 bytes of the header weigh.

    Four letters and the newline between come out longer, being wrapped in gzip's 18 bytes:

    >>> from gendiv.metrics import Texts
    >>> from gendiv.metrics.compression import Compression
    >>> texts = Texts.of([["ab", "cd"]])
    >>> Compression().value(texts, texts.groups[0])  # 5 / (18 + 7)
    0.2
    """

    name: ClassVar[str] = "compression"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "bytes per byte"
    range: ClassVar[tuple[float, float]] = (0.0, math.inf)
    direction: ClassVar[Direction] = "lower_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input", "across_input")
    cost: ClassVar[Cost] = "cpu"

    def value(self, texts: Texts, members: IntArray) -> float:
        """Return the value of one set."""
        lines = sorted(texts.pool[member].encode("utf-8", "surrogatepass") for member in members.tolist())
        if not any(lines):
            raise Undefined("the texts of the set have no bytes")
        raw = b"\n".join(lines)
        return len(raw) / len(zlib.compress(raw, level=LEVEL, wbits=GZIP))
