"""Choosing metrics: `ead:n=2,distinct` and `my_module:MyMetric` in, metrics out."""

import importlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from ..errors import BadInput
from ..metrics import METRICS, Metric, Profile
from ..naming import nearest
from .registry import find_metric

MODEL_FREE_METRICS: Final[Mapping[Profile, Sequence[str]]] = {
    "corrected": ("distinct", "ead", "length", "duplicates"),
    "as-released": ("distinct", "ead", "cosine_ngram"),
}
"""By profile, what is computed unless told otherwise: nothing that needs a model."""

SELF_DESCRIPTION: Final = ("name", "version", "unit", "range", "direction", "levels", "cost")
"""What a metric's class says about it."""


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
        BadInput: an unknown name, setting or profile, a metric of another profile, or no model's name.
    """
    if profile not in MODEL_FREE_METRICS:
        raise BadInput(f"no profile is called {profile!r}: {nearest(str(profile), MODEL_FREE_METRICS)}")
    found: dict[str, Metric] = {}
    for metric in _metrics([specs] if isinstance(specs, (str, Metric)) else specs, profile):
        try:
            metric = metric.with_models(sbert=sbert_model, nli=nli_model)
        except ValueError as refused:
            raise BadInput(f"metric {metric.name!r}: {refused}") from None
        found[metric.signature] = metric
    return tuple(found.values())


def _metrics(specs: Iterable[str | Metric], profile: Profile) -> Iterable[Metric]:
    for item in specs:
        if isinstance(item, Metric):
            if item.profile != profile:
                raise BadInput(f"metric {item.name!r}: wanted one of the profile {profile}, found {item.profile}")
            yield item
            continue
        named = list(filter(None, map(str.strip, item.split(",")))) if isinstance(item, str) else []
        if not named:
            raise BadInput(f"--metrics: wanted NAME[:SETTING=VALUE...],... or metrics, found {item!r:.80}")
        for spec in named:
            name, _, settings = spec.partition(":")
            yield find_metric(name, profile).from_settings(settings)


def load_metric(spec: str) -> Metric:
    """Return the metric that `MODULE:CLASS[:SETTING=VALUE...]` names; modules are looked for in this folder too.

    Raises:
        BadInput: there is no such module or class, or it is no metric.
    """
    module_name, _, rest = spec.partition(":")
    class_name, _, settings = rest.partition(":")
    if not (class_name and all(map(str.isidentifier, module_name.split("."))) and not module_name.endswith(".py")):
        raise BadInput(
            f"--metric takes MODULE:CLASS[:SETTING=VALUE...], such as my_module:MyMetric, found {spec!r};"
            " bundled metrics are named in --metrics"
        )
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        kind = getattr(importlib.import_module(module_name), class_name)
    except ModuleNotFoundError as missing:
        raise BadInput(f"--metric {spec}: no module {missing.name!r} here ({here}) or among the installed") from missing
    except AttributeError as missing:
        raise BadInput(f"--metric {spec}: {module_name} has no {class_name!r}") from missing
    except (Exception, SystemExit) as broken:  # whatever a module does when it is imported
        raise BadInput(
            f"--metric {spec}: {module_name} cannot be imported ({type(broken).__name__}: {broken})"
        ) from broken
    finally:
        sys.path.remove(here)
    if not (isinstance(kind, type) and issubclass(kind, Metric)):
        raise BadInput(f"--metric {spec}: wanted a subclass of gendiv.metrics.Metric, found {kind!r:.80}")
    absent = [name for name in SELF_DESCRIPTION if not hasattr(kind, name)] + sorted(kind.__abstractmethods__)
    if absent:
        raise BadInput(f"--metric {spec}: the class lacks {', '.join(absent)}")
    if kind.name in METRICS:
        raise BadInput(f"--metric {spec}: the name {kind.name!r} belongs to a bundled metric; choose another one")
    return kind.from_settings(settings)
