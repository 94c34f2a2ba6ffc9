"""A learner: what is trained, over all processes; one call is one optimiser step."""

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ...errors import BadInput, TrainingFailed
from .networks import trained
from .schedule import rate
from .seeds import seed_of
from .settings import Settings
from .state import State, last_state, load_state, save_state

if TYPE_CHECKING:
    from accelerate import Accelerator
    from torch import Tensor
    from torch.nn import Module

T = TypeVar("T")


def make_accelerator() -> "Accelerator":
    """Return accelerate's hold on the processes: one here, or as many as `accelerate launch` started.

    The number format is that of the settings, whatever the launcher was told.

    Raises:
        BadInput: the launcher was told to shard the network.
    """
    from accelerate import Accelerator

    accelerator = Accelerator(mixed_precision="no")
    kind = str(accelerator.distributed_type.value)
    if kind not in ("NO", "MULTI_CPU", "MULTI_GPU"):
        raise BadInput(
            f"accelerate launch: wanted data parallelism, in which each process holds the network, found {kind}; leave "
            "it off: --dtype bfloat16, --freeze, --lora-rank and --gradient-checkpointing save memory"
        )
    return accelerator


class Learner:
    """What is trained.

    Args:
        network: a module whose parameters with `requires_grad` are trained; what `forward` returns is up to the caller.
        settings: optimiser, schedule, number format.
        steps: optimiser steps in all, over which the schedule runs.
        state: folder of its states (OUT/training/state).
        accelerator: from `make_accelerator`.

    Attributes:
        network: prepared for several processes: call it, never its parts.
        step: optimiser steps done.
        resumed: whether it goes on from a state.
        extra: what the last state kept for the trainer; empty at the beginning.
    """

    def __init__(
        self, network: "Module", settings: Settings, steps: int, state: Path, accelerator: "Accelerator"
    ) -> None:
        self.settings, self.steps, self.accelerator = settings, steps, accelerator
        self.step = 0
        self.resumed = False
        self.extra: dict[str, Any] = {}
        self._state = state
        self.plain = network
        if settings.dtype == "bfloat16":
            _shrink(network)
        self.network, self.optimizer = accelerator.prepare(network, _optimizer(network, settings))

    @property
    def processes(self) -> int:
        """Processes that train together."""
        return int(self.accelerator.num_processes)

    @property
    def process(self) -> int:
        """Which of them this is."""
        return int(self.accelerator.process_index)

    @property
    def main(self) -> bool:
        """Whether it is the first, which alone writes."""
        return bool(self.accelerator.is_main_process)

    @contextlib.contextmanager
    def arithmetic(self) -> Iterator[None]:
        """Compute in the settings' number format."""
        import torch

        on = self.settings.dtype == "bfloat16"
        with torch.autocast(self.accelerator.device.type, torch.bfloat16, enabled=on):
            yield

    def optimise(
        self, micro_batches: Sequence[T], loss: "Callable[[T], Tensor]", seed: tuple[int, ...] = ()
    ) -> dict[str, float]:
        """Do one optimiser step, and return `loss`, `gradient_norm` and `learning_rate`.

        Args:
            micro_batches: this process's part of the batch, at least one.
            loss: of a micro-batch: its share of the batch's loss, so that the sum over all micro-batches of all
                processes is the loss: divide by the tokens (or rows) of the whole batch, not of the micro-batch.
            seed: where dropout stands, if not at the step.

        Raises:
            TrainingFailed: loss or gradient is no finite number; the weights are then still those of the step before.
        """
        import torch

        self.network.train()
        torch.manual_seed(seed_of(self.settings.seed, "dropout", *(seed or (self.step,)), self.process))
        total = torch.zeros((), device=self.accelerator.device)
        for place, micro_batch in enumerate(micro_batches):
            last = place == len(micro_batches) - 1
            self.accelerator.sync_gradients = last
            with contextlib.nullcontext() if last else self.accelerator.no_sync(self.network):
                with self.arithmetic():
                    part = loss(micro_batch)
                self.accelerator.backward(part * self.processes)  # the mean over processes is taken of gradients
            total += part.detach()
        found = float(self.sum(total))
        self.check("loss", found)
        factor = self.settings.learning_rate * rate(self.settings.schedule, self.step, self.steps, self.settings.warmup)
        norm = float(self.accelerator.clip_grad_norm_(self._trained(), self.settings.gradient_norm or math.inf))
        self.check("gradient", norm)
        for group in self.optimizer.param_groups:
            group["lr"] = factor
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        return {"loss": found, "gradient_norm": norm, "learning_rate": factor}

    def sum(self, value: "Tensor") -> "Tensor":
        """Return the sum of a tensor over all processes."""
        return self.accelerator.reduce(value, "sum") if self.processes > 1 else value

    def save(self, extra: dict[str, Any] | None = None) -> None:
        """Keep a state to go on from; call it on every process.

        Raises:
            TrainingFailed: a weight is no finite number; the state before is kept.
        """
        self.check_weights()
        self.extra = extra or {}
        if self.main:
            weights = {name: one.detach().cpu() for name, one in trained(self._unwrapped()).items()}
            save_state(self._state, State(self.step, weights, self.optimizer.state_dict(), self.extra))
        self.accelerator.wait_for_everyone()

    def resume(self) -> None:
        """Go on from the last state if there is one; call it on every process."""
        import torch

        found = load_state(self._state)
        if found is None:
            return
        own = trained(self._unwrapped())
        with torch.no_grad():
            for name, weight in found.weights.items():
                own[name].copy_(weight)
        self.optimizer.load_state_dict(found.optimizer)
        self.step, self.extra, self.resumed = found.step, found.extra, True

    def check_weights(self) -> None:
        """Check that every trained weight is a finite number.

        Raises:
            TrainingFailed: one is not.
        """
        for name, one in trained(self._unwrapped()).items():
            if not bool(one.detach().isfinite().all()):
                self._fail(f"the weights {name} hold values that are no finite numbers")

    def _unwrapped(self) -> "Module":
        return self.accelerator.unwrap_model(self.network)  # type: ignore[no-any-return]

    def _trained(self) -> "list[Any]":
        return [one for one in self.network.parameters() if one.requires_grad]

    def check(self, what: str, value: float) -> None:
        """Check that something measured is a finite number.

        Raises:
            TrainingFailed: it is not.
        """
        if not math.isfinite(value):
            self._fail(f"the {what} is {value}")

    def _fail(self, what: str) -> None:
        kept = last_state(self._state)
        where = f"the last good state is {kept}" if kept else "no state was kept before it"
        raise TrainingFailed(
            f"training stopped in step {self.step + 1}: {what}; {where}; try a lower learning rate, and look at data "
            "and checkpoint"
        )


def _shrink(network: "Module") -> None:
    """Put what is not trained into bfloat16, in which it is computed with anyhow."""
    import torch

    for one in network.parameters():
        if not one.requires_grad:
            one.data = one.data.to(torch.bfloat16)


def _optimizer(network: "Module", settings: Settings) -> Any:  # noqa: ANN401  torch's AdamW
    import torch

    parameters = list(trained(network).values())
    groups = [
        {"params": [one for one in parameters if one.ndim >= 2], "weight_decay": settings.weight_decay},
        {"params": [one for one in parameters if one.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        [group for group in groups if group["params"]],
        lr=settings.learning_rate,
        betas=(settings.beta1, settings.beta2),
        eps=settings.eps,
        fused=True,
    )
