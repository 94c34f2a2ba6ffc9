"""Distinct and EAD against numbers counted by hand, and those measured on the published code where its rules agree.

The published code deletes full stops and newlines and counts an n that no text reaches as 0; where that matters the
measured number is given beside what it becomes under the rules here.
"""

import pytest

from gendiv.metrics import EAD, Distinct, Duplicates, Length, Texts, Undefined

FRUIT = ["apples", "bananas", "oranges"]
LIKE, LOVE, MUNCH = (
    [f"I {verb} {fruit}." for fruit in FRUIT] for verb in ("like to eat", "love to eat", "love muching on")
)


def words(count: int, start: int = 0) -> str:
    return " ".join(f"w{i}" for i in range(start, start + count))


def value(metric, group):
    texts = Texts.of([group])
    return metric.value(texts, texts.groups[0])


@pytest.mark.parametrize(
    ("group", "ead", "ead_llama", "distinct"),
    [
        (LIKE, 0.6378211785884894, 0.6378459415977507, 0.6377777777777778),
        (LOVE, 0.6378211785884894, 0.6378459415977507, 0.6377777777777778),
        (MUNCH, 0.6378211785884894, 0.6378459415977507, 0.6377777777777778),
        (LIKE + LOVE + MUNCH, 0.538994964957481, None, 0.5388888888888889),
        ([LIKE[0], LOVE[0], MUNCH[0]], 0.8345037971855376, None, 0.8344444444444445),
        ([words(30)] * 16, 0.06277836128072145, 0.06293754688244296, 0.0625),
        ([words(30, 30 * i) for i in range(16)], 1.0044537804915432, 1.0070007501190874, 1.0),
        ([words(30, 30 * i) for i in range(500)], 1.145748901094882, 1.2346744097202962, 1.0),
        # No text has five words: the published mean over five n, times 5/4.
        (
            ["i am going", "i am going", "lets go i i"],
            0.592879102044402 * 5 / 4,
            0.5928916310104207 * 5 / 4,
            0.5928571428571429 * 5 / 4,
        ),
        # No text has three words: times 5/2.
        (["yes no"] * 16, 0.02500572112315187 * 5 / 2, 0.02500898567503886 * 5 / 2, 0.025 * 5 / 2),
        # No text has four words: times 5/3.
        (["The cat sat", "the cat sat"], 0.48334643291642915 * 5 / 3, None, 0.4833333333333333 * 5 / 3),
    ],
)
def test_values_measured_on_the_published_code_are_met(group, ead, ead_llama, distinct):
    # Its 1 - ((V-1)/V)^C cancels: for few n-grams only about 11 of its digits are right.
    assert value(EAD(), group) == pytest.approx(ead, rel=1e-10)
    assert value(Distinct(), group) == pytest.approx(distinct, rel=1e-12)
    if ead_llama is not None:
        assert value(EAD(vocabulary=32000), group) == pytest.approx(ead_llama, rel=1e-10)


@pytest.mark.parametrize(("n", "ead"), [(1, 0.466732), (2, 0.500055), (3, 0.5556), (4, 0.6667), (5, 1.00002)])
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
