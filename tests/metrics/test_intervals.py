"""Estimates: their ends by hand, their refusals, and how often they cover the truth."""

import numpy as np
import pytest
from scipy import stats

from gendiv.benchmark.intervals import Estimate, Interval, holm
from gendiv.metrics import EAD, Distinct, Texts

SIMULATIONS = 1000
PROMPTS, DRAWS = 32, 2
KINDS = 2000


def test_one_prompt_has_a_value_and_no_interval():
    for estimate in (Estimate.of_mean(np.array([0.3])), Estimate.of_left_out(0.3, np.array([0.2]))):
        assert estimate.interval() == Interval(0.3, None, None)
        assert estimate.p_value() is None


def test_constant_values_have_an_interval_of_no_width():
    assert Estimate.of_mean(np.full(7, 0.1)).interval() == Interval(pytest.approx(0.1), *[pytest.approx(0.1)] * 2)
    assert Estimate.of_left_out(0.5, np.full(8, 0.25)).interval() == Interval(0.5, 0.5, 0.5)


def test_differences_that_are_all_alike_are_as_sure_as_their_signs_and_those_that_are_all_zero_are_none():
    assert Estimate.of_mean(np.full(7, 0.1)).p_value() == 2 * 0.5**7
    assert Estimate.of_mean(np.full(2, 0.1)).p_value() == 0.5
    assert Estimate.of_mean(np.zeros(7)).p_value() == 1


def test_symmetric_values_have_students_interval_and_p_value():
    values = np.array([-3.0, -1.0, 1.0, 3.0, 5.0])
    estimate = Estimate.of_mean(values)
    margin = stats.t.ppf(0.975, 4) * values.std(ddof=1) / np.sqrt(5)
    interval = estimate.interval()
    assert (interval.low, interval.high) == pytest.approx((1 - margin, 1 + margin), rel=1e-12)
    assert estimate.p_value() == pytest.approx(stats.ttest_1samp(values, 0).pvalue, rel=1e-12)


def test_a_long_tail_moves_the_interval_towards_it():
    values = np.random.default_rng(0).exponential(size=20)
    interval = Estimate.of_mean(values).interval()
    assert interval.value == pytest.approx(values.mean())
    assert interval.high - interval.value > 1.2 * (interval.value - interval.low) > 0


def test_halls_transform_by_hand():
    # Mean 2, standard deviation sqrt(3) over n, third moment 6: skewness 6 / 3^1.5; error sqrt(3 / 3) = 1.
    estimate = Estimate.of_mean(np.array([1.0, 1.0, 1.0, 5.0]))
    assert (estimate.error, estimate.freedom) == (pytest.approx(1), 3)
    a = 6 / 3**1.5 / (6 * 2)
    assert estimate.skew == pytest.approx(a)
    transformed = 2 + a * (2 * 4 + 1) + 4 / 3 * a**2 * 8
    assert estimate.p_value() == pytest.approx(2 * stats.t.sf(transformed, 3))


@pytest.mark.parametrize("values", [[0.0, 0.0, 0.0, 1.0], [1.0, 2.0, 4.0, 9.0, 9.5], [-7.0, 1.0, 2.0, 2.5]], ids=str)
def test_zero_lies_at_an_end_of_the_interval_just_where_the_p_value_says_so(values):
    values = np.array(values)
    confidence = 1 - Estimate.of_mean(values).p_value()
    interval = Estimate.of_mean(values).interval(confidence)
    assert min(abs(interval.low), abs(interval.high)) == pytest.approx(0, abs=1e-9)


def test_more_confidence_needs_more_width():
    estimate = Estimate.of_mean(np.random.default_rng(0).normal(size=40))
    narrow, wide = (estimate.interval(confidence) for confidence in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_the_jackknife_of_a_mean_is_the_interval_of_the_mean():
    values = np.array([1.0, 2.0, 4.0, 9.0])
    one = Estimate.of_left_out(values.mean(), (values.sum() - values) / 3)
    other = Estimate.of_mean(values)
    assert (one.error, one.skew, one.freedom) == pytest.approx((other.error, other.skew, other.freedom))


@pytest.mark.parametrize("values", [[], [np.nan, 1.0], [np.inf, 1.0], [[1.0, 2.0]]], ids=str)
def test_values_that_are_missing_or_not_finite_are_refused(values):
    for estimate in (Estimate.of_mean, lambda v: Estimate.of_left_out(0.5, v)):
        with pytest.raises(ValueError, match="one finite value per prompt"):
            estimate(np.array(values))


@pytest.mark.parametrize("confidence", [0, 1, 95, np.nan])
def test_a_confidence_that_is_no_share_is_refused(confidence):
    with pytest.raises(ValueError, match="between 0 and 1"):
        Estimate.of_mean(np.array([1.0, 2.0])).interval(confidence)


def test_holms_correction_by_hand_whatever_the_order():
    # 4 x 0.005, then 3 x 0.01, then 2 x 0.03, and 0.04 may not fall below what came before.
    assert holm(np.array([0.04, 0.005, 0.03, 0.01])) == pytest.approx([0.06, 0.02, 0.06, 0.03])
    assert holm(np.array([0.6, 0.9])).tolist() == [1, 1]
    assert holm(np.array([])).tolist() == []


def test_holms_correction_keeps_the_chance_of_any_false_rejection():
    generator = np.random.default_rng(0)
    p_values = generator.random((4000, 10))
    assert np.mean([(holm(row) < 0.05).any() for row in p_values]) == pytest.approx(0.05, abs=0.012)
    assert np.mean((p_values < 0.05).any(axis=1)) > 0.35


def coverage(intervals, truth):
    return np.mean([interval.low <= truth <= interval.high for interval in intervals])


@pytest.mark.parametrize(
    ("draw", "truth"),
    [
        (lambda generator: generator.normal(size=PROMPTS), 0.0),
        (lambda generator: generator.exponential(size=PROMPTS), 1.0),
        (lambda generator: generator.gamma(0.5, size=PROMPTS), 0.5),
        (lambda generator: generator.beta(5, 1.2, size=PROMPTS), 5 / 6.2),
    ],
    ids=["normal", "exponential", "gamma", "beta"],
)
def test_the_mean_of_skewed_per_input_values_is_covered(draw, truth):
    generator = np.random.default_rng(20240)
    intervals = [Estimate.of_mean(draw(generator)).interval() for _ in range(4 * SIMULATIONS)]
    assert 0.93 <= coverage(intervals, truth) <= 0.97


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
        Estimate.of_left_out(
            np.mean([metric.value(texts, draw) for draw in prompts.T]),
            np.mean([metric.leave_out(texts, draw) for draw in prompts.T], axis=0),
        ).interval()
        for prompts in sets
    ]
    assert 0.93 <= coverage(intervals, truth) <= 0.98


def test_redrawing_the_prompts_of_an_across_input_set_would_not_do(simulated):
    texts, sets = simulated
    members = sets[0][:, 0]
    generator = np.random.default_rng(0)
    redrawn = [Distinct().value(texts, generator.choice(members, size=PROMPTS)) for _ in range(200)]
    assert max(redrawn) < Distinct().value(texts, members)
