"""Differences of gaps: counted by hand, paired where prompts are shared, never between scores of different kinds."""

import math
import shutil

import numpy as np
import pytest
from graded_runs import FAR, ID, NEAR, graded_run
from scipy import stats

import gendiv
from gendiv.benchmark.generalisation.gap_differences import UNCLEAR, gap_differences
from gendiv.benchmark.run import Run
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput
from gendiv.metrics import Reward

FIRST = {ID: [1.0, 0.5, 1.0, 0.5], FAR: [0.0, 0.5, 0.5, 0.0]}
SECOND = {ID: [1.0, 0.5, 0.5, 0.5], FAR: [0.5, 0.5, 1.0, 0.0]}


def of(found, metric="win_rate", split=FAR, level="per_input"):
    (one,) = [one for one in found if (one.metric, one.ood_split, one.level) == (metric, split, level)]
    return one


def test_a_paired_difference_of_gaps_by_hand(tmp_path):
    one, two = graded_run(tmp_path / "one", FIRST), graded_run(tmp_path / "two", SECOND)
    found = of(gap_differences(one, two))
    assert (found.first, found.second) == (0.75 - 0.25, 0.625 - 0.5)
    assert found.difference.value == pytest.approx(0.375)
    # In distribution the prompts differ by 0, 0, 1/2, 0; out of it by -1/2, 0, -1/2, 0.
    errors = [np.std(each, ddof=1) / 2 for each in ([0, 0, 0.5, 0], [-0.5, 0, -0.5, 0])]
    skews = [-stats.skew([0, 0, 0.5, 0]), 0.0]
    assert (found.id_paired, found.ood_paired, found.reason) == (4, 4, None)
    error = math.hypot(*errors)
    freedom = error**4 / sum(part**4 / 3 for part in errors)
    a = -skews[0] / 12 * (errors[0] / error) ** 3
    t = 0.375 / error
    assert found.p_value == pytest.approx(2 * stats.t.sf(t + a * (2 * t * t + 1) + 4 / 3 * a * a * t**3, freedom))


def test_on_correlated_models_the_paired_interval_is_tighter_than_the_independent_one(tmp_path):
    generator = np.random.default_rng(3)
    hard = {split: generator.random(24) for split in (ID, FAR)}
    runs = [
        graded_run(
            tmp_path / name,
            {split: np.clip(0.8 * hard[split] + generator.normal(shift, 0.03, 24), 0, 1) for split in hard},
        )
        for name, shift in (("one", 0.1), ("two", 0.05))
    ]
    paired, apart = (of(gap_differences(*runs, pairing=pairing)) for pairing in (True, False))
    assert paired.difference.value == pytest.approx(apart.difference.value)
    assert (apart.id_paired, apart.ood_paired) == (0, 0)
    width, wide = (one.difference.high - one.difference.low for one in (paired, apart))
    assert width < wide / 4


def test_pairing_across_inputs_leaves_the_same_prompt_out_of_both(tmp_path):
    words = [f"w{i}" for i in range(60)]

    def texts(extra):
        def answer(text, seed):
            drawn = np.random.default_rng([len(text), seed % 1000]).choice(words, size=12)
            return " ".join([*drawn, *["and"] * extra])

        return answer

    runs = []
    for name, extra in (("one", 0), ("two", 2)):
        source = Scripted(texts(extra), name=name)
        out = tmp_path / name
        runs.append(gendiv.evaluate(source, tasks=[ID, FAR], prompts=16, samples=2, metrics=["distinct:n=1"], out=out))
    paired, apart = (
        of(gap_differences(*runs, pairing=pairing), "distinct", level="across_input") for pairing in (True, False)
    )
    assert paired.difference.value == pytest.approx(apart.difference.value)
    assert (paired.id_paired, paired.ood_paired) == (16, 16)
    assert paired.difference.high - paired.difference.low < (apart.difference.high - apart.difference.low) / 2


def test_runs_of_the_same_samples_have_no_difference_of_gaps(tmp_path):
    one, two = (graded_run(tmp_path / name, FIRST) for name in ("one", "two"))
    for found in gap_differences(one, two):
        assert (found.difference.value, found.p_value, found.reading) == (0, 1, UNCLEAR)


def test_only_the_prompts_of_both_are_paired(tmp_path):
    one = graded_run(tmp_path / "one", {ID: [1.0, 0.5, 0.0, 0.0, 0.0], FAR: [0.5, 0.0, 1.0, 1.0, 1.0]})
    two = graded_run(tmp_path / "two", {ID: [0.5, 0.25], FAR: [0.0, 0.0]})
    found = of(gap_differences(one, two))
    assert (found.id_paired, found.ood_paired) == (2, 2)
    assert (found.first, found.second) == (0.75 - 0.25, 0.375)


def test_where_a_prompt_has_no_grade_in_one_it_is_left_out_of_both(tmp_path):
    one = graded_run(tmp_path / "one", {**FIRST, ID: [1.0, math.nan, 1.0, 0.5]})
    found = of(gap_differences(one, graded_run(tmp_path / "two", SECOND)))
    assert (found.id_paired, found.ood_paired) == (3, 4)
    assert found.first == pytest.approx(2.5 / 3 - 0.25)
    assert found.second == pytest.approx(2.0 / 3 - 0.5)
    assert found.reason == f"undefined in one or the other for 1 of 4 inputs of {ID}"


def test_without_shared_prompts_the_scores_are_taken_as_independent_and_that_is_said(tmp_path):
    one, two = graded_run(tmp_path / "one", FIRST), graded_run(tmp_path / "two", SECOND)
    for split in (ID, FAR):
        path = two.folder / "samples" / f"{split}.jsonl"
        path.write_text(path.read_text().replace('"prompt": "', '"prompt": "other-'))
    found = of(gap_differences(one, two))
    assert (found.id_paired, found.ood_paired) == (0, 0)
    assert "the runs share no prompt of" in found.reason
    variances = [np.var(grades, ddof=1) / 4 for grades in (*FIRST.values(), *SECOND.values())]
    assert found.difference.value == pytest.approx(0.375)
    half = (found.difference.high - found.difference.low) / 2
    assert half > 1.96 * math.sqrt(sum(variances))


def test_scores_alone_are_enough(tmp_path):
    one, two = graded_run(tmp_path / "one", FIRST), graded_run(tmp_path / "two", SECOND)
    shutil.rmtree(two.folder / "samples")
    assert of(gap_differences(one, two)).difference.value == pytest.approx(0.375)


def test_a_metric_whose_model_is_not_there_is_not_paired_and_that_is_said(tmp_path):
    runs = []
    for name in ("one", "two"):
        run = graded_run(tmp_path / name, FIRST)
        path = run.folder / "scores.json"
        path.write_text(
            path.read_text().replace('"length', '"sbert').replace("sbert|", "sbert:model=./gone:dtype=float32|")
        )
        runs.append(Run.load(run.folder))
    found = of(gap_differences(*runs), "sbert")
    assert (found.id_paired, found.difference.value) == (0, 0)
    assert found.reason.startswith("not paired, since the metric cannot be computed again: ")
    assert "there is no such folder" in found.reason
    assert of(gap_differences(*runs)).id_paired == 4


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"samples": 2}, "1 samples a prompt in A, 2 in B: draw as many of each (-k)"),
        ({"decoding": {"temperature": 0.5}}, "drawn with temperature=1.0 in A, with temperature=0.5 in B"),
    ],
)
@pytest.mark.parametrize("pairing", [True, False])
def test_runs_that_were_drawn_otherwise_are_not_compared(tmp_path, other, reason, pairing):
    one, two = graded_run(tmp_path / "one", FIRST), graded_run(tmp_path / "two", SECOND, **other)
    found = of(gap_differences(one, two, pairing=pairing))
    assert (found.difference, found.p_value, found.reading) == (None, None, None)
    assert found.reason == f"not comparable: {reason}"


def test_runs_of_another_version_of_the_task_asked_other_prompts_under_the_same_ids(tmp_path):
    one, two = graded_run(tmp_path / "one", FIRST), graded_run(tmp_path / "two", SECOND)
    path = two.folder / "run.json"
    path.write_text(path.read_text().replace('"task_version": 1', '"task_version": 2'))
    found = of(gap_differences(one, Run.load(two.folder)))
    assert (found.first, found.difference) == (None, None)
    assert found.reason == "not comparable: drawn with version 1 of the task in A, with version 2 in B"


def test_a_metric_that_one_run_lacks_is_named_with_the_command(tmp_path):
    one, two = graded_run(tmp_path / "one", FIRST), graded_run(tmp_path / "two", SECOND, Reward(model="rm"))
    found = gap_differences(one, two)
    assert of(found).difference is None
    assert f"not scored in {ID} of {two.folder}" in of(found).reason
    assert f"not scored in {ID} of {one.folder}" in of(found, "reward").reason


def test_p_values_are_corrected_for_all_differences_shown(tmp_path):
    grades = ({ID: [0.9, 0.5, 1.0, 0.7], NEAR: [0.5, 0.2, 0.5, 0.3], FAR: [0.1, 0.3, 0.2, 0.0]}, {})
    grades = (grades[0], {ID: [0.9, 0.6, 1.0, 0.6], NEAR: [0.5, 0.5, 0.5, 0.6], FAR: [0.8, 0.9, 1.0, 0.9]})
    one, two = (graded_run(tmp_path / str(place), each) for place, each in enumerate(grades))
    found = gendiv.gap(one, two, metrics=["win_rate"])
    ordered = sorted(found, key=lambda each: each.p_value)
    assert [each.adjusted for each in ordered] == pytest.approx([2 * ordered[0].p_value, ordered[1].p_value])
    assert of(found).reading == "A loses more"
    back = gendiv.gap(tmp_path / "1", tmp_path / "0", metrics=["win_rate"])
    assert of(back).reading == "A loses less"
    assert of(back).difference.value == pytest.approx(-of(found).difference.value)


def test_runs_without_a_common_task_are_refused_with_what_they_hold(tmp_path):
    one = graded_run(tmp_path / "one", FIRST)
    two = graded_run(tmp_path / "two", {"mini-summarisation/forum": [1.0], "mini-summarisation/news": [0.0]})
    with pytest.raises(BadInput, match=r"no task in common with .*one holds mini-instructions.*two holds mini-summar"):
        gendiv.gap(one, two)


def test_under_no_difference_few_p_values_are_small(tmp_path):
    """The gaps of both models are the same; the grades of one prompt are alike in both."""
    generator = np.random.default_rng(8)
    small = []
    runs = [graded_run(tmp_path / name, {ID: [0.5] * 20, FAR: [0.5] * 20}, Reward(model="rm")) for name in "ab"]
    for _ in range(120):
        hard = {split: generator.exponential(size=20) for split in (ID, FAR)}
        for run in runs:
            for split, values in hard.items():
                path = run.folder / "grades" / f"{split}.jsonl"
                rows = path.read_text().splitlines()
                new = (values + generator.exponential(size=20)).tolist()
                path.write_text(
                    "".join(f'{row.partition("grades")[0]}grades": [{x}]}}\n' for row, x in zip(rows, new, strict=True))
                )
        small.append(of(gap_differences(*runs, only=["reward"]), "reward").p_value < 0.05)
    assert np.mean(small) <= 0.1
