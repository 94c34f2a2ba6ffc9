"""Self-BLEU against NLTK's sentence BLEU."""

import math
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

from gendiv.metrics import Texts, Undefined
from gendiv.metrics.counting.closest_lengths import closest_lengths
from gendiv.metrics.metric import Metric
from gendiv.metrics.self_bleu import SelfBLEU

TEXT = st.lists(st.sampled_from("aaabbcd"), max_size=9).map(" ".join)
SMOOTH = SmoothingFunction().method1


def value(metric, group):
    texts = Texts.of([group])
    return metric.value(texts, texts.groups[0])


def nltk_self_bleu(group, max_n):
    split = [text.split() for text in group]
    weights = (1 / max_n,) * max_n
    return fmean(
        sentence_bleu(split[:i] + split[i + 1 :], words, weights=weights, smoothing_function=SMOOTH)
        for i, words in enumerate(split)
    )


@settings(derandomize=True, max_examples=120, deadline=None)
@given(st.lists(st.lists(TEXT, min_size=2, max_size=6), min_size=1, max_size=3), st.integers(1, 6), st.booleans())
def test_value_equals_nltk(groups, max_n, prepared):
    metric, texts = SelfBLEU(max_n=max_n), Texts.of(groups)
    if prepared:
        metric.prepare(texts, texts.groups)
    for group, members in zip(groups, texts.groups, strict=True):
        assert metric.value(texts, members) == pytest.approx(nltk_self_bleu(group, max_n), rel=1e-12, abs=1e-12)


@settings(derandomize=True, max_examples=80, deadline=None)
@given(st.lists(TEXT, min_size=3, max_size=6), st.integers(1, 5))
def test_leave_out_equals_nltk_on_each_smaller_set(group, max_n):
    texts = Texts.of([group])
    wanted = [nltk_self_bleu(group[:i] + group[i + 1 :], max_n) for i in range(len(group))]
    found = SelfBLEU(max_n=max_n).leave_out(texts, texts.groups[0])
    assert found.tolist() == pytest.approx(wanted, rel=1e-12, abs=1e-12)


def test_leaving_out_one_of_many_equals_computing_afresh():
    rng = np.random.default_rng(0)
    group = [" ".join(f"w{i}" for i in rng.zipf(1.5, size=length) % 60) for length in rng.integers(0, 30, size=45)]
    texts = Texts.of([group])
    (members,) = texts.groups
    metric = SelfBLEU()
    assert metric.leave_out(texts, members) == pytest.approx(Metric.leave_out(metric, texts, members), rel=1e-12)
    assert metric.value(texts, members) == pytest.approx(nltk_self_bleu(group, 4), rel=1e-12)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 8)), min_size=1, max_size=12))
def test_the_closest_length_is_that_of_a_plain_search_with_and_without_its_holder(texts):
    sets, lengths = (np.array(column, dtype=np.intp) for column in zip(*texts, strict=True))
    found = closest_lengths(lengths, sets)
    for i, (own_set, length) in enumerate(texts):

        def closest(left_out, own_set=own_set, length=length):
            others = [other for j, (one, other) in enumerate(texts) if j not in left_out and one == own_set]
            return min(others, key=lambda other: (abs(other - length), other), default=0)

        holder = int(found.holder[i])
        assert found.length[i] == closest({i})
        assert holder == -1 or (holder != i and texts[holder] == (own_set, found.length[i]))
        assert found.next_length[i] == closest({i, holder})


def test_values_counted_by_hand_are_met():
    assert value(SelfBLEU(), ["a b c d", "a b c d"]) == pytest.approx(1, rel=1e-12)
    # "a a a": of three a's the other has 2. "a a b": both a's are in the other. Equal lengths.
    assert value(SelfBLEU(max_n=1), ["a a a", "a a b"]) == pytest.approx(2 / 3, rel=1e-12)
    # "a" is wholly in "a a", at a price of exp(1 - 2/1); of "a a" half is in "a", which is no longer: no price.
    assert value(SelfBLEU(max_n=1), ["a", "a a"]) == pytest.approx((math.exp(-1) + 1 / 2) / 2, rel=1e-12)


def test_empty_texts_and_texts_with_nothing_in_common_score_zero():
    assert value(SelfBLEU(), ["", ""]) == 0
    assert value(SelfBLEU(), ["a b", "c d", ""]) == 0


@pytest.mark.parametrize("group", [[], ["a b"]])
def test_fewer_than_two_texts_are_undefined(group):
    with pytest.raises(Undefined, match="a reference needs two texts"):
        value(SelfBLEU(), group)
    texts = Texts.of([[*group, "c"]])
    with pytest.raises(Undefined, match="without one"):
        SelfBLEU().leave_out(texts, texts.groups[0])


@pytest.mark.parametrize("max_n", [0, 101, 2.0, True, "4"])
def test_a_wrong_order_is_refused(max_n):
    with pytest.raises(ValueError, match="max_n: wanted a whole number from 1 to 100"):
        SelfBLEU(max_n=max_n)


def test_the_signature_names_the_settings():
    assert SelfBLEU().signature == "self_bleu:max_n=4:tokenizer=whitespace"
