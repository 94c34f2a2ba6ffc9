"""Budget: tokens that may still be spent on a judge."""


class Budget:
    """Admits questions as long as what was counted, and what is under way, stays within a limit.

    The server's count decides. For what is under way the estimate stands in, raised by as much as the estimates of the
    answered questions were too low; where a server counts nothing, the estimate stands in for good.

    Attributes:
        most: the limit; None is none.
        spent: tokens counted so far.
    """

    def __init__(self, most: int | None) -> None:
        self.most = most
        self.spent = 0
        self._under_way: dict[str, int] = {}
        self._estimated = 0

    def admits(self, question: str, tokens: int) -> bool:
        """Tell whether a question of about `tokens` still fits, and count it as under way if it does."""
        if self.most is not None:
            factor = max(1.0, self.spent / self._estimated) if self._estimated else 1.0
            if self.spent + factor * (sum(self._under_way.values()) + tokens) > self.most:
                return False
        self._under_way[question] = tokens
        return True

    def settle(self, question: str, counted: int) -> None:
        """Replace the estimate of a question by what was counted for it."""
        estimate = self._under_way.pop(question, 0)
        self._estimated += estimate
        self.spent += counted or estimate

    def release(self, question: str) -> None:
        """Take back a question that got no answer."""
        self._under_way.pop(question, None)
