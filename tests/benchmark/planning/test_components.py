"""Variance components: by hand, as they were put in, and right where they are used for a plan."""

from functools import partial

import numpy as np
import pytest

from gendiv.benchmark.choosing import choose_metrics
from gendiv.benchmark.formats.row import Row
from gendiv.benchmark.intervals import Estimate
from gendiv.benchmark.measuring import measure
from gendiv.benchmark.planning.components import spreads, spreads_of_difference
from gendiv.benchmark.planning.power import prompts_for_difference
from gendiv.errors import BadInput
from gendiv.metrics import Reward

REWARD = Reward(model="rm")
SIZES = (1, 2, 4, 8, 16, 32)
(LENGTH,), (DISTINCT,) = choose_metrics(["length"]), choose_metrics(["distinct:n=1"])


def graded(grades):
    return [Row(str(i), None, ("x",) * len(row), grades={REWARD.signature: tuple(row)}) for i, row in enumerate(grades)]


def texts(groups):
    return [Row(str(i), None, tuple(group)) for i, group in enumerate(groups)]


def by_size(found):
    return {spread.samples: spread for spread in found}


def test_the_components_of_a_mean_by_hand():
    found = by_size(spreads(graded([[1, 3], [5, 5], [2, 6]]), REWARD, "per_input", SIZES))
    # Within: variances 2, 0, 8. Means 2, 5, 4: variance 7/3, of which 10/3 / 2 is sampling.
    assert found[1].within == pytest.approx(10 / 3)
    assert found[1].between == pytest.approx(7 / 3 - 10 / 6)
    assert found[1].total == pytest.approx(7 / 3 - 10 / 6 + 10 / 3)
    assert found[2].total == pytest.approx(7 / 3)
    assert found[32].within == pytest.approx(10 / 3 / 32)
    assert {spread.how for spread in found.values()} == {"exact"}


def test_the_components_of_a_mean_are_those_that_were_put_in():
    generator = np.random.default_rng(0)
    grades = generator.normal(0, 2.0, size=(4000, 1)) + generator.normal(0, 3.0, size=(4000, 4))
    for spread in spreads(graded(grades), REWARD, "per_input", SIZES):
        assert spread.between == pytest.approx(4, rel=0.08)
        assert spread.within == pytest.approx(9 / spread.samples, rel=0.05)


def test_one_grade_a_prompt_does_not_tell_prompts_from_sampling_and_no_other_size_is_planned():
    (only,) = spreads(graded([[1.0], [2.0], [4.0]]), REWARD, "per_input", SIZES)
    assert (only.samples, only.within, only.between) == (1, None, None)
    assert only.total == pytest.approx(7 / 3)


def test_prompts_without_a_grade_are_left_out_and_counted():
    (first, *_) = spreads(graded([[1, 3], [5, 5], [2, np.nan], [2, 6]]), REWARD, "per_input", SIZES)
    assert first.within == pytest.approx(10 / 3)
    assert first.defined == 0.75


def test_a_mean_over_samples_has_the_same_components_by_subsets_as_exactly():
    generator = np.random.default_rng(1)
    lengths = 20 + generator.integers(0, 8, size=(300, 1)) + generator.integers(0, 12, size=(300, 16))
    found = by_size(spreads(texts([["w " * n for n in row] for row in lengths]), LENGTH, "per_input", SIZES))
    exact = by_size(spreads(graded(lengths.astype(float)), REWARD, "per_input", SIZES))
    for size in SIZES:
        assert found[size].total == pytest.approx(exact[size].total, rel=0.12)
        assert found[size].within == pytest.approx(exact[size].within, rel=0.12)
    assert [found[size].how for size in SIZES] == ["measured"] * 5 + ["extrapolated"]


def drawn(generator, prompts, samples, more=0):
    """Texts of 12 words from vocabularies that differ between prompts; `more` words make a model more varied."""
    kinds = generator.integers(10, 60, size=prompts)
    return [
        [" ".join(f"w{word}" for word in generator.integers(kind + more, size=12)) for _ in range(samples)]
        for kind in kinds
    ]


def test_subsets_tell_of_smaller_samples_what_fresh_ones_would():
    generator = np.random.default_rng(2)
    pilot = by_size(spreads(texts(drawn(generator, 400, 16)), DISTINCT, "per_input", SIZES))
    for size in (2, 4, 8):
        groups = drawn(generator, 400, 2 * size)
        halves = [texts([group[half::2] for group in groups]) for half in (0, 1)]
        fresh = [by_size(spreads(rows, DISTINCT, "per_input", (size,)))[size] for rows in halves]
        assert pilot[size].total == pytest.approx(np.mean([spread.total for spread in fresh]), rel=0.15)
        values = [[len(set(" ".join(row.samples).split())) / (12 * size) for row in rows] for rows in halves]
        within = np.mean(np.square(np.subtract(*values))) / 2
        assert pilot[size].within == pytest.approx(within, rel=0.2)


def test_beyond_the_pilot_sampling_shrinks_and_what_is_the_prompts_stays():
    found = by_size(spreads(texts(drawn(np.random.default_rng(3), 60, 4)), DISTINCT, "per_input", SIZES))
    assert [found[size].how for size in (4, 8, 16, 32)] == ["measured", *["extrapolated"] * 3]
    assert found[32].within == pytest.approx(found[2].within / 16)
    assert found[32].between == pytest.approx(found[4].between)


def test_a_size_that_has_no_value_is_left_out():
    (sbert,) = choose_metrics(["cosine_ngram:n=1"])
    found = by_size(spreads(texts(drawn(np.random.default_rng(4), 20, 4)), sbert, "per_input", SIZES))
    assert list(found) == [2, 4, 8, 16, 32]


def test_pairing_takes_out_what_the_prompts_have_in_common():
    generator = np.random.default_rng(5)
    hard = generator.normal(0, 5.0, size=(2000, 1))
    ones, twos = (graded(hard + generator.normal(0, 1.0, size=(2000, 2))) for _ in range(2))
    alone = by_size(spreads(ones, REWARD, "per_input", SIZES))[4]
    both = by_size(spreads_of_difference(ones, twos, REWARD, "per_input", SIZES))[4]
    assert alone.total == pytest.approx(25 + 1 / 4, rel=0.1)
    assert both.total == pytest.approx(2 / 4, rel=0.15)


def test_across_inputs_the_error_of_the_score_is_foretold():
    generator = np.random.default_rng(6)
    found = by_size(spreads(texts(drawn(generator, 60, 8)), DISTINCT, "across_input", SIZES))
    errors = []
    for _ in range(20):
        (score,) = measure(texts(drawn(generator, 60, 2)), [DISTINCT], levels=["across_input"])
        errors.append(score.estimate().error)
    assert np.sqrt(found[2].total / 60) == pytest.approx(np.mean(errors), rel=0.2)


def test_the_paired_test_on_the_planned_prompts_finds_the_difference_as_often_as_promised():
    """A metric of sets, a pilot of 150 prompts and 16 samples, and real runs of the planned size with 4 samples."""
    generator = np.random.default_rng(7)
    population = 3000
    kinds = generator.integers(10, 60, size=population)

    def words(more):
        return np.array(
            [[" ".join(f"w{w}" for w in generator.integers(k + more, size=12)) for _ in range(16)] for k in kinds]
        )

    ones, twos = words(6), words(0)

    def value(group):
        return len(set(" ".join(group).split())) / (12 * len(group))

    subset = partial(generator.choice, 16, size=4, replace=False)
    each = np.array([value(one[subset()]) - value(two[subset()]) for one, two in zip(ones, twos, strict=True)])
    effect = each.mean()
    pilot = generator.choice(population, size=150, replace=False)
    found = by_size(spreads_of_difference(texts(ones[pilot]), texts(twos[pilot]), DISTINCT, "per_input", SIZES))
    count = prompts_for_difference(found[4].total, effect, 0.8)
    seen = [
        Estimate.of_mean(
            np.array(
                [
                    value(ones[i][subset()]) - value(twos[i][subset()])
                    for i in generator.integers(population, size=count)
                ]
            )
        ).p_value()
        < 0.05
        for _ in range(600)
    ]
    assert np.mean(seen) == pytest.approx(0.8, abs=0.06)


def test_what_cannot_be_a_pilot_is_refused():
    with pytest.raises(BadInput, match="length has no across_input value; it has per_input"):
        spreads(texts([["a"], ["b"]]), LENGTH, "across_input", SIZES)
    with pytest.raises(BadInput, match="a pilot needs at least 2 prompts, found 1"):
        spreads(texts([["a"]]), LENGTH, "per_input", SIZES)
    with pytest.raises(BadInput, match=r"distinct:.* is undefined for every prompt of the pilot"):
        spreads(texts([["", ""], ["", ""]]), DISTINCT, "per_input", SIZES)
    with pytest.raises(BadInput, match=r"reward:model=rm.* is undefined for every prompt"):
        spreads(texts([["a", "b"], ["c", "d"]]), REWARD, "per_input", SIZES)
