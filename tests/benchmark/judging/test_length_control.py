"""The length-controlled win rate, against an independent optimiser, another package, and leaving prompts out."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from gendiv.benchmark.intervals import Estimate
from gendiv.benchmark.judging.length_control import RIDGE, control_length, supported


def comparisons(seed, prompts, each, at_equal=0.3, slope=1.2, mean=40):
    """Return preferences, length differences and prompts of a judge that likes length."""
    random = np.random.default_rng(seed)
    clusters = np.repeat(np.arange(prompts), each)
    differences = random.normal(mean, 120, prompts * each) + random.normal(0, 50, prompts)[clusters]
    own = random.normal(0, 0.8, prompts)[clusters]
    won = random.random(prompts * each) < expit(at_equal + slope * np.tanh(differences / differences.std()) + own)
    return np.where(random.random(prompts * each) < 0.2, 0.5, won.astype(float)), differences, clusters


@pytest.mark.parametrize(("prompts", "each"), [(40, 1), (150, 1), (60, 3)])
def test_the_fit_is_the_one_a_general_optimiser_finds(prompts, each):
    preferences, differences, clusters = comparisons(prompts, prompts, each)
    found = control_length(preferences, differences, clusters)

    def loss(at):
        logits = at[0] + at[1] * np.tanh(differences / np.std(differences))
        return np.sum(np.log1p(np.exp(logits)) - preferences * logits) + RIDGE * at[1] ** 2 / 2

    best = minimize(loss, [0, 0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 5000}).x
    assert found.value == pytest.approx(1 / (1 + np.exp(-best[0])), abs=1e-6)
    assert found.slope == pytest.approx(best[1], abs=1e-5)


def test_without_the_ridge_it_is_the_generalised_linear_model_of_statsmodels(monkeypatch):
    """Expected: statsmodels 0.15.0, GLM(Binomial), errors clustered by prompt without a small-sample correction."""
    monkeypatch.setattr("gendiv.benchmark.judging.length_control.RIDGE", 0.0)
    random = np.random.default_rng(5)
    clusters = np.repeat(np.arange(80), 3)
    differences = random.normal(40, 120, 240)
    won = (random.random(240) < expit(0.3 + 1.2 * np.tanh(differences / differences.std()))).astype(float)
    won[random.random(240) < 0.2] = 0.5
    found = control_length(won, differences, clusters)
    assert found.value == pytest.approx(0.5739894277971194, abs=1e-12)
    assert found.slope == pytest.approx(0.38605433884955986, abs=1e-12)
    error = np.sqrt(np.sum((found.pseudo_values - found.value) ** 2)) / 80
    assert error == pytest.approx(0.02614626319560851, rel=1e-3)  # which takes the lengths' scale for known


@pytest.mark.parametrize(("prompts", "each"), [(80, 1), (200, 1), (80, 3)])
def test_pseudo_values_are_those_of_leaving_each_prompt_out(prompts, each):
    preferences, differences, clusters = comparisons(7, prompts, each)
    found = control_length(preferences, differences, clusters)
    left_out = []
    for prompt in range(prompts):
        kept = clusters != prompt
        again = np.unique(clusters[kept], return_inverse=True)[1]
        left_out.append(control_length(preferences[kept], differences[kept], again).value)
    jackknife = prompts * found.value - (prompts - 1) * np.array(left_out)
    assert np.corrcoef(jackknife, found.pseudo_values)[0, 1] > 0.999
    error = np.sqrt((prompts - 1) / prompts * np.sum((left_out - np.mean(left_out)) ** 2))
    assert Estimate.of_mean(found.pseudo_values).error == pytest.approx(error, rel=0.05)


def test_the_mean_of_the_pseudo_values_is_the_value():
    found = control_length(*comparisons(1, 50, 2))
    assert found.pseudo_values.mean() == pytest.approx(found.value, abs=1e-12)
    assert len(found.pseudo_values) == 50


def test_where_length_decides_every_win_the_slope_stays_finite_and_little_is_left_of_the_wins():
    """Ours is longer in three of four comparisons and wins just those: 0.75 plain.

    Both sides being as good as certain, 75 exp(-a - bv) = 25 exp(a - bv), so a = log(3) / 2 and the value is 0.634.
    """
    differences = np.tile([100.0, 100.0, 100.0, -100.0], 25)
    preferences = (differences > 0).astype(float)
    found = control_length(preferences, differences, np.arange(100))
    assert found.value == pytest.approx(expit(np.log(3) / 2), abs=0.005)
    assert 3 < found.slope < 30


def test_where_length_says_nothing_the_plain_win_rate_comes_out():
    differences = np.tile([50.0, -50.0], 20)
    preferences = np.tile([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0], 5)  # the same for longer and shorter ones
    found = control_length(preferences, differences, np.arange(40))
    assert found.value == pytest.approx(preferences.mean(), abs=1e-9)
    assert found.slope == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("always", [0.0, 1.0])
def test_a_comparison_that_is_always_won_or_lost_stays_so(always):
    found = control_length(np.full(5, always), np.array([1.0, -2.0, 3.0, 0.0, 9.0]), np.arange(5))
    assert (found.value, found.slope) == (always, 0.0)
    assert found.pseudo_values.tolist() == [always] * 5


def test_equal_lengths_throughout_leave_the_plain_win_rate():
    found = control_length(np.array([1.0, 0.5, 0.0, 1.0]), np.zeros(4), np.arange(4))
    assert found.value == pytest.approx(0.625)


def test_lengths_that_hardly_overlap_support_no_fit():
    assert supported(np.array([-1.0, -2.0, -3.0, 4.0, 5.0, 6.0]))
    assert not supported(np.array([-1.0, -2.0, 4.0, 5.0, 6.0]))
    assert supported(np.zeros(3))
    assert not supported(np.zeros(2))
    assert not supported(np.arange(1.0, 101.0))
    assert not supported(np.concatenate([np.arange(1.0, 97.0), -np.arange(1.0, 5.0)]))
    assert supported(np.concatenate([np.arange(1.0, 96.0), -np.arange(1.0, 6.0)]))


def test_the_interval_covers_what_it_should():
    """150 prompts with a longer side; of 300 such runs 95% should cover, give or take 2.5 points (two sigma)."""
    covered = []
    for seed in range(300):
        random = np.random.default_rng(seed)
        differences = random.normal(80, 100, 150)
        won = random.random(150) < expit(0.5 + 1.5 * np.tanh(differences / 100))
        found = Estimate.of_mean(
            control_length(won.astype(float), differences, np.arange(150)).pseudo_values
        ).interval()
        covered.append(found.low <= expit(0.5) <= found.high)
    assert 0.92 <= np.mean(covered) <= 0.98
