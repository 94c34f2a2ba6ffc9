"""The as-released NLI metrics against the published arithmetic, written out step by step in plain Python.

Nothing here asks the library how: pairs come from two loops in the published order, the model answers one label with
its score, and characters are sampled by a generator of this file's own, from texts of one letter each where the values
have to be equal. (The n-gram metrics meet theirs in `test_released_ngrams`.)
"""

import math
import random
from dataclasses import dataclass
from itertools import starmap

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gendiv.metrics.models.entailment import LABELS
from gendiv.metrics.released.nli import ReleasedNLI
from gendiv.metrics.released.nli_sampled import ReleasedNLISampled
from gendiv.metrics.texts import Texts

MODEL = "scripted"
BATCH = 1024
WEIGHTS = {"CONTRADICTION": 1, "NEUTRAL": 0, "ENTAILMENT": -1}

TEXTS = st.sampled_from(["", ".", "yes", "yes.", "a\nb", "\u4f60\u597d\u3002", "e\u0301", "\ud800", "\0", "Yes"])


@dataclass
class Scripted:
    """A label model: a pair of texts always has the same three probabilities, and others the other way round."""

    seed: int = 0

    def row(self, premise, hypothesis):
        generator = random.Random(f"{self.seed} {premise!a} {hypothesis!a}")
        weights = [generator.random() ** 3 for _ in LABELS]
        return [weight / sum(weights) for weight in weights]

    def probabilities(self, pairs):
        return np.array(list(starmap(self.row, pairs))).reshape(-1, len(LABELS))

    def weighted(self, premise, hypothesis):
        row = self.row(premise, hypothesis)
        score = max(row)
        return WEIGHTS[LABELS[row.index(score)].upper()] * score

    def similarity(self, one, other):
        return self.weighted(one + ".", other + ".") + self.weighted(other + ".", one + ".")


def later_and_earlier(group):
    return [(group[later], group[earlier]) for later in range(len(group)) for earlier in range(later)]


def diversity(similarities):
    return 1 - math.fsum(similarities) / len(similarities)


def nli(group, judge):
    return diversity(list(starmap(judge.similarity, later_and_earlier(group))))


def nli_sampled(group, judge, pieces=5, seed=0):
    generator = random.Random(seed)
    pairs, similarities = later_and_earlier(group), []
    for start in range(0, len(pairs), BATCH):
        batch = pairs[start : start + BATCH]
        ones, others = [], []
        for one, other in batch:
            shorter = min(len(one), len(other))
            ones.extend(generator.sample(one[:shorter], min(pieces, shorter)))
            others.extend(generator.sample(other[:shorter], min(pieces, shorter)))
        k = len(ones) / len(batch)
        similarities.extend(judge.similarity(one, other) / k for one, other in zip(ones, others, strict=True))
    return diversity(similarities)


def value(metric, group, judge):
    texts = Texts.of([group])
    texts.view(("entailment", MODEL, "float32"), lambda _: judge)
    return metric.value(texts, texts.groups[0])


def letters(count, shortest, seed=0):
    """Return texts of one letter each: whichever characters are sampled, they are the same."""
    generator = random.Random(seed)
    return [generator.choice("abcdefghijkl") * generator.randint(shortest, 9) for _ in range(count)]


@settings(derandomize=True, max_examples=80, deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=7), st.integers(0, 100))
def test_nli_is_one_minus_the_published_mean_of_both_top_labels(group, seed):
    judge = Scripted(seed)
    assert value(ReleasedNLI(model=MODEL), group, judge) == pytest.approx(nli(group, judge), abs=1e-9)


def test_nli_is_the_published_one_for_as_many_pairs_as_there_are():
    group, judge = letters(60, shortest=1), Scripted()
    assert value(ReleasedNLI(model=MODEL), group, judge) == pytest.approx(nli(group, judge), abs=1e-9)


@pytest.mark.parametrize("pieces", [1, 2, 5, 8])
@pytest.mark.parametrize("count", [2, 3, 16, 45])
def test_sampled_nli_is_the_published_one_where_all_pairs_make_one_batch(count, pieces):
    # An empty text makes pairs without a character, short ones fewer pieces: k is no whole number.
    group, judge = ["aaaa", "bbb", "", *letters(count, shortest=0, seed=count)][:count], Scripted(pieces)
    wanted = nli_sampled(group, judge, pieces)
    assert value(ReleasedNLISampled(model=MODEL, sentences=pieces), group, judge) == pytest.approx(wanted, abs=1e-9)


def test_sampled_nli_is_the_published_one_over_batches_of_the_same_k():
    group, judge = letters(60, shortest=5), Scripted()
    assert value(ReleasedNLISampled(model=MODEL), group, judge) == pytest.approx(nli_sampled(group, judge), abs=1e-9)


def test_sampled_nli_is_the_published_one_over_batches_of_different_k():
    group, judge = sorted(letters(60, shortest=0)), Scripted()
    assert value(ReleasedNLISampled(model=MODEL), group, judge) == pytest.approx(nli_sampled(group, judge), abs=1e-9)


def test_sampled_nli_is_the_published_one_on_average_over_the_characters_drawn():
    group, judge = ["the cat sat", "a dog", "no", "rain and sun", "yes"], Scripted()
    ours = [value(ReleasedNLISampled(model=MODEL, seed=seed), group, judge) for seed in range(300)]
    published = [nli_sampled(group, judge, seed=seed) for seed in range(300)]
    error = math.sqrt((np.var(ours) + np.var(published)) / 300)
    assert error > 0
    assert np.mean(ours) == pytest.approx(np.mean(published), abs=4 * error)
