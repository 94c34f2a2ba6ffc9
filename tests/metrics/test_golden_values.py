"""Distinct and EAD against numbers counted by hand, and those measured on the published code where its rules agree.

The published code deletes full stops and newlines and counts an n that no text reaches as 0; where that matters the
measured number is given beside what it becomes under the rules here.
"""

import pytest
from published import EACH_ORDER, LIKE, MEASURED

from gendiv.metrics import EAD, Distinct, Duplicates, Length, Texts, Undefined


def value(metric, group):
    texts = Texts.of([group])
    return metric.value(texts, texts.groups[0])


@pytest.mark.parametrize(("group", "ead", "ead_llama", "distinct", "orders"), MEASURED)
def test_values_measured_on_the_published_code_are_met(group, ead, ead_llama, distinct, orders):
    # It counts 0 for an n that no text reaches, which is left out of the mean here.
    # Its 1 - ((V-1)/V)^C cancels: for few n-grams only about 11 of its digits are right.
    assert value(EAD(), group) == pytest.approx(ead * 5 / orders, rel=1e-10)
    assert value(Distinct(), group) == pytest.approx(distinct * 5 / orders, rel=1e-12)
    if ead_llama is not None:
        assert value(EAD(vocabulary=32000), group) == pytest.approx(ead_llama * 5 / orders, rel=1e-10)


@pytest.mark.parametrize(("n", "ead"), EACH_ORDER)
def test_each_order_by_itself_meets_the_published_code(n, ead):
    assert value(EAD(n=(n,)), LIKE) == pytest.approx(ead, rel=1e-4)


def test_words_are_parted_by_any_whitespace_and_keep_case_and_punctuation():
    assert value(Length(), ["a b\nc\td\u3000e\r\nf"]) == 6
    assert value(Distinct(n=(1,)), ["Cat cat cat. cat"]) == 3 / 4


def test_n_grams_do_not_cross_from_one_text_into_the_next():
    assert value(Distinct(n=(2,)), ["a b", "a b"]) == 1 / 2


def test_an_order_that_no_text_reaches_stays_out_of_the_mean():
    assert value(Distinct(), ["a a"]) == pytest.approx((1 / 2 + 1) / 2)


def test_a_set_without_a_single_n_gram_is_undefined_and_not_zero():
    for group in ([], [""], ["", " \n"] * 8):
        for metric in (Distinct(), EAD()):
            with pytest.raises(Undefined, match="1 or more words"):
                value(metric, group)
    with pytest.raises(Undefined, match="3 or more words"):
        value(EAD(n=(3, 4)), ["yes no"])


def test_ead_keeps_its_digits_for_a_vast_vocabulary_where_it_is_plain_distinct():
    assert value(EAD(vocabulary=10**18), LIKE) == pytest.approx(value(Distinct(), LIKE), rel=1e-15)


def test_ead_of_the_smallest_vocabulary_is_counted_by_hand():
    # Four words, three of them different; four draws from two words are expected to give 2 (1 - 1/16) = 15/8.
    assert value(EAD(n=(1,), vocabulary=2), ["a b", "c a"]) == pytest.approx(3 / (15 / 8), rel=1e-15)


def test_duplicates_counts_what_was_said_before():
    assert value(Duplicates(), ["a", "b", "a", "a"]) == 1 / 2
    assert value(Duplicates(), ["a"] * 16) == 15 / 16
    assert value(Duplicates(), ["a", "A", "a "]) == 0
    with pytest.raises(Undefined, match="two samples"):
        value(Duplicates(), ["a"])


def test_length_counts_empty_samples_as_zero_words():
    assert value(Length(), ["", "one two"]) == 1
    with pytest.raises(Undefined, match="no samples"):
        value(Length(), [])
