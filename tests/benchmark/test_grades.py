"""Prompts, references and grades lie beside the samples of a run, and metrics read them there."""

import json
import math

import pytest

import gendiv
from gendiv.benchmark.grades import graders, grades_file, write_grades
from gendiv.benchmark.intervals import Estimate
from gendiv.benchmark.prompts import read_prompts
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.benchmark.store import split_file
from gendiv.errors import StoreFailed
from gendiv.metrics import LengthControlledWinRate, Reward, WinRate

SPLIT = "mini-summarisation/news"


@pytest.fixture
def run(tmp_path):
    return gendiv.evaluate(
        Scripted(), tasks=[SPLIT], prompts=4, samples=3, metrics=["rouge", "length"], out=tmp_path / "run"
    )


def results(scores):
    return {result.metric: result for result in scores.results}


def test_a_run_keeps_its_prompts_with_reference_and_what_a_judge_is_shown(run):
    prompts = read_prompts(run.folder, SPLIT)
    assert list(prompts) == ["news-01", "news-02", "news-03", "news-04"]
    first = prompts["news-01"]
    assert first.text == f"ARTICLE: {first.shown}\nTL;DR:"
    assert first.reference


def test_rouge_is_computed_against_the_references_of_the_run(run):
    assert results(run.scores)["rouge"].value is not None
    assert results(run.scores)["rouge"].level == "per_input"
    assert results(run.scores)["rouge"].inputs == 4


def test_grades_are_averaged_by_the_metric_they_name_and_missing_ones_are_counted(run):
    win_rate = WinRate(judge="j@1", questions="q@1", judged=2)
    write_grades(run.folder, SPLIT, win_rate.signature, {"news-01": [1.0, 0.5], "news-02": [0, math.nan]})
    write_grades(run.folder, SPLIT, Reward(model="r").signature, {f"news-0{i}": [float(i)] for i in (1, 2, 3, 4)})
    write_grades(run.folder, SPLIT, win_rate.signature, {"news-01": [1.0, 1.0], "news-02": [0, math.nan]})
    other = WinRate(judge="other")
    scores = gendiv.score(run.folder, metrics=[win_rate, Reward(model="r"), other])
    by_signature = {result.signature.partition("|")[0]: result for result in scores.results}
    judged = by_signature[win_rate.signature]
    assert (judged.value, judged.inputs, judged.undefined) == (0.5, 2, 2)
    assert "gendiv" not in (by_signature[other.signature].reason or "")
    assert by_signature[other.signature].value is None
    assert by_signature[Reward(model="r").signature].value == 2.5
    assert set(graders(run.folder, [SPLIT])) == {win_rate.signature, Reward(model="r").signature}


def test_grades_of_texts_that_were_replaced_count_as_none(run):
    metric = Reward(model="r")
    write_grades(run.folder, SPLIT, metric.signature, {f"news-0{i}": [1.0, 2.0] for i in (1, 2, 3, 4)})
    path = split_file(run.folder, SPLIT)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    third = next(row for row in rows if (row["prompt"], row["index"]) == ("news-02", 2))  # never graded
    graded = next(row for row in rows if (row["prompt"], row["index"]) == ("news-03", 1))
    third["text"], graded["text"] = "another text", "another text"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (found,) = gendiv.score(run.folder, metrics=[metric]).results
    assert (found.value, found.inputs, found.undefined) == (1.5, 3, 1)


def test_grades_that_are_no_grades_are_refused_with_their_line(run):
    write_grades(run.folder, SPLIT, "reward:model=r", {"news-01": [1.0]})
    path = grades_file(run.folder, SPLIT)
    path.write_text(path.read_text() + json.dumps({"prompt": "news-02", "grades": "x"}) + "\n")
    with pytest.raises(StoreFailed, match=r"news\.jsonl:2: wanted a row of grades"):
        gendiv.score(run.folder, metrics=["reward:model=r"])


def test_a_length_controlled_win_rate_is_not_taken_for_a_plain_one():
    assert LengthControlledWinRate(judge="j").signature.startswith("win_rate_lc:judge=j")


def test_the_difference_of_independent_estimates_adds_their_variances_and_third_cumulants():
    one = Estimate(1.0, 0.3, 10, skew=0.2)
    two = Estimate(0.4, 0.4, 20, skew=-0.1)
    difference = one.minus(two)
    assert difference.value == pytest.approx(0.6)
    assert difference.error == pytest.approx(0.5)
    assert difference.freedom == pytest.approx(0.25**2 / (0.09**2 / 10 + 0.16**2 / 20))
    assert difference.skew == pytest.approx((0.027 * 0.2 + 0.064 * 0.1) / 0.125)
    assert one.minus(Estimate(0.4, None, 0)).error is None
    assert Estimate(1.0, 0.0, 3).minus(Estimate(0.25, 0.0, 5)).error == 0
