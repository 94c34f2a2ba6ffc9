"""Names of results for other tools and places, which know one flat name for each number."""

from collections.abc import Sequence
from dataclasses import fields

from ..metrics import Level, Metric
from ..metrics.notation import write_settings


def result_name(metric: Metric, level: Level, among: Sequence[Metric]) -> str:
    """Return metric and level, and the settings in which metrics of one name differ.

    >>> from gendiv.metrics import EAD
    >>> result_name(EAD(), "per_input", [EAD()])
    'ead_per_input'
    >>> result_name(EAD(n=(2,)), "per_input", [EAD(), EAD(n=(2,))])
    'ead_per_input:n=2'
    """
    others = [other for other in among if other.name == metric.name]
    settings = {field.name: getattr(metric, field.name) for field in fields(metric)}
    differing = {
        name: value for name, value in settings.items() if any(getattr(other, name) != value for other in others)
    }
    return ":".join(filter(None, [f"{metric.name}_{level}", write_settings(differing)]))
