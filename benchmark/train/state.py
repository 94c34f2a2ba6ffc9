"""State: what an interrupted training goes on from, one file a step, replaced whole."""

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import StoreFailed

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class State:
    """Where a training stands.

    Attributes:
        step: steps done.
        weights: trained parameters by name.
        optimizer: the optimiser's state_dict.
        extra: what else a trainer has to remember: numbers, texts, lists, tensors.
    """

    step: int
    weights: "dict[str, Tensor]"
    optimizer: dict[str, Any]
    extra: dict[str, Any] = field(default_factory=dict)


def save_state(folder: Path, state: State) -> Path:
    """Write a state so that a crash leaves it or the one before, and remove those before.

    Raises:
        StoreFailed: it cannot be written.
    """
    import torch

    path, beside = folder / f"step-{state.step:08d}.pt", folder / f".step.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            torch.save(
                {"step": state.step, "weights": state.weights, "optimizer": state.optimizer, "extra": state.extra},
                file,
            )
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        for old in _states(folder):
            if old != path:
                old.unlink()
    except (OSError, RuntimeError) as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise StoreFailed(f"cannot write {path}: {error}; make room and give the same command again") from error
    return path


def load_state(folder: Path) -> State | None:
    """Return the last good state, or None where there is none.

    Raises:
        StoreFailed: it is damaged.
    """
    import torch

    states = _states(folder)
    if not states:
        return None
    try:
        return State(**torch.load(states[-1], map_location="cpu", weights_only=True))
    except Exception as error:
        raise StoreFailed(
            f"{states[-1]}: wanted a state of a training, found {str(error).partition(chr(10))[0]}; remove the file to "
            "begin anew"
        ) from error


def last_state(folder: Path) -> Path | None:
    """Return the file of the last good state, or None where there is none."""
    return (_states(folder) or [None])[-1]  # type: ignore[list-item]


def forget_states(folder: Path) -> None:
    """Remove the states of a training that is finished."""
    for path in _states(folder):
        path.unlink(missing_ok=True)


def _states(folder: Path) -> list[Path]:
    return sorted(folder.glob("step-*.pt"))
