"""N-gram orders: the lengths n that a metric averages over, and how they are written ("1-5", "2", "1+3")."""

import re
from typing import Annotated, Final, TypeAlias

from pydantic import BeforeValidator

HIGHEST: Final = 100
_PART = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?", re.ASCII)


def read_orders(value: object) -> object:
    """Read the written form; anything but a text passes as it is, for the field's type to judge.

    >>> read_orders("1-5"), read_orders("2"), read_orders("1+3")
    ((1, 2, 3, 4, 5), (2,), (1, 3))
    """
    if not isinstance(value, str):
        return value
    orders: list[int] = []
    for part in value.split("+"):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"wanted n-gram lengths such as 1-5, 2 or 1+3, found {value!r}")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last > HIGHEST:
            raise ValueError(f"wanted rising n-gram lengths from 1 to {HIGHEST}, found {value!r}")
        orders.extend(range(first, last + 1))
    return tuple(orders)


def write_orders(orders: tuple[int, ...]) -> str:
    """Write orders as `read_orders` reads them.

    >>> write_orders((1, 2, 3, 4, 5)), write_orders((2,)), write_orders((1, 3))
    ('1-5', '2', '1+3')
    """
    if len(orders) > 1 and orders == tuple(range(orders[0], orders[-1] + 1)):
        return f"{orders[0]}-{orders[-1]}"
    return "+".join(map(str, orders))


def check_orders(orders: tuple[int, ...]) -> None:
    """Refuse orders that are empty, out of range, or not rising: one set of orders has one spelling."""
    whole = isinstance(orders, tuple) and all(isinstance(n, int) and not isinstance(n, bool) for n in orders)
    if not whole or not orders or orders[0] < 1 or orders[-1] > HIGHEST or list(orders) != sorted(set(orders)):
        raise ValueError(f"n: wanted a tuple of rising n-gram lengths from 1 to {HIGHEST}, found {orders!r}")


Orders: TypeAlias = Annotated[tuple[int, ...], BeforeValidator(read_orders)]
