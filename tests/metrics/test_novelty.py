"""Novelty: by hand, by drawing every reference there is, and without each text by leaving it out."""

from itertools import combinations

import numpy as np
import pytest

from gendiv.benchmark.generalisation.distances import novelty_estimates
from gendiv.metrics.metric import Undefined
from gendiv.metrics.novelty import Novelty
from gendiv.metrics.texts import Texts

REFERENCE = ["a b", "b c", "a a", "c d", "e e"]
OTHERS = ["a b c", "x", "e x", "b b"]


def found_of(reference, others, **settings):
    texts = Texts.of([reference, others])
    return Novelty(**settings).of(texts, *texts.groups)


def share(text, reference, n):
    """Share of a text's n-grams that no reference text holds, averaged over those n that it has."""

    def grams(words, order):
        return [tuple(words[i : i + order]) for i in range(len(words) - order + 1)]

    shares = []
    for order in n:
        known = {gram for other in reference for gram in grams(other.split(), order)}
        own = grams(text.split(), order)
        if own:
            shares.append(np.mean([gram not in known for gram in own]))
    return np.mean(shares) if shares else np.nan


@pytest.mark.parametrize("n", [(1,), (1, 2), (2,)], ids=str)
@pytest.mark.parametrize("drawn", [1, 2, 3])
def test_it_is_the_mean_over_every_reference_that_could_be_drawn(n, drawn):
    found = found_of(REFERENCE, OTHERS, n=n, words=2 * drawn)  # each text has two words
    every = [[share(text, some, n) for text in OTHERS] for some in combinations(REFERENCE, drawn)]
    each = np.mean(every, axis=0)
    assert found.each == pytest.approx(each[~np.isnan(each)])
    assert found.value == pytest.approx(np.nanmean(each))
    own = [
        share(text, some, n)
        for place, text in enumerate(REFERENCE)
        for some in combinations(REFERENCE[:place] + REFERENCE[place + 1 :], drawn)
    ]
    assert found.baseline == pytest.approx(np.mean(own))


@pytest.mark.parametrize("settings", [{"n": (1,), "words": 3}, {"n": (1, 2, 3), "words": 5}], ids=str)
def test_without_each_text_is_what_the_others_give(settings):
    reference = ["a b c a", "b c", "", "c d e", "e e", "a b"]
    values, baselines = found_of(reference, OTHERS, **settings).without_each()
    for left in range(len(reference)):
        rest = found_of(reference[:left] + reference[left + 1 :], OTHERS, **settings)
        assert (values[left], baselines[left]) == pytest.approx((rest.value, rest.baseline))


def test_how_many_texts_are_held_against_the_reference_does_not_matter():
    generator = np.random.default_rng(0)

    def texts(count):
        return [" ".join(f"w{word}" for word in generator.zipf(1.3, size=20) % 500) for _ in range(count)]

    reference = texts(60)
    few, many = (found_of(reference, texts(count), words=600) for count in (400, 4000))
    assert few.value == pytest.approx(many.value, abs=0.01)
    assert few.value == pytest.approx(few.baseline, abs=0.02)
    longer = found_of([*reference, *texts(60)], texts(400), words=600)
    assert longer.value == pytest.approx(few.value, abs=0.02)  # 600 words of 120 texts, as of 60
    assert found_of(reference, texts(400), words=300).value > few.value + 0.02


def test_the_excess_of_one_kind_of_text_holds_0_at_least_as_often_as_promised():
    generator = np.random.default_rng(1)
    held = []
    for _ in range(600):
        topics = generator.integers(300, size=70)
        texts = [
            " ".join(f"w{(word + topic) % 300}" for word in generator.zipf(1.5, size=generator.integers(5, 30)) % 300)
            for topic in topics
        ]
        found = found_of(texts[:30], texts[30:], words=200, n=(1, 2))
        excess = novelty_estimates(found)[1].interval()
        held.append(excess.low <= 0 <= excess.high)
    assert 0.94 <= np.mean(held) < 1  # what belongs to a pair of texts is counted for both of them


def test_case_and_punctuation_are_not_new():
    assert found_of(["The cat.", "a dog", "a dog", "a dog"], ["the CAT"], n=(1, 2), words=4).value < 1
    assert found_of(["The cat."] * 6, ["the CAT!"], n=(1, 2), words=2).value == 0


@pytest.mark.parametrize(
    ("reference", "others", "reason"),
    [
        (["a b"] * 3, ["a"], "a reference needs 4 texts, found 3"),
        (["a"] * 4, ["a"], "3 words of reference cannot be sampled from 4; lower words"),
        (["a b"] * 4, ["", "!"], "no text has 1 or more words"),
    ],
)
def test_what_cannot_be_told_is_undefined(reference, others, reason):
    with pytest.raises(Undefined, match=reason):
        found_of(reference, others, words=3)


@pytest.mark.parametrize("wrong", [{"n": ()}, {"tokenizer": " "}, {"words": 0}])
def test_settings_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Novelty(**wrong)


def test_the_signature_names_every_setting():
    assert Novelty(n=(1, 2), words=70).signature == "novelty:n=1-2:tokenizer=words:words=70|version=1"
