"""Texts: one pool of distinct texts, shared by every metric."""

import pytest

from gendiv.metrics import EAD, Distinct, Length, Texts


def test_each_distinct_text_is_pooled_once_in_order_of_first_appearance():
    texts = Texts.of([["b", "a", "b"], [], ["c", "a"]])
    assert texts.pool == ("b", "a", "c")
    assert [group.tolist() for group in texts.groups] == [[0, 1, 0], [], [2, 1]]


def test_texts_that_differ_only_in_invisible_ways_stay_apart():
    # NumPy strings would drop the NUL; normalisation would merge the two spellings of e-acute.
    assert len(Texts.of([["a", "a\0", "a ", "\u00e9", "e\u0301", "\ud800", "\ud801"]]).pool) == 7


def test_groups_may_come_from_a_generator():
    assert len(Texts.of([str(i)] for i in range(5)).groups) == 5


def test_a_bare_string_in_place_of_a_group_is_refused():
    with pytest.raises(TypeError, match="wrap it in a list"):
        Texts.of(["one", "two"])


def test_a_view_is_computed_once_and_the_first_to_ask_decides():
    texts = Texts.of([["a", "bb"]])
    assert texts.view("lengths", lambda pool: [len(text) for text in pool]) == [1, 2]
    assert texts.view("lengths", lambda _: pytest.fail("computed again")) == [1, 2]


def test_n_gram_metrics_share_one_tokenisation():
    texts = Texts.of([["a b c", "a b d"]])
    for metric in (Distinct(n=(1, 2)), EAD(n=(1, 2)), Length()):
        metric.value(texts, texts.groups[0])
    first = texts.view(("ngrams", "whitespace", 2), lambda _: pytest.fail("tokenised again"))
    EAD(n=(2,)).leave_out(texts, texts.groups[0])
    assert texts.view(("ngrams", "whitespace", 2), lambda _: None) is first
