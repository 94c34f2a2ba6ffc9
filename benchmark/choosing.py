"""Choosing metrics: `ead:n=2,distinct` and `my_module:MyMetric` in, metrics out."""

import importlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from ..errors import BadInput
from ..metrics import METRICS, Metric, Profile
from .registry import find_metric

MODEL_FREE_METRICS: Final[Mapping[Profile, Sequence[str]]] = {
    "corrected": ("distinct", "ead", "length", "duplicates"),
    "as-released": ("distinct", "ead", "cosine_ngram"),
}
"""By profile, what is computed unless told otherwise: nothing that needs a model."""


def choose_metrics(
    specs: Iterable[str | Metric],
    *,
    profile: Profile = "corrected",
    sbert_model: str | None = None,
    nli_model: str | None = None,
) -> tuple[Metric, ...]:
    """Return the metrics that `--metrics NAME[:SETTING=VALUE...],...` names, each once.

    Args:
        specs: metrics, or specs that may hold several of them, separated by commas.
        profile: "as-released" takes the forms that repeat the arithmetic of the published code.
        sbert_model: replaces the sentence encoder of every metric that has one.
        nli_model: replaces the NLI model of every metric that has one.

    Raises:
        BadInput: an unknown name, setting or profile.
    """
    found: dict[str, Metric] = {}
    for metric in _metrics(specs, profile):
        metric = metric.with_models(sbert=sbert_model, nli=nli_model)
        found[metric.signature] = metric
    return tuple(found.values())


def _metrics(specs: Iterable[str | Metric], profile: Profile) -> Iterable[Metric]:
    for item in specs:
        if isinstance(item, Metric):
            yield item
            continue
        for spec in filter(None, map(str.strip, item.split(","))):
            name, _, settings = spec.partition(":")
            yield find_metric(name, profile).from_settings(settings)


def load_metric(spec: str) -> Metric:
    """Return the metric that `MODULE:CLASS[:SETTING=VALUE...]` names; modules are looked for in this folder too.

    Raises:
        BadInput: there is no such module or class, or it is no metric.
    """
    module_name, _, rest = spec.partition(":")
    class_name, _, settings = rest.partition(":")
    if not (module_name and class_name):
        raise BadInput(f"--metric takes MODULE:CLASS[:SETTING=VALUE...], found {spec!r}")
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        kind = getattr(importlib.import_module(module_name), class_name)
    except ModuleNotFoundError as missing:
        raise BadInput(f"--metric {spec}: no module {missing.name!r} here ({here}) or among the installed") from missing
    except AttributeError as missing:
        raise BadInput(f"--metric {spec}: {module_name} has no {class_name!r}") from missing
    except (ImportError, SyntaxError) as broken:
        raise BadInput(f"--metric {spec}: {module_name} cannot be imported ({broken})") from broken
    finally:
        sys.path.remove(here)
    if not (isinstance(kind, type) and issubclass(kind, Metric)):
        raise BadInput(f"--metric {spec}: wanted a subclass of gendiv.metrics.Metric, found {kind!r:.80}")
    if kind.name in METRICS:
        raise BadInput(f"--metric {spec}: the name {kind.name!r} belongs to a bundled metric; choose another one")
    return kind.from_settings(settings)
