"""Claims decided on runs whose grades were set by hand, so that every difference can be counted by hand."""

import numpy as np
import pytest
from graded_runs import FAR, ID, NEAR, graded_run

from gendiv.benchmark.intervals import Estimate, Interval
from gendiv.benchmark.reproduce.claims import MARGIN, Claim, Evidence, Part, claims
from gendiv.benchmark.reproduce.contrasts import Measured, Score, contrast, level_of, over_seeds, over_splits
from gendiv.benchmark.reproduce.sweeps import match, sweep
from gendiv.errors import BadInput
from gendiv.metrics import Reward

QUALITY = Reward(model="hand")
SCORE = Score(QUALITY, "per_input", "quality")
JITTER = np.array([-0.03, -0.01, 0.0, 0.01, 0.03, 0.02, -0.02, 0.0])


def run(folder, levels, *, jitter=JITTER):
    """A run of 8 prompts a split whose grades lie around a level for each split."""
    grades = {split: list(level + jitter) for split, level in levels.items()}
    return Measured(graded_run(folder, grades, QUALITY).folder, [QUALITY])


def evidence(tmp_path, **levels):
    """Evidence of two seeds, the second a little better than the first everywhere."""
    runs = {
        policy: [
            run(tmp_path / f"{policy}-{seed}", {split: level + seed / 100 for split, level in where.items()})
            for seed in (0, 1)
        ]
        for policy, where in levels.items()
    }
    named = {name.replace("_", "-"): found for name, found in runs.items()}
    return Evidence(named, SCORE, (), (), {}, {})


def verdicts(found):
    return {claim.name: claim.verdict for claim in found}


def test_a_contrast_is_the_mean_over_prompts_and_over_the_splits_of_one_side(tmp_path):
    one = run(tmp_path / "one", {ID: 0.9, NEAR: 0.7, FAR: 0.5})
    two = run(tmp_path / "two", {ID: 0.6, NEAR: 0.3, FAR: 0.4}, jitter=JITTER[::-1])
    assert contrast(one, two, "id", SCORE).value == pytest.approx(0.3)
    assert contrast(one, two, "near", SCORE).value == pytest.approx(0.4)
    assert contrast(one, two, "id", SCORE).error == pytest.approx(np.std(JITTER - JITTER[::-1], ddof=1) / 8**0.5)
    assert level_of(one, "far", SCORE).value == pytest.approx(0.5)


def test_runs_of_different_prompts_are_not_contrasted(tmp_path):
    one = run(tmp_path / "one", {ID: 0.9})
    two = run(tmp_path / "two", {ID: 0.6}, jitter=JITTER[:5])
    with pytest.raises(BadInput, match=r"8 prompts in .* 5 in"):
        contrast(one, two, "id", SCORE)


def test_splits_that_rest_on_different_prompts_add_their_variances():
    both = over_splits([Estimate(0.2, 0.03, 40), Estimate(0.4, 0.04, 40)])
    assert both.error == pytest.approx((0.03**2 + 0.04**2) ** 0.5 / 2)


def test_a_missing_split_or_seed_leaves_no_mean_rather_than_one_of_the_others():
    assert over_splits([Estimate(0.2, 0.03, 40), None]) is None
    assert over_seeds([Estimate(0.2, 0.03, 40), None]) is None
    assert over_splits([]) is None


def test_the_interval_over_seeds_covers_what_seeds_and_prompts_move():
    """Simulated: effects of the seed, of the prompt (shared by all seeds) and of both; the true mean is 0."""
    generator = np.random.default_rng(5)
    covered, runs, prompts, seeds = 0, 400, 30, 3
    for _ in range(runs):
        shared = generator.normal(0, 0.3, prompts)
        found = [
            Estimate.of_mean(generator.normal(0, 0.05) + shared + generator.normal(0, 0.2, prompts))
            for _ in range(seeds)
        ]
        interval = over_seeds(found).interval()
        covered += interval.low <= 0 <= interval.high
    assert 0.94 <= covered / runs <= 1.0


def test_what_the_paper_found_holds_where_it_is_put_in(tmp_path):
    found = verdicts(
        claims(
            evidence(
                tmp_path,
                sft={ID: 0.5, NEAR: 0.4, FAR: 0.2},
                ppo={ID: 0.7, NEAR: 0.7, FAR: 0.7},
                best_of_n={ID: 0.9, NEAR: 0.9, FAR: 0.9},
            )
        )
    )
    assert (found["C1"], found["C2"], found["C3"]) == ("holds", "holds", "holds")
    assert (found["C4"], found["C5"], found["C6"]) == ("not tested",) * 3  # nothing was measured for them


def test_the_opposite_does_not_hold_and_what_is_equal_is_inconclusive(tmp_path):
    found = verdicts(
        claims(
            evidence(
                tmp_path,
                sft={ID: 0.7, NEAR: 0.7, FAR: 0.7},
                ppo={ID: 0.9, NEAR: 0.7, FAR: 0.3},
                best_of_n={ID: 0.9, NEAR: 0.7, FAR: 0.3},
            )
        )
    )
    assert (found["C1"], found["C2"], found["C3"]) == ("does not hold",) * 3
    equal = {ID: 0.7, NEAR: 0.7, FAR: 0.7}
    found = verdicts(claims(evidence(tmp_path / "equal", sft=equal, ppo=equal, best_of_n=equal)))
    assert (found["C1"], found["C2"], found["C3"]) == ("inconclusive",) * 3


@pytest.mark.parametrize(
    ("wanted", "low", "high", "verdict"),
    [
        ("above", 0.1, 0.2, "holds"),
        ("above", -0.1, 0.2, "inconclusive"),
        ("above", -0.2, -0.1, "does not hold"),
        ("below", -0.2, -0.1, "holds"),
        ("below", 0.1, 0.2, "does not hold"),
        ("not below", -MARGIN / 2, 0.1, "holds"),
        ("not below", -2 * MARGIN, 0.1, "inconclusive"),
        ("not below", -3 * MARGIN, -2 * MARGIN, "does not hold"),
    ],
)
def test_a_part_is_decided_by_its_interval(wanted, low, high, verdict):
    assert Part("a - b", wanted, Interval((low + high) / 2, low, high)).verdict == verdict


def test_context_does_not_decide_and_an_unmeasured_part_leaves_a_claim_untested():
    good, bad = Interval(0.2, 0.1, 0.3), Interval(-0.2, -0.3, -0.1)
    assert Claim("C", "", (Part("a", "above", good), Part("b", "above", bad, decides=False))).verdict == "holds"
    assert Claim("C", "", (Part("a", "above", good), Part("b", "above", None))).verdict == "not tested"
    assert Claim("C", "", (Part("a", "above", bad), Part("b", "above", good))).verdict == "does not hold"


def test_a_match_compares_at_the_temperature_that_makes_two_policies_equal(tmp_path):
    """Quality falls from 0.9 to 0.5 as the temperature rises from 0 to 1; the other has 0.8: at 0.25."""
    swept = {heat: [run(tmp_path / f"t{heat}", {ID: 0.9 - 0.4 * heat})] for heat in (0.0, 1.0)}
    other = [run(tmp_path / "other", {ID: 0.8})]
    found = match(swept, other, SCORE, SCORE, ("SFT", "RLHF"))
    assert found.at == (pytest.approx(0.25),)
    assert found.interval.value == pytest.approx(0.0, abs=1e-12)
    assert [round(point.scores["quality"].value, 6) for point in sweep(swept, [SCORE])] == [0.9, 0.5]


def test_policies_that_are_equal_at_no_temperature_are_said_to_be(tmp_path):
    swept = {heat: [run(tmp_path / f"t{heat}", {ID: 0.9 - 0.4 * heat})] for heat in (0.0, 1.0)}
    found = match(swept, [run(tmp_path / "other", {ID: 0.99})], SCORE, SCORE, ("SFT", "RLHF"))
    assert found.interval is None
    assert "SFT has quality from 0.500 to 0.900 at temperatures 0 to 1, RLHF has 0.990" in found.reason
