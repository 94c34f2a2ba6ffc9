"""What verdicts come to, counted by hand."""

import math
import statistics

import numpy as np
import pytest

from gendiv.benchmark.intervals import Estimate, Interval
from gendiv.benchmark.judging.alpaca_eval import alpaca_eval
from gendiv.benchmark.judging.comparison import Comparison, outcomes_of
from gendiv.benchmark.judging.figures import figures, grades
from gendiv.benchmark.judging.kirk2023 import KIRK2023
from gendiv.benchmark.judging.share import share


def comparison(prompt, index=0, ours="ours", theirs="theirs, longer", split="t/s"):
    return Comparison(split, prompt, index, "instruction", f"prompt {prompt}", f"{ours} {prompt} {index}", theirs)


def outcomes(replies, comparisons=None):
    """Return the outcomes for each comparison's replies: ours first, then ours second."""
    asked = comparisons or [comparison(str(number)) for number in range(len(replies))]
    by_question = {
        one.question(KIRK2023, swapped): reply
        for one, pair in zip(asked, replies, strict=True)
        for swapped, reply in zip((False, True), pair, strict=True)
        if reply is not None
    }
    return outcomes_of(asked, KIRK2023, "both", by_question)


PAIRS = [
    ("A", "B", 1.0),  # ours wins twice
    ("B", "A", 0.0),  # loses twice
    ("A", "A", 0.5),  # contradicts itself
    ("tie", "tie", 0.5),
    ("A", "tie", 0.75),
    ("hm", "B", 1.0),  # one order can be read
    ("hm", "hm", math.nan),
    ("B", None, 0.0),  # one order was refused
]


@pytest.mark.parametrize(("first", "second", "preference"), PAIRS)
def test_a_preference_is_the_mean_of_the_orders_that_can_be_read(first, second, preference):
    (outcome,) = outcomes([(first, second)])
    assert outcome.preference == pytest.approx(preference, nan_ok=True)


def test_figures_count_what_the_verdicts_say():
    found = figures("t/s", outcomes([pair[:2] for pair in PAIRS]), [("A", "A"), ("A", "B"), ("hm", "A"), ("hm", "hm")])
    assert (found.prompts, found.comparisons, found.identical, found.undecided) == (8, 8, 0, 1)
    assert found.win_rate.value == pytest.approx((1 + 0 + 0.5 + 0.5 + 0.75 + 1 + 0) / 7)
    trust = found.trust
    assert (trust.questions, trust.refused) == (16, 1)
    assert (trust.unparsable.value, trust.unparsable.cases) == (pytest.approx(3 / 15), 15)
    assert (trust.ties.value, trust.ties.cases) == (pytest.approx(3 / 12), 12)
    # decided, by comparison: A B, B A, A A, A, B, B, of which A: 1, 1, 2, 1, 0, 0
    assert (trust.position_bias.value, trust.position_bias.cases) == (pytest.approx(5 / 9), 9)
    # both orders readable in five: A B, B A and tie tie agree, A A and A tie do not
    assert (trust.swap_consistency.value, trust.swap_consistency.cases) == (pytest.approx(3 / 5), 5)
    # ours is the shorter one; it loses in B A (2), in A A (1 of 2), in B (1)
    assert (trust.longer.value, trust.longer.cases) == (pytest.approx(4 / 9), 9)
    # A A agrees, A B and hm A do not, hm hm says nothing
    assert (trust.self_agreement.value, trust.self_agreement.cases) == (pytest.approx(1 / 3), 3)


def test_without_verdicts_there_are_no_figures_and_nothing_is_zero():
    found = figures("t/s", outcomes([("hm", "hm"), (None, None)]), [])
    assert found.win_rate is None
    assert found.win_rate_lc is None
    assert found.alpaca_eval is None
    assert found.trust.position_bias is None
    assert found.trust.swap_consistency is None
    assert found.trust.self_agreement is None
    assert found.undecided == 2
    assert found.trust.unparsable.value == 1


def test_identical_texts_are_a_draw_that_nobody_is_asked_about():
    same = Comparison("t/s", "1", 0, "post", "shown", " the same\n", "the same")
    assert same.orders("both") == ()
    (outcome,) = outcomes_of([same], KIRK2023, "both", {})
    assert outcome.preference == 0.5
    found = figures("t/s", [outcome], [])
    assert (found.identical, found.undecided, found.win_rate.value, found.trust.questions) == (1, 0, 0.5, 0)


def test_a_random_order_is_drawn_by_the_prompt_and_is_the_same_every_time():
    many = [comparison(str(number)) for number in range(400)]
    drawn = [one.orders("random") for one in many]
    assert drawn == [one.orders("random") for one in many]
    assert {len(orders) for orders in drawn} == {1}
    assert 150 < sum(orders == (True,) for orders in drawn) < 250


def test_grades_are_by_prompt_in_the_order_of_samples():
    asked = [comparison("b", 1), comparison("b", 0), comparison("a", 0), comparison("x", split="t/other")]
    found = outcomes([("A", "B"), ("B", "A"), ("hm", "hm"), ("A", "B")], asked)
    plain, controlled = grades(found, "t/s")
    assert plain["b"] == [0.0, 1.0]
    assert math.isnan(plain["a"][0])
    assert set(plain) == set(controlled) == {"a", "b"}
    assert math.isnan(controlled["a"][0])


def test_the_grades_of_the_length_controlled_win_rate_average_to_its_figure():
    asked = [comparison(str(number), ours="x" * (3 * number), theirs="y" * 60) for number in range(40)]
    found = outcomes([("A", "B") if number % 3 else ("B", "A") for number in range(40)], asked)
    _, controlled = grades(found, "t/s")
    values = [value for (value,) in controlled.values()]
    figure = figures("t/s", found, []).win_rate_lc
    assert statistics.fmean(values) == pytest.approx(figure.value)
    assert Estimate.of_mean(np.array(values)).interval().low == pytest.approx(figure.low)


def test_a_share_over_prompts_is_the_plain_share_of_the_cases():
    """Two prompts of three cases and one: 3 of 4, whatever the prompts' own shares."""
    found, cases = share([("p", 1), ("p", 1), ("p", 0), ("q", 1)])
    assert (found.value, cases) == (0.75, 4)
    assert share([]) is None
    assert share([("p", 1), ("p", 0)]) == (Interval(0.5, None, None), 2)


def test_the_interval_of_independent_cases_is_wilsons():
    """12 of 40, one a prompt: Wilson's interval for 39 of them (the error has n - 1), with t(39) = 2.022691 for z."""
    found, _ = share((number, float(number < 12)) for number in range(40))
    t, p, n = 2.022691, 0.3, 39
    middle, half = p + t**2 / 2 / n, t * math.sqrt(p * (1 - p) / n + t**2 / 4 / n**2)
    assert found.low == pytest.approx((middle - half) / (1 + t**2 / n), abs=1e-6)
    assert found.high == pytest.approx((middle + half) / (1 + t**2 / n), abs=1e-6)


def test_a_share_that_all_cases_agree_on_has_an_interval_too():
    """Wilson's 95% interval of 10 of 10, with t(9) = 2.262157 for z: from 10 / (10 + t squared) to 1."""
    found, _ = share((number, 1.0) for number in range(10))
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(10 / (10 + 2.262157**2), abs=1e-6)


@pytest.mark.parametrize(("prompts", "chance"), [(25, 0.5), (25, 0.9), (100, 0.95)])
def test_the_interval_of_a_share_covers_what_it_should(prompts, chance):
    """Two cases a prompt, the second one mostly as the first: 95% of 600 runs, give or take two points (two sigma)."""
    random = np.random.default_rng(prompts)
    covered = []
    for _ in range(600):
        first, other, same = random.random((3, prompts)) < np.array([[chance], [chance], [0.7]])
        values = np.stack([first, np.where(same, first, other)])
        found, _ = share((prompt, float(values[case, prompt])) for case in range(2) for prompt in range(prompts))
        covered.append(found.low <= chance <= found.high)
    assert 0.93 <= np.mean(covered) <= 0.985


def test_cases_of_one_prompt_count_as_one_draw():
    """A hundred cases of five prompts, alike within each, are no surer than five."""
    many = share((prompt, float(prompt < 2)) for prompt in range(5) for _ in range(20))[0]
    few = share((prompt, float(prompt < 2)) for prompt in range(5))[0]
    assert (many.low, many.high) == (pytest.approx(few.low), pytest.approx(few.high))


def test_alpaca_eval_is_the_mean_and_the_standard_error_of_its_published_definition():
    """100 mean(p - 1), and pandas' sem: the standard deviation with n - 1, over the square root of n; NaN dropped."""
    preferences = [2, 2, 1, 1.5, math.nan, 2, 1, 1, 2, 1.5]
    wins = [p - 1 for p in preferences if p == p]
    mean = sum(wins) / 9
    error = math.sqrt(sum((win - mean) ** 2 for win in wins) / 8) / 3
    found = alpaca_eval(preferences)
    assert found.win_rate == pytest.approx(100 * mean)
    assert found.standard_error == pytest.approx(100 * error)
    assert found.comparisons == 9
    assert alpaca_eval([math.nan]) is None
    assert math.isnan(alpaca_eval([2]).standard_error)
    with pytest.raises(ValueError, match="from 1"):
        alpaca_eval([0.5])


def test_alpaca_eval_agrees_with_pandas():
    pandas = pytest.importorskip("pandas")
    preferences = pandas.Series([2, 1, 1.5, 2, 2, 1, None])
    found = alpaca_eval(preferences.tolist())
    assert found.win_rate == pytest.approx(100 * (preferences - 1).mean())
    assert found.standard_error == pytest.approx(100 * (preferences - 1).sem())
