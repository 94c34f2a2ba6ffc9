"""Schedule: what part of the learning rate a step has."""

import math

from .settings import Schedule


def rate(schedule: Schedule, step: int, steps: int, warmup: float = 0.0) -> float:
    """Return the factor of the learning rate in step `step` of `steps`, counted from 0.

    It rises evenly over the first ceil(warmup * steps) steps, is 1 in the one after them, and falls towards 0, which it
    would reach in the step after the last. No step has a factor of 0 and is wasted.

    >>> [round(rate("linear", step, 5, warmup=0.2), 3) for step in range(5)]
    [0.5, 1.0, 0.75, 0.5, 0.25]
    >>> [round(rate("cosine", step, 4), 3) for step in range(4)], rate("constant", 3, 4)
    ([1.0, 0.854, 0.5, 0.146], 1.0)
    """
    rising = math.ceil(warmup * steps - 1e-9)
    if step < rising:
        return (step + 1) / (rising + 1)
    done = (step - rising) / max(1, steps - rising)
    if schedule == "constant":
        return 1.0
    return 1.0 - done if schedule == "linear" else (1.0 + math.cos(math.pi * done)) / 2
