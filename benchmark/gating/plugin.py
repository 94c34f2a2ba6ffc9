"""The pytest plugin: each check of a `gendiv.toml`, or of the marker `gendiv`, is a test of its own.

Importing it loads pytest alone; everything else waits until a check is there.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .check import Check
    from .gate import Gate
    from .settings import Settings

MARKER = (
    "gendiv(baseline, candidate, checks, ...): put each check to the candidate, as the fixture gendiv_check; takes the "
    "settings of gendiv.toml, paths seen from the test's file"
)
OPTIONS = {
    "baseline": ("RUN", "run folder that candidates are held against, in place of the one that gendiv.toml names"),
    "candidate": ("RUN_OR_SPEC", "run folder or model spec to be checked, in place of the one that gendiv.toml names"),
    "inconclusive": ("fail|skip|pass", "what a check counts as that more prompts would decide"),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--gendiv-baseline`, `--gendiv-candidate` and `--gendiv-inconclusive`."""
    group = parser.getgroup("gendiv", "regression checks on language models (gendiv)")
    for name, (metavar, help_text) in OPTIONS.items():
        group.addoption(f"--gendiv-{name}", metavar=metavar, help=help_text)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "GateFile | None":
    """Collect a `gendiv.toml`."""
    return GateFile.from_parent(parent, path=file_path) if file_path.name == "gendiv.toml" else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a marked test that asks for `gendiv_check` one call for each check."""
    marker = metafunc.definition.get_closest_marker("gendiv")
    if marker is None or "gendiv_check" not in metafunc.fixturenames:
        return
    from ...errors import GendivError
    from .settings import from_here, make_settings

    where = f"{metafunc.definition.nodeid}, marker gendiv"
    try:
        given = {**marker.kwargs, **from_here(_options(metafunc.config))}
        gate = _gate(make_settings(given, metafunc.definition.path.parent, where))
        checks = gate.checks
    except GendivError as error:
        raise pytest.UsageError(str(error)) from error
    calls = [Asking(gate, check) for check in checks]
    metafunc.parametrize("gendiv_check", calls, ids=[str(check) for check in checks])


@pytest.fixture
def gendiv_check() -> None:
    """Put the check to the candidate; a test has it by the marker `gendiv` alone."""
    pytest.fail(
        "gendiv_check needs the marker: @pytest.mark.gendiv(baseline=..., candidate=..., checks=[...])", pytrace=False
    )


class Asking:
    """A check and the gate it stands at; calling it fails, skips or lets the test pass."""

    def __init__(self, gate: "Gate", check: "Check") -> None:
        self._gate = gate
        self._check = check

    def __call__(self) -> None:
        """Put the check to the candidate."""
        from ...errors import GendivError

        try:
            finding = self._gate.answer(self._check)
        except GendivError as error:
            pytest.fail(str(error), pytrace=False)
        match self._gate.counts_as(finding):
            case "fail":
                pytest.fail(str(finding), pytrace=False)
            case "skip":
                pytest.skip(str(finding))


class GateFile(pytest.File):
    """A `gendiv.toml`."""

    def collect(self) -> Iterable["GateItem"]:
        """Return a test for each check, at each level and on each split it is about."""
        from ...errors import GendivError
        from .settings import read_settings

        try:
            gate = _gate(read_settings(self.path, _options(self.config)))
            checks = gate.checks
        except GendivError as error:
            raise self.CollectError(str(error)) from error
        return [GateItem.from_parent(self, name=str(check), asking=Asking(gate, check)) for check in checks]


class GateItem(pytest.Item):
    """One check."""

    def __init__(self, *, asking: Asking, **rest: Any) -> None:  # noqa: ANN401  pytest's own
        super().__init__(**rest)
        self._asking = asking

    def runtest(self) -> None:
        """Put it."""
        self._asking()

    def reportinfo(self) -> tuple[Path, None, str]:
        """Say what failed; a title that is the name alone would have its dots replaced in verbose reports."""
        return self.path, None, f"gendiv: {self.name}"


def _gate(settings: "Settings") -> "Gate":
    from .gate import Gate

    return Gate(settings)


def _options(config: pytest.Config) -> dict[str, Any]:
    return {name: config.getoption(f"gendiv_{name}") for name in OPTIONS}
