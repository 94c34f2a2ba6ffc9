"""Similarity of models: how alike the answers of two models to the same prompts are, and a map of all of them.

The similarity of models a and b is the mean over their common prompts of the mean cosine of a sample of a and a sample
of b: S_a . S_b / (K_a K_b), S being the sum of a prompt's unit embeddings. For a model and itself only pairs of
different samples count, (|S|^2 - K) / (K (K - 1)), as in `sbert`: a model is then no more like itself than its own
samples are like each other, and two models that draw alike are as similar to each other as to themselves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...errors import StoreFailed
from ...metrics.texts import FloatArray
from ..submissions.reading import read_sums
from ..submissions.sums import Sums
from .data import short
from .entry import Entry
from .slugs import identifier

PROMPTS: Final = 100
"""Prompts that a map rests on at most: a thousand models then take 300 MB, one split at a time."""

NEAREST: Final = 5
ROUNDING: Final = 1.001
"""How much longer than K vectors of length 1 a sum of them may be."""


Nearest: TypeAlias = dict[int, list[tuple[str, float, list[tuple[Entry, float]]]]]
"""By model: each split, its similarity to itself there, and the models nearest to it, most similar first."""


@dataclass(frozen=True, eq=False)
class SimilarityMap:
    """Models that answered the same prompts.

    Attributes:
        split: TASK/SPLIT.
        key: what tells it from another map of the split: the prompts' content, the encoder.
        entries: the models.
        prompts: how many prompts it rests on.
        similarities: of each to each, (models, models).
        places: in two dimensions, (models, 2).
    """

    split: str
    key: str
    entries: tuple[Entry, ...]
    prompts: int
    similarities: FloatArray
    places: FloatArray

    @property
    def id(self) -> str:
        """Its address."""
        return identifier("map", self.split, self.key)

    def described(self) -> dict[str, object]:
        """Return what the list of maps says of it."""
        return {"id": self.id, "split": self.split, "count": len(self.entries), "prompts": self.prompts}

    def nearest(self, place: int) -> list[tuple[Entry, float]]:
        """Return the models most similar to one of them, most similar first."""
        row = self.similarities[place].copy()
        row[place] = -np.inf
        order = np.argsort(-row, kind="stable")[: min(NEAREST, len(row) - 1)]
        return [(self.entries[other], float(row[other])) for other in order.tolist()]

    def columns(self) -> dict[str, list[object]]:
        """Return its points, column by column."""
        return {
            "model": [entry.index for entry in self.entries],
            "x": [short(x) for x in self.places[:, 0].tolist()],
            "y": [short(y) for y in self.places[:, 1].tolist()],
            "nearest": [
                [[other.index, short(similarity)] for other, similarity in self.nearest(place)]
                for place in range(len(self.entries))
            ],
        }


def maps_of_split(split: str, entries: Iterable[Entry]) -> tuple[list[SimilarityMap], dict[str, str]]:
    """Return the maps of one split, and by model why a model's sums cannot be used."""
    groups: dict[str, list[tuple[Entry, Sums]]] = {}
    unusable: dict[str, str] = {}
    for entry in entries:
        record = entry.splits.get(split)
        if record is None:
            continue
        try:
            sums = read_sums(entry.submission, split)
            if sums is None:
                continue
            _check(sums, split)
        except StoreFailed as error:
            unusable[entry.submission.name] = str(error)
            continue
        key = f"{record.content}|{sums.encoder}|{sums.sums.shape[1]}"
        groups.setdefault(key, []).append((entry, _first(sums)))
    found = [_map(split, key, members) for key, members in groups.items()]
    return sorted((one for one in found if one), key=lambda one: -len(one.entries)), unusable


def similarities(sums: Sequence[Sums], prompts: Sequence[str]) -> FloatArray:
    """Return the similarity of each model to each over these prompts; any two must have one in common.

    A model with a single sample a prompt has no similarity to itself: NaN.
    """
    width = sums[0].sums.shape[1]
    means = np.zeros((len(sums), len(prompts), width), dtype=np.float32)
    there = np.zeros((len(sums), len(prompts)), dtype=np.float32)
    own = np.full(len(sums), np.nan)
    places = {prompt: place for place, prompt in enumerate(prompts)}
    for model, one in enumerate(sums):
        rows = [row for row, prompt in enumerate(one.prompts) if prompt in places]
        at = [places[one.prompts[row]] for row in rows]
        counts = one.counts[rows].astype(np.float64)
        means[model, at] = one.sums[rows] / counts[:, None]
        there[model, at] = 1.0
        several = counts > 1
        if several.any():
            squares = np.square(one.sums[rows][several].astype(np.float64)).sum(axis=1)
            own[model] = ((squares - counts[several]) / (counts[several] * (counts[several] - 1))).mean()
    flat = means.reshape(len(sums), -1)
    found: FloatArray = (flat @ flat.T).astype(np.float64) / (there @ there.T)
    np.fill_diagonal(found, own)
    return found


def scaled(similarities: FloatArray) -> FloatArray:
    """Return places in two dimensions whose distances are like those of the models: classical scaling.

    The squared distance of two models is s_aa + s_bb - 2 s_ab, nothing where they draw alike. The sign of each
    dimension is chosen so that the place farthest out is positive, since every build must give the same map.
    """
    centred = similarities - similarities.mean(axis=0)
    centred = centred - centred.mean(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh((centred + centred.T) / 2)
    dimensions = min(2, len(values))
    found = np.zeros((len(values), 2))
    found[:, :dimensions] = (vectors * np.sqrt(values.clip(0)))[:, ::-1][:, :dimensions]
    farthest = found[np.abs(found).argmax(axis=0), [0, 1]]
    return np.asarray(found * np.where(farthest < 0, -1.0, 1.0))


def _map(split: str, key: str, members: Sequence[tuple[Entry, Sums]]) -> SimilarityMap | None:
    """Return the map of models that answered the same prompts, or None where fewer than two can be on it."""
    answered: dict[str, int] = {}
    for _, sums in members:
        for prompt in sums.prompts:
            answered[prompt] = answered.get(prompt, 0) + 1
    prompts = sorted(answered, key=lambda prompt: (-answered[prompt], prompt))[:PROMPTS]
    wanted = set(prompts)
    # Two that have more than half of the prompts each have one in common.
    kept = [
        (entry, sums)
        for entry, sums in members
        if 2 * len(wanted & set(sums.prompts)) > len(prompts) and (sums.counts > 1).any()
    ]
    if len(kept) < 2:
        return None
    found = similarities([sums for _, sums in kept], prompts)
    sure: list[bool] = np.isfinite(np.diagonal(found)).tolist()
    kept = [member for member, good in zip(kept, sure, strict=True) if good]
    if len(kept) < 2:
        return None
    found = found[sure][:, sure]
    return SimilarityMap(
        split=split,
        key=key,
        entries=tuple(entry for entry, _ in kept),
        prompts=len(prompts),
        similarities=found,
        places=scaled(found),
    )


def _first(sums: Sums) -> Sums:
    """Return the sums of the first prompts by id, of which all models of a split have much the same."""
    order = sorted(range(len(sums.prompts)), key=sums.prompts.__getitem__)[:PROMPTS]
    kept: NDArray[np.float32] = sums.sums[order]
    return Sums(tuple(sums.prompts[row] for row in order), sums.counts[order], kept, sums.encoder)


def _check(sums: Sums, split: str) -> None:
    """Refuse sums that no unit vectors add up to.

    Raises:
        StoreFailed: with the reason.
    """
    if len(set(sums.prompts)) < len(sums.prompts):
        raise StoreFailed(f"sums/{split}.parquet: a prompt stands there twice")
    if not len(sums.prompts) or (sums.counts < 1).any():
        raise StoreFailed(f"sums/{split}.parquet: wanted prompts with at least one sample each")
    lengths = np.linalg.norm(sums.sums.astype(np.float64), axis=1)
    if (lengths > ROUNDING * sums.counts).any():
        raise StoreFailed(f"sums/{split}.parquet: a sum is longer than its samples' unit vectors together")


def nearest_by_entry(maps: Sequence[SimilarityMap]) -> Nearest:
    """Return the models nearest to each."""
    found: Nearest = {}
    for one in maps:
        for place, entry in enumerate(one.entries):
            alone = float(one.similarities[place, place])
            found.setdefault(entry.index, []).append((one.split, alone, one.nearest(place)))
    return found
