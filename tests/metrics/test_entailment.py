"""Entailment: the labels of pairs against transformers' own pipeline; each pair asked once; what is no NLI model."""

import json
import random
import sys

import numpy as np
import pytest
from tiny_nli import LABELS, WORDS, tiny_nli

from gendiv.errors import BadInput, NotInstalled
from gendiv.metrics.models.batches import batches
from gendiv.metrics.models.entailment import _loaded, check_nli, classify, confidence, entailment
from gendiv.metrics.texts import Texts


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(tiny_nli(tmp_path_factory.mktemp("nli")))


@pytest.fixture
def rows_seen(monkeypatch):
    """Count the rows that go through the network."""
    from transformers import BertForSequenceClassification

    seen = []
    forward = BertForSequenceClassification.forward

    def count(self, input_ids, **others):
        seen.extend(input_ids.tolist())
        return forward(self, input_ids=input_ids, **others)

    monkeypatch.setattr(BertForSequenceClassification, "forward", count)
    return seen


def some_pairs(count, seed=0):
    generator = random.Random(seed)
    texts = [" ".join(generator.choices(WORDS, k=generator.randint(0, 20))) for _ in range(count)]
    return [(generator.choice(texts), generator.choice(texts)) for _ in range(count)]


def published(model, pairs):
    """Ask transformers' pipeline, a pair at a time, all labels told."""
    from transformers import pipeline

    answer = pipeline("text-classification", model=model)
    rows = []
    for premise, hypothesis in pairs:
        found = {
            label["label"].lower(): label["score"]
            for label in answer({"text": premise, "text_pair": hypothesis}, top_k=None, truncation=True)
        }
        rows.append([found[label] for label in LABELS])
    return np.array(rows)


def test_probabilities_are_those_of_the_pipeline_a_pair_at_a_time(model):
    # A lone pipeline call takes an empty hypothesis for none at all and gives the premise by itself.
    pairs = [pair for pair in some_pairs(60) if pair[1]]
    rows = classify(pairs, model)
    assert rows == pytest.approx(published(model, pairs), abs=1e-5)
    assert rows.sum(axis=1) == pytest.approx(1, abs=1e-6)
    assert len(set(rows.argmax(axis=1))) > 1


@pytest.mark.parametrize(
    "labels", [("ENTAILMENT", "NEUTRAL", "CONTRADICTION"), ("neutral", "Contradiction", "entailment ")]
)
def test_labels_are_known_by_their_names_in_any_order_and_case(labels, tmp_path):
    folder = str(tiny_nli(tmp_path, labels=labels))
    own = {label.strip().lower(): position for position, label in enumerate(labels)}
    # The same weights under other names: the columns are those of the usual order, rearranged.
    usual = classify(some_pairs(10), str(tiny_nli(tmp_path / "usual")))
    assert classify(some_pairs(10), folder) == pytest.approx(usual[:, [own[label] for label in LABELS]], abs=1e-7)


def test_single_pairs_without_the_cache_agree_with_a_batch(model, monkeypatch, tmp_path):
    pairs = some_pairs(12)
    together = classify(pairs, model)
    for i, pair in enumerate(pairs):
        monkeypatch.setenv("GENDIV_CACHE", str(tmp_path / f"empty {i}"))
        assert classify([pair], model)[0] == pytest.approx(together[i], abs=1e-5)


def test_each_ordered_pair_is_scored_once_whoever_asks(model, rows_seen):
    texts = Texts.of([["the cat", "a dog"]])
    pairs = [("the cat", "a dog"), ("a dog", "the cat"), ("the cat", "a dog"), ("a dog", "a dog")]
    judge = entailment(texts, model)
    rows = judge.probabilities(pairs)
    assert len(rows_seen) == 3
    assert np.array_equal(rows[0], rows[2])
    assert np.array_equal(entailment(texts, model).probabilities(pairs[::-1]), rows[::-1])
    assert entailment(texts, model) is judge
    assert len(rows_seen) == 3


def test_a_second_run_makes_no_forward_pass_and_loads_no_model(model, rows_seen, monkeypatch):
    pairs = some_pairs(30)
    first = classify(pairs, model)
    count = len(rows_seen)
    assert count == len(set(pairs))
    monkeypatch.setattr("gendiv.metrics.models.entailment.load_classifier", lambda *_: pytest.fail("loaded again"))
    assert np.array_equal(classify(pairs, model), first)
    assert len(rows_seen) == count


def test_another_models_cache_is_not_hit(model, tmp_path, rows_seen):
    other = str(tiny_nli(tmp_path / "other", seed=1))
    pairs = some_pairs(8)
    first = classify(pairs, model)
    count = len(rows_seen)
    assert not np.allclose(classify(pairs, other), first, atol=1e-3)
    assert len(rows_seen) == 2 * count


def test_formats_do_not_share_a_cache(model, rows_seen):
    pairs = some_pairs(8)
    exact, coarse = classify(pairs, model, "float32"), classify(pairs, model, "bfloat16")
    assert len(rows_seen) == 2 * len(set(pairs))
    assert coarse == pytest.approx(exact, abs=0.2)
    assert not np.array_equal(coarse, exact)


def test_a_copy_of_a_model_elsewhere_is_the_same_model(model, tmp_path, rows_seen):
    import shutil

    pairs = some_pairs(8)
    classify(pairs, model)
    count = len(rows_seen)
    shutil.copytree(model, tmp_path / "copy")
    classify(pairs, str(tmp_path / "copy"))
    assert len(rows_seen) == count


def test_a_long_pair_loses_the_end_of_its_longer_text(model, rows_seen):
    # 64 tokens, of which [CLS] and two [SEP] take 3: "dog" keeps its one, "cat" 60 of 100.
    assert classify([("cat " * 100, "dog")], model) == pytest.approx(classify([("cat " * 60, "dog")], model), abs=1e-6)
    assert [len(row) for row in rows_seen] == [64, 64]


def test_texts_of_many_times_the_limit_are_cut_as_the_pipeline_cuts_them(model):
    text = " ".join(random.Random(0).choices(WORDS, k=900))
    pairs = [(text, "the cat"), ("the cat", text), (text, text[5:]), (text[:200], text)]
    assert classify(pairs, model) == pytest.approx(published(model, pairs), abs=1e-5)


def test_texts_of_any_kind_are_answered(model):
    odd = [
        "",
        "\0",
        "\ud800",
        "\udfff\ud800",
        "e\u0301",
        "\u4f60\u597d",
        "\U0001f600",
        "\n\n",
        "x" * 1_000_000,
        "cat " * 50_000,
    ]
    rows = classify([(a, b) for a in odd for b in ("", "the cat", a)], model)
    assert np.isfinite(rows).all()
    assert rows.sum(axis=1) == pytest.approx(1, abs=1e-6)


def test_no_pairs_have_no_rows(model):
    assert classify([], model).shape == (0, 3)


def test_batches_hold_every_position_once_within_their_bound():
    lengths = [random.Random(0).randint(1, 300) for _ in range(500)]
    found = list(batches(lengths, 1024))
    assert sorted(i for batch in found for i in batch) == list(range(500))
    assert all(len(batch) * max(lengths[i] for i in batch) <= 1024 for batch in found)
    assert list(batches([5000, 1], 1024)) == [[0], [1]]


def test_the_top_label_counts_with_its_sign_and_probability():
    rows = np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.1, 0.2, 0.7], [0.4, 0.4, 0.2]])
    assert confidence(rows).tolist() == [0.6, 0.0, -0.7, 0.4]


WRONG = {
    "two labels": (("entailment", "not_entailment"), "found entailment, not_entailment"),
    "nameless labels": (("LABEL_0", "LABEL_1", "LABEL_2"), "found LABEL_0, LABEL_1, LABEL_2"),
    "a regression head": (("LABEL_0",), "found LABEL_0"),
    "a label too many": ((*LABELS, "unknown"), "found contradiction, neutral, entailment, unknown"),
}


@pytest.mark.parametrize(("labels", "found"), WRONG.values(), ids=WRONG)
def test_another_head_is_refused_in_one_line_that_says_what_is_wanted(labels, found, tmp_path):
    folder = str(tiny_nli(tmp_path, labels=labels))
    for ask in (check_nli, lambda model: classify([("a", "b")], model)):
        with pytest.raises(
            BadInput, match="wanted a classifier with the labels contradiction, neutral, entail"
        ) as refusal:
            ask(folder)
        assert found in str(refusal.value)
        assert "\n" not in str(refusal.value)


def test_right_labels_over_no_trained_head_are_refused(tmp_path):
    from transformers import BertForSequenceClassification

    folder = tiny_nli(tmp_path)
    BertForSequenceClassification.from_pretrained(folder).bert.save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = dict(enumerate(LABELS))
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(BadInput, match="the checkpoint lacks classifier"):
        check_nli(str(folder))


@pytest.mark.parametrize("name", ["/no/such/folder", "not a hub id!", "no-such-org/no-such-model"])
def test_a_model_that_cannot_be_loaded_is_refused_with_the_way_out(name, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(BadInput, match="pass --nli-model with a local folder or a cached hub id") as refusal:
        classify([("a", "b")], name)
    assert repr(name) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_without_transformers_the_error_holds_the_command(model, monkeypatch):
    _loaded.cache_clear()
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(NotInstalled, match="pip install"):
        classify([("a", "b")], model)


def test_a_model_that_is_replaced_under_the_same_path_is_read_anew(tmp_path):
    folder = tmp_path / "replaced"
    tiny_nli(folder, seed=1)
    first = classify([("a", "b")], str(folder))
    tiny_nli(folder, seed=2)
    second = classify([("a", "b")], str(folder))
    tiny_nli(tmp_path / "other", seed=2)
    assert not np.allclose(first, second)
    assert second == pytest.approx(classify([("a", "b")], str(tmp_path / "other")))
