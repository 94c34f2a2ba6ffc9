"""The pace: how many requests are under way at once."""

import asyncio
import time

import pytest

from gendiv.benchmark.pace import Pace


def one_round(pace):
    """Fill the pace to its limit and let every request keep up."""

    async def work():
        entered = [await pace.enter() for _ in range(int(pace.limit))]
        for _ in entered:
            pace.leave(kept_up=True)

    asyncio.run(work())


def test_the_limit_starts_low_and_rises_to_the_ceiling_while_the_source_keeps_up():
    pace = Pace(64)
    assert pace.limit == 16
    for _ in range(200):
        one_round(pace)
    assert pace.limit == 64
    assert pace.highest == 64


def test_the_limit_never_starts_above_the_ceiling():
    assert Pace(3).limit == 3
    assert Pace(0).limit == 1


def test_a_fall_halves_the_limit_once_for_all_requests_under_way_then():
    async def work():
        pace = Pace(64)
        entered = [await pace.enter() for _ in range(16)]
        for moment in entered:
            pace.fall(moment, None)
            pace.leave(kept_up=False)
        assert (pace.limit, pace.falls) == (8, 1)
        pace.fall(await pace.enter(), None)
        assert (pace.limit, pace.falls) == (4, 2)

    asyncio.run(work())


def test_the_limit_never_falls_below_one():
    async def work():
        pace = Pace(4)
        for _ in range(10):
            pace.fall(await pace.enter(), None)
            pace.leave(kept_up=False)
        assert pace.limit == 1

    asyncio.run(work())


def test_a_limit_that_is_not_reached_does_not_rise():
    async def work():
        pace = Pace(64)
        for _ in range(50):
            await pace.enter()
            pace.leave(kept_up=True)
        assert pace.limit == 16

    asyncio.run(work())


def test_who_finds_no_place_waits_for_one_and_cancelled_waiters_lose_none():
    async def work():
        pace = Pace(1)
        await pace.enter()
        gone, waiting = asyncio.create_task(pace.enter()), asyncio.create_task(pace.enter())
        await asyncio.sleep(0)
        assert not waiting.done()
        gone.cancel()
        await asyncio.sleep(0)
        pace.leave(kept_up=False)
        await asyncio.wait_for(waiting, 5)
        assert pace.under_way == 1

    asyncio.run(work())


def test_a_waiter_cancelled_after_it_was_woken_hands_its_place_on():
    async def work():
        pace = Pace(1)
        await pace.enter()
        gone, waiting = asyncio.create_task(pace.enter()), asyncio.create_task(pace.enter())
        await asyncio.sleep(0)
        pace.leave(kept_up=False)
        gone.cancel()
        await asyncio.wait_for(waiting, 5)

    asyncio.run(work())


def test_retry_after_holds_back_new_requests_until_then():
    async def work():
        pace = Pace(4)
        pace.fall(await pace.enter(), 0.2)
        pace.leave(kept_up=False)
        began = time.monotonic()
        await pace.enter()
        assert time.monotonic() - began == pytest.approx(0.2, abs=0.1)

    asyncio.run(work())
