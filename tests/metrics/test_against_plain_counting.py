"""The interned, vectorised n-gram metrics against a second implementation that counts tuples."""

from collections import Counter
from math import isclose
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gendiv.metrics import EAD, Distinct, Duplicates, Length, Texts, Undefined
from gendiv.metrics.cosine_ngram import CosineNgram
from gendiv.metrics.counting.bags import bags
from gendiv.metrics.counting.interning import representatives
from gendiv.metrics.counting.ngrams import ngrams
from gendiv.metrics.counting.tokenizer import SPLITTERS
from gendiv.metrics.orders import write_orders
from gendiv.metrics.rarefied_distinct import RarefiedDistinct
from gendiv.metrics.self_bleu import SelfBLEU

WORDS = st.sampled_from(["a", "b", "A", "a.", "\u00e9", "e\u0301", "\u4f60\u597d", "\U0001f600", "\0", "\ud800"])
SPACES = st.sampled_from([" ", "\n", "  ", "\t", "\u3000"])
TEXT = st.lists(st.tuples(WORDS, SPACES), max_size=8).map(lambda parts: "".join(word + space for word, space in parts))
GROUPS = st.lists(st.lists(TEXT, max_size=6), min_size=1, max_size=4)
ORDERS = st.sets(st.integers(1, 6), min_size=1).map(lambda orders: tuple(sorted(orders)))


def grams(group, n, tokenizer="whitespace"):
    counts = Counter()
    for text in group:
        split = SPLITTERS[tokenizer](text)
        counts.update(tuple(split[i : i + n]) for i in range(len(split) - n + 1))
    return counts


def plain_ratio(group, n, vocabulary, tokenizer):
    counts = grams(group, n, tokenizer)
    if not counts:
        return None
    if vocabulary is None:
        return len(counts) / counts.total()
    return len(counts) / (vocabulary * (1 - ((vocabulary - 1) / vocabulary) ** counts.total()))


def plain_mean(group, orders, vocabulary=None, tokenizer="whitespace"):
    ratios = [ratio for n in orders if (ratio := plain_ratio(group, n, vocabulary, tokenizer)) is not None]
    return fmean(ratios) if ratios else None


def value_or_none(metric, texts, members):
    try:
        return metric.value(texts, members)
    except Undefined:
        return None


def same(found, wanted):
    return found is wanted if wanted is None or found is None else isclose(found, wanted, rel_tol=1e-9)


@settings(derandomize=True, max_examples=120, deadline=None)
@given(GROUPS, ORDERS, st.sampled_from(list(SPLITTERS)), st.integers(2, 60000), st.booleans())
def test_value_equals_plain_counting_prepared_or_not(groups, orders, tokenizer, vocabulary, prepared):
    texts = Texts.of(groups)
    distinct, ead = Distinct(n=orders, tokenizer=tokenizer), EAD(n=orders, tokenizer=tokenizer, vocabulary=vocabulary)
    if prepared:
        for metric in (distinct, ead):
            metric.prepare(texts, texts.groups)
    for group, members in zip(groups, texts.groups, strict=True):
        assert same(value_or_none(distinct, texts, members), plain_mean(group, orders, None, tokenizer))
        assert same(value_or_none(ead, texts, members), plain_mean(group, orders, vocabulary, tokenizer))


@settings(derandomize=True, max_examples=120, deadline=None)
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


@settings(derandomize=True, max_examples=100, deadline=None)
@given(GROUPS, st.integers(1, 6), st.randoms(use_true_random=False))
def test_ngrams_are_equal_exactly_where_the_tuples_are_in_whatever_order_texts_are_asked_for(groups, n, random):
    texts = Texts.of(groups)
    members = np.array(random.choices(range(len(texts.pool)), k=5) if texts.pool else [], dtype=np.intp)
    split = [texts.pool[member].split() for member in members]
    tuples = [tuple(words[i : i + n]) for words in split for i in range(len(words) - n + 1)]
    ids = ngrams(texts, "whitespace", n).of(members).tolist()
    assert [ids.index(one) for one in ids] == [tuples.index(one) for one in tuples]


@settings(derandomize=True, max_examples=100, deadline=None)
@given(GROUPS, st.integers(1, 4))
def test_bags_hold_each_ngram_of_a_text_once_with_its_count(groups, n):
    texts = Texts.of(groups)
    found = bags(texts, "whitespace", n)
    for member, text in enumerate(texts.pool):
        part = slice(found.offsets[member], found.offsets[member + 1])
        assert len(set(found.kinds[part].tolist())) == part.stop - part.start
        assert sorted(found.counts[part].tolist()) == sorted(grams([text], n).values())


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 3) | st.integers(0, 2**62) | st.integers(0, 9).map(lambda i: i << 58), max_size=60))
def test_equal_keys_have_one_representative_equal_to_them(keys):
    places = representatives(np.array(keys, dtype=np.int64)).tolist()
    assert [keys[place] for place in places] == keys
    assert len(set(places)) == len(set(keys))


@pytest.mark.parametrize(
    "metric", [Distinct(), EAD(), CosineNgram(), SelfBLEU(), RarefiedDistinct()], ids=lambda metric: metric.name
)
def test_many_sets_are_worked_out_block_by_block_to_the_same_values(metric, monkeypatch):
    groups = [[f"w{i % 7} w{i % 5} w{i % 3} w{j} w{j % 4} x y" for j in range(20)] for i in range(40)]
    texts, again = Texts.of(groups), Texts.of(groups)
    wanted = [metric.value(texts, members) for members in texts.groups]
    monkeypatch.setattr("gendiv.metrics.counting.ngrams.BLOCK", 1000)
    metric.prepare(again, again.groups)
    found = [metric.value(again, members) for members in again.groups]
    assert found == pytest.approx(wanted, rel=1e-12)
