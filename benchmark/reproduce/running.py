"""Running steps: as many at a time as the machine has room for, each a process of its own, none twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ...errors import RunIncomplete
from ..environment import usable_cores
from ..progress import Progress
from ..store import make_folder, read_json, write_whole
from .step import Step


@dataclass(frozen=True)
class _Running:
    step: Step
    process: subprocess.Popen[bytes]
    log: IO[bytes]
    began: float


def run_steps(steps: Sequence[Step], folder: Path, workers: int, progress: Progress) -> None:
    """Run what is not done yet, `workers` at a time, those first on which most others wait.

    `folder` receives a log and, at its end, a record for each step; a step whose record holds the same arguments is
    done. Cores are divided evenly among the workers.

    Raises:
        RunIncomplete: a step failed; those under way are stopped, what is done is kept, the same call goes on.
        StoreFailed: the folder cannot be written.
    """
    make_folder(folder)
    done = {step.name for step in steps if is_done(step, folder)}
    waiting = {step.name: step for step in steps if step.name not in done}
    behind = _depths(steps)
    running: list[_Running] = []
    if done:
        progress.note(f"{len(done)} of {len(steps)} steps are done")
    try:
        while waiting or running:
            ready = [step for step in waiting.values() if done.issuperset(step.needs)]
            first = sorted(ready, key=lambda one: -behind[one.name])[: workers - len(running)]
            running += [_start(waiting.pop(step.name), folder, workers) for step in first]
            for one in [one for one in running if one.process.poll() is not None]:
                running.remove(one)
                _finish(one, folder)
                done.add(one.step.name)
                took = time.monotonic() - one.began
                progress.note(f"{one.step.name}: {took:.0f} s ({len(done)} of {len(steps)} steps)")
            time.sleep(0.1)
    finally:
        _stop(running)


def is_done(step: Step, folder: Path) -> bool:
    """Say whether a step's record is there and holds its arguments."""
    path = _record(step, folder)
    return path.exists() and read_json(path).get("arguments") == list(step.arguments)


def seconds(steps: Sequence[Step], folder: Path) -> dict[str, float]:
    """Return how long each step took, of those that are done."""
    return {step.name: float(read_json(_record(step, folder))["seconds"]) for step in steps if is_done(step, folder)}


def _record(step: Step, folder: Path) -> Path:
    return folder / f"{step.name.replace('/', '.')}.json"


def _log(step: Step, folder: Path) -> Path:
    return _record(step, folder).with_suffix(".log")


def _depths(steps: Sequence[Step]) -> Mapping[str, int]:
    """Return for each step the length of the longest chain of steps that wait for it."""
    depths = {step.name: 0 for step in steps}
    for step in reversed(steps):  # a step comes after those it needs
        for need in step.needs:
            depths[need] = max(depths[need], depths[step.name] + 1)
    return depths


def _start(step: Step, folder: Path, workers: int) -> _Running:
    threads = str(max(1, usable_cores() // workers))
    log = _log(step, folder).open("wb")
    process = subprocess.Popen(  # noqa: S603  our own command
        [sys.executable, "-m", "gendiv", *step.arguments],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env={**os.environ, "OMP_NUM_THREADS": threads},
        start_new_session=True,  # Ctrl-C reaches this process alone, which then stops the others in order
    )
    return _Running(step, process, log, time.monotonic())


def _finish(one: _Running, folder: Path) -> None:
    one.log.close()
    if one.process.returncode:
        log = _log(one.step, folder)
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["it said nothing"]
        raise RunIncomplete(
            f"{one.step.name} failed: {lines[-1][:300]} (all it said: {log}); what is done is kept, and the same "
            "command goes on"
        )
    record = {"arguments": list(one.step.arguments), "seconds": round(time.monotonic() - one.began, 1)}
    write_whole(_record(one.step, folder), json.dumps(record) + "\n")


def _stop(running: Sequence[_Running]) -> None:
    """Ask what still runs to end, and wait for it: a command keeps what it has on the way out."""
    for one in running:
        if one.process.poll() is None:
            os.killpg(one.process.pid, signal.SIGINT)
    for one in running:
        try:
            one.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(one.process.pid, signal.SIGKILL)
        one.log.close()
