"""Telling how far a run is: a live line on a terminal, plain lines elsewhere, always on standard error."""

import sys
import time
from types import TracebackType
from typing import Protocol

PLAIN_EVERY = 10.0
"""Seconds between two plain lines."""


class Progress(Protocol):
    """What a run tells while it works."""

    def note(self, line: str) -> None:
        """Say one line."""

    def start(self, total: int, done: int, what: str = "samples", doing: str = "drawing") -> None:
        """Begin to count samples, or `what` else is being drawn or done: `total` in all, `done` before this process."""

    def advance(self, samples: int, tokens: int) -> None:
        """Count finished samples and their tokens."""

    def finish(self) -> None:
        """Stop counting."""


class Silent:
    """Tells nothing: the default of the Python interface."""

    def note(self, line: str) -> None:
        """Do nothing."""

    def start(self, total: int, done: int, what: str = "samples", doing: str = "drawing") -> None:
        """Do nothing."""

    def advance(self, samples: int, tokens: int) -> None:
        """Do nothing."""

    def finish(self) -> None:
        """Do nothing."""


class Plain:
    """One line now and then, for logs and pipes."""

    def __init__(self) -> None:
        self._total = self._done = self._drawn = self._tokens = 0
        self._what = "samples"
        self._began = self._told = 0.0

    def note(self, line: str) -> None:
        """Say one line."""
        print(line, file=sys.stderr, flush=True)  # noqa: T201  the command line's own output

    def start(self, total: int, done: int, what: str = "samples", doing: str = "drawing") -> None:
        """Begin to count."""
        self._total, self._done, self._drawn, self._tokens, self._what = total, done, 0, 0, what
        self._began = self._told = time.monotonic()
        self.note(f"{doing} {total} {what}" + (f", of which {done} are done" if done else ""))

    def advance(self, samples: int, tokens: int) -> None:
        """Count, and say a line if the last one is some time ago."""
        self._drawn += samples
        self._tokens += tokens
        if time.monotonic() - self._told >= PLAIN_EVERY:
            self._told = time.monotonic()
            self._tell()

    def finish(self) -> None:
        """Say the last line, once."""
        if self._drawn:
            self._tell()
            self._done, self._drawn = self._done + self._drawn, 0

    def _tell(self) -> None:
        seconds = time.monotonic() - self._began
        left = (self._total - self._done - self._drawn) * seconds / max(1, self._drawn)
        self.note(
            f"{self._done + self._drawn} of {self._total} {self._what}, "
            f"{self._tokens / max(seconds, 1e-9):.0f} tokens/s, {left:.0f} s left"
        )


class Live:
    """A bar with tokens a second and the time left, for terminals."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[what]}, {task.fields[rate]:.0f} tokens/s,"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task = self._bar.add_task("drawing", what="samples", rate=0.0, visible=False, start=False)
        self._tokens = 0
        self._began = 0.0

    def note(self, line: str) -> None:
        """Say one line, above the bar if it is there."""
        self._bar.console.print(line, highlight=False, markup=False, soft_wrap=True)

    def start(self, total: int, done: int, what: str = "samples", doing: str = "drawing") -> None:
        """Show the bar."""
        self._tokens, self._began = 0, time.monotonic()
        self._bar.reset(self._task, total=total, completed=done, visible=True, description=doing, what=what, rate=0.0)
        self._bar.start()

    def advance(self, samples: int, tokens: int) -> None:
        """Move the bar."""
        self._tokens += tokens
        rate = self._tokens / max(time.monotonic() - self._began, 1e-9)
        self._bar.update(self._task, advance=samples, rate=rate)

    def finish(self) -> None:
        """Leave the bar as it stands."""
        self._bar.stop()


class Telling:
    """The progress for standard error: live on a terminal, plain elsewhere; a context manager that leaves it tidy."""

    def __init__(self) -> None:
        self._progress: Live | Plain = Live() if sys.stderr.isatty() else Plain()

    def __enter__(self) -> Live | Plain:
        return self._progress

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.finish()


__all__ = ["Live", "Plain", "Progress", "Silent", "Telling"]
