"""Checks: what a line says, what it is held against, and the chances of a wrong outcome."""

from math import inf

import numpy as np
import pytest

from gendiv.benchmark.gating.check import Check
from gendiv.benchmark.gating.outcome import Range, decide, more
from gendiv.benchmark.intervals import Estimate
from gendiv.errors import BadInput

CEILING = Range(-inf, 0.03)


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("per_input.ead on a/b: drop <= 0.03", ("score", "ead", "per_input", "a/b", "drop", "<=", 0.03, False)),
        ("ead:n=2: rise <= 5%", ("score", "ead:n=2", None, None, "rise", "<=", 0.05, True)),
        ("across_input.length:unit=a.b on t/s: change <= 2", ("score", "length:unit=a.b", "across_input", "t/s",
                                                           "change", "<=", 2.0, False)),
        ("gap.win_rate <= 5 points", ("gap", "win_rate", None, None, "value", "<=", 0.05, False)),
        ("gap.per_input.ead on t/far: growth <= 1 point", ("gap", "ead", "per_input", "t/far", "growth", "<=", 0.01,
                                                           False)),
        ("rouge>=.2", ("score", "rouge", None, None, "value", ">=", 0.2, False)),
        ("faults == 0", ("faults", "", None, None, "value", "==", 0.0, False)),
        ("refusals on t/s <= 2", ("refusals", "", None, "t/s", "value", "<=", 2.0, False)),
    ],
)  # fmt: skip
def test_a_line_says_what_is_held_against_which_limit(line, parts):
    check = Check.of(line)
    assert (
        check.subject, check.metric, check.level, check.split, check.change, check.sign, check.limit, check.relative
    ) == parts  # fmt: skip
    assert Check.of(str(check)) == check


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("ead", "wanted a line such as"),
        ("ead: drop 0.03", "wanted a line such as"),
        ("ead: dropp <= 0.03", "did you mean drop?"),
        ("ead: growth <= 0.03", "cannot be said of ead"),
        ("gap.ead: drop <= 0.03", "known: growth"),
        ("faults: rise <= 1", "held against a limit as it is"),
        ("per_inptu.ead <= 1", "did you mean per_input?"),
        ("ead == 0.3", "== is for faults and refusals"),
        ("ead: drop >= 0.03", "a drop has a ceiling"),
        ("ead: drop <= -0.03", "wanted a margin from 0"),
        ("ead <= 3%", "% is of the baseline's value"),
        (3, "wanted a line such as"),
    ],
)
def test_a_line_that_is_no_check_is_refused_with_the_way_out(line, reason):
    with pytest.raises(BadInput, match=r"^check ") as refused:
        Check.of(line)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_one_sided_bounds_decide():
    # 30 differences of which each is 0.02 or 0.04: mean 0.03, standard error 0.01 / sqrt(29), Student's 95% point 1.699
    values = np.array([0.02, 0.04] * 15)
    found = decide(Estimate.of_mean(values), Range(-inf, 0.0331))
    reach = 0.01 / np.sqrt(29) * 1.6991
    assert (found.low, found.high) == pytest.approx((0.03 - reach, 0.03 + reach), abs=1e-6)
    assert decide(Estimate.of_mean(values), Range(-inf, 0.03 + 1.01 * reach)).outcome == "pass"
    assert decide(Estimate.of_mean(values), Range(-inf, 0.03 + 0.99 * reach)).outcome == "inconclusive"
    assert decide(Estimate.of_mean(values), Range(-inf, 0.03 - 0.99 * reach)).outcome == "inconclusive"
    assert decide(Estimate.of_mean(values), Range(-inf, 0.03 - 1.01 * reach)).outcome == "fail"
    assert decide(Estimate.of_mean(values), Range(0.03 - 0.99 * reach, inf)).outcome == "inconclusive"
    assert decide(Estimate.of_mean(values), Range(0.03 - 1.01 * reach, inf)).outcome == "pass"
    assert decide(Estimate.of_mean(values), Range(0.03 + 1.01 * reach, inf)).outcome == "fail"


def test_a_change_must_lie_within_both_ends():
    estimate = Estimate(0.0, 0.01, 1e6)
    assert decide(estimate, Range(-0.0165, 0.0165)).outcome == "pass"  # 1.645 standard errors
    assert decide(estimate, Range(-0.0164, 0.0164)).outcome == "inconclusive"
    assert decide(Estimate(-0.05, 0.01, 1e6), Range(-0.02, 0.02)).outcome == "fail"


def test_the_prompts_that_would_decide_are_those_that_bring_the_bound_to_the_limit():
    estimate = Estimate(0.02, 0.01, 1e6)
    factor = decide(estimate, CEILING).factor
    assert factor == pytest.approx(2.7055, rel=2e-3)  # (1.6449 * 0.01 / 0.01) ** 2
    wanted = more(factor, 100)
    shrunk = Estimate(0.02, 0.01 / np.sqrt((100 + wanted) / 100), 1e6)
    assert decide(shrunk, CEILING).outcome == "pass"
    assert more(decide(Estimate(0.03, 0.01, 1e6), CEILING).factor, 100) is None  # on the limit itself
    assert more(decide(Estimate(0.0299, 0.01, 1e6), CEILING).factor, 100) is None  # 27,000 times as many: no advice


def test_prompts_that_all_agree_rule_out_only_what_so_many_can():
    """A loss of 1 at 3% of the prompts is not seen at all in 32 of them with a chance of 0.97^32 = 0.38."""
    possible = Range(-1, 1)
    agreed = lambda prompts: decide(Estimate.of_mean(np.zeros(prompts)), CEILING, possible=possible)  # noqa: E731
    assert [agreed(prompts).outcome for prompts in (2, 32, 98, 99)] == ["inconclusive"] * 3 + ["pass"]
    assert agreed(32).high == pytest.approx(1 - 0.05 ** (1 / 32))
    assert more(agreed(32).factor, 32) == pytest.approx(99 - 32, abs=1)
    generator = np.random.default_rng(3)
    losses = (generator.random((1000, 32)) < 0.03).astype(float)
    passed = [decide(Estimate.of_mean(loss), CEILING, possible=possible).outcome == "pass" for loss in losses]
    assert np.mean(passed) <= 0.05
    all_lost = decide(Estimate.of_mean(np.ones(5)), CEILING, possible=possible)
    assert (all_lost.outcome, all_lost.high) == ("fail", 1.0)
    assert all_lost.low == pytest.approx(1 - 2 * (1 - 0.05**0.2))


def test_where_anything_is_possible_six_prompts_must_agree():
    same = lambda prompts: decide(Estimate.of_mean(np.zeros(prompts)), CEILING).outcome  # noqa: E731
    assert [same(prompts) for prompts in (2, 5, 6)] == ["inconclusive", "inconclusive", "pass"]  # 0.5^5 < 0.05


def test_a_single_prompt_decides_nothing():
    assert decide(Estimate(0.5, None, 0), CEILING).outcome == "inconclusive"


def test_each_error_is_as_rare_as_the_confidence_says_and_one_sided():
    """On the limit itself 5% pass and 5% fail; without a drop none fails; with twice the margin most fail."""
    generator = np.random.default_rng(7)
    shares = {}
    for drop in (0.0, 0.03, 0.06):
        draws = drop + generator.normal(0, 0.2, (600, 500))
        outcomes = [decide(Estimate.of_mean(draw), CEILING).outcome for draw in draws]
        shares[drop] = {outcome: outcomes.count(outcome) / len(outcomes) for outcome in ("pass", "fail")}
    assert 0.025 < shares[0.03]["pass"] < 0.08  # 0.05 by theory; standard deviation of the share: 0.009
    assert 0.025 < shares[0.03]["fail"] < 0.08
    assert shares[0.0]["fail"] == 0
    assert shares[0.06]["fail"] > 0.9  # 0.06 lies 3.35 standard errors beyond the limit: power 0.956
    assert shares[0.06]["pass"] == 0
