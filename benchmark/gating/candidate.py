"""The candidate of a gate: a run folder, or a model that is drawn from as the baseline was."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import BadInput, StoreFailed
from ..choosing import MODEL_FREE_METRICS
from ..open import open_source
from ..progress import Progress
from ..record import read_run
from ..replaying import replayed
from ..run import Job, default_folder, run_jobs
from ..sources.source import Source
from ..store import make_folder
from .settings import Settings, is_spec


def candidate_folder(settings: Settings, source: Source | None = None, progress: Progress | None = None) -> Path:
    """Return the run folder of the candidate, after drawing what of it is missing.

    Whoever asks first draws; others that ask for the same folder at that time, such as the workers of pytest-xdist,
    wait and find it there.

    Args:
        settings: of the gate.
        source: the model, where it is not to be opened by its spec.
        progress: told how it goes.

    Raises:
        BadInput: there is no such folder, or a spec without a baseline whose plan could be drawn.
        GendivError: the model cannot be drawn from; finished samples are kept.
    """
    if source is None and not is_spec(settings.candidate):
        return Path(settings.candidate)
    if settings.baseline is None:
        raise BadInput(
            f"the candidate {settings.candidate} is drawn with the plan of a baseline, and none is named; draw it with "
            "`gendiv run` and give its folder, or name a baseline"
        )
    plan = replayed(read_run(settings.baseline), settings.baseline, MODEL_FREE_METRICS["corrected"])
    opened = open_source(settings.candidate) if source is None else source
    folder = settings.out or default_folder(opened.spec, plan)
    with _alone(folder):
        run_jobs([Job(plan, folder)], opened, progress=progress)
    return folder


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder's place against other processes that would draw into it, and wait for them to end."""
    make_folder(folder.parent)
    path = folder.with_name(f".{folder.name}.lock")
    try:
        file = path.open("wb")
    except OSError as error:
        raise StoreFailed(f"cannot write {path}: {error.strerror}; choose another `out`") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
