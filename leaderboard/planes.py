"""Planes: quality against diversity, a point for each run, from the scores that runs have."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..benchmark.contenders import Contender
from ..benchmark.generalisation.gaps import metric_class
from ..benchmark.record import Result
from ..benchmark.registry import find_metric
from ..benchmark.signatures import Signature
from ..errors import BadInput
from ..metrics import Direction

DIVERSITIES: tuple[Direction, ...] = ("higher_is_more_diverse", "lower_is_more_diverse")
QUALITIES: tuple[Direction, ...] = ("higher_is_better",)

WAYS = "gendiv judge reference RUN --judge SPEC, gendiv reward RUN --reward SPEC, gendiv score RUN --metrics rouge"


@dataclass(frozen=True)
class Plane:
    """One split: a point for each run that has both scores, of one signature apart from the sampler.

    Attributes:
        split: TASK/SPLIT.
        x: the diversity metric with its settings.
        y: the quality metric.
        points: for each contender its diversity and quality.
    """

    split: str
    x: str
    y: str
    points: tuple[tuple[Result, Result] | None, ...]

    def to_json(self, contenders: Sequence[Contender]) -> dict[str, object]:
        """Return the plane as a JSON value."""
        found = [(one.letter, point) for one, point in zip(contenders, self.points, strict=True) if point]
        return {
            "split": self.split,
            "diversity": self.x,
            "quality": self.y,
            "points": [
                {"run": letter, "diversity": _ends(point[0]), "quality": _ends(point[1])} for letter, point in found
            ],
        }


def draw_planes(
    contenders: Sequence[Contender], diversity: str = "ead", quality: str | None = None
) -> tuple[list[Plane], str | None]:
    """Return a plane for each split on which the first run and another one have both scores, or why there is none.

    Args:
        contenders: the first, and those it is compared with.
        diversity: per input; a metric's name, or with the settings of its signature.
        quality: the same; the first that the scores of the first run hold unless told.

    Raises:
        BadInput: no metric is called so, it is of another kind, or a quality that was asked for has no scores.
    """
    _check("--diversity", diversity, DIVERSITIES)
    if quality is not None:
        _check("--quality", quality, QUALITIES)
    names = [diversity], [quality] if quality is not None else list(_qualities(contenders[0]))
    for good in names[1]:
        if found := _planes(contenders, diversity, good):
            return found, None
    reason = _missing(contenders[0], diversity) or (
        f"no other run has scores of {diversity} per input and of {quality or 'a quality metric'}, alike in signature, "
        f"on a split on which A has both; these give scores of quality: {WAYS}"
    )
    if quality is not None:
        raise BadInput(f"--quality {quality}: {reason}")
    return [], f"no picture of quality and diversity: {reason}"


def _missing(first: Contender, diversity: str) -> str | None:
    """Say what the first lacks of a diversity metric's scores, or return None."""
    if first.run is None:
        return f"A ({first.name}) is no scored run"
    if any(_score(first, split.name, diversity) for split in first.run.record.splits):
        return None
    return f"A has no scores of {diversity} per input: gendiv score {first.name} --metrics {diversity}"


def _check(option: str, name: str, directions: Sequence[Direction]) -> None:
    metric = find_metric(name.partition(":")[0])
    if metric.direction not in directions or "per_input" not in metric.levels:
        kind = "quality" if directions is QUALITIES else "diversity per input"
        raise BadInput(f"{option}: {metric.name} is no metric of {kind} (gendiv metrics lists them)")


def _qualities(first: Contender) -> Iterable[str]:
    """Return the quality metrics of a run's scores, with their settings, in the order in which they stand there."""
    results = first.run.scores.results if first.run else ()
    found = dict.fromkeys((result.metric, Signature.of(result.signature).metric) for result in results)
    for name, text in found:
        kind = metric_class(name)
        if kind is not None and kind.direction in QUALITIES:
            yield text


def _planes(contenders: Sequence[Contender], diversity: str, quality: str) -> list[Plane]:
    first = contenders[0].run
    found = []
    for split in dict.fromkeys(result.split for result in (first.scores.results if first else ()) if result.split):
        across = [_score(one, split, diversity) for one in contenders]
        up = [_score(one, split, quality) for one in contenders]
        if across[0] is None or up[0] is None:
            continue
        points = [
            (one, two) if one and two and _alike(one, across[0]) and _alike(two, up[0]) else None
            for one, two in zip(across, up, strict=True)
        ]
        if sum(point is not None for point in points) >= 2:
            x, y = (Signature.of(result.signature).metric for result in (across[0], up[0]))
            found.append(Plane(split, x, y, tuple(points)))
    return found


def _score(contender: Contender, split: str, name: str) -> Result | None:
    """Return the newest score per input on a split of a metric by name, or with its settings."""
    results = contender.run.scores.results if contender.run else ()
    found = [
        result
        for result in results
        if (result.split, result.level) == (split, "per_input")
        and name in (result.metric, Signature.of(result.signature).metric)
        and result.value is not None
    ]
    return found[-1] if found else None


def _alike(one: Result, two: Result) -> bool:
    """Say whether two scores may stand on one axis: what they may differ in is how the runs were drawn."""
    ours, theirs = (replace(Signature.of(result.signature), sampler="") for result in (one, two))
    return ours == theirs


def _ends(result: Result) -> dict[str, object]:
    return {"value": result.value, "low": result.low, "high": result.high, "signature": result.signature}
