"""The as-released n-gram metrics against values measured on the published code, and against its plain arithmetic."""

from itertools import combinations
from math import sqrt
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published import EACH_ORDER, LIKE, MEASURED, TOY

from gendiv.errors import BadInput
from gendiv.metrics import EAD, Distinct, Texts, Undefined
from gendiv.metrics.cosine_ngram import CosineNgram
from gendiv.metrics.released.ngrams import ReleasedCosineNgram, ReleasedDistinct, ReleasedEAD

WORDS = st.sampled_from(["a", "b", "b.", ".", "1.5", "\u00e9", "\ud800", "\0"])
SPACES = st.sampled_from([" ", "  ", "\n", "\t", "\u3000"])
TEXT = st.lists(st.tuples(WORDS, SPACES), max_size=8).map(lambda parts: "".join(word + space for word, space in parts))
ORDERS = st.sets(st.integers(1, 5), min_size=1).map(lambda orders: tuple(sorted(orders)))


def value(metric, group):
    texts = Texts.of([group])
    return metric.value(texts, texts.groups[0])


@pytest.mark.parametrize(
    ("group", "ead", "ead_llama", "distinct"),
    [
        *(row[:4] for row in MEASURED),
        ([""] * 16, 0.0, 0.0, 0.0),
        ([], 0.0, 0.0, 0.0),
        (["a b\nc d"], 0.6000059693890151, None, 0.6),
    ],
)
def test_values_measured_on_the_published_code_are_met(group, ead, ead_llama, distinct):
    assert value(ReleasedEAD(), group) == pytest.approx(ead, rel=1e-9)
    assert value(ReleasedDistinct(), group) == pytest.approx(distinct, rel=1e-9)
    if ead_llama is not None:
        assert value(ReleasedEAD(vocabulary=32000), group) == pytest.approx(ead_llama, rel=1e-9)


@pytest.mark.parametrize(("n", "ead"), EACH_ORDER)
def test_each_order_by_itself_meets_the_published_code(n, ead):
    assert value(ReleasedEAD(n=(n,)), LIKE) == pytest.approx(ead, rel=1e-4)


def test_the_toy_set_meets_the_published_code():
    assert value(ReleasedDistinct(n=(3,)), TOY) == 0.75
    assert value(ReleasedCosineNgram(n=(3,)), TOY) == pytest.approx(2 / 3, rel=1e-9)
    assert value(ReleasedCosineNgram(n=(3,)), LIKE) == pytest.approx(1 / 3, rel=1e-9)
    assert value(ReleasedCosineNgram(), TOY) == pytest.approx(0.7371, abs=5e-5)
    # Exactly: cosines of 1 and twice 2/sqrt(18) at n = 1; of 1, 0 and 0 at n = 2 and 3; of nothing at n = 4 and 5.
    wanted = fmean([1 - (1 + 4 / sqrt(18)) / 3, 2 / 3, 2 / 3, 1, 1])
    assert value(ReleasedCosineNgram(), TOY) == pytest.approx(wanted, rel=1e-9)


def grams(text, n):
    split = [word for word in text.replace(".", "").replace("\n", "").split(" ") if word != ""]
    return [tuple(split[i : i + n]) for i in range(len(split) - n + 1)]


def plain_distinct(group, n):
    pooled = [gram for text in group for gram in grams(text, n)]
    return len(set(pooled)) / len(pooled) if pooled else 0.0


def plain_ead(group, n, vocabulary):
    pooled = [gram for text in group for gram in grams(text, n)]
    expected = vocabulary * (1 - ((vocabulary - 1) / vocabulary) ** len(pooled))
    return len(set(pooled)) / expected if pooled else 0.0


def plain_cosine(one, other, n):
    one, other = grams(one, n), grams(other, n)
    inner = sum(one.count(gram) * other.count(gram) for gram in set(one) & set(other))
    squares = [sum(some.count(gram) ** 2 for gram in set(some)) for some in (one, other)]
    return inner / sqrt(squares[0] * squares[1]) if inner else 0.0


@settings(derandomize=True, max_examples=120, deadline=None)
@given(st.lists(TEXT, max_size=5), ORDERS, st.integers(2, 60000))
def test_values_and_leave_outs_equal_the_plain_published_arithmetic(group, orders, vocabulary):
    texts = Texts.of([group])
    (members,) = texts.groups
    smaller = [group[:i] + group[i + 1 :] for i in range(len(group))]
    for metric, plain in (
        (ReleasedDistinct(n=orders), plain_distinct),
        (ReleasedEAD(n=orders, vocabulary=vocabulary), lambda some, n: plain_ead(some, n, vocabulary)),
    ):
        wanted = [fmean(plain(some, n) for n in orders) for some in (group, *smaller)]
        assert metric.value(texts, members) == pytest.approx(wanted[0], rel=1e-9)
        assert metric.leave_out(texts, members).tolist() == pytest.approx(wanted[1:], rel=1e-9)


@settings(derandomize=True, max_examples=80, deadline=None)
@given(st.lists(TEXT, min_size=3, max_size=5), ORDERS)
def test_cosines_and_leave_outs_equal_the_plain_published_arithmetic(group, orders):
    def plain(some):
        return fmean(1 - fmean(plain_cosine(one, other, n) for one, other in combinations(some, 2)) for n in orders)

    texts = Texts.of([group])
    (members,) = texts.groups
    metric = ReleasedCosineNgram(n=orders)
    assert metric.value(texts, members) == pytest.approx(plain(group), rel=1e-9, abs=1e-12)
    smaller = [plain(group[:i] + group[i + 1 :]) for i in range(len(group))]
    assert metric.leave_out(texts, members).tolist() == pytest.approx(smaller, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("group", [[], ["a b c"]])
def test_the_published_mean_over_no_pairs_is_undefined(group):
    with pytest.raises(Undefined, match=f"two texts, the set has {len(group)}"):
        value(ReleasedCosineNgram(), group)


def test_the_profile_fixes_the_tokeniser():
    assert ReleasedDistinct().signature == "distinct:n=1-5"
    assert ReleasedEAD().signature == "ead:n=1-5:vocabulary=50257"
    assert ReleasedCosineNgram.from_settings("n=3").signature == "cosine_ngram:n=3"
    for metric in (ReleasedDistinct, ReleasedEAD, ReleasedCosineNgram):
        assert metric.profile == "as-released"
        metric().require()
        with pytest.raises(BadInput, match="tokenizer: Unexpected keyword argument"):
            metric.from_settings("tokenizer=words")
    assert {Distinct.profile, EAD.profile, CosineNgram.profile} == {"corrected"}


def test_a_vocabulary_for_which_the_published_formula_divides_by_zero_is_refused():
    assert value(ReleasedEAD(n=(1,), vocabulary=2**53), ["a b a"]) > 0
    with pytest.raises(ValueError, match="vocabulary: wanted a whole number from 2 to"):
        ReleasedEAD(vocabulary=2**53 + 1)
