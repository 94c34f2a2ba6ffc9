"""Rarefied distinct-n against every draw there is, against the formula in fractions, and against draws at random."""

from collections import Counter
from fractions import Fraction
from itertools import combinations
from math import comb
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gendiv.metrics import Distinct, Texts, Undefined
from gendiv.metrics.metric import Metric
from gendiv.metrics.rarefied_distinct import RarefiedDistinct

TEXT = st.lists(st.sampled_from("aaabbc"), max_size=7).map(" ".join)
ORDERS = st.sets(st.integers(1, 3), min_size=1).map(lambda orders: tuple(sorted(orders)))


def value(metric, group):
    texts = Texts.of([group])
    return metric.value(texts, texts.groups[0])


def grams(group, n):
    return [tuple(words[i : i + n]) for text in group for words in [text.split()] for i in range(len(words) - n + 1)]


def by_formula(group, orders, draws):
    means = []
    for n in orders:
        counts = Counter(grams(group, n))
        total = counts.total()
        if total < draws:
            return None
        missed = sum(Fraction(comb(total - count, draws), comb(total, draws)) for count in counts.values())
        means.append((len(counts) - missed) / draws)
    return float(sum(means) / len(means))


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(TEXT, max_size=3).filter(lambda group: len(grams(group, 1)) <= 12), st.integers(2, 5))
def test_value_is_the_mean_over_every_draw_there_is(group, draws):
    drawn = [len(set(some)) / draws for some in combinations(grams(group, 1), draws)]
    if drawn:
        assert value(RarefiedDistinct(n=(1,), draws=draws), group) == pytest.approx(fmean(drawn), rel=1e-12)
    else:
        with pytest.raises(Undefined, match=f"{draws} n-grams cannot be drawn: at n = 1 the set has"):
            value(RarefiedDistinct(n=(1,), draws=draws), group)


@settings(derandomize=True, max_examples=120, deadline=None)
@given(st.lists(st.lists(TEXT, max_size=5), min_size=1, max_size=3), ORDERS, st.integers(2, 8), st.booleans())
def test_value_and_leave_out_equal_the_formula_in_fractions(groups, orders, draws, prepared):
    metric, texts = RarefiedDistinct(n=orders, draws=draws), Texts.of(groups)
    if prepared:
        metric.prepare(texts, texts.groups)
    for group, members in zip(groups, texts.groups, strict=True):
        wanted = by_formula(group, orders, draws)
        if wanted is None:
            with pytest.raises(Undefined):
                metric.value(texts, members)
        else:
            assert metric.value(texts, members) == pytest.approx(wanted, rel=1e-12)
        smaller = [by_formula(group[:i] + group[i + 1 :], orders, draws) for i in range(len(group))]
        if None in smaller:
            with pytest.raises(Undefined, match="without one of them"):
                metric.leave_out(texts, members)
        else:
            assert metric.leave_out(texts, members).tolist() == pytest.approx(smaller, rel=1e-12)


def test_a_long_text_keeps_its_digits():
    words = [f"w{i % 997}" for i in range(20_000)] + ["once"] * 3 + [f"v{i}" for i in range(5_000)]
    metric = RarefiedDistinct(n=(1,), draws=50)
    assert value(metric, [" ".join(words)]) == pytest.approx(by_formula([" ".join(words)], (1,), 50), rel=1e-12)


def test_value_is_what_draws_at_random_give_on_average():
    rng = np.random.default_rng(0)
    words = (rng.zipf(1.6, size=400) % 90).tolist()
    drawn = [len(set(rng.choice(words, size=50, replace=False).tolist())) / 50 for _ in range(2000)]
    error = np.std(drawn) / len(drawn) ** 0.5
    found = value(RarefiedDistinct(n=(1,)), [" ".join(map(str, words))])
    assert abs(found - fmean(drawn)) < 4 * error


def test_drawing_all_there_are_gives_distinct():
    group = ["a b a c", "b a c"]
    assert value(RarefiedDistinct(n=(1,), draws=7), group) == pytest.approx(value(Distinct(n=(1,)), group), rel=1e-12)


def test_more_text_of_the_same_kind_lowers_distinct_but_not_the_rarefied_share():
    rng = np.random.default_rng(1)
    short, long = (" ".join(map(str, rng.integers(0, 200, size=size))) for size in (100, 2000))
    assert value(Distinct(n=(1,)), [long]) < value(Distinct(n=(1,)), [short]) / 4
    assert value(RarefiedDistinct(n=(1,)), [long]) == pytest.approx(value(RarefiedDistinct(n=(1,)), [short]), rel=0.1)


def test_leaving_out_one_of_many_equals_computing_afresh():
    rng = np.random.default_rng(2)
    group = [" ".join(map(str, rng.zipf(1.5, size=length) % 50)) for length in rng.integers(0, 30, size=40)]
    texts = Texts.of([group])
    (members,) = texts.groups
    metric = RarefiedDistinct()
    assert metric.leave_out(texts, members) == pytest.approx(Metric.leave_out(metric, texts, members), rel=1e-12)


def test_too_few_n_grams_are_told_with_their_number():
    with pytest.raises(Undefined, match="50 n-grams cannot be drawn: at n = 5 the set has 2; lower draws"):
        value(RarefiedDistinct(), ["a b c d e f", "a b"])


@pytest.mark.parametrize("draws", [1, 0, 2.5, True, "50"])
def test_wrong_draws_are_refused(draws):
    with pytest.raises(ValueError, match="draws: wanted a whole number of at least 2"):
        RarefiedDistinct(draws=draws)
