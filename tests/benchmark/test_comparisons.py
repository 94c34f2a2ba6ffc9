"""Comparisons of several runs: verdicts counted by hand, one family of p-values, nothing dropped in silence."""

import json
import shutil
from dataclasses import replace

import pytest
from graded_runs import FAR, ID, NEAR, WIN_RATE, graded_run

import gendiv
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.benchmark.verdicts import gap_verdict, verdict
from gendiv.errors import BadInput
from gendiv.metrics import Reward

INPUTS = 8
AGREED = 2.0 ** (1 - INPUTS)
"""The p-value where so many inputs all differ by the same: the chance that their signs agree."""


def write(path, *groups, inputs=INPUTS):
    """Write the same samples for each input, or groups in turn."""
    rows = [{"id": place, "samples": groups[place % len(groups)]} for place in range(inputs)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Four runs of the same prompts with grades set by hand: D has one split and no win rates."""
    folder = tmp_path_factory.mktemp("runs")
    grades = {
        "a": {ID: [1.0] * INPUTS, FAR: [0.75] * INPUTS},
        "b": {ID: [1.0] * INPUTS, FAR: [0.25] * INPUTS},
        "c": {ID: [0.5] * INPUTS, FAR: [0.25] * INPUTS, NEAR: [0.5] * INPUTS},
    }
    for name, given in grades.items():
        graded_run(folder / name, given, metrics=["length", "ead"])
    graded_run(folder / "d", {ID: [1.0] * INPUTS}, Reward(model="rm"))
    return folder


@pytest.mark.parametrize(
    ("difference", "adjusted", "direction", "said", "of_gaps"),
    [
        (0.1, 0.01, "higher_is_better", "better", "worse"),
        (-0.1, 0.01, "higher_is_more_diverse", "worse", "better"),
        (0.1, 0.01, "lower_is_more_diverse", "worse", "better"),
        (0.1, 0.01, "neutral", "higher", "higher"),
        (-0.1, 0.01, "neutral", "lower", "lower"),
        (0.1, 0.05, "higher_is_better", "no difference shown", "no difference shown"),
        (0.1, None, "higher_is_better", "no difference shown", "no difference shown"),
        (None, None, "higher_is_better", "not comparable", "not comparable"),
    ],
)
def test_a_verdict_is_read_by_the_direction_of_the_metric(difference, adjusted, direction, said, of_gaps):
    assert verdict(difference, adjusted, direction) == said
    assert gap_verdict(difference, adjusted, direction) == of_gaps


def test_more_diverse_is_better_whichever_way_the_metric_counts_and_longer_is_only_higher(tmp_path):
    varied, same = write(tmp_path / "varied", ["a b", "c d"]), write(tmp_path / "same", ["a", "a"])

    def of_inputs(*files):
        found = gendiv.compare(*files, metrics=["distinct:n=1", "duplicates", "length"]).differences
        return {one.metric: one for one in found if one.level == "per_input"}

    # The eight inputs are alike: distinct-1 is 1 and 1/2, duplicates 0 and 1/2, length 2 and 1 words.
    found = of_inputs(varied, same)
    assert [found[name].difference.value for name in ("distinct", "duplicates", "length")] == [0.5, -0.5, 1]
    assert {one.p_value for one in found.values()} == {AGREED}
    said = {name: one.verdict for name, one in found.items()}
    assert said == {"distinct": "better", "duplicates": "better", "length": "higher"}
    back = {name: one.verdict for name, one in of_inputs(same, varied).items()}
    assert back == {"distinct": "worse", "duplicates": "worse", "length": "lower"}


def test_one_family_of_p_values_spans_all_runs(tmp_path):
    first = write(tmp_path / "first", ["a b c"])
    shorter = write(tmp_path / "shorter", ["a b"])
    fewer = write(tmp_path / "fewer", ["a"], inputs=INPUTS - 1)
    twin = write(tmp_path / "twin", ["d e f"])
    found = gendiv.compare(first, shorter, fewer, twin, metrics=["length"]).differences
    assert [one.p_value for one in found] == [AGREED, 2 * AGREED, 1]
    # Holm by hand: the smallest times 3, the next times 2, the last as it is; each at least the one before.
    assert [one.adjusted for one in found] == [3 * AGREED, 4 * AGREED, 1]
    assert [one.verdict for one in found] == ["higher", "higher", "no difference shown"]
    assert [one.inputs for one in found] == [INPUTS, INPUTS - 1, INPUTS]


def test_one_input_shows_no_difference_and_says_why(tmp_path):
    one, two = write(tmp_path / "one", ["a b"], inputs=1), write(tmp_path / "two", ["a"], inputs=1)
    (found,) = gendiv.compare(one, two, metrics=["length"]).differences
    assert (found.difference.value, found.difference.low, found.p_value) == (1, None, None)
    assert found.verdict == "no difference shown"
    assert found.reason == "one input says nothing of others: no interval, no p-value"


def test_another_number_of_samples_is_not_comparable(tmp_path):
    one, two = write(tmp_path / "one", ["a", "b"]), write(tmp_path / "two", ["a"])
    (found,) = gendiv.compare(one, two, metrics=["length"]).differences
    assert (found.verdict, found.difference) == ("not comparable", None)
    assert "with k=2 and with k=1" in found.reason


def test_another_decoding_is_not_comparable(tmp_path):
    for name, temperature in (("one", 1.0), ("two", 0.5)):
        given = {"decoding": {"temperature": temperature}, "metrics": ["length"], "samples": 2, "prompts": 3}
        gendiv.evaluate(Scripted(), tasks=[ID], out=tmp_path / name, **given)
    (found,) = gendiv.compare(tmp_path / "one", tmp_path / "two").differences
    assert found.verdict == "not comparable"
    assert "with temperature=1.0 and with temperature=0.5" in found.reason


def test_of_scored_runs_all_metrics_are_compared_that_have_scores_with_their_settings(runs):
    found = gendiv.compare(runs / "a", runs / "b")
    assert {one.metric for one in found.differences} == {"length", "ead", "win_rate"}
    (won,) = [one for one in found.differences if (one.metric, one.split) == ("win_rate", FAR)]
    assert won.signature.startswith(f"{WIN_RATE.signature}|")
    assert (won.first, won.second, won.p_value, won.verdict) == (0.75, 0.25, AGREED, "no difference shown")


def test_a_bare_name_stands_for_the_settings_of_the_scores(runs):
    found = gendiv.compare(runs / "a", runs / "b", metrics=["win_rate"])
    assert [(one.split, one.p_value, one.adjusted, one.verdict) for one in found.differences] == [
        (ID, 1, 1, "no difference shown"),
        (FAR, AGREED, 2 * AGREED, "better"),
    ]


def test_a_model_that_loses_less_out_of_distribution_is_better_by_its_gap(runs):
    found = gendiv.compare(runs / "a", runs / "b", runs / "c", metrics=["win_rate"])
    of_b, of_c = found.gaps
    # Gaps: 1/4 in A, 3/4 in B, 1/4 in C, each the same for all eight prompts.
    assert [(one.first, one.second, one.difference.value) for one in (of_b, of_c)] == [
        (0.25, 0.75, -0.5),
        (0.25, 0.25, 0),
    ]
    assert [(one.p_value, one.adjusted) for one in (of_b, of_c)] == [(AGREED, 2 * AGREED), (1, 1)]
    assert [one.verdict for one in (of_b, of_c)] == ["better", "no difference shown"]
    (back,) = gendiv.compare(runs / "b", runs / "a", metrics=["win_rate"]).gaps
    assert back.verdict == "worse"


def test_gaps_are_a_family_of_their_own(runs):
    found = gendiv.compare(runs / "a", runs / "b")
    (lost,) = [one for one in found.gaps if one.metric == "win_rate"]
    assert lost.adjusted == pytest.approx(len(found.gaps) * AGREED)


@pytest.mark.parametrize(("pair", "missing"), [("ac", "A"), ("ca", "B")])
def test_a_split_that_one_lacks_is_listed_as_not_comparable(runs, pair, missing):
    found = gendiv.compare(*(runs / name for name in pair), metrics=["win_rate"]).differences
    (near,) = [one for one in found if one.split == NEAR]
    assert (near.verdict, near.reason) == ("not comparable", f"{missing} has no split {NEAR}")
    assert {near.first, near.second} == {0.5, None}


def test_a_metric_that_one_lacks_is_listed_with_the_command_that_brings_it(runs):
    found = gendiv.compare(runs / "a", runs / "d").differences
    reasons = {one.metric: one.reason for one in found if one.split == ID and one.verdict == "not comparable"}
    assert set(reasons) == {"win_rate", "ead", "reward"}
    assert f"not scored in {ID} of {runs / 'd'}; if it has samples: gendiv score" in reasons["win_rate"]
    assert f"not scored in {ID} of {runs / 'a'}" in reasons["reward"]
    assert {one.reason for one in found if one.split == FAR} == {f"B has no split {FAR}"}


def test_a_run_without_scores_is_compared_by_what_needs_no_model(runs, tmp_path):
    shutil.copytree(runs / "b", tmp_path / "bare")
    (tmp_path / "bare" / "scores.json").unlink()
    found = gendiv.compare(runs / "a", tmp_path / "bare")
    assert {one.metric for one in found.differences} == {"distinct", "ead", "length", "duplicates"}
    assert found.gaps == []


def test_another_version_of_the_task_asked_other_prompts(runs, tmp_path):
    record = shutil.copytree(runs / "b", tmp_path / "other") / "run.json"
    record.write_text(record.read_text().replace('"task_version": 1', '"task_version": 2'))
    found = gendiv.compare(runs / "a", tmp_path / "other", metrics=["length"]).differences
    reason = "not comparable: drawn with version 1 of the task in A, with version 2 in B"
    assert {(one.verdict, one.reason) for one in found} == {("not comparable", reason)}


def test_a_metric_that_is_not_here_is_listed_and_the_others_are_compared(runs, tmp_path):
    for name in "ab":
        path = shutil.copytree(runs / name, tmp_path / name) / "scores.json"
        path.write_text(path.read_text().replace('"length', '"someones'))
    found = gendiv.compare(tmp_path / "a", tmp_path / "b").differences
    (one,) = [one for one in found if (one.metric, one.split) == ("someones", ID)]
    assert one.verdict == "not comparable"
    assert one.reason.endswith("nothing can be paired: no metric is called 'someones' here")
    assert {other.verdict for other in found if other.metric == "ead"} == {"no difference shown"}


def test_a_split_of_which_no_input_is_in_both_is_listed(runs, tmp_path):
    samples = shutil.copytree(runs / "b", tmp_path / "other") / "samples" / f"{FAR}.jsonl"
    samples.write_text(samples.read_text().replace('"prompt": "', '"prompt": "other-'))
    found = gendiv.compare(runs / "a", tmp_path / "other", metrics=["length"]).differences
    assert [(one.split, one.verdict) for one in found] == [(ID, "no difference shown"), (FAR, "not comparable")]
    assert found[1].reason == "no input is in both, so nothing can be paired"


def test_one_alone_is_refused():
    with pytest.raises(BadInput, match="wanted two or more runs or files of samples to compare, found 1"):
        gendiv.compare([["a"]])


def test_gaps_are_those_of_the_command_gap(runs):
    pair = runs / "a", runs / "c"
    of_comparison, of_gap = gendiv.compare(*pair).gaps, gendiv.gap(*pair)
    assert [replace(one, adjusted=None) for one in of_comparison] == [replace(one, adjusted=None) for one in of_gap]
    assert {one.metric for one in of_gap} == {"length", "ead", "win_rate"}
