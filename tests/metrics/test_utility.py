"""Utility: worked by hand, against the sum word for word, and what quality it takes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gendiv.errors import BadInput
from gendiv.metrics import Texts, Undefined
from gendiv.metrics.utility import Utility

SAMPLES = st.lists(st.tuples(st.sampled_from("abcd"), st.floats(-100, 100)), min_size=1, max_size=12)


def utility(group, quality, patience=0.8):
    texts = Texts.of([group])
    return Utility(same="text", patience=patience).judged(texts, texts.groups[0], np.array(quality))


def read_one_by_one(group, quality, p):
    gained, seen = 0.0, set()
    for i, (answer, worth) in enumerate(zip(group, quality, strict=True)):
        gained += p**i * worth * (answer not in seen)
        seen.add(answer)
    return (1 - p) / (1 - p ** len(group)) * gained


@pytest.mark.parametrize(
    ("group", "quality", "patience", "wanted"),
    [
        ("abc", [7, 14, 21], 0.5, 11),  # 4/7 * 7 + 2/7 * 14 + 1/7 * 21
        ("aab", [7, 14, 21], 0.5, 7),  # 4/7 * 7 + 1/7 * 21: the repeat is better, yet nothing new
        ("aaa", [7, 14, 21], 0.5, 4),
        ("abab", [1, 1, 9, 9], 1, 0.5),
        ("ba", [3, 100], 0, 3),
        ("a", [6], 0.8, 6),
        ("ab", [1, -1], 0.8, 1 / 9),  # (1 - 0.8) / 1.8
        ("abb", [0, 0, 5], 0.8, 0),
    ],
)
def test_utility_worked_by_hand(group, quality, patience, wanted):
    assert utility(list(group), quality, patience) == pytest.approx(wanted, abs=1e-12)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(SAMPLES, st.floats(0.01, 0.99))
def test_the_value_is_the_sum_of_the_definition(samples, patience):
    group, quality = zip(*samples, strict=True)
    assert utility(group, quality, patience) == pytest.approx(read_one_by_one(group, quality, patience), abs=1e-9)


def test_ten_good_and_different_answers_have_the_utility_of_one():
    assert utility(list("abcdefghij"), [10] * 10) == pytest.approx(10, rel=1e-12)


def test_an_early_repeat_costs_more_than_a_late_one():
    assert utility(list("aabc"), [1] * 4) < utility(list("abca"), [1] * 4)
    assert Utility.ordered


def test_a_long_set_does_not_underflow():
    assert utility([str(i) for i in range(20_000)], [1.0] * 20_000, 0.5) == pytest.approx(1, rel=1e-12)


def test_the_classes_are_those_of_the_metric_not_those_of_the_texts():
    texts = Texts.of([["hi", "hello", "bye"]])
    texts.view(("embedding", "injected"), lambda _: np.array([[0.0, 2.0], [0.0, 3.0], [1.0, 0.0]]))
    metric = Utility(same="embedding", model="injected", dtype="float32", patience=0.5)
    assert metric.judged(texts, texts.groups[0], np.array([7, 14, 21])) == pytest.approx(7)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_quality_that_is_not_finite_is_refused_with_its_place(bad):
    with pytest.raises(BadInput, match=r"quality: wanted finite numbers, found .* for sample 1"):
        utility(["a", "b"], [1, bad])


@pytest.mark.parametrize("quality", [[], [1], [1, 2, 3], [[1], [2]], 1], ids=str)
def test_anything_but_one_quality_per_sample_is_refused(quality):
    with pytest.raises(BadInput, match=r"quality: wanted one number per sample \(2\)"):
        utility(["a", "b"], quality)


def test_whole_numbers_and_truth_values_are_qualities():
    assert utility(["a", "b"], np.array([True, False]), 1) == 0.5
    assert utility(["a", "b"], np.array([3, 4]), 1) == 3.5


def test_without_samples_or_without_quality_there_is_no_value():
    with pytest.raises(Undefined, match="no samples"):
        utility([], [])
    texts = Texts.of([["a", "b"]])
    with pytest.raises(Undefined, match="utility needs the quality of each sample"):
        Utility(same="text").value(texts, texts.groups[0])


def test_the_signature_names_the_settings_of_the_classes_and_the_patience():
    assert (
        Utility(same="text", patience=1).signature
        == "utility:same=text:model=:dtype=float32:threshold=1.0:patience=1.0"
    )
    assert Utility.from_settings("same=embedding:patience=0.5") == Utility(same="embedding", patience=0.5)


@pytest.mark.parametrize("patience", [-0.1, 1.1, np.nan, "0.8"])
def test_a_patience_that_is_no_probability_is_refused(patience):
    with pytest.raises(ValueError, match="patience: wanted a probability from 0 to 1"):
        Utility(patience=patience)
