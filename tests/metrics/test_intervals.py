"""Intervals: their ends by hand, their refusals, and how often they cover the truth."""

import numpy as np
import pytest
from scipy import stats

from gendiv.benchmark.intervals import Interval, bootstrap_mean, jackknife
from gendiv.metrics import EAD, Distinct, Texts

SIMULATIONS = 400
PROMPTS, DRAWS = 32, 2
KINDS = 2000


def test_one_prompt_has_a_value_and_no_interval():
    assert bootstrap_mean(np.array([0.3]), seed=0) == Interval(0.3, None, None)
    assert jackknife(0.3, np.array([0.2])) == Interval(0.3, None, None)


def test_constant_values_have_an_interval_of_no_width():
    assert bootstrap_mean(np.full(7, 0.1), seed=0) == Interval(0.1, 0.1, 0.1)
    assert jackknife(0.5, np.full(8, 0.25)) == Interval(0.5, 0.5, 0.5)


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    values = np.random.default_rng(0).normal(size=40)
    assert bootstrap_mean(values, seed=1) == bootstrap_mean(values, seed=1)
    assert bootstrap_mean(values, seed=1) != bootstrap_mean(values, seed=2)


def test_the_value_is_the_mean_and_lies_inside():
    values = np.random.default_rng(0).exponential(size=20)
    interval = bootstrap_mean(values, seed=0)
    assert interval.value == pytest.approx(values.mean())
    assert interval.low < interval.value < interval.high


def test_two_prompts_give_the_widest_interval_a_bootstrap_can():
    assert bootstrap_mean(np.array([1.0, 2.0]), seed=0) == Interval(1.5, 1.0, 2.0)


def test_on_normal_values_the_widened_bootstrap_comes_near_students_interval():
    values = np.array(stats.norm.ppf((np.arange(12) + 0.5) / 12))
    interval = bootstrap_mean(values, seed=0, resamples=100_000)
    student = stats.t.ppf(0.975, 11) * values.std(ddof=1) / np.sqrt(12)
    plain = stats.norm.ppf(0.975) * values.std(ddof=0) / np.sqrt(12)
    half = (interval.high - interval.low) / 2
    assert half == pytest.approx(student, rel=0.03)
    assert half > 1.1 * plain


def test_more_confidence_needs_more_width():
    values = np.random.default_rng(0).normal(size=40)
    narrow, wide = (bootstrap_mean(values, seed=0, confidence=confidence) for confidence in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_resamples_are_drawn_in_chunks_and_all_of_them(monkeypatch):
    values = np.random.default_rng(0).normal(size=50)
    monkeypatch.setattr("gendiv.benchmark.intervals._CHUNK", 300)
    chunked = bootstrap_mean(values, seed=0, resamples=4_001)
    monkeypatch.undo()
    whole = bootstrap_mean(values, seed=0, resamples=4_001)
    assert (chunked.low, chunked.high) == pytest.approx((whole.low, whole.high), abs=0.05)


def test_the_jackknife_of_a_mean_is_students_interval():
    values = np.array([1.0, 2.0, 4.0, 9.0])
    interval = jackknife(values.mean(), (values.sum() - values) / 3)
    margin = stats.t.ppf(0.975, 3) * values.std(ddof=1) / 2
    assert (interval.low, interval.high) == pytest.approx((4 - margin, 4 + margin))


@pytest.mark.parametrize("values", [[], [np.nan, 1.0], [np.inf, 1.0], [[1.0, 2.0]]], ids=str)
def test_values_that_are_missing_or_not_finite_are_refused(values):
    for interval in (lambda v: bootstrap_mean(v, seed=0), lambda v: jackknife(0.5, v)):
        with pytest.raises(ValueError, match="one finite value per prompt"):
            interval(np.array(values))


@pytest.mark.parametrize("confidence", [0, 1, 95, np.nan])
def test_a_confidence_that_is_no_share_is_refused(confidence):
    with pytest.raises(ValueError, match="between 0 and 1"):
        bootstrap_mean(np.array([1.0, 2.0]), seed=0, confidence=confidence)


def coverage(intervals, truth):
    return np.mean([interval.low <= truth <= interval.high for interval in intervals])


def test_the_bootstrap_covers_the_mean_of_a_skewed_per_input_value():
    generator = np.random.default_rng(20240)
    intervals = [bootstrap_mean(generator.exponential(size=32), seed=i, resamples=2000) for i in range(SIMULATIONS)]
    assert 0.91 <= coverage(intervals, truth=1.0) <= 0.99


def zipf_texts(generator, sets, draws):
    """Pool sets of PROMPTS prompts x draws; each prompt has a length and a topic, whose words join those all share."""
    shares = np.cumsum(1 / np.arange(1, KINDS + 1))
    lengths = np.broadcast_to(generator.integers(5, 31, size=(sets, PROMPTS, 1)), (sets, PROMPTS, draws)).ravel()
    topics = np.repeat(generator.integers(KINDS, size=(sets, PROMPTS)), draws)
    words = np.searchsorted(shares, generator.random(lengths.sum()) * shares[-1])
    on_topic = generator.random(len(words)) < 0.4
    words = np.where(on_topic, words + np.repeat(topics, lengths), words) % KINDS
    written = np.split(words.astype(str), np.cumsum(lengths)[:-1])
    texts = Texts.of([[" ".join(text) for text in written]])
    return texts, texts.groups[0].reshape(sets, PROMPTS, draws)


@pytest.fixture(scope="module")
def simulated():
    return zipf_texts(np.random.default_rng(1), SIMULATIONS, DRAWS)


@pytest.fixture(scope="module")
def many():
    return zipf_texts(np.random.default_rng(2), 3000, 1)


@pytest.mark.parametrize("metric", [Distinct(n=(1, 2)), EAD(n=(1, 2))], ids=lambda metric: metric.name)
def test_the_jackknife_covers_the_expected_across_input_value(metric, simulated, many):
    texts, sets = many
    truth = np.mean([metric.value(texts, prompts[:, 0]) for prompts in sets])
    texts, sets = simulated
    intervals = [
        jackknife(
            np.mean([metric.value(texts, draw) for draw in prompts.T]),
            np.mean([metric.leave_out(texts, draw) for draw in prompts.T], axis=0),
        )
        for prompts in sets
    ]
    assert 0.91 <= coverage(intervals, truth) <= 0.99


def test_redrawing_the_prompts_of_an_across_input_set_would_not_do(simulated):
    texts, sets = simulated
    members = sets[0][:, 0]
    generator = np.random.default_rng(0)
    redrawn = [Distinct().value(texts, generator.choice(members, size=PROMPTS)) for _ in range(200)]
    assert max(redrawn) < Distinct().value(texts, members)
