"""How many requests are under way at once: rises while the source keeps up, falls when it says it does not."""

import asyncio
import time
from collections import deque


class Pace:
    """An adaptive limit on requests under way (additive increase, multiplicative decrease, as TCP does).

    The limit starts at `start`, doubles with every full round of successes until the first fall, then grows by one a
    round. A fall halves it, at most once for all requests that were under way at that moment. `Retry-After` holds back
    every new request until that moment has come.

    Attributes:
        limit: requests that may be under way now.
        highest: the most that were.
        falls: how often the limit fell.
    """

    def __init__(self, ceiling: int, start: int = 16) -> None:
        self.ceiling = max(1, ceiling)
        self.limit = float(min(start, self.ceiling))
        self.under_way = 0
        self.highest = 0
        self.falls = 0
        self._rising_fast = True
        self._fell_at = float("-inf")
        self._closed_until = float("-inf")
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> float:
        """Wait for a place and take it; returns the moment it was taken, to be handed to `leave` or `fall`."""
        while True:
            held_back = self._closed_until - time.monotonic()
            if held_back > 0:
                await asyncio.sleep(held_back)
            elif self.under_way < int(self.limit):
                break
            else:
                place = asyncio.get_running_loop().create_future()
                self._waiting.append(place)
                try:
                    await place
                except asyncio.CancelledError:
                    self._wake()  # a place that was already offered here goes to the next one waiting
                    raise
        self.under_way += 1
        self.highest = max(self.highest, self.under_way)
        return time.monotonic()

    def leave(self, *, kept_up: bool) -> None:
        """Give the place back; `kept_up` says that the request was answered."""
        busy = self.under_way >= int(self.limit)  # a limit that was not reached has not been tried
        self.under_way -= 1
        if kept_up and busy:
            self.limit = min(self.ceiling, self.limit + (1 if self._rising_fast else 1 / self.limit))
        self._wake()

    def fall(self, entered: float, retry_after: float | None) -> None:
        """Halve the limit because a request that entered at `entered` met an overloaded source."""
        if entered > self._fell_at:
            self.limit = max(1.0, self.limit / 2)
            self.falls += 1
            self._rising_fast = False
            self._fell_at = time.monotonic()
        if retry_after is not None:
            self._closed_until = max(self._closed_until, time.monotonic() + retry_after)

    def _wake(self) -> None:
        free = int(self.limit) - self.under_way
        while free > 0 and self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                free -= 1
