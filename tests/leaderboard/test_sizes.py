"""Plans as people see them."""

from gendiv.leaderboard.sizes import thousands


def test_large_numbers_are_short():
    found = [thousands(count) for count in (2, 940, 1000, 9449, 94_400, 944_000, 9_400_000, 94 * 10**9)]
    assert found == ["2", "940", "1.0k", "9.4k", "94k", "944k", "9.4M", "94G"]
