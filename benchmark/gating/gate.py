"""The gate: settings in, the checks one by one, and a finding for each."""

from functools import cached_property
from pathlib import Path

from ..progress import Progress
from ..record import read_run
from ..sources.source import Source
from .candidate import candidate_folder
from .check import Check
from .evidence import Evidence
from .finding import Finding
from .settings import Settings
from .weighing import answer, spread


class Gate:
    """Two runs and the checks between them; a candidate that is a model is drawn from when the first check asks.

    Args:
        settings: what is asked.
        source: the candidate's model, where it is not to be opened by its spec.
        progress: told how the drawing goes.
    """

    def __init__(self, settings: Settings, source: Source | None = None, progress: Progress | None = None) -> None:
        self.settings = settings
        self._source = source
        self._progress = progress

    @cached_property
    def checks(self) -> list[Check]:
        """The checks at every level and on every split that they are about.

        Raises:
            BadInput: a metric, a level or a split is not there.
            StoreFailed: the run folder that says which splits there are cannot be read.
        """
        return spread(self.settings.checks, read_run(self.settings.baseline or self._folder))

    def answer(self, check: Check) -> Finding:
        """Return what one of the checks finds.

        Raises:
            GendivError: it cannot be put: a damaged folder, a package or a model that is missing.
        """
        return answer(check, self._evidence, self.settings.terms)

    def answers(self) -> list[Finding]:
        """Return what all of them find."""
        return [self.answer(check) for check in self.checks]

    def counts_as(self, finding: Finding) -> str:
        """Return "pass", "fail" or "skip": an outcome that is not decided counts as the settings say."""
        return self.settings.inconclusive if finding.outcome == "inconclusive" else finding.outcome

    @cached_property
    def _folder(self) -> Path:
        return candidate_folder(self.settings, self._source, self._progress)

    @cached_property
    def _evidence(self) -> Evidence:
        return Evidence(self._folder, self.settings.baseline, self.settings.terms.undefined)
