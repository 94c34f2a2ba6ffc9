"""The interned, vectorised n-gram metrics against a second implementation that counts tuples."""

from collections import Counter
from math import isclose
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gendiv.metrics import EAD, Distinct, Duplicates, Length, Texts, Undefined
from gendiv.metrics.orders import write_orders

WORDS = st.sampled_from(["a", "b", "A", "a.", "\u00e9", "e\u0301", "\u4f60\u597d", "\U0001f600", "\0", "\ud800"])
SPACES = st.sampled_from([" ", "\n", "  ", "\t", "\u3000"])
TEXT = st.lists(st.tuples(WORDS, SPACES), max_size=8).map(lambda parts: "".join(word + space for word, space in parts))
GROUPS = st.lists(st.lists(TEXT, max_size=6), min_size=1, max_size=4)
ORDERS = st.sets(st.integers(1, 6), min_size=1).map(lambda orders: tuple(sorted(orders)))


def grams(group, n):
    counts = Counter()
    for text in group:
        split = text.split()
        counts.update(tuple(split[i : i + n]) for i in range(len(split) - n + 1))
    return counts


def plain_ratio(group, n, vocabulary):
    counts = grams(group, n)
    if not counts:
        return None
    if vocabulary is None:
        return len(counts) / counts.total()
    return len(counts) / (vocabulary * (1 - ((vocabulary - 1) / vocabulary) ** counts.total()))


def plain_mean(group, orders, vocabulary=None):
    ratios = [ratio for n in orders if (ratio := plain_ratio(group, n, vocabulary)) is not None]
    return fmean(ratios) if ratios else None


def value_or_none(metric, texts, members):
    try:
        return metric.value(texts, members)
    except Undefined:
        return None


def same(found, wanted):
    return found is wanted if wanted is None or found is None else isclose(found, wanted, rel_tol=1e-9)


@settings(derandomize=True, max_examples=300)
@given(GROUPS, ORDERS, st.integers(2, 60000))
def test_value_equals_plain_counting(groups, orders, vocabulary):
    texts = Texts.of(groups)
    for group, members in zip(groups, texts.groups, strict=True):
        assert same(value_or_none(Distinct(n=orders), texts, members), plain_mean(group, orders))
        found = value_or_none(EAD(n=orders, vocabulary=vocabulary), texts, members)
        assert same(found, plain_mean(group, orders, vocabulary))


@settings(derandomize=True, max_examples=300)
@given(GROUPS, ORDERS)
def test_leave_out_equals_plain_counting_of_each_smaller_set(groups, orders):
    texts = Texts.of(groups)
    for group, members in zip(groups, texts.groups, strict=True):
        smaller = [group[:i] + group[i + 1 :] for i in range(len(group))]
        for metric, vocabulary in ((Distinct(n=orders), None), (EAD(n=orders, vocabulary=50), 50)):
            wanted = [plain_mean(rest, orders, vocabulary) for rest in smaller]
            if None in wanted:
                with pytest.raises(Undefined):
                    metric.leave_out(texts, members)
            else:
                assert metric.leave_out(texts, members).tolist() == pytest.approx(wanted, rel=1e-9), write_orders(
                    orders
                )


@settings(derandomize=True)
@given(st.lists(TEXT, min_size=2, max_size=6))
def test_length_and_duplicates_equal_plain_counting(group):
    texts = Texts.of([group])
    (members,) = texts.groups
    assert Length().value(texts, members) == pytest.approx(fmean(len(text.split()) for text in group))
    assert Duplicates().value(texts, members) == pytest.approx(fmean(text in group[:i] for i, text in enumerate(group)))
