"""KL control: how much a nat of KL costs, always the same or steered towards a target (Ziegler et al. 2019)."""

from dataclasses import dataclass


@dataclass
class KLControl:
    """The KL coefficient.

    Attributes:
        coefficient: what a nat costs now.
        target: nats an answer that the coefficient is steered towards; None keeps it as it is.
        horizon: answers over which it may change by a fifth.
    """

    coefficient: float
    target: float | None = None
    horizon: int = 10_000

    def update(self, kl: float, answers: int) -> None:
        """Learn what the last answers' mean KL was.

        >>> control = KLControl(0.1, target=6.0, horizon=100)
        >>> control.update(12.0, answers=10)  # twice too far, which counts as a fifth
        >>> round(control.coefficient, 6)
        0.102
        """
        if self.target is not None:
            error = min(0.2, max(-0.2, kl / self.target - 1))
            self.coefficient *= 1 + error * answers / self.horizon
