"""EffectiveSemantic: counted pair by pair, and what invalid samples may and may not do to it."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gendiv.errors import BadInput
from gendiv.metrics import Texts, Undefined
from gendiv.metrics.effective_semantic import EffectiveSemantic

METRIC = EffectiveSemantic(same="text")
SAMPLES = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([0.0, 0.25, 0.5, 1.0])), min_size=2, max_size=10)


def effective(group, quality, metric=METRIC):
    texts = Texts.of([group])
    return metric.judged(texts, texts.groups[0], np.array(quality))


@pytest.mark.parametrize(
    ("group", "quality", "wanted"),
    [
        ("abc", [1, 1, 1], 1),
        ("aaa", [1, 1, 1], 0),
        ("aab", [1, 1, 1], 2 / 3),
        ("abc", [1, 1, 0], 1 / 3),
        ("abc", [1, 0, 0], 0),
        ("abc", [0, 0, 0], 0),
        ("aab", [1, 0, 1], 1 / 3),  # "a" is valid once and invalid once
        ("aabbcd", [1, 1, 1, 1, 1, 0], 8 / 15),  # (25 - (4 + 4 + 1)) / 30
        ("ab", [0.5, 0.4999], 0),
        ("ab", [0.5, 0.5], 1),
    ],
)
def test_values_counted_by_hand(group, quality, wanted):
    assert effective(list(group), quality) == pytest.approx(wanted, abs=1e-15)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(SAMPLES)
def test_the_value_is_the_share_of_pairs_counted_one_by_one(samples):
    pairs = list(combinations(samples, 2))
    both = sum(x != y and q >= 0.5 and r >= 0.5 for (x, q), (y, r) in pairs)
    assert effective(*zip(*samples, strict=True)) == pytest.approx(both / len(pairs), abs=1e-15)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(SAMPLES, st.integers(0, 9))
def test_what_an_invalid_sample_says_has_no_influence(samples, place):
    group, quality = map(list, zip(*samples, strict=True))
    place %= len(group)
    quality[place] = 0.0
    other = [*group[:place], "something else", *group[place + 1 :]]
    assert effective(group, quality) == effective(other, quality)


def test_an_invalid_answer_between_two_valid_ones_does_not_make_them_one_class():
    texts = Texts.of([["between", "left", "right"]])
    texts.view(("embedding", "injected"), lambda _: np.array([[1.0, 0.0], [4.0, 3.0], [4.0, -3.0]]))
    metric = EffectiveSemantic(same="embedding", model="injected", dtype="float32", threshold=0.75)
    members = texts.groups[0]
    assert metric.classes(texts, members).tolist() == [0, 0, 0]
    assert metric.judged(texts, members, np.array([0, 1, 1])) == pytest.approx(1 / 3)


def test_more_valid_samples_raise_it_where_they_differ():
    assert effective(list("abcd"), [1, 1, 0, 0]) < effective(list("abcd"), [1, 1, 1, 0])


def test_the_threshold_follows_the_scale_of_the_quality():
    metric = EffectiveSemantic(same="text", least=-2)
    assert effective(list("abc"), [-1.5, -2, -3], metric) == pytest.approx(1 / 3)


def test_preparing_asks_about_the_valid_samples_of_all_sets_at_once(monkeypatch):
    prepared = []
    monkeypatch.setattr(EffectiveSemantic, "prepare", lambda self, texts, sets: prepared.append(sets))
    texts = Texts.of([["a", "b", "c"], ["b", "d"]])
    METRIC.prepare_judged(texts, texts.groups, [np.array([1, 0, 1]), np.array([0, 1])])
    assert [[members.tolist() for members in sets] for sets in prepared] == [[[0, 2], [3]]]


@pytest.mark.parametrize("quality", [[1, np.nan], [1], [1, 1, 1]], ids=str)
def test_a_wrong_quality_is_refused_before_and_in_the_computation(quality):
    texts = Texts.of([["a", "b"]])
    with pytest.raises(BadInput, match="quality: wanted"):
        METRIC.judged(texts, texts.groups[0], np.array(quality))
    with pytest.raises(BadInput, match="quality: wanted"):
        METRIC.prepare_judged(texts, texts.groups, [np.array(quality)])


@pytest.mark.parametrize("group", [[], ["a"]], ids=len)
def test_fewer_than_two_samples_have_no_pair(group):
    with pytest.raises(Undefined, match=f"two samples, the set has {len(group)}"):
        effective(group, [1.0] * len(group))


def test_without_quality_there_is_no_value():
    texts = Texts.of([["a", "b"]])
    with pytest.raises(Undefined, match="effective_semantic needs the quality"):
        METRIC.value(texts, texts.groups[0])


def test_the_signature_names_the_threshold_of_the_quality():
    assert METRIC.signature == "effective_semantic:same=text:model=:dtype=float32:threshold=1.0:least=0.5"
    assert EffectiveSemantic.from_settings("same=text:least=7") == EffectiveSemantic(same="text", least=7.0)


@pytest.mark.parametrize("least", [np.nan, np.inf, "0.5"])
def test_a_threshold_of_quality_that_is_no_number_is_refused(least):
    with pytest.raises(ValueError, match="least: wanted a finite number"):
        EffectiveSemantic(least=least)
