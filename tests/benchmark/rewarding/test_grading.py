"""Grading runs by a reward model: every sample once, nothing lost, and what is odd about it told."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from graded_runs import grades_in

import gendiv
from gendiv.benchmark.record import read_scores
from gendiv.benchmark.rewarding import grading
from gendiv.benchmark.rewarding.grading import grade_runs
from gendiv.benchmark.rewarding.scripted import ScriptedReward
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput, SourceFailed, StoreFailed

POSTS, NEWS = "mini-summarisation/forum", "mini-summarisation/news"
NAN = float("nan")


class Counted(ScriptedReward):
    """Scores by the number of letters, keeps what it was asked, and fails when told to."""

    def __init__(self, reward=lambda prompt, answer: float(len(answer)), fail_after=10**9, **named):
        super().__init__(reward, **named)
        self.asked = []
        self.entered = 0
        self.fail_after = fail_after

    async def __aenter__(self):
        self.entered += 1
        return self

    async def score(self, pairs):
        if len(self.asked) + len(pairs) > self.fail_after:
            raise SourceFailed("the power is gone")
        self.asked += pairs
        return await super().score(pairs)


def run(out, samples=3, prompts=4, **given):
    asked = {"tasks": [POSTS, NEWS], "metrics": ["length"], **given}
    return gendiv.evaluate(Scripted(), prompts=prompts, samples=samples, out=out, **asked)


def rewards(scores):
    return {result.split: result for result in scores.results if result.metric == "reward"}


def test_every_sample_is_scored_with_its_prompt_and_the_mean_is_the_run_s_reward(tmp_path):
    found = run(tmp_path)
    model = Counted()
    (graded,) = gendiv.reward(found, model=model)
    assert len(model.asked) == len(set(model.asked)) == 2 * 4 * 3
    assert all(prompt.endswith("TL;DR:") for prompt, _ in model.asked)
    by_split = rewards(graded.scores)
    assert set(by_split) == {POSTS, NEWS}
    for split, result in by_split.items():
        texts = [json.loads(line)["text"] for line in (tmp_path / f"samples/{split}.jsonl").read_text().splitlines()]
        assert result.value == pytest.approx(sum(map(len, texts)) / 12)
        assert result.low < result.value < result.high
        assert result.signature.startswith(f"{model.metric.signature}|version=1|profile=corrected|per_input|k=3|")
    assert {result.metric for result in graded.scores.results} == {"length", "reward"}
    assert read_scores(tmp_path) == graded.scores


def test_what_is_graded_is_not_scored_again_and_the_model_is_not_even_started(tmp_path):
    run(tmp_path)
    gendiv.reward(tmp_path, model=Counted())
    again = Counted()
    gendiv.reward(tmp_path, model=again)
    assert (again.asked, again.entered) == ([], 0)
    gendiv.reward(tmp_path, model=Counted(name="another"))
    grades = grades_in(tmp_path, POSTS)
    assert {len(found) for found in grades.values()} == {2}


def test_a_failure_keeps_what_was_scored_and_the_same_call_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(grading, "CHUNK", 2)
    run(tmp_path)
    failing = Counted(fail_after=17)
    with pytest.raises(SourceFailed, match="the power is gone"):
        gendiv.reward(tmp_path, model=failing)
    rest = Counted()
    (graded,) = gendiv.reward(tmp_path, model=rest)
    assert sorted(failing.asked + rest.asked) == sorted({*failing.asked, *rest.asked})
    assert len(failing.asked + rest.asked) == 24
    run(tmp_path / "whole")
    (whole,) = gendiv.reward(tmp_path / "whole", model=Counted())
    assert rewards(graded.scores) == rewards(whole.scores)


def test_a_killed_process_loses_little(tmp_path):
    run(tmp_path, samples=8)
    script = f"""
import sys, time, gendiv
from gendiv.benchmark.rewarding import grading
from gendiv.benchmark.rewarding.scripted import ScriptedReward
grading.CHUNK, grading.WRITE_EVERY = 2, 0.0
gendiv.reward({str(tmp_path)!r}, model=ScriptedReward(lambda prompt, answer: time.sleep(0.05) or float(len(answer))))
"""
    process = subprocess.Popen([sys.executable, "-c", script])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and graded_samples(tmp_path) < 10:
        time.sleep(0.02)  # another process's file has no event to wait for
    process.kill()
    process.wait()
    before = graded_samples(tmp_path)
    assert 10 <= before < 64
    rest = Counted()
    gendiv.reward(tmp_path, model=rest)
    assert len(rest.asked) == 64 - before


def graded_samples(folder):
    return sum(
        len(found) for split in (POSTS, NEWS) for each in grades_in(folder, split).values() for found in each.values()
    )


def test_samples_that_a_run_gains_are_scored_and_no_others(tmp_path):
    run(tmp_path)
    gendiv.reward(tmp_path, model=Counted())
    run(tmp_path, samples=5, prompts=6)
    more = Counted()
    (graded,) = gendiv.reward(tmp_path, model=more)
    assert len(more.asked) == 2 * (6 * 5 - 4 * 3)
    run(tmp_path / "at once", samples=5, prompts=6)
    (whole,) = gendiv.reward(tmp_path / "at once", model=Counted())
    assert rewards(graded.scores) == rewards(whole.scores)


def test_several_runs_are_graded_with_one_start(tmp_path):
    run(tmp_path / "a")
    run(tmp_path / "b", seed=1)
    model = Counted()
    assert len(gendiv.reward(tmp_path / "a", tmp_path / "b", model=model)) == 2
    assert (model.entered, len(model.asked)) == (1, 48)


def test_samples_without_a_score_are_left_out_of_the_mean_counted_and_told(tmp_path):
    found = run(tmp_path)
    odd = Counted(lambda prompt, answer: NAN if "amber" in answer else float("inf") if "birch" in answer else 1.0)
    graded = grade_runs([found.folder], odd)
    unscored = sum("amber" in answer or "birch" in answer for _, answer in odd.asked)
    assert 0 < unscored == graded.unscored < graded.scored == 24
    assert f"{unscored} of 24 samples got no score (not a number)" in graded.remarks()[0]
    assert {result.value for result in rewards(graded.runs[0].scores).values()} == {1.0}
    again = Counted()
    gendiv.reward(tmp_path, model=again)
    assert again.asked == []


def test_inputs_that_had_to_be_shortened_are_counted_and_told(tmp_path):
    class Short(Counted):
        async def score(self, pairs):
            self.shortened += 2
            return await super().score(pairs)

    graded = grade_runs([run(tmp_path).folder], Short())
    assert graded.shortened == 4
    assert "4 of 24 samples were, with their prompt, longer than" in graded.remarks()[0]


def test_a_run_that_keeps_no_prompts_is_refused_before_anything_is_started(tmp_path):
    run(tmp_path)
    (tmp_path / "prompts" / f"{POSTS}.jsonl").unlink()
    model = Counted()
    with pytest.raises(StoreFailed, match=f"keeps no text of 4 prompts of {POSTS} .* drawn by an older gendiv"):
        gendiv.reward(tmp_path, model=model)
    assert model.entered == 0


def test_a_folder_that_is_no_run_or_has_no_finished_prompt_is_refused(tmp_path):
    with pytest.raises(StoreFailed, match=r"holds no run\.json"):
        gendiv.reward(tmp_path, model=Counted())
    run(tmp_path)
    for split in (POSTS, NEWS):
        Path(tmp_path / f"samples/{split}.jsonl").write_text("")
    with pytest.raises(BadInput, match="holds no finished prompt"):
        gendiv.reward(tmp_path, model=Counted())
