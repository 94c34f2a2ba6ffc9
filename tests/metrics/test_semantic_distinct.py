"""SemanticDistinct and SemanticChao1: classes counted by hand, and their edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gendiv.metrics import Texts, Undefined
from gendiv.metrics.semantic_distinct import SemanticChao1, SemanticDistinct

DISTINCT, CHAO1 = SemanticDistinct(same="text"), SemanticChao1(same="text")
EACH = pytest.mark.parametrize("metric", [DISTINCT, CHAO1], ids=lambda metric: metric.name)


def value(metric, group):
    texts = Texts.of([group])
    return metric.value(texts, texts.groups[0])


@pytest.mark.parametrize(
    ("group", "classes", "estimate"),
    [
        ("aaaa", 1, 1),
        ("ab", 2, 3),  # f1 = 2, f2 = 0: 2 + 2 * 1 / 2
        ("abcd", 4, 10),  # k (k + 1) / 2
        ("aabbc", 3, 3),  # f1 = 1: 1 * 0
        ("aabcd", 4, 5.5),  # f1 = 3, f2 = 1: 4 + 3 * 2 / 4
        ("aaabbbcde", 5, 8),  # f1 = 3, f2 = 0: 5 + 3 * 2 / 2
    ],
)
def test_classes_and_their_estimate_counted_by_hand(group, classes, estimate):
    assert value(DISTINCT, list(group)) == classes
    assert value(CHAO1, list(group)) == estimate


def test_the_count_is_of_meanings_where_an_encoder_tells_them():
    texts = Texts.of([["hi", "hello", "bye", "hi there", "see you"]])
    rows = np.array([[0.0, 2.0], [0.1, 3.0], [1.0, 0.0], [0.3, 1.0], [5.0, 0.2]])
    texts.view(("embedding", "injected"), lambda _: rows)
    assert SemanticDistinct(same="embedding", model="injected", dtype="float32").value(texts, texts.groups[0]) == 2
    assert SemanticChao1(same="embedding", model="injected", dtype="float32").value(texts, texts.groups[0]) == 2


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(st.sampled_from("abcdef"), min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_for_texts_the_order_of_the_draws_does_not_matter_and_the_estimate_is_no_lower(group, random):
    shuffled = random.sample(group, len(group))
    assert value(DISTINCT, group) == value(DISTINCT, shuffled) == len(set(group))
    assert value(CHAO1, group) == value(CHAO1, shuffled) >= value(DISTINCT, group)


def test_where_being_the_same_is_not_transitive_the_order_of_the_draws_decides():
    texts = Texts.of([["between", "left", "right"]])
    texts.view(("embedding", "injected"), lambda _: np.array([[1.0, 0.0], [4.0, 3.0], [4.0, -3.0]]))
    metric = SemanticDistinct(
        same="embedding", model="injected", dtype="float32", threshold=0.75
    )  # cosines 0.8, 0.8 and 0.28
    assert metric.value(texts, np.array([0, 1, 2])) == 1
    assert metric.value(texts, np.array([1, 0, 2])) == 2
    assert metric.ordered


@EACH
def test_saying_everything_twice_finds_no_new_class(metric):
    assert value(metric, list("abcabc")) <= value(metric, list("abc"))
    assert value(metric, list("abcabc")) == 3


@EACH
def test_leaving_one_out_is_the_value_of_the_rest(metric):
    texts = Texts.of([list("aabcdd")])
    left = metric.leave_out(texts, texts.groups[0])
    assert left.tolist() == [value(metric, [*"aabcdd"][:i] + [*"aabcdd"][i + 1 :]) for i in range(6)]


@EACH
def test_answers_to_different_prompts_are_not_compared(metric):
    assert metric.levels == ("per_input",)


def test_too_few_samples_are_undefined():
    with pytest.raises(Undefined, match="no samples"):
        value(DISTINCT, [])
    assert value(DISTINCT, ["a"]) == 1
    for group in ([], ["a"]):
        with pytest.raises(Undefined, match=f"two samples, the set has {len(group)}"):
            value(CHAO1, group)


@EACH
@pytest.mark.parametrize(
    "group", [["", " ", "a"], ["\0", "\ud800", "\U0001f600"], ["x" * 1_000_000, "word " * 200_000]]
)
def test_no_text_is_too_odd(metric, group):
    assert np.isfinite(value(metric, group))
