"""Vendi: known cases, the whole kernel's eigenvalues, and the figures of the authors' package."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gendiv.metrics import SentenceBERT, Texts, Undefined
from gendiv.metrics.vendi import Vendi, hill_number

ROWS = np.array(
    [[1, 2, 3, 0, 1], [2, 0, 1, 1, 0], [-1, 1, 4, 2, 0], [3, 3, 0, -1, 2], [0, 1, 0, 0, 5]], dtype=np.float64
)
"""Five vectors that no four dimensions hold, so that no eigenvalue is 0."""


def value(rows, order=1.0, members=None):
    texts = Texts.of([[str(i) for i in range(len(rows))]])
    texts.view(("embedding", "injected"), lambda _: np.asarray(rows))
    chosen = texts.groups[0] if members is None else np.asarray(members)
    return Vendi(model="injected", dtype="float32", order=order).value(texts, chosen)


def from_the_whole_kernel(vectors, order):
    """Follow the definition word for word: all pairwise cosines, all eigenvalues, the sum."""
    count = len(vectors)
    kernel = [[u @ v / (np.linalg.norm(u) * np.linalg.norm(v)) for v in vectors] for u in vectors]
    eigenvalues = [x for x in np.linalg.eigvalsh(np.array(kernel) / count) if x > 1e-12]
    if order == 1:
        return math.exp(-sum(x * math.log(x) for x in eigenvalues))
    if math.isinf(order):
        return 1 / max(eigenvalues)
    return sum(x**order for x in eigenvalues) ** (1 / (1 - order))


@pytest.mark.parametrize(
    ("order", "golden"),
    [
        (1, 3.33060326778647),
        (2, 2.8663819231920824),
        (0.5, 3.8152269300961295),
        (0.1, 4.65217681034297),
        (math.inf, 2.0207876557005675),
    ],
)
def test_the_values_are_those_of_the_authors_package(order, golden):
    # Made once with vendi-score 0.0.3 from PyPI: score_K(cosines of ROWS, q=order), where inf is written "inf".
    assert value(ROWS, order) == pytest.approx(golden, rel=1e-12)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.integers(1, 12),
    st.integers(1, 6),
    st.sampled_from([0.0, 0.5, 1.0, 2.0, 7.0, math.inf]),
    st.integers(0, 2**32 - 1),
)
def test_the_value_is_that_of_the_definition_with_more_texts_than_dimensions_and_with_fewer(
    count, dimensions, order, seed
):
    generator = np.random.default_rng(seed)
    rows = generator.normal(size=(8, dimensions)) * generator.uniform(0.01, 100)
    members = generator.integers(8, size=count)
    wanted = from_the_whole_kernel(rows[members], order)
    assert value(rows, order, members) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("order", [0, 0.1, 0.5, 1, 2, 50, math.inf])
@pytest.mark.parametrize("count", [1, 2, 3, 200])
def test_texts_at_right_angles_count_each_and_copies_count_once(count, order):
    assert value(np.eye(count), order) == pytest.approx(count, rel=1e-12)
    assert value(np.full((count, 7), 0.1), order) == pytest.approx(1, rel=1e-12)


def test_vectors_in_a_plane_have_two_dimensions_whatever_the_rounding():
    angles = np.linspace(0, 3, 40)
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1) @ np.random.default_rng(0).normal(size=(2, 300))
    assert value(rows, order=0) == pytest.approx(2, rel=1e-12)
    assert value(rows, order=0.01) <= 2 + 1e-12


def test_length_and_repeats_of_the_whole_set_do_not_matter():
    stretched = ROWS * np.array([[1], [10], [0.1], [3], [1000]])
    assert value(stretched) == pytest.approx(value(ROWS), rel=1e-12)
    assert value(ROWS, members=[0, 1, 2, 3, 4] * 3) == pytest.approx(value(ROWS), rel=1e-12)


def test_a_repeat_of_one_text_gives_it_twice_the_weight():
    # Eigenvalues 2/3 and 1/3: exp(2/3 log(3/2) + 1/3 log 3).
    assert value(np.eye(2), members=[0, 1, 0]) == pytest.approx((3 / 2) ** (2 / 3) * 3 ** (1 / 3), rel=1e-12)
    assert value(np.eye(2), order=2, members=[0, 1, 0]) == pytest.approx(9 / 5, rel=1e-12)


def test_orders_near_one_meet_the_value_of_order_one():
    for step in (1e-6, 1e-9, 1e-12, 1e-15):
        assert value(ROWS, 1 + step) == pytest.approx(value(ROWS), rel=step + 1e-14)
        assert value(ROWS, 1 - step) == pytest.approx(value(ROWS), rel=step + 1e-14)


def test_the_value_falls_as_the_order_grows_down_to_that_of_the_largest_eigenvalue():
    values = [value(ROWS, order) for order in (0, 0.5, 1, 2, 10, 1000, 1e6, math.inf)]
    assert values == sorted(values, reverse=True)
    assert values[0] == pytest.approx(5)
    assert values[-2] == pytest.approx(values[-1], rel=1e-5)


def test_equal_shares_are_as_many_as_they_are_at_every_order():
    for order in (0, 0.3, 1, 3, 1e5, math.inf):
        assert hill_number(np.full(9, 0.2), order) == pytest.approx(9, rel=1e-12)


def test_leaving_one_out_is_the_value_of_the_rest():
    texts = Texts.of([list("abcde")])
    texts.view(("embedding", "injected"), lambda _: ROWS)
    left = Vendi(model="injected", dtype="float32").leave_out(texts, texts.groups[0])
    wanted = [from_the_whole_kernel(np.delete(ROWS, i, axis=0), 1) for i in range(5)]
    assert left == pytest.approx(wanted, rel=1e-12)


def test_an_empty_set_is_undefined():
    with pytest.raises(Undefined, match="no texts"):
        value(ROWS, members=np.array([], dtype=np.intp))


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_a_vector_without_a_direction_is_undefined_only_for_sets_that_hold_it(bad):
    rows = [[1.0, 0.0], [0.0, 1.0], [bad, 0.0]]
    with pytest.raises(Undefined, match="zero or non-finite"):
        value(rows)
    assert value(rows, members=[0, 1]) == pytest.approx(2)


def test_the_model_is_that_of_sentence_bert_unless_another_is_given():
    assert (Vendi().model, Vendi().dtype) == (SentenceBERT().model, SentenceBERT().dtype)
    assert Vendi().with_models(sbert="minilm", nli="other") == Vendi(model="minilm")
    assert Vendi().with_models(sbert=None, nli="other") == Vendi()


def test_signatures_read_back_and_one_order_has_one_spelling():
    for metric in (Vendi(model="minilm", order=2), Vendi(model="a:b", order=math.inf), Vendi()):
        assert Vendi.from_settings(metric.signature.removeprefix("vendi:")) == metric
    assert Vendi(model="minilm", dtype="float32", order=2).signature == "vendi:model=minilm:dtype=float32:order=2.0"
    assert Vendi(model="minilm", order=2) == Vendi(model="minilm", order=2.0)


@pytest.mark.parametrize("order", [-1, -math.inf, math.nan, "1"])
def test_an_order_that_is_no_order_is_refused(order):
    with pytest.raises(ValueError, match="order: wanted a number of at least 0"):
        Vendi(order=order)


def test_an_empty_model_is_refused():
    with pytest.raises(ValueError, match="model: wanted"):
        Vendi(model="")
