"""`gendiv.toml`: a baseline, a candidate, and the checks that stand between them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from ...errors import BadInput
from ...naming import nearest
from .check import Check
from .weighing import Terms

Inconclusive: TypeAlias = Literal["fail", "skip", "pass"]
"""What a check that is not decided counts as."""

FILE: Final = "gendiv.toml"


@dataclass(frozen=True)
class Settings:
    """What a gate is asked.

    Attributes:
        candidate: a run folder, or the spec of a model, which is then drawn with the plan of the baseline.
        checks: as read.
        baseline: a run folder; None where no check needs one.
        out: the folder for samples of a candidate that is a spec; under runs/ unless given.
        inconclusive: what a check that is not decided counts as.
        terms: how strict the gate is.
    """

    candidate: str
    checks: tuple[Check, ...]
    baseline: Path | None = None
    out: Path | None = None
    inconclusive: Inconclusive = "fail"
    terms: Terms = field(default_factory=Terms)

    def __post_init__(self) -> None:
        if self.inconclusive not in get_args(Inconclusive):
            wanted = nearest(str(self.inconclusive), get_args(Inconclusive))
            raise BadInput(f"inconclusive: no outcome is called {self.inconclusive!r}: {wanted}")
        if not self.checks:
            raise BadInput(f"no check is named: checks = [...] in {FILE}, or --check")
        if self.baseline is None and (needy := next((one for one in self.checks if one.needs_baseline), None)):
            raise BadInput(f"check '{needy}' is against a baseline, and none is named: baseline = \"RUN\"")


def make_settings(given: Mapping[str, Any], beside: Path, where: str) -> Settings:
    """Return the settings that names and plain values give.

    Args:
        given: candidate, baseline, out, checks, inconclusive, confidence, undefined.
        beside: the folder from which paths are seen.
        where: what messages call the place they stand in.

    Raises:
        BadInput: a name or a value is not usable.
    """
    for name in given:
        if name not in KEYS:
            raise BadInput(f"{where}: no setting is called {name!r}: {nearest(name, KEYS)}")
    for name, value in given.items():
        wanted, kinds = KEYS[name]
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise BadInput(f"{where}: {name}: wanted {wanted}, found {value!r:.60}")
    if "candidate" not in given:
        raise BadInput(f'{where}: no candidate is named: candidate = "RUN or SPEC", or on the command line')
    terms = Terms(**{one.name: float(given[one.name]) for one in fields(Terms) if one.name in given})
    try:
        return Settings(
            candidate=_seen_from(beside, str(given["candidate"])),
            checks=tuple(Check.of(line) for line in given.get("checks", ())),
            baseline=beside / given["baseline"] if "baseline" in given else None,
            out=beside / given["out"] if "out" in given else None,
            inconclusive=given.get("inconclusive", "fail"),
            terms=terms,
        )
    except BadInput as bad:
        raise BadInput(f"{where}: {bad}") from bad


def read_settings(path: Path, override: Mapping[str, Any] | None = None) -> Settings:
    """Read a `gendiv.toml`, whose paths are seen from its own folder.

    Args:
        path: of the file.
        override: settings that replace those of the file, their paths seen from the current folder.

    Raises:
        BadInput: it cannot be read, or holds something that is not usable.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: wanted TOML, found {error}") from error
    return make_settings({**found, **from_here(override or {})}, path.parent, str(path))


def from_here(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings whose paths, seen from the current folder, are seen alike from any other; None is left out."""
    absolute = {name: str(Path(given[name]).absolute()) for name in ("baseline", "out") if given.get(name) is not None}
    candidate = {"candidate": _seen_from(Path.cwd(), str(given["candidate"]))} if given.get("candidate") else {}
    return {**{name: value for name, value in given.items() if value is not None}, **absolute, **candidate}


def is_spec(candidate: str) -> bool:
    """Tell whether a candidate is a model to be drawn from, not a folder.

    >>> is_spec("vllm:org/model"), is_spec("runs/v2")
    (True, False)
    """
    scheme, colon, rest = candidate.partition(":")
    return bool(colon and rest) and scheme.isidentifier() and not Path(candidate).exists()


def _seen_from(folder: Path, candidate: str) -> str:
    return candidate if is_spec(candidate) else str(folder / candidate)


KEYS: Final[Mapping[str, tuple[str, tuple[type, ...]]]] = {
    "candidate": ("a run folder or a model spec", (str, Path)),
    "baseline": ("a run folder", (str, Path)),
    "out": ("a folder", (str, Path)),
    "checks": (f"a list of lines such as {'per_input.ead: drop <= 0.03'!r}", (list, tuple)),
    "inconclusive": ("one of " + ", ".join(get_args(Inconclusive)), (str,)),
    "confidence": ("a number between 0.5 and 1", (int, float)),
    "undefined": ("a share from 0 to below 1", (int, float)),
}
