"""Gaps: counted by hand, never a number where there is none, right as often as they say."""

import json
import math

import numpy as np
import pytest
from graded_runs import FAR, ID, NEAR, graded_run
from scipy import stats

import gendiv
from gendiv.benchmark.generalisation.gaps import UNCLEAR, gaps
from gendiv.benchmark.intervals import Interval
from gendiv.benchmark.registry import find_split
from gendiv.benchmark.run import Run
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput, StoreFailed
from gendiv.metrics import Reward

GRADES = {ID: [1.0, 0.5, 1.0, 0.5], FAR: [0.0, 0.5, 0.5, 0.0]}


def changed(run, change):
    """Rewrite the results of a run's scores.json, and read the run again."""
    path = run.folder / "scores.json"
    scores = json.loads(path.read_text())
    scores["results"] = [new for result in scores["results"] if (new := change(result)) is not None]
    path.write_text(json.dumps(scores))
    return Run.load(run.folder)


def of(run, metric, split=FAR, level="per_input"):
    (found,) = [gap for gap in gaps(run) if (gap.metric, gap.ood_split, gap.level) == (metric, split, level)]
    return found


def test_a_gap_and_its_interval_by_hand(tmp_path):
    found = of(graded_run(tmp_path, GRADES), "win_rate")
    assert (found.id_value, found.ood_value, found.gap.value) == (0.75, 0.25, 0.5)
    # Each side: deviations of 1/4, variance 4 / 16 / 3, over 4 prompts: 1/48; two of them, 3 + 3 degrees of freedom.
    half = stats.t.ppf(0.975, 6) * math.sqrt(2 / 48)
    assert (found.gap.low, found.gap.high) == pytest.approx((0.5 - half, 0.5 + half))
    assert found.p_value == pytest.approx(2 * stats.t.sf(0.5 / math.sqrt(2 / 48), 6))
    assert (found.task, found.shift, found.id_inputs, found.ood_inputs) == ("mini-instructions", "far", 4, 4)


def test_a_relative_gap_is_the_share_of_the_score_that_is_lost_with_fiellers_ends(tmp_path):
    found = of(graded_run(tmp_path, GRADES), "win_rate").relative
    assert found.value == pytest.approx(0.5 / 0.75)
    for end in (found.low, found.high):  # 0.25 - (1 - end) 0.75 is at the edge of Student's test
        share = 1 - end
        parts = np.array([1 / 48, share**2 / 48])
        freedom = parts.sum() ** 2 / (parts**2 / 3).sum()
        t = (0.25 - share * 0.75) / math.sqrt(parts.sum())
        assert end == 1 or 2 * stats.t.sf(abs(t), freedom) == pytest.approx(0.05)
    assert found.low < found.value < found.high == 1


def test_every_split_out_of_distribution_has_a_gap_to_the_one_in_it_and_tasks_do_not_mix(tmp_path):
    run = gendiv.evaluate(Scripted(), suite="mini", prompts=4, samples=2, metrics=["length", "distinct"], out=tmp_path)
    found = {(gap.id_split, gap.ood_split, gap.shift) for gap in gaps(run)}
    assert found == {
        ("mini-summarisation/forum", "mini-summarisation/news", "far"),
        (ID, NEAR, "near"),
        (ID, FAR, "far"),
    }
    assert len(gaps(run)) == 3 * (1 + 2)


def test_p_values_are_corrected_for_all_gaps_of_the_run(tmp_path):
    run = graded_run(tmp_path, {ID: [0.0, 0.5, 0.0, 0.5], NEAR: [1.0, 1.0, 0.5, 1.0], FAR: [0.5, 1.0, 0.5, 0.5]})
    found = sorted((gap for gap in gaps(run) if gap.metric == "win_rate"), key=lambda gap: gap.p_value)
    lengths = [gap for gap in gaps(run) if gap.metric == "length"]
    assert all(gap.p_value == gap.adjusted == 1 for gap in lengths)  # Scripted says twelve words, always
    assert found[0].adjusted == pytest.approx(4 * found[0].p_value)
    assert found[1].adjusted == pytest.approx(3 * found[1].p_value)


@pytest.mark.parametrize(
    ("metric", "id_texts", "ood_texts", "reading"),
    [
        ("distinct:n=1", "a b c d", "a a a a", "less diverse"),
        ("distinct:n=1", "a a a a", "a b c d", "more diverse"),
        ("self_bleu:max_n=1", "a b c d", "{0} {0} {0} {0}", "more diverse"),
        ("length", "a b c d", "a", "lower"),
        ("length", "a", "a b c d", "higher"),
        ("length", "a b", "c d", UNCLEAR),
    ],
)
def test_the_words_of_a_gap_follow_the_direction_of_the_metric(metric, id_texts, ood_texts, reading, tmp_path):
    everyday = {prompt.message for prompt in find_split(ID)[1].load()}
    source = Scripted(lambda text, seed: (id_texts if text in everyday else ood_texts).format(seed))
    run = gendiv.evaluate(source, tasks=[ID, FAR], prompts=8, samples=3, metrics=[metric], out=tmp_path)
    assert gaps(run)[0].reading == reading


def test_worse_is_said_of_quality(tmp_path):
    run = graded_run(tmp_path, {ID: [1.0, 0.9, 1.0, 0.8] * 4, FAR: [0.0, 0.1, 0.2, 0.0] * 4})
    assert of(run, "win_rate").reading == "worse"


def test_a_metric_without_a_true_zero_has_no_relative_gap_and_says_so(tmp_path):
    run = graded_run(tmp_path, {ID: [1.0, 2.0, 3.0], FAR: [-1.0, 0.0, 2.0]}, Reward(model="rm"))
    found = of(run, "reward")
    assert found.gap.value == pytest.approx(2 - 1 / 3)
    assert found.relative is None
    assert found.relative_reason == "a share needs a scale with a true zero, and reward runs from -inf"


def test_a_score_that_may_be_0_has_an_unbounded_relative_gap_and_says_so(tmp_path):
    run = graded_run(tmp_path, {ID: [0.0, 0.0, 1.0, 0.0], FAR: [0.0, 0.5, 0.0, 0.0]})
    found = of(run, "win_rate")
    assert found.gap.low is not None
    assert found.relative == Interval(0.5, None, None)
    assert "not clearly above 0" in found.relative_reason
    nothing = of(graded_run(tmp_path / "0", {ID: [0.0] * 4, FAR: [0.5, 0.0, 0.0, 0.0]}), "win_rate")
    assert (nothing.relative, nothing.relative_reason) == (None, "the score in distribution is 0")


def test_an_undefined_score_has_no_gap_never_0(tmp_path):
    run = graded_run(tmp_path, {ID: [1.0, 0.5, 1.0], FAR: [math.nan] * 3})
    found = of(run, "win_rate")
    assert (found.id_value, found.ood_value, found.gap, found.relative, found.p_value) == (2.5 / 3, None, *[None] * 3)
    assert found.reason == f"undefined in {FAR}: no sample of the input could be graded"
    assert found.reading is None


def test_a_score_that_is_undefined_for_some_inputs_says_so_beside_its_gap(tmp_path):
    found = of(graded_run(tmp_path, {ID: [1.0, 0.5, 1.0], FAR: [math.nan, 0.5, 0.0]}), "win_rate")
    assert (found.gap.value, found.ood_inputs) == (pytest.approx(2.5 / 3 - 0.25), 2)
    assert found.reason.startswith(f"undefined for 1 inputs of {FAR}")


@pytest.mark.parametrize("vanished", [ID, FAR])
def test_a_score_that_vanished_is_named_with_the_command_that_brings_it(tmp_path, vanished):
    run = changed(
        graded_run(tmp_path, GRADES),
        lambda result: None if (result["split"], result["metric"]) == (vanished, "win_rate") else result,
    )
    found = of(run, "win_rate")
    assert (found.gap, found.relative, found.p_value) == (None, None, None)
    assert [found.id_value, found.ood_value].count(None) == 1
    assert found.reason.startswith(f"not scored in {vanished} of {run.folder}; if it has samples: gendiv score ")
    assert found.reason.endswith("--metrics win_rate:judge=hand:questions=:opponent=reference:orders=both:judged=1")


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("|k=1|", "|k=4|", f"1 samples a prompt in {ID}, 4 in {FAR}: draw as many of each (-k)"),
        ("temperature=1.0", "temperature=0.5", f"drawn with temperature=1.0 in {ID}, with temperature=0.5 in {FAR}"),
        ("|version=1|", "|version=2|", f"version 1 of the metric in {ID}, 2 in {FAR}: gendiv score RUN --metrics"),
    ],
)
def test_scores_of_another_signature_are_not_subtracted(tmp_path, before, after, reason):
    def change(result):
        if result["split"] == FAR:
            result["signature"] = result["signature"].replace(before, after)
        return result

    for found in gaps(changed(graded_run(tmp_path, GRADES), change)):
        assert (found.gap, found.relative, found.p_value, found.reading) == (None, None, None, None)
        assert reason in found.reason


def test_scores_of_another_setting_are_another_metric(tmp_path):
    source = Scripted(lambda text, seed: f"a b {seed}")
    run = gendiv.evaluate(source, tasks=[ID, FAR], prompts=3, samples=2, metrics=["ead:n=1,ead:n=2"], out=tmp_path)
    run = changed(
        run,
        lambda result: None if result["split"] == (FAR if "ead:n=1:" in result["signature"] else ID) else result,
    )
    assert all(gap.gap is None and "not scored in" in gap.reason for gap in gaps(run))
    assert len(gaps(run)) == 4


def test_across_inputs_another_number_of_inputs_is_another_score(tmp_path):
    gendiv.evaluate(Scripted(), tasks=[ID], prompts=8, samples=2, metrics=["distinct"], out=tmp_path)
    lines = (tmp_path / "samples" / f"{ID}.jsonl").read_text()
    run = gendiv.evaluate(Scripted(), tasks=[ID, FAR], prompts=8, samples=2, metrics=["distinct"], out=tmp_path)
    assert of(run, "distinct", level="across_input").gap is not None
    (tmp_path / "samples" / f"{ID}.jsonl").write_text("\n".join(lines.splitlines()[:12]) + "\n")
    gendiv.score(tmp_path, metrics=["distinct"])
    across, per_input = (of(Run.load(tmp_path), "distinct", level=level) for level in ("across_input", "per_input"))
    assert across.gap is None
    assert "depends on the number of inputs, 6 in" in across.reason
    assert "(-n)" in across.reason
    assert per_input.gap is not None


def test_old_scores_without_errors_have_gaps_without_intervals_and_the_command_that_brings_them(tmp_path):
    def old(result):
        for name in ("error", "freedom", "skew"):
            del result[name]
        return result

    run = changed(graded_run(tmp_path, GRADES), old)
    found = of(run, "win_rate")
    assert found.gap == Interval(0.5, None, None)
    assert found.relative == Interval(pytest.approx(2 / 3), None, None)
    assert found.p_value is None
    assert f"gendiv score {tmp_path} --metrics length,win_rate:judge=hand" in found.reason
    assert {gap.reason for gap in gaps(run)} == {found.reason}
    gendiv.score(tmp_path, metrics=found.reason.rpartition("--metrics ")[2].split(","))
    assert of(Run.load(tmp_path), "win_rate").gap.low is not None


def test_a_single_prompt_has_a_gap_without_an_interval(tmp_path):
    found = of(graded_run(tmp_path, {ID: [1.0], FAR: [0.25]}), "win_rate")
    assert found.gap == Interval(0.75, None, None)
    assert found.reason == f"one input in {ID}: no interval"


def test_a_gap_stays_within_what_the_metric_can_do(tmp_path):
    found = of(graded_run(tmp_path, {ID: [1.0, 1.0, 0.5], FAR: [0.0, 0.0, 0.5]}), "win_rate")
    assert found.gap.high == 1


def test_a_run_without_both_sides_is_refused_with_what_it_holds(tmp_path):
    run = graded_run(tmp_path, {ID: [1.0, 0.5]})
    with pytest.raises(BadInput, match=rf"a gap needs a split in distribution .* found {ID} \(id\); `gendiv tasks`"):
        gaps(run)


def test_only_the_wanted_metrics_are_shown_and_those_without_scores_are_named(tmp_path):
    run = graded_run(tmp_path, GRADES)
    assert {gap.metric for gap in gendiv.gap(run, metrics=["win_rate"])} == {"win_rate"}
    assert {gap.metric for gap in gendiv.gap(tmp_path, metrics=["win_rate:judge=hand"])} == {"win_rate"}
    with pytest.raises(BadInput, match="has scores of length, win_rate, not of ead: gendiv score"):
        gendiv.gap(run, metrics=["ead"])


def test_a_run_that_is_not_scored_is_refused_with_the_command(tmp_path):
    run = graded_run(tmp_path, GRADES)
    (run.folder / "scores.json").unlink()
    with pytest.raises(StoreFailed, match="gendiv score"):
        gendiv.gap(tmp_path)


def test_a_metric_that_is_not_known_here_has_a_gap_and_no_relative_one(tmp_path):
    def foreign(result):
        return {**result, "metric": "openings", "signature": result["signature"].replace("length", "openings")}

    run = changed(graded_run(tmp_path, GRADES), lambda r: foreign(r) if r["metric"] == "length" else r)
    found = of(run, "openings")
    assert found.gap.value == 0
    assert (found.relative, found.direction) == (None, "neutral")
    assert "not known here" in found.relative_reason
