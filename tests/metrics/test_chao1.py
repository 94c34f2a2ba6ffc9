"""Chao1 against a plain count, and against answers whose number is known."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gendiv.metrics import Texts, Undefined
from gendiv.metrics.chao1 import Chao1, chao1


def value(group):
    texts = Texts.of([group])
    return Chao1().value(texts, texts.groups[0])


def plain(group):
    frequencies = Counter(Counter(group).values())
    once, twice = frequencies[1], frequencies[2]
    return len(set(group)) + once * (once - 1) / (2 * (twice + 1))


@settings(derandomize=True, deadline=None)
@given(st.lists(st.sampled_from(["yes", "no", "Yes", "yes ", "", "\ud800", "maybe"]), min_size=3, max_size=12))
def test_the_value_equals_a_plain_count(group):
    texts = Texts.of([["other"], group])
    assert Chao1().value(texts, texts.groups[1]) == plain(group)


def test_values_counted_by_hand_are_met():
    assert value(["a"] * 16) == 1
    assert value(["a", "b", "c"]) == 3 + 3 * 2 / 2
    assert value(["a", "a", "b", "b", "c", "d", "e"]) == 5 + 3 * 2 / (2 * 3)
    assert chao1(np.array([0, 5, 1, 0, 1, 2])) == 4 + 2 * 1 / (2 * 2)


def test_the_number_of_answers_is_met_on_average_where_they_are_equally_likely():
    rng = np.random.default_rng(0)
    estimates = [chao1(np.bincount(rng.integers(0, 30, size=60))) for _ in range(500)]
    assert np.mean(estimates) == pytest.approx(30, rel=0.02)


@pytest.mark.parametrize("group", [[], ["a"]])
def test_fewer_than_two_samples_are_undefined(group):
    with pytest.raises(Undefined, match=f"two samples, the set has {len(group)}"):
        value(group)
