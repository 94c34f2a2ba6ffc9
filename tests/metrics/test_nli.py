"""NLI, NLISampled and the as-released forms: values counted by hand, and by loops over a real model's pipeline."""

import random
from itertools import combinations
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_nli import WORDS, tiny_nli

from gendiv.metrics.metric import Metric, Undefined
from gendiv.metrics.models.entailment import entailment
from gendiv.metrics.nli import NLI
from gendiv.metrics.nli_sampled import NLISampled
from gendiv.metrics.pairwise_entailment import balanced_pairs
from gendiv.metrics.released import nli as released_nli
from gendiv.metrics.released import nli_sampled as released_sampled
from gendiv.metrics.released import sbert as released_sbert
from gendiv.metrics.sbert import SentenceBERT
from gendiv.metrics.texts import Texts, text_hash

MODEL = "by hand"
ALL = [
    NLI(model=MODEL, dtype="float32"),
    NLI(model=MODEL, dtype="float32", pairs=20),
    NLISampled(model=MODEL, dtype="float32"),
    released_nli.ReleasedNLI(model=MODEL),
    released_sampled.ReleasedNLISampled(model=MODEL),
]
each = pytest.mark.parametrize("metric", ALL, ids=lambda metric: f"{metric.profile} {metric.signature}")
SIGNS = {"contradiction": 1, "neutral": 0, "entailment": -1}


class Judge:
    """Answers from a table, or at random by the texts; remembers what it was asked."""

    def __init__(self, table=None):
        self.table, self.asked = table, []

    def probabilities(self, pairs):
        self.asked.append(list(pairs))
        return np.array([self.answer(pair) for pair in pairs])

    def answer(self, pair):
        if self.table is not None:
            return self.table[pair]
        return np.random.default_rng(int.from_bytes(text_hash(pair)[:4])).dirichlet([0.5] * 3)

    def signed(self, pair):
        """Score a pair by plain comparison."""
        contradiction, neutral, entails = self.answer(pair)
        top = max(contradiction, neutral, entails)
        return {contradiction: top, neutral: 0.0, entails: -top}[top]


def judged(*groups, table=None):
    texts, judge = Texts.of(groups), Judge(table)
    texts.view(("entailment", MODEL, "float32"), lambda _: judge)
    return texts, judge


def group(count, seed=0):
    """Return texts that all differ, the first one empty."""
    generator = random.Random(seed)
    texts = {"": None}
    while len(texts) < count:
        texts[". ".join(generator.choices(WORDS, k=generator.randint(1, 8))).title()] = None
    return list(texts)


BY_HAND = {
    ("a", "b"): [0.7, 0.2, 0.1],  # +0.7
    ("b", "a"): [0.1, 0.8, 0.1],  # 0
    ("a", "c"): [0.1, 0.1, 0.8],  # -0.8
    ("c", "a"): [0.0, 0.1, 0.9],  # -0.9
    ("b", "c"): [0.5, 0.3, 0.2],  # +0.5
    ("c", "b"): [0.6, 0.4, 0.0],  # +0.6
    ("b", "b"): [0.2, 0.2, 0.6],  # -0.6
}


def test_values_are_those_counted_by_hand():
    texts, judge = judged(["a", "b", "c"], ["b", "a", "b"], table=BY_HAND)
    metric, (three, repeated) = ALL[0], texts.groups
    # Pairs: a b +0.7, a c -1.7, b c +1.1; and b a +0.7 twice, b b -1.2.
    assert metric.value(texts, three) == pytest.approx((0.7 - 1.7 + 1.1) / 3, abs=1e-12)
    assert metric.leave_out(texts, three) == pytest.approx([1.1, -1.7, 0.7], abs=1e-12)
    assert metric.value(texts, repeated) == pytest.approx((0.7 - 1.2 + 0.7) / 3, abs=1e-12)
    assert ("b", "b") in judge.asked[-1]


def test_the_released_form_adds_a_full_stop_and_takes_the_mean_from_one():
    stops = {(a + ".", b + "."): row for (a, b), row in BY_HAND.items()}
    texts, _ = judged(["a", "b", "c"], table=stops)
    metric = released_nli.ReleasedNLI(model=MODEL)
    assert metric.value(texts, texts.groups[0]) == pytest.approx(1 - (0.7 - 1.7 + 1.1) / 3, abs=1e-12)
    assert metric.leave_out(texts, texts.groups[0]) == pytest.approx([1 - 1.1, 1 + 1.7, 1 - 0.7], abs=1e-12)
    assert metric.profile == "as-released"
    assert metric.direction == "lower_is_more_diverse"


def test_the_released_direction_is_the_wrong_way_round():
    same = {(a, b): [0.0, 0.0, 1.0] for a in ("x.", "y.", "x", "y") for b in ("x.", "y.", "x", "y")}
    texts, _ = judged(["x", "y"], table=same)
    assert released_nli.ReleasedNLI(model=MODEL).value(texts, texts.groups[0]) == 3
    assert NLI(model=MODEL, dtype="float32").value(texts, texts.groups[0]) == -2


@pytest.mark.parametrize("count", [2, 3, 16])
def test_all_pairs_are_the_plain_loop_over_pairs(count):
    texts, judge = judged(group(count))
    members = texts.groups[0]
    drawn = [texts.pool[i] for i in members]
    loop = fmean(judge.signed((a, b)) + judge.signed((b, a)) for a, b in combinations(drawn, 2))
    assert NLI(model=MODEL, dtype="float32").value(texts, members) == pytest.approx(loop, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 60), st.integers(1, 100), st.integers(0, 5))
def test_chosen_pairs_are_distinct_balanced_and_as_many_as_stated(count, pairs, seed):
    chosen = balanced_pairs(count, pairs, seed)
    every = count * (count - 1) // 2
    assert len(chosen) == (every if every <= pairs else count * max(1, pairs // count))
    assert len({tuple(sorted(pair)) for pair in chosen.tolist()}) == len(chosen)
    assert all(a != b for a, b in chosen.tolist())
    assert len(set(np.bincount(chosen.ravel(), minlength=count))) == 1
    assert np.array_equal(chosen, balanced_pairs(count, pairs, seed))


def test_over_many_seeds_every_pair_is_chosen_equally_often():
    times = np.zeros((8, 8))
    for seed in range(4_000):
        for a, b in balanced_pairs(8, 10, seed).tolist():
            times[min(a, b), max(a, b)] += 1
    wanted = 4_000 * 8 / 28
    assert times[np.triu_indices(8, 1)] == pytest.approx(wanted, abs=6 * wanted**0.5)


def test_a_sample_of_pairs_estimates_the_value_of_all():
    texts, _ = judged(group(60))
    members = texts.groups[0]
    exact = NLI(model=MODEL, dtype="float32", pairs=5_000).value(texts, members)
    drawn = [NLI(model=MODEL, dtype="float32", pairs=300, seed=seed).value(texts, members) for seed in range(200)]
    assert len(set(drawn)) > 100
    assert fmean(drawn) == pytest.approx(exact, abs=4 * np.std(drawn) / 200**0.5)


@each
def test_neither_order_nor_pool_moves_a_value(metric):
    drawn = group(12)
    (alone, _), (among, _) = judged(drawn), judged(group(9, seed=1), drawn[::-1])
    value = metric.value(alone, alone.groups[0])
    assert metric.value(among, among.groups[1]) == pytest.approx(value, abs=1e-12)
    shuffled = random.Random(0).sample(range(12), 12)
    assert metric.value(alone, alone.groups[0][shuffled]) == pytest.approx(value, abs=1e-12)
    moved = metric.leave_out(alone, alone.groups[0][shuffled])
    assert moved == pytest.approx(metric.leave_out(alone, alone.groups[0])[shuffled], abs=1e-12)


@pytest.mark.parametrize("metric", [ALL[0], *ALL[2:]], ids=lambda metric: f"{metric.profile} {metric.name}")
@pytest.mark.parametrize("drawn", [group(14), group(5) * 2, group(4)[1:]], ids=["different", "repeated", "three"])
def test_leaving_out_quickly_is_leaving_out_afresh(metric, drawn):
    texts, _ = judged(drawn)
    wanted = Metric.leave_out(metric, texts, texts.groups[0])
    assert metric.leave_out(texts, texts.groups[0]) == pytest.approx(wanted, abs=1e-12)


def test_leaving_out_of_a_sample_of_pairs_leaves_out_the_members_pairs():
    texts, judge = judged(group(10))
    metric, members = ALL[1], texts.groups[0]
    order = sorted(range(10), key=lambda i: texts.pool[members[i]])
    chosen = [(order[a], order[b]) for a, b in balanced_pairs(10, 20, 0).tolist()]
    drawn = [texts.pool[i] for i in members]
    scores = {
        pair: judge.signed((drawn[pair[0]], drawn[pair[1]])) + judge.signed((drawn[pair[1]], drawn[pair[0]]))
        for pair in chosen
    }
    wanted = [fmean(score for pair, score in scores.items() if i not in pair) for i in range(10)]
    assert len(chosen) == 20
    assert metric.leave_out(texts, members) == pytest.approx(wanted, abs=1e-12)


@each
@pytest.mark.parametrize("drawn", [[], ["a"]], ids=len)
def test_fewer_than_two_texts_are_undefined(metric, drawn):
    texts, _ = judged(drawn)
    with pytest.raises(Undefined, match="two texts"):
        metric.value(texts, texts.groups[0])
    texts, _ = judged(["a", "b"])
    with pytest.raises(Undefined, match="two texts"):
        metric.leave_out(texts, texts.groups[0])


@each
def test_values_lie_in_the_stated_range_and_take_any_text(metric):
    texts, _ = judged(
        ["", "\0", "\ud800", "e\u0301", "\u4f60\u597d\u3002", "\U0001f600", "a\n\nb", "", "word " * 10_000]
    )
    low, high = metric.range
    assert low <= metric.value(texts, texts.groups[0]) <= high
    assert np.isfinite(metric.leave_out(texts, texts.groups[0])).all()


def test_sampled_sentences_meet_one_to_one_and_the_shorter_text_decides_how_many():
    texts, judge = judged(["A one. A two. A three.", "B one. B two."])
    metric = NLISampled(model=MODEL, dtype="float32")
    value = metric.value(texts, texts.groups[0])
    ((*forth, back_one, back_two),) = judge.asked
    assert len(forth) == 2
    assert {(back_one[1], back_one[0]), (back_two[1], back_two[0])} == set(forth)
    assert {a[0] + b[0] for a, b in forth} == {"AB"}
    assert {b for _, b in forth} == {"B one.", "B two."}
    assert value == pytest.approx(fmean(judge.signed((a, b)) + judge.signed((b, a)) for a, b in forth), abs=1e-12)


def test_sampled_sentences_are_as_many_as_asked_and_follow_the_seed():
    long = [" ".join(f"{letter} is {'no' * i}." for i in range(1, 13)) for letter in ("This", "That")]
    asked = {}
    for seed in range(3):
        texts, judge = judged(long)
        NLISampled(model=MODEL, dtype="float32", sentences=4, seed=seed).value(texts, texts.groups[0])
        asked[seed] = frozenset(judge.asked[0])
        assert len(judge.asked[0]) == 8
    assert len(set(asked.values())) == 3


def test_copies_meet_sentence_by_sentence_and_a_text_without_any_has_an_empty_one():
    texts, judge = judged(["One. Two. Three."] * 2, ["", "  "])
    for members in texts.groups:
        NLISampled(model=MODEL, dtype="float32").value(texts, members)
    assert all(a == b for a, b in judge.asked[0])
    assert set(judge.asked[1]) == {("", "")}


def test_preparing_asks_about_all_sets_at_once_and_values_ask_nothing_new(tmp_path, monkeypatch):
    folder = str(tiny_nli(tmp_path / "nli"))
    texts = Texts.of([group(4), group(5, seed=1)])
    calls = []
    from gendiv.metrics.models import entailment as module

    classify = module.classify
    monkeypatch.setattr(module, "classify", lambda *given: calls.append(given[0]) or classify(*given))
    for metric in (
        NLI(model=folder, dtype="float32"),
        NLISampled(model=folder, dtype="float32"),
        released_nli.ReleasedNLI(model=folder),
        released_sampled.ReleasedNLISampled(model=folder),
    ):
        calls.clear()
        metric.prepare(texts, texts.groups)
        assert len(calls) == 1
        assert len(set(calls[0])) == len(calls[0])
        for members in texts.groups:
            metric.value(texts, members)
            metric.leave_out(texts, members)
        assert len(calls) == 1
    metric.prepare(texts, [texts.groups[0][:1]])


def test_a_real_model_gives_what_its_pipeline_gives_a_pair_at_a_time(tmp_path):
    from transformers import pipeline

    folder = str(tiny_nli(tmp_path / "nli"))
    answer = pipeline("text-classification", model=folder)

    def signed(a, b):
        (top,) = answer({"text": a, "text_pair": b}, top_k=1, truncation=True)
        return SIGNS[top["label"]] * top["score"]

    drawn = [text for text in group(9, seed=3) if text.strip()]
    texts = Texts.of([drawn])
    members = texts.groups[0]
    both = [signed(a, b) + signed(b, a) for a, b in combinations(drawn, 2)]
    assert NLI(model=folder, dtype="float32").value(texts, members) == pytest.approx(fmean(both), abs=1e-5)
    both = [signed(b + ".", a + ".") + signed(a + ".", b + ".") for a, b in combinations(drawn, 2)]
    assert released_nli.ReleasedNLI(model=folder).value(texts, members) == pytest.approx(1 - fmean(both), abs=1e-5)


def released_by_loops(drawn, judge, batch, seed=0):
    """Repeat the published arithmetic: batches of pairs, each score divided by k, the mean over all, from 1."""
    drawn = sorted(drawn)
    pairs = [(drawn[i], drawn[j]) for i in range(len(drawn)) for j in range(i)]
    scores = []
    for start in range(0, len(pairs), batch):
        pieces = []
        some = pairs[start : start + batch]
        for later, earlier in some:
            length = min(len(later), len(earlier))
            generator = random.Random(text_hash((str(seed), later, earlier)))
            one = generator.sample(later[:length], min(5, length))
            pieces += zip(one, generator.sample(earlier[:length], min(5, length)), strict=True)
        k = len(pieces) / len(some)
        scores += [(judge.signed((a + ".", b + ".")) + judge.signed((b + ".", a + "."))) / k for a, b in pieces]
    return 1 - fmean(scores)


@pytest.mark.parametrize("batch", [1024, 7])
def test_the_released_sampled_form_is_the_published_loop_over_characters(batch, monkeypatch):
    monkeypatch.setattr(released_sampled, "BATCH", batch)
    drawn = ["the cat sat", "a dog", "no", "", "yes", "rain and sun", "no"]
    texts, judge = judged(drawn)
    value = released_sampled.ReleasedNLISampled(model=MODEL).value(texts, texts.groups[0])
    assert value == pytest.approx(released_by_loops(drawn, judge, batch), abs=1e-9)


def test_the_released_sampled_form_divides_by_k_once_too_often():
    # One character each way: (0.8 + 0.8) / 5 however many there are.
    texts, _ = judged(["aaaaaaa", "aaaaaaaaa"], table={("a.", "a."): [0.8, 0.1, 0.1]})
    assert released_sampled.ReleasedNLISampled(model=MODEL).value(texts, texts.groups[0]) == pytest.approx(
        1 - 1.6 / 5, abs=1e-12
    )


def test_texts_without_a_character_are_undefined_as_released():
    texts, _ = judged(["", "", "a"])
    with pytest.raises(Undefined, match="no two texts"):
        released_sampled.ReleasedNLISampled(model=MODEL).value(texts, texts.groups[0])


def test_released_sentence_bert_is_the_loop_over_cosines():
    rows = np.random.default_rng(0).normal(size=(7, 5))
    texts = Texts.of([[str(i) for i in range(7)]])
    metric = released_sbert.ReleasedSentenceBERT(model="injected")
    texts.view(("embedding", "injected"), lambda _: rows)
    loop = 1 - fmean(float(a @ b) / float(np.linalg.norm(a) * np.linalg.norm(b)) for a, b in combinations(rows, 2))
    assert metric.value(texts, texts.groups[0]) == pytest.approx(loop, abs=1e-12)
    assert metric.profile == "as-released"
    assert metric.signature == SentenceBERT(model="injected").signature


@each
def test_another_model_replaces_the_metrics_own_and_an_encoder_does_not(metric):
    changed = metric.with_models(sbert="x", nli="another")
    assert changed.model == "another"
    assert type(changed) is type(metric)
    assert changed.with_models(sbert=None, nli=MODEL) == metric
    assert metric.with_models(sbert="x", nli=None) == metric


@each
def test_a_signature_names_every_setting_and_builds_the_metric_again(metric):
    assert type(metric).from_settings(metric.signature.partition(":")[2]) == metric
    assert ":dtype=float32" in metric.signature


@pytest.mark.parametrize("wrong", [{"pairs": 0}, {"seed": 0.5}, {"model": ""}, {"dtype": "int8"}])
def test_a_wrong_setting_is_refused_by_name(wrong):
    for kind in (NLI, NLISampled):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))}: wanted"):
            kind(**wrong)


def test_metrics_share_one_model_of_a_pool():
    texts, judge = judged(group(3))
    for metric in ALL:
        assert entailment(texts, metric.model, metric.dtype) is judge
