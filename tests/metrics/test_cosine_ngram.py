"""N-gram cosine diversity against hand counts and against plain cosines of every pair."""

from collections import Counter
from itertools import combinations
from math import isclose, sqrt
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gendiv.metrics import Texts, Undefined
from gendiv.metrics.cosine_ngram import CosineNgram
from gendiv.metrics.metric import Metric

TOY = ["i am going", "i am going", "lets go i i"]
LIKE = [f"I like to eat {fruit}." for fruit in ("apples", "bananas", "oranges")]
TEXT = st.lists(st.sampled_from(["a", "b", "c", "\u00e9", "\ud800"]), max_size=7).map(" ".join)
ORDERS = st.sets(st.integers(1, 5), min_size=1).map(lambda orders: tuple(sorted(orders)))


def value(metric, group):
    texts = Texts.of([group])
    return metric.value(texts, texts.groups[0])


def bag(text, n):
    words = text.split()
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def cosine(one, other):
    inner = sum(count * other[gram] for gram, count in one.items())
    return inner / sqrt(sum(c * c for c in one.values()) * sum(c * c for c in other.values()))


def plain(group, orders):
    means = []
    for n in orders:
        vectors = [vector for text in group if (vector := bag(text, n))]
        if len(vectors) > 1:
            means.append(1 - fmean(cosine(one, other) for one, other in combinations(vectors, 2)))
    return fmean(means) if means else None


def test_values_counted_by_hand_are_met():
    assert value(CosineNgram(n=(3,)), TOY) == pytest.approx(2 / 3, rel=1e-12)
    assert value(CosineNgram(n=(3,)), LIKE) == pytest.approx(1 / 3, rel=1e-12)
    # At n = 1 the pairs have the cosines 1 and twice 2/sqrt(18); at n = 2 and 3 1 and twice 0; longer ones are too few.
    assert value(CosineNgram(), TOY) == pytest.approx(fmean([1 - (1 + 4 / sqrt(18)) / 3, 2 / 3, 2 / 3]), rel=1e-12)


def test_a_text_too_short_for_n_is_left_out_of_that_order():
    assert value(CosineNgram(n=(2,)), ["a b", "a b", "a", ""]) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("copies", [2, 3, 16, 500])
def test_copies_have_no_diversity_to_within_rounding(copies):
    assert value(CosineNgram(), ["the cat sat on the mat and the cat sat there too"] * copies) == pytest.approx(
        0, abs=1e-12
    )


def test_words_in_another_order_are_the_same_for_single_words_only():
    assert value(CosineNgram(n=(1,)), ["a b c", "c b a"]) == pytest.approx(0, abs=1e-12)
    assert value(CosineNgram(n=(2,)), ["a b c", "c b a"]) == 1


@pytest.mark.parametrize("group", [[], ["a b"], ["a", ""], ["", ""]])
def test_a_set_without_a_pair_is_undefined_with_the_reason(group):
    with pytest.raises(Undefined, match=r"a pair needs two texts of 1 or more words, the set has [01]"):
        value(CosineNgram(), group)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.lists(st.lists(TEXT, max_size=6), min_size=1, max_size=3), ORDERS, st.booleans())
def test_value_and_leave_out_equal_the_cosines_of_all_pairs(groups, orders, prepared):
    metric, texts = CosineNgram(n=orders), Texts.of(groups)
    if prepared:
        metric.prepare(texts, texts.groups)
    for group, members in zip(groups, texts.groups, strict=True):
        wanted = plain(group, orders)
        if wanted is None:
            with pytest.raises(Undefined):
                metric.value(texts, members)
        else:
            assert isclose(metric.value(texts, members), wanted, rel_tol=1e-9, abs_tol=1e-12)
        smaller = [plain(group[:i] + group[i + 1 :], orders) for i in range(len(group))]
        if None in smaller:
            with pytest.raises(Undefined, match="without one of them"):
                metric.leave_out(texts, members)
        else:
            assert metric.leave_out(texts, members).tolist() == pytest.approx(smaller, rel=1e-9, abs=1e-12)


def test_leaving_out_one_of_many_equals_computing_afresh():
    texts = Texts.of([[f"w{i % 7} w{i % 5} x w{i % 3} y" + " z" * (i % 4) for i in range(40)]])
    (members,) = texts.groups
    metric = CosineNgram()
    assert metric.leave_out(texts, members) == pytest.approx(Metric.leave_out(metric, texts, members), rel=1e-12)
