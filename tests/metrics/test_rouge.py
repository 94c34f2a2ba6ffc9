"""ROUGE, counted by hand."""

import numpy as np
import pytest

from gendiv.metrics import Rouge, Texts, Undefined


def rouge(samples, reference, **settings):
    texts = Texts.of([samples])
    return Rouge(**settings).against(texts, texts.groups[0], reference)


@pytest.mark.parametrize(
    ("type", "expected"),
    [
        ("rouge1", 2 * (4 / 5) * (4 / 6) / (4 / 5 + 4 / 6)),  # the, cat, on, mat
        ("rouge2", 2 * (1 / 4) * (1 / 5) / (1 / 4 + 1 / 5)),  # "the cat"
        ("rougeL", 2 * (4 / 5) * (4 / 6) / (4 / 5 + 4 / 6)),  # the cat on mat
    ],
)
def test_the_counts_of_one_sentence_are_those_counted_by_hand(type, expected):
    assert rouge(["The cat, on my mat."], "the cat sat on the mat", type=type) == pytest.approx(expected)


def test_a_set_has_the_mean_of_its_samples_and_repeats_count():
    assert rouge(["a b", "a b", "x"], "a b") == pytest.approx(2 / 3)


def test_without_a_reference_or_without_samples_there_is_no_value():
    texts = Texts.of([["a"], []])
    with pytest.raises(Undefined, match="reference"):
        Rouge().value(texts, texts.groups[0])
    with pytest.raises(Undefined, match="no samples"):
        Rouge().against(texts, np.array([], dtype=np.intp), "a")
